"""One server, and what networks and people do to it: half requests, closed tabs, a signal."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.sessions import open_session
from tests.running_app import RunningServer, run_server

HALF_HEADER = b"POST /api/digit HTTP/1.1\r\nHost: localhost\r\nContent-Ty"
HALF_BODY = (
    b"POST /api/digit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 100\r\n\r\n{"strokes": ['
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def connect(server: RunningServer, *, start: bytes) -> socket.socket:
    opened = socket.create_connection(("localhost", urlsplit(server.url).port or 0), timeout=20)
    opened.sendall(start)
    return opened


def test_half_requests_are_closed_after_ten_seconds(server: RunningServer) -> None:
    began = time.monotonic()
    with (
        closing(connect(server, start=HALF_HEADER)) as header,
        closing(connect(server, start=HALF_BODY)) as body,
    ):
        assert header.recv(1000) == b""
        assert time.monotonic() - began > 9
        answer = body.recv(1000)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer.lower()


def test_other_names_are_refused(server: RunningServer) -> None:
    for path, kind in ((b"/", b""), (b"/api/digit", b""), (b"/_stcore/stream", b"websocket")):
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
    async def open_job() -> float:
        async with open_session(server.url) as session:
            await session.open("occlusion", "network=efficientnet_lite2")
            answer = asyncio.create_task(session.finish_job())
            await asyncio.sleep(0.3)
            assert not answer.done()
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
