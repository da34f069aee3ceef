"""A heavy result in a real browser: it grows, waits without a rerun, and is stopped."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.waiting import compare_places, measure_waiting, start_waiting_server
from tests.e2e.patience import expect
from tests.running_app import RunningServer

SECONDS = 60_000


@pytest.fixture(scope="module")
def waiting() -> Iterator[RunningServer]:
    with start_waiting_server(steps=3) as server:
        yield server


def test_the_benchmark_of_waiting_visitors_runs_to_its_end(waiting: RunningServer) -> None:
    """In its shortest form: visitors wait while drawings, pages and jobs go on."""
    with ThreadPoolExecutor(1) as beside:  # which Playwright's event loop does not disturb
        started = beside.submit(measure_waiting, waiting, visitors=2, seconds=1, leave_seconds=0)
        found = started.result()
        places = beside.submit(compare_places, waiting, crowds=[2], seconds=1).result()
    log = waiting.log.read_text(encoding="utf-8")
    assert found.alone.jobs >= 1
    assert len(found.idle.pad) >= 3
    assert len(found.crowded.pad) >= 3
    assert len(found.crowded.page) >= 3
    assert min(found.memory) > 0
    assert [len(row) for row in found.list_rows()] == [2] * 8
    assert [name for name, _ in places] == [
        "2 waiting, jobs in the thread",
        "2 waiting, jobs in the worker",
    ]
    assert "Traceback" not in log


def open_job(browser: Browser, url: str, number: int, *, steps: int = 3) -> tuple[Page, list[int]]:
    """A page whose job has this number, and the sizes of what its websocket has sent."""
    page = browser.new_page()
    sent: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))),
    )
    page.goto(f"{url}/?job={number}&steps={steps}")
    return page, sent


def test_a_job_grows_is_stopped_starts_again_and_those_behind_it_wait(
    browser: Browser, waiting: RunningServer
) -> None:
    first, _ = open_job(browser, waiting.url, 1000, steps=100_000)
    check_a_result_grows(first)
    check_a_stopped_run_starts_again(first)
    tabs = [open_job(browser, waiting.url, 1001 + number) for number in range(2)]
    last, sent = tabs[-1]
    check_who_waits_costs_no_rerun(last, sent)
    for page in (tabs[0][0], first):
        page.close()  # which gives its place away
    expect(last.get_by_text("finished")).to_be_visible(timeout=SECONDS)
    expect(last.get_by_role("progressbar")).to_have_count(0)
    last.close()


def test_a_page_that_is_closed_before_it_has_asked_gives_its_place_away(
    browser: Browser, waiting: RunningServer
) -> None:
    """It kept its place for a minute: only a page that had asked once was missed."""
    closed = browser.new_page()
    closed.route("**/api/jobs/**", lambda _route: None)  # what it asks does not arrive
    closed.goto(f"{waiting.url}/?job=2000&steps=100000")
    expect(closed.get_by_role("progressbar")).to_be_visible(timeout=SECONDS)
    page, _ = open_job(browser, waiting.url, 2001)
    expect(page.get_by_text("ahead")).to_be_visible(timeout=SECONDS)
    closed.close()
    expect(page.get_by_text("finished")).to_be_visible(timeout=SECONDS / 2)
    page.close()


def check_a_result_grows(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"^Step \d+$"))).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("progressbar")).to_be_visible()


def check_a_stopped_run_starts_again(page: Page) -> None:
    page.get_by_role("button", name="Stop").first.click(timeout=SECONDS)
    expect(page.get_by_text("was stopped")).to_be_visible(timeout=SECONDS)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=SECONDS)


def check_who_waits_costs_no_rerun(page: Page, sent: list[int]) -> None:
    """The line of jobs used to rerun twice a second."""
    expect(page.get_by_text("ahead")).to_be_visible(timeout=SECONDS)
    before = len(sent)
    for _ in range(2):  # the second comes when the server has held the first for its seconds
        page.wait_for_event("request", lambda request: "/api/jobs/" in request.url)
    assert len(sent) == before
