"""The document that names the server's address and has a sheet, and all else as it was."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cnnviz.web import document
from cnnviz.web.document import CompleteDocument

DOCUMENT = "<html><head><title>ä</title></head><body></body></html>"
HTML = {"accept": "text/html,application/xhtml+xml"}


def _page(_request: Request) -> Response:
    return HTMLResponse(DOCUMENT)


def _parts(_request: Request) -> Response:
    return StreamingResponse(
        (part for part in (DOCUMENT[:9], DOCUMENT[9:])), media_type="text/html"
    )


def _plain(request: Request) -> Response:
    return PlainTextResponse(request.headers.get("accept-encoding", "none"))


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    routes = [Route("/page", _page), Route("/parts", _parts), Route("/plain", _plain)]
    app = Starlette(routes=routes, middleware=[Middleware(CompleteDocument)])
    with TestClient(app) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/page", "/parts"])
def test_a_document_has_font_address_and_script_first_and_the_sheet_of_the_pages_last(
    client: TestClient, path: str
) -> None:
    answer = client.get(path, headers=HTML)
    before, script, after = answer.text.partition(
        '<script>window.__streamlit = { BACKEND_BASE_URL: new URL(".", location.href).href };'
        "</script>"
    )
    assert script
    watch, _, after = after.partition("</script>")
    assert watch.startswith('<script type="module">')
    assert "import" not in watch
    before, _, preload = before.partition('<link rel="preload" as="font" type="font/woff2" ')
    assert before == "<html><head>"
    (font,) = re.findall(r'href="\./(static/media/[^"]+)"', preload)
    assert (Path(streamlit.__file__).parent / "static" / font).exists()
    body, style, end = after.partition("<style>")
    sheet, _, end = end.partition("</style>")
    assert style
    assert "html.cnnviz-present" in sheet
    assert before + body + end == DOCUMENT
    assert end == "</body></html>"
    assert len(answer.content) == int(answer.headers.get("content-length", len(answer.content)))


def test_the_head_alone_stays_empty(client: TestClient) -> None:
    answer = client.head("/page", headers=HTML)
    assert answer.status_code == 200
    assert answer.content == b""


def test_what_is_no_document_is_passed_on(client: TestClient) -> None:
    assert client.get("/page", headers={"accept": "*/*"}).text == DOCUMENT
    assert client.get("/plain", headers={"accept": "*/*"}).text == "gzip, deflate"


def test_the_sheet_asks_only_a_named_part_for_its_children() -> None:
    """Any other “:has” has the browser compute the whole page's style after each change."""
    sheet = Path(document.__file__).with_name("page.css").read_text(encoding="utf-8")
    rules = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    asked = re.findall(r"\S*:has\(\S*", rules)
    named = re.compile(r'([.\w-]+|\[data-testid="\w+"\])(:not\()?:has\(>')
    assert [one for one in asked if not named.fullmatch(one)] == []
    assert asked
