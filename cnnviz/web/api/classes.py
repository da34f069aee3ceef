"""The routes of a class: phones join, ask what to do and send drawings; the teacher sees the wall.

All take a JSON object by POST, so that no key or token is in an address. A phone shows its token,
a teacher the key. “seen” is the newest version that the page has: the answer waits for another one.
"""

import asyncio
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnnviz.classroom import store
from cnnviz.classroom.access import Kind, Round
from cnnviz.classroom.store import Drawing, Wall
from cnnviz.classroom.summary import Summary, read_summary
from cnnviz.digits.answers import Answer, check_fields
from cnnviz.digits.mnist import check_strokes
from cnnviz.digits.strokes import pack_strokes, unpack_strokes
from cnnviz.errors import RequestError
from cnnviz.web.api.class_bodies import (
    read_code,
    read_number,
    read_text,
    survive_deletion,
    wait_for_news,
)
from cnnviz.web.api.digit import answer_digit_together
from cnnviz.web.api.requests import METHODS, respond_to


async def join(request: Request) -> Response:
    """Answer POST /api/class/join."""
    address = request.client.host if request.client else ""

    async def answer(body: Answer) -> Answer:
        check_fields(body, required={"code"})
        code = read_code(body)
        return {"token": await asyncio.to_thread(store.join_class, code, address=address)}

    return await respond_to(answer)(request)


async def follow(body: Answer) -> Answer:
    """Answer POST /api/class/follow."""
    check_fields(body, required={"code", "token", "seen"})
    code, token, seen = read_code(body), read_text(body, "token"), read_number(body, "seen")
    view = await wait_for_news(
        code,
        lambda: store.read_phone(code, token),
        seen,
        find_left=lambda one: one.left,
        for_phones=True,
    )
    return {
        "is_there": view.version > 0,
        "version": view.version,
        "round": asdict(view.round),
        "question": asdict(view.question) if view.question else None,
    }


async def draw(body: Answer) -> Answer:
    """Answer POST /api/class/draw."""
    check_fields(body, required={"code", "token", "name", "round", "strokes"})
    code, token, name = read_code(body), read_text(body, "token"), read_text(body, "name")
    number = read_number(body, "round")
    asked = await asyncio.to_thread(store.find_asked, code, token, number)
    # What is packed is what is kept and shown, so that is what the network sees.
    packed = await asyncio.to_thread(pack_strokes, check_strokes(body.get("strokes")))
    if not packed:
        raise RequestError("Draw something first.", status=400)
    strokes = [[list(point) for point in stroke] for stroke in unpack_strokes(packed)]
    answer = await answer_digit_together({"strokes": strokes})
    guess = int(answer["guess"])
    share = answer["probabilities"][guess]
    drawing = Drawing(0, packed, asked, guess, share, is_hidden=False, version=0)
    await asyncio.to_thread(store.keep_drawing, code, token, name, drawing)
    return {"guess": guess, "share": share}


async def show_wall(body: Answer) -> Answer:
    """Answer POST /api/class/wall with the drawings that came or changed since “seen”."""
    check_fields(body, required={"code", "key", "seen"})
    code, key, seen = read_code(body), read_text(body, "key"), read_number(body, "seen")
    deleted = Wall(0, 0, Round(0, Kind.WAIT), ())
    read = survive_deletion(lambda: store.read_wall(code, key, since=seen), deleted)
    wall = await wait_for_news(code, read, seen)
    count = survive_deletion(lambda: read_summary(code, key), Summary())
    summary = await asyncio.to_thread(count)
    return {
        "is_there": wall.version > 0,
        "version": wall.version,
        "phones": wall.phones,
        "round": asdict(wall.round),
        "drawings": [asdict(one) for one in wall.drawings],
        "summary": asdict(summary),
    }


async def ask(body: Answer) -> Answer:
    """Answer POST /api/class/ask."""
    check_fields(body, required={"code", "key", "kind"}, optional={"digit"})
    code, key, kind = read_code(body), read_text(body, "key"), read_text(body, "kind")
    if kind not in (Kind.DRAW, Kind.WAIT):
        raise RequestError("“kind” must be “draw” or “wait”.", status=400)
    digit = read_number(body, "digit") if kind == Kind.DRAW else None
    if digit is not None and digit > 9:
        raise RequestError("“digit” must be a whole number from 0 to 9.", status=400)
    asked = Round(0, Kind(kind), digit)
    return {"number": await asyncio.to_thread(store.ask_class, code, key, asked)}


async def hide(body: Answer) -> Answer:
    """Answer POST /api/class/hide."""
    check_fields(body, required={"code", "key", "drawing", "is_hidden"})
    code, key, drawing = read_code(body), read_text(body, "key"), read_number(body, "drawing")
    is_hidden = body.get("is_hidden")
    if not isinstance(is_hidden, bool):
        raise RequestError("“is_hidden” must be true or false.", status=400)
    await asyncio.to_thread(store.hide_drawing, code, key, drawing, is_hidden=is_hidden)
    return {"is_hidden": is_hidden}


async def end(body: Answer) -> Answer:
    """Answer POST /api/class/delete."""
    check_fields(body, required={"code", "key"})
    code, key = read_code(body), read_text(body, "key")
    await asyncio.to_thread(store.delete_class, code, key)
    return {"is_deleted": True}


routes = [
    Route("/api/class/join", join, methods=METHODS),
    Route("/api/class/follow", respond_to(follow), methods=METHODS),
    Route("/api/class/draw", respond_to(draw), methods=METHODS),
    Route("/api/class/wall", respond_to(show_wall), methods=METHODS),
    Route("/api/class/ask", respond_to(ask), methods=METHODS),
    Route("/api/class/hide", respond_to(hide), methods=METHODS),
    Route("/api/class/delete", respond_to(end), methods=METHODS),
]
