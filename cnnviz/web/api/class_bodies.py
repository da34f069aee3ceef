"""What the routes of a class share: the fields of their bodies, and the wait for news."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from cnnviz.classroom import limits
from cnnviz.classroom.bells import find_bell
from cnnviz.classroom.store import clean_code
from cnnviz.digits.answers import Answer
from cnnviz.errors import ClassroomError, RequestError

# Long enough for few requests, short enough that a proxy does not lose patience.
HOLD_SECONDS = 10.0
# What changes within this time is told together: thirty phones send at the same time.
_PAUSE_SECONDS = 0.1
_LATE_SECONDS = 0.02  # after the end of a time limit, so that it is over
_LONGEST = {"code": 20, "key": 100, "token": 100, "name": limits.MAX_NAME, "kind": 8}


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=_Versioned)
T = TypeVar("T")


async def wait_for_news(
    code: str,
    read: Callable[[], V],
    seen: int,
    *,
    find_left: Callable[[V], float | None] = lambda _: None,
    for_phones: bool = False,
) -> V:
    """Read a class; where it is as the page has it, wait until it changes or a while is over.

    Args:
        code: Of the class.
        read: Reads it.
        seen: The version that the page has.
        find_left: Seconds until what was read changes by itself, which nothing tells of.
        for_phones: Whether to wait for those changes only that all phones see.
    """
    view = await asyncio.to_thread(read)
    if view.version == 0 or view.version != seen:  # 0: there is nothing to wait for
        return view
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(changed.set)

    with find_bell(code, for_phones=for_phones).listen(tell):
        view = await asyncio.to_thread(read)  # it may have changed before we listened
        if view.version != seen:
            return view
        with suppress(TimeoutError):
            left = find_left(view)
            hold = HOLD_SECONDS if left is None else min(HOLD_SECONDS, left + _LATE_SECONDS)
            await asyncio.wait_for(changed.wait(), hold)
            await asyncio.sleep(_PAUSE_SECONDS)
    return await asyncio.to_thread(read)


def survive_deletion(read: Callable[[], T], deleted: T) -> Callable[[], T]:
    """Make a class that is deleted no error of its teacher's page, which has only not left yet.

    Args:
        read: Reads the class.
        deleted: What is read then.
    """

    def read_any() -> T:
        try:
            return read()
        except ClassroomError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return deleted

    return read_any


def read_code(body: Answer) -> str:
    """Return the code of a request, as it is kept."""
    return clean_code(read_text(body, "code"))


def read_text(body: Answer, name: str) -> str:
    """Return a short text of a request.

    Raises:
        RequestError: It is no text, or too long.
    """
    value: Any = body.get(name)
    most = _LONGEST[name]
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= most:
        raise RequestError(f"“{name}” must be a text of 1 to {most} characters.", status=400)
    return value


def read_number(body: Answer, name: str) -> int:
    """Return a whole number of a request.

    Raises:
        RequestError: It is none.
    """
    value: Any = body.get(name)
    if type(value) is not int or not 0 <= value < 2**31:
        raise RequestError(f"“{name}” must be a whole number from 0.", status=400)
    return value
