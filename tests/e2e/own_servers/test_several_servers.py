"""Two processes of the app that share their classes, behind nginx as deploy/nginx.conf has it."""

import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, expect

from cnnviz.classroom import database, store
from cnnviz.classroom.access import Kind, Round
from cnnviz.digits.mnist import sample_digits
from cnnviz.web.api.class_bodies import HOLD_SECONDS
from tests.postgresql import open_postgresql
from tests.running_app import ROOT, RunningServer, find_port, run_server, wait_until_drawn

PHONES, DRAWINGS = 8, 15  # fewer than a phone may send in a minute


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two processes, and the address of nginx before them; None where there is no nginx."""

    one: RunningServer
    two: RunningServer
    front: str | None

    def open(self) -> httpx.Client:
        """A browser's connection to nginx, or a skipped test."""
        if self.front is None:
            pytest.skip("There is no nginx, or no openssl, here.")
        return httpx.Client(base_url=self.front, verify=False, timeout=30)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def run_nginx(folder: Path, ports: dict[str, int]) -> Iterator[str | None]:
    """Run nginx with the repository's settings, at ports of this machine that are free."""
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        yield None
        return
    certificates = folder / "certificates"
    certificates.mkdir()
    key, certificate = certificates / "privkey.pem", certificates / "fullchain.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout"
    subprocess.run([*make.split(), key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    settings = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    secure, plain = find_port(), find_port()
    for old, new in (
        ("web1:8501", f"127.0.0.1:{ports['one']}"),
        ("web2:8502", f"127.0.0.1:{ports['two']}"),
        ("~:8501$", f"~:{ports['one']}$"),
        ("~:8502$", f"~:{ports['two']}$"),
        ("listen 443", f"listen 127.0.0.1:{secure}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
    ):
        assert old in settings
        settings = settings.replace(old, new)
    (folder / "nginx.conf").write_text(settings, encoding="utf-8")
    log = folder / "nginx.log"
    options = f"daemon off; pid {folder / 'nginx.pid'};"
    command = f"nginx -p {folder} -c {folder / 'nginx.conf'} -e {log} -g"
    process = subprocess.Popen([*command.split(), options])
    try:
        deadline = time.monotonic() + 10
        while not is_open(secure):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"https://localhost:{secure}"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        address = stack.enter_context(open_postgresql())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv(database.DATABASE_VARIABLE, address)
        stack.callback(lambda: database._open_database(address).dispose())
        with ThreadPoolExecutor() as both:
            servers = [
                run_server(
                    tmp_path_factory.mktemp(name),
                    environment={database.DATABASE_VARIABLE: address},
                )
                for name in ("one", "two")
            ]
            one, two = both.map(stack.enter_context, servers)
        ports = {"one": urlsplit(one.url).port or 0, "two": urlsplit(two.url).port or 0}
        front = stack.enter_context(run_nginx(tmp_path_factory.mktemp("nginx"), ports))
        yield Cluster(one, two, front)


def post(client: httpx.Client, route: str, **body: object) -> dict[str, Any]:
    answer = client.post(f"/api/class/{route}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sample(digit: int) -> list[list[list[float]]]:
    return [[list(point) for point in stroke] for stroke in sample_digits()[digit]]


def test_who_waits_at_one_process_hears_at_once_of_what_comes_to_the_other(
    cluster: Cluster,
) -> None:
    code, key = store.open_class()
    number = store.ask_class(code, key, Round(0, Kind.DRAW, 7))
    with (
        httpx.Client(base_url=cluster.one.url, timeout=30) as one,
        httpx.Client(base_url=cluster.two.url, timeout=30) as two,
        ThreadPoolExecutor() as waiting,
    ):
        token = post(one, "join", code=code)["token"]
        wall = {"code": code, "key": key}
        seen = post(two, "wall", **wall, seen=0)["version"]

        def wait() -> list[int]:
            """As the teacher's page: asks again until there is something."""
            while not (drawings := post(two, "wall", **wall, seen=seen)["drawings"]):
                pass
            return [drawing["guess"] for drawing in drawings]

        guesses = waiting.submit(wait)
        time.sleep(2)  # it waits now, and has heard what it was told at first
        begun = time.monotonic()
        post(one, "draw", code=code, token=token, name="a", round=number, strokes=sample(7))
        assert guesses.result() == [7]
        assert time.monotonic() - begun < HOLD_SECONDS / 2
    store.delete_class(code, key)


def test_nginx_leads_each_browser_to_one_process_over_tls(cluster: Cluster) -> None:
    with cluster.open() as client:
        first = client.get("/")
        assert first.status_code == 200
        assert re.fullmatch(
            r"cnnviz=(one|two); Path=/; HttpOnly; SameSite=Lax; Secure",
            first.headers["set-cookie"],
        )
        for _ in range(4):
            again = client.get("/_stcore/health")
            assert "cnnviz=" not in again.headers.get("set-cookie", "")
    # New browsers come to both.
    names = set()
    for _ in range(6):
        with cluster.open() as client:
            names.add(client.get("/_stcore/health").cookies["cnnviz"])
    assert names == {"one", "two"}


class Stranger(http.server.BaseHTTPRequestHandler):
    """Answers where a process was that died."""

    def do_GET(self) -> None:
        self.send_error(418)


def test_a_process_that_dies_takes_nothing_along(cluster: Cluster, browser: Browser) -> None:
    """The phones and a page of the one that dies go on at the other, and stay there."""
    code, key = store.open_class()
    number = store.ask_class(code, key, Round(0, Kind.DRAW, 7))
    context = browser.new_context(base_url=cluster.front, ignore_https_errors=True)
    kept: list[str] = []
    with ExitStack() as stack:
        clients = [stack.enter_context(cluster.open()) for _ in range(PHONES)]
        tokens = [post(client, "join", code=code)["token"] for client in clients]
        assert {client.cookies["cnnviz"] for client in clients} == {"one", "two"}

        def draw(phone: int) -> None:
            for place in range(DRAWINGS):
                name, waits = f"{phone}-{place}", True
                own = {"code": code, "token": tokens[phone], "name": name, "round": number}
                while waits:  # as the phone's page does, it sends the same again
                    try:
                        answer = clients[phone].post(
                            "/api/class/draw", json={**own, "strokes": sample(7)}
                        )
                    except httpx.TransportError:
                        continue
                    assert answer.status_code in (200, 502, 503, 504), answer.text
                    waits = answer.status_code != 200
                kept.append(name)

        page = context.new_page()
        page.goto("/layer_calculator")
        wait_until_drawn(page)
        (cookie,) = [one["value"] for one in context.cookies() if one["name"] == "cnnviz"]
        dying = cluster.one if cookie == "one" else cluster.two
        with ThreadPoolExecutor() as phones:
            drawn = [phones.submit(draw, phone) for phone in range(PHONES)]
            while len(kept) < PHONES:
                time.sleep(0.05)
            os.kill(dying.pid, signal.SIGKILL)
            for each in drawn:
                each.result(timeout=60)
        wall = store.read_wall(code, key)
        assert len(kept) == len(set(kept)) == DRAWINGS * PHONES
        assert len(wall.drawings) == DRAWINGS * PHONES

        link = page.get_by_test_id("stSidebarNavLink").filter(has_text="Quizzes")
        link.click()
        expect(page).to_have_title("Quizzes · CNNViz")
        wait_until_drawn(page)
        other = "two" if cookie == "one" else "one"
        assert {client.cookies["cnnviz"] for client in clients} == {other}

        port = urlsplit(dying.url).port or 0
        dying.process.wait(timeout=10)
        with http.server.ThreadingHTTPServer(("127.0.0.1", port), Stranger) as stranger:
            threading.Thread(target=stranger.serve_forever, daemon=True).start()
            assert [client.get("/_stcore/health").status_code for client in clients] == [
                200
            ] * PHONES
            stranger.shutdown()
    context.close()
    store.delete_class(code, key)
