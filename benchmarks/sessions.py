"""Browser sessions without a browser: Streamlit's websocket, and a job's long-poll."""

import math
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_MAX_MESSAGE = 256 * 2**20
# Between two intermediate results that a page draws, as its component does.
_DRAW_SECONDS = 0.5
_LIMITS = httpx.Limits(keepalive_expiry=2.0)
_JOB = re.compile(rb'"id": ?"([\w-]{20,})".*?"version": ?(\d+)', re.DOTALL)


@dataclass(slots=True)
class Session:
    """One visitor's open page.

    Attributes:
        socket: Its connection.
        client: For its other requests.
        query: Of its address.
        page: Path of its page.
        reruns: How often its script or a part of it has run.
        errors: Messages of errors that its pages have shown.
    """

    socket: ClientConnection
    client: httpx.AsyncClient
    page: str = ""
    query: str = ""
    reruns: int = 0
    errors: list[str] = field(default_factory=list)
    _fragment: str = field(default="", init=False)
    _job: tuple[str, str] | None = field(default=None, init=False)

    async def open(self, page: str = "", query: str = "") -> float:
        """Go to a page, and return the seconds until its script has run."""
        self.page, self.query = page, query
        return await self._rerun()

    async def finish_job(self, *, seconds: float = math.inf) -> None:
        """Do what the page of a job does in a browser until its result is drawn.

        Args:
            seconds: After which the visitor waits no longer.
        """
        end = time.perf_counter() + seconds
        while self._job is not None:
            identity, version = self._job
            drawn, drawn_at = 0, 0.0
            while True:
                view = await self._ask(identity, version)
                version = str(view["version"])
                if not view["is_active"]:
                    break
                if time.perf_counter() > end:
                    return
                now = time.perf_counter()
                if view["partials"] != drawn and now - drawn_at >= _DRAW_SECONDS:
                    drawn, drawn_at = view["partials"], now
                    await self._rerun(fragment=self._fragment)
            await self._rerun()

    async def _ask(self, identity: str, version: str) -> dict[str, Any]:
        answer = await self.client.get(f"/api/jobs/{identity}", params={"seen": version})
        if answer.status_code == httpx.codes.NO_CONTENT:  # the job is not there any more
            return {"version": 0, "is_active": False}
        view: dict[str, Any] = answer.raise_for_status().json()
        return view

    async def _rerun(self, fragment: str = "") -> float:
        began = time.perf_counter()
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        message.rerun_script.fragment_id = fragment
        await self.socket.send(message.SerializeToString())
        if not fragment:
            self._job = None
        while True:
            data = await self.socket.recv()
            if isinstance(data, str):
                continue
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if kind == "delta":
                self._note_job(answer)
                self._note_error(answer)
            # A script that asks for another run ends early, and its next one ends too.
            if kind == "script_finished" and answer.script_finished not in _UNFINISHED:
                break
        self.reruns += 1
        return time.perf_counter() - began

    def _note_job(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") != "bidi_component":
            return
        found = _JOB.search(element.bidi_component.SerializeToString())
        if found:
            self._job = (found[1].decode(), found[2].decode())
            self._fragment = message.delta.fragment_id

    def _note_error(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{self.page}: {element.exception.message}")
        if kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(f"{self.page}: {element.alert.body}")


_UNFINISHED = (ForwardMsg.FINISHED_EARLY_FOR_RERUN,)


@asynccontextmanager
async def open_session(url: str) -> AsyncIterator[Session]:
    """Connect as a browser's tab does, and leave as one that is closed."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with (
        # Given up before the server does, after five seconds: a browser would ask again.
        httpx.AsyncClient(base_url=url, timeout=60.0, limits=_LIMITS) as client,
        # No browser sends pings of its own, and none leaves a server for answering late.
        connect(
            address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=_MAX_MESSAGE,
            ping_interval=None,
        ) as socket,
    ):
        yield Session(socket=socket, client=client)
