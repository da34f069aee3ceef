"""What the browser is told with the document itself: where the server is, font, sheet, and script.

Opened at /digit, Streamlit's client asks first whether the server's routes lie under /digit/, and
the console shows two errors before it asks in the right place. It does not ask where the document
names the address. A sheet that came with a component would move what is drawn before it; a script
that did would miss a visitor who leaves the first page at once.
"""

from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnnviz.web.components.bundle import join_modules

# A page's address has one part, so that the server is where the document's own folder is.
_SCRIPT = (
    b'<script>window.__streamlit = { BACKEND_BASE_URL: new URL(".", location.href).href };</script>'
)
_WATCH = join_modules(Path(__file__).with_name("page.js"))
_SCRIPT += f'<script type="module">{_WATCH}</script>'.encode()
_HEAD, _END = b"<head>", b"</body>"
# Asked for with the document: a title that is drawn before its font is there changes its width.
_FONTS = (Path(streamlit.__file__).parent / "static/static/media").glob("SourceSansVF-Upright*")
_PRELOAD = "".join(
    '<link rel="preload" as="font" type="font/woff2" crossorigin '
    f'href="./static/media/{font.name}">'
    for font in _FONTS
).encode()
# Behind the sheets that Streamlit puts into the head.
_STYLE = b"<style>" + Path(__file__).with_name("page.css").read_bytes() + b"</style>"


class CompleteDocument:
    """Middleware that puts the server's address, font, sheet and script into each document."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what asks for no document is passed on as it is."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        # Compressed, a document could not be added to.
        kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        await self.app({**scope, "headers": kept}, receive, _Writer(send).send)


class _Writer:
    """Passes an answer on; a document is collected, and passed on whole with all of it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = self._body.replace(_HEAD, _HEAD + _PRELOAD + _SCRIPT, 1)
        body = body.replace(_END, _STYLE + _END, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        if body:
            headers["content-length"] = str(len(body))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})
