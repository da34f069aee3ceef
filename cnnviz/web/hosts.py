"""By which names this server may be asked for.

A page of another site can give its own name this server's address and then read what it answers
(DNS rebinding). It needs a public name for that: addresses in numbers and names without a dot, or
ending in .local, are this network's own.
"""

import ipaddress
import re
from functools import lru_cache

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_OPTION = "server.allowedHosts"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?", re.ASCII | re.IGNORECASE)


class KnownHosts:
    """Middleware that refuses requests for names that are neither local nor allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before anything reads it."""
        host = Headers(scope=scope).get("host") if scope["type"] in ("http", "websocket") else None
        allowed = st.get_option(_OPTION) or []
        # Programs that speak HTTP/1.0 name no host; browsers always do.
        if host is None or is_known(host, allowed=allowed):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await PlainTextResponse(_describe(host), status_code=403)(scope, receive, send)


def is_known(host: str, *, allowed: list[str]) -> bool:
    """Whether a Host header names this server.

    Args:
        host: The header, with or without a port.
        allowed: Further names; "*.example.org" stands for all below it, "*" for every name.
    """
    name = _read_name(host)
    if "*" in allowed or _is_local(name):
        return True
    return any(
        name.endswith(each[1:]) if each.startswith("*.") else name == each
        for each in (other.strip().lower().rstrip(".") for other in allowed)
    )


def _read_name(host: str) -> str:
    """Return the name without the port; empty where the header is malformed."""
    found = _HOST.fullmatch(host)
    return found["name"].strip("[]").lower().rstrip(".") if found else ""


@lru_cache(maxsize=64)
def _is_local(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name != "" and ("." not in name or name.endswith((".local", ".localhost")))
    return True


def _describe(host: str) -> str:
    name = _read_name(host)
    if not name:
        return "The Host header is malformed.\n"
    return (
        f"This server does not go by the name {name[:100]!a}. Open it by its address in numbers, "
        f"or start it with --{_OPTION} and the name.\n"
    )
