"""One server, under a path, and what networks and people do to it.

What a browser asks through a reverse proxy, which asks for its upstream's own name, as nginx does
unless it is told otherwise; a lesson on all pages, half requests, closed tabs, a signal.
"""

import asyncio
import base64
import http.client
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.sessions import open_session
from benchmarks.soak import soak
from cnnviz.digits.mnist import sample_digits
from cnnviz.web.sitemap import list_pages
from tests.running_app import RunningServer, list_children, run_server

# To half a header, after how many seconds, and to half a body.
Answers = tuple[bytes, float, bytes]

BASE_PATH = "/class/cnn"
HALF_HEADER = b"POST /api/digit HTTP/1.1\r\nHost: localhost\r\nContent-Ty"
HALF_BODY = (
    b"POST /api/digit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 100\r\n\r\n{"strokes": ['
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with run_server(tmp_path_factory.mktemp("server"), base_path=BASE_PATH) as running:
        yield running


@contextmanager
def run_proxy(upstream: int) -> Iterator[int]:
    """Pass connections on to a port, each with another Host; return the port to ask."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):  # the test is over
                while True:
                    client, _ = listening.accept()
                    threading.Thread(target=pass_on, args=(client,), daemon=True).start()

        def pass_on(client: socket.socket) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536) or b"\r\n\r\n"
            asked = re.search(rb"(?im)^host: *([^\r]+)", head)
            told = b"Host: upstream\r\nX-Forwarded-Host: " + (asked[1] if asked else b"")
            with client, socket.create_connection(("127.0.0.1", upstream)) as server:
                server.sendall(re.sub(rb"(?im)^host: *[^\r]+", lambda _: told, head, count=1))
                back = threading.Thread(target=copy, args=(server, client), daemon=True)
                back.start()
                copy(client, server)
                back.join(timeout=5)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def proxy(server: RunningServer) -> Iterator[int]:
    with run_proxy(port_of(server)) as port:
        yield port


def ask(
    port: int, path: str, *, method: str = "GET", body: object = None, origin: str = ""
) -> tuple[int, bytes]:
    """Ask as a page of the proxy's address does."""
    headers = {"Content-Type": "application/json", "Connection": "close"}
    headers["Origin"] = origin or f"http://127.0.0.1:{port}"
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body=json.dumps(body), headers=headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read()


@pytest.mark.parametrize("path", ["/class/cnn/api/digit", "/api/digit"])
def test_a_drawing_is_answered(proxy: int, path: str) -> None:
    body = {"strokes": [list(map(list, stroke)) for stroke in sample_digits()[3]]}

    status, answer = ask(proxy, path, method="POST", body=body)

    assert (status, json.loads(answer)["guess"]) == (200, "3")


def test_a_page_comes(proxy: int) -> None:
    status, answer = ask(proxy, "/class/cnn/digit")

    assert status == 200
    assert b"<html" in answer


def test_a_page_of_another_site_is_refused(proxy: int) -> None:
    status, _ = ask(
        proxy, "/class/cnn/api/digit", method="POST", body={}, origin="http://elsewhere.example"
    )

    assert status == 403


def test_the_websocket_opens(proxy: int) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        "GET /class/cnn/_stcore/stream HTTP/1.1",
        f"Host: 127.0.0.1:{proxy}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Origin: http://127.0.0.1:{proxy}",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    )
    with socket.create_connection(("127.0.0.1", proxy), timeout=30) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())

        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")


@pytest.mark.usefixtures("half_requests")  # they wait meanwhile
def test_visitors_go_over_pages_without_an_error(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benchmark of a long lesson runs to its end, in its shortest form, over a few pages."""
    pages = list_pages()[::8]
    monkeypatch.setattr("benchmarks.soak.list_pages", lambda: pages)
    monkeypatch.setattr("benchmarks.soak._PAGES_OF_A_TAB", len(pages))
    monkeypatch.setattr("benchmarks.soak._LOOK_SECONDS", (0.0, 0.1))
    monkeypatch.setattr("benchmarks.soak._JOB_SECONDS", 0.0)
    monkeypatch.setattr("benchmarks.soak._SAMPLE_SECONDS", 0.5)
    found = soak(server, minutes=0.05, visitors=2, leave_seconds=0)
    assert found.errors == []
    assert found.pages.keys() <= {page.name for page in pages}
    assert sum(map(len, found.pages.values())) >= 2
    assert len(found.drawings.pad) >= 3
    assert len(found.memory) >= 4
    assert [len(row) for row in found.list_rows()] == [2] * 7


def port_of(server: RunningServer) -> int:
    return urlsplit(server.url).port or 0


def connect(server: RunningServer, *, start: bytes) -> socket.socket:
    opened = socket.create_connection(("localhost", port_of(server)), timeout=60)
    opened.sendall(start)
    return opened


def send_half_requests(server: RunningServer) -> Answers:
    began = time.monotonic()
    with (
        closing(connect(server, start=HALF_HEADER)) as header,
        closing(connect(server, start=HALF_BODY)) as body,
    ):
        closed = header.recv(1000)
        return closed, time.monotonic() - began, body.recv(1000)


@pytest.fixture(scope="module")
def half_requests(server: RunningServer) -> "Iterator[Future[Answers]]":
    """What they are answered while other tests run, for it takes long."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(send_half_requests, server)


def test_half_requests_are_closed_after_ten_seconds(half_requests: "Future[Answers]") -> None:
    header, seconds, body = half_requests.result(timeout=60)
    assert header == b""
    assert seconds > 9
    assert body.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in body.lower()


def test_other_names_are_refused(server: RunningServer) -> None:
    stream = f"{BASE_PATH}/_stcore/stream".encode()
    for path, kind in ((b"/", b""), (b"/api/digit", b""), (stream, b"websocket")):
        upgrade = (
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
        request = b"GET %s HTTP/1.1\r\nHost: evil.example\r\n%s\r\n"
        start = request % (path, upgrade if kind else b"")
        with closing(connect(server, start=start)) as opened:
            assert opened.recv(1000).startswith(b"HTTP/1.1 403 ")


async def open_and_leave(server: RunningServer, page: str, seconds: float) -> None:
    async with open_session(server.url) as session:
        message = BackMsg()
        message.rerun_script.page_name = page
        await session.socket.send(message.SerializeToString())
        await asyncio.sleep(seconds)
        session.socket.transport.abort()


def test_tabs_closed_in_the_middle_of_a_run_leave_no_traceback(server: RunningServer) -> None:
    async def leave_all() -> None:
        pages = ("occlusion", "digit", "activations", "attribution")
        await asyncio.gather(
            *(open_and_leave(server, page, 0.2 * number) for number, page in enumerate(pages))
        )

    asyncio.run(leave_all())
    time.sleep(1)
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


def test_it_ends_at_once_while_a_job_runs(server: RunningServer) -> None:
    workers: list[int] = []

    async def open_job() -> float:
        async with open_session(server.url) as session:
            await session.open("occlusion", "network=lenet5")
            await session.finish_job()
        end = time.monotonic() + 60  # the worker begins after the first job
        while not list_children(server.pid) and time.monotonic() < end:
            await asyncio.sleep(0.1)
        async with open_session(server.url) as session:
            await session.open("occlusion", "network=efficientnet_lite2")
            answer = asyncio.create_task(session.finish_job())
            await asyncio.sleep(0.3)
            assert not answer.done()
            workers.extend(list_children(server.pid))
            server.process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            await asyncio.to_thread(server.process.wait, 20)
            answer.cancel()
            return time.monotonic() - began

    seconds = asyncio.run(open_job())
    log = server.log.read_text(encoding="utf-8")
    assert server.process.returncode == 0
    assert seconds < 3
    assert "terminate called" not in log
    assert "Traceback" not in log
    assert len(workers) == 1
    assert not Path(f"/proc/{workers[0]}").exists()
