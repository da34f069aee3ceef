"""The routes of heavy work: how far a job is, its place in the line, and its stop."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from cnnviz.jobs import Job, JobState, find_job, start_job
from cnnviz.web import api
from cnnviz.web.api import jobs

SECONDS = 20.0


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """Lets the job of a test come to its end."""
    event = threading.Event()
    yield event
    event.set()


def hold(started: threading.Event, go_on: threading.Event) -> Callable[[Job[str]], str]:
    def work(job: Job[str]) -> str:
        job.report(0.25, "4 of 16 squares", "a quarter")
        started.set()
        go_on.wait(SECONDS)
        job.report(0.5, "8 of 16 squares", "a half")
        return "whole"

    return work


def start(go_on: threading.Event) -> Job[str]:
    started = threading.Event()
    job = start_job(hold(started, go_on), title="Occlusion map", owner="ann")
    assert started.wait(SECONDS)
    return job


def test_a_running_job_is_described(client: TestClient, go_on: threading.Event) -> None:
    job = start(go_on)
    view = client.get(f"/api/jobs/{job.id}?seen=-1").json()
    assert view["text"] == "Occlusion map: 4 of 16 squares"
    assert (view["progress"], view["is_active"], view["partials"]) == (0.25, True, 1)
    assert view["version"] == job.version


def test_a_waiting_job_tells_its_place(client: TestClient, go_on: threading.Event) -> None:
    start(go_on)
    waiting = start_job(lambda _job: "", title="Map", owner="bob")
    second = start_job(lambda _job: "", title="Curves", owner="bob")
    assert client.get(f"/api/jobs/{waiting.id}").json()["text"] == "Map: 1 job is ahead"
    assert client.get(f"/api/jobs/{second.id}").json()["text"] == "Curves: starts after “Map”"
    go_on.set()
    assert second.wait(SECONDS)


def test_an_answer_waits_for_a_change(client: TestClient, go_on: threading.Event) -> None:
    job = start(go_on)
    asked = threading.Timer(0.2, go_on.set)
    asked.start()
    view = client.get(f"/api/jobs/{job.id}?seen={job.version}").json()
    assert view["version"] > 0
    assert (view["is_active"], view["text"]) == (False, "Occlusion map: done")


def test_an_answer_comes_without_a_change_too(
    client: TestClient, go_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_HOLD_SECONDS", 0.1)
    job = start(go_on)
    version = job.version
    assert client.get(f"/api/jobs/{job.id}?seen={version}").json()["version"] == version


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_running_job_outlasts_a_late_page_but_not_a_closed_one(
    go_on: threading.Event, monkeypatch: pytest.MonkeyPatch, *, is_closed: bool
) -> None:
    monkeypatch.setattr(jobs, "_HOLD_SECONDS", 0.1)
    job = start(go_on)

    async def receive() -> Message:
        if not is_closed:
            await asyncio.sleep(SECONDS)
        return {"type": "http.disconnect"}

    query = f"seen={job.version}".encode()
    scope: dict[str, Any] = {"type": "http", "headers": [], "query_string": query}
    scope["path_params"] = {"job_id": job.id}
    asyncio.run(jobs.follow_job(Request(scope, receive)))
    monkeypatch.setattr(job, "_clock", lambda: time.monotonic() + 10)
    assert job.is_forgotten is is_closed


def test_a_job_is_stopped(client: TestClient, go_on: threading.Event) -> None:
    job = start(go_on)
    waiting = start_job(lambda _job: "", title="Map", owner="bob")
    assert client.post(f"/api/jobs/{waiting.id}/stop").json()["is_active"] is False
    assert waiting.state is JobState.STOPPED
    client.post(f"/api/jobs/{job.id}/stop")
    go_on.set()
    assert job.wait(SECONDS)
    assert (job.state, job.partial) == (JobState.STOPPED, "a half")


def test_ids_are_long_and_unknown_ones_are_refused(
    client: TestClient, go_on: threading.Event
) -> None:
    job = start(go_on)
    assert len(job.id) >= 22  # 128 bits in base64
    assert find_job(job.id) is job
    answer = client.get(f"/api/jobs/{job.id[:-1]}")
    assert answer.status_code == 204  # not 404, which a browser writes into its console
    answer = client.post(f"/api/jobs/{job.id[:-1]}/stop")
    assert answer.status_code == 404
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://evil"}])
def test_other_sites_are_refused(
    client: TestClient, go_on: threading.Event, headers: dict[str, str]
) -> None:
    job = start(go_on)
    assert client.get(f"/api/jobs/{job.id}", headers=headers).status_code == 403
    assert client.post(f"/api/jobs/{job.id}/stop", headers=headers).status_code == 403
    assert client.get(f"/api/jobs/{job.id}/stop").status_code == 405
    assert job.is_active
