"""The app behind a reverse proxy and under a path: what a browser does there, without one.

The proxy asks for its upstream's own name, as nginx does unless it is told otherwise.
"""

import base64
import http.client
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cnnviz.digits.mnist import sample_digits
from tests.running_app import run_server

BASE_PATH = "/class/cnn"


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
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("proxied")
    with (
        run_server(folder, base_path=BASE_PATH) as server,
        run_proxy(urlsplit(server.url).port or 0) as port,
    ):
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
