"""The routes of a class's votes: a phone votes; the teacher sees the votes and shows the answer.

The images of a question are asked for once, apart from the news.

What a phone sees of a question comes with the other news of its class: see `classes.follow`.
"""

import asyncio
import base64
from dataclasses import asdict

from starlette.routing import Route

from cnnviz.classroom import votes
from cnnviz.classroom.questions import list_results
from cnnviz.classroom.votes import Poll
from cnnviz.csv_file import write_rows_csv
from cnnviz.digits.answers import Answer, check_fields
from cnnviz.errors import RequestError
from cnnviz.web.api.class_bodies import (
    read_code,
    read_number,
    read_text,
    survive_deletion,
    wait_for_news,
)
from cnnviz.web.api.requests import METHODS, respond_to


async def vote(body: Answer) -> Answer:
    """Answer POST /api/class/vote, once the vote is kept."""
    check_fields(body, required={"code", "token", "number", "given"})
    code, token, number = read_code(body), read_text(body, "token"), read_number(body, "number")
    await asyncio.to_thread(votes.keep_vote, code, token, number, body.get("given"))
    return {"given": body.get("given")}


async def show_images(body: Answer) -> Answer:
    """Answer POST /api/class/images with the images of a question."""
    check_fields(body, required={"code", "number"}, optional={"token", "key"})
    secrets = {name: read_text(body, name) for name in ("token", "key") if name in body}
    if len(secrets) != 1:
        raise RequestError("Send either “token” or “key”.", status=400)
    code, number = read_code(body), read_number(body, "number")
    found = await asyncio.to_thread(votes.list_images, code, number, **secrets)
    return {
        "images": [
            {"caption": one.caption, "png": base64.b64encode(one.png).decode("ascii")}
            for one in found
        ]
    }


async def show_votes(body: Answer) -> Answer:
    """Answer POST /api/class/votes."""
    check_fields(body, required={"code", "key", "seen"})
    code, key, seen = read_code(body), read_text(body, "key"), read_number(body, "seen")
    deleted = Poll(0, 0, None, 0, None, (), ())
    read = survive_deletion(lambda: votes.read_poll(code, key), deleted)
    poll = await wait_for_news(code, read, seen, find_left=lambda one: one.left)
    return {"is_there": poll.version > 0, **asdict(poll)}


async def reveal(body: Answer) -> Answer:
    """Answer POST /api/class/reveal."""
    check_fields(body, required={"code", "key", "number"})
    code, key, number = read_code(body), read_text(body, "key"), read_number(body, "number")
    await asyncio.to_thread(votes.reveal_answer, code, key, number)
    return {"is_revealed": True}


async def write_results(body: Answer) -> Answer:
    """Answer POST /api/class/results with a table as CSV."""
    check_fields(body, required={"code", "key"})
    poll = await asyncio.to_thread(votes.read_poll, read_code(body), read_text(body, "key"))
    return {"csv": write_rows_csv(list_results(poll.results)).decode()}


routes = [
    Route("/api/class/vote", respond_to(vote), methods=METHODS),
    Route("/api/class/images", respond_to(show_images), methods=METHODS),
    Route("/api/class/votes", respond_to(show_votes), methods=METHODS),
    Route("/api/class/reveal", respond_to(reveal), methods=METHODS),
    Route("/api/class/results", respond_to(write_results), methods=METHODS),
]
