"""Under which names the server may be asked for."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from cnnviz.web.hosts import KnownHosts, is_known


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8501",
        "LOCALHOST.",
        "127.0.0.1:8501",
        "192.168.1.20",
        "[::1]:8501",
        "[fe80::1]",
        "laptop",
        "Laptop.local:8501",
        "app.localhost",
    ],
)
def test_local_names_are_known(host: str) -> None:
    assert is_known(host, allowed=[])


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "localhost@evil.example",
        "localhost/",
        "local host",
        "[::1",
        "localhost:port",
        "evil.example#localhost",
    ],
)
def test_other_and_malformed_names_are_not(host: str) -> None:
    assert not is_known(host, allowed=[])


def test_names_are_allowed_one_by_one_below_a_domain_or_all() -> None:
    allowed = ["Class.School.example", "*.nets.example"]
    assert is_known("class.school.example:443", allowed=allowed)
    assert is_known("a.b.nets.example", allowed=allowed)
    assert not is_known("nets.example", allowed=allowed)
    assert not is_known("other.school.example", allowed=allowed)
    assert is_known("anything.example", allowed=["*"])


async def answer(_: object) -> PlainTextResponse:
    return PlainTextResponse("answered")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", answer), WebSocketRoute("/socket", echo)]
    return TestClient(KnownHosts(Starlette(routes=routes)))


def test_a_request_for_another_name_is_refused_with_what_to_do(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/").text == "answered"  # its Host is testserver
    refused = client.get("/", headers={"host": "evil.example:8501"})
    assert refused.status_code == 403
    assert "does not go by the name 'evil.example'. Open it by its address" in refused.text
    assert client.get("/", headers={b"host": b"evil.example\xff"}).status_code == 403
    monkeypatch.setattr("streamlit.get_option", lambda _: ["evil.example"])
    assert client.get("/", headers={"host": "evil.example:8501"}).text == "answered"


def test_a_socket_for_another_name_is_not_opened(client: TestClient) -> None:
    with client.websocket_connect("/socket"):
        pass
    refused = client.websocket_connect("/socket", headers={"host": "evil.example"})
    with pytest.raises(WebSocketDisconnect), refused:
        pass
