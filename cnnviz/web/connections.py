"""Connections that are opened and then say nothing, or half of something: closed after a while.

uvicorn waits for the end of a request's headers for ever, and has no setting for it.
"""

from asyncio import Protocol, TimerHandle, Transport
from contextlib import suppress
from typing import Any

HEADER_SECONDS = 10.0


def limit_header_time(protocol: type[Protocol], *, seconds: float = HEADER_SECONDS) -> None:
    """Let uvicorn's protocol close connections whose headers do not come to their end in time.

    Args:
        protocol: `uvicorn.protocols.http.httptools_impl.HttpToolsProtocol`, or a class of its kind.
        seconds: From the connection, and from the first byte of each further request.
    """
    kind: Any = protocol
    connect, begin = kind.connection_made, kind.on_message_begin
    complete, lose = kind.on_headers_complete, kind.connection_lost

    def restart(self: Any) -> None:
        cancel(self)
        self.header_timer = self.loop.call_later(seconds, self.transport.close)

    def cancel(self: Any) -> None:
        timer: TimerHandle | None = getattr(self, "header_timer", None)
        if timer is not None:
            timer.cancel()

    def connection_made(self: Any, transport: Transport) -> None:
        connect(self, transport)
        restart(self)

    def on_message_begin(self: Any) -> None:
        restart(self)
        begin(self)

    def on_headers_complete(self: Any) -> None:
        cancel(self)
        complete(self)

    def connection_lost(self: Any, error: Exception | None) -> None:
        cancel(self)
        lose(self, error)

    kind.connection_made, kind.on_message_begin = connection_made, on_message_begin
    kind.on_headers_complete, kind.connection_lost = on_headers_complete, connection_lost


def limit_server() -> None:
    """Limit the time for headers where the server parses them with httptools."""
    with suppress(ImportError):
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        limit_header_time(HttpToolsProtocol)
