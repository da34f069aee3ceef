"""A class of sixty phones that join, draw, send and vote, and a server that is killed meanwhile.

`python -m benchmarks.classroom [PHONES] [SECONDS]` prints it. Bounds, on two cores: nothing that
was acknowledged is lost, a drawing is on the wall within 2 s (p95), and the pad answers within
250 ms (p95).
"""

import asyncio
import itertools
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
from sqlalchemy import select

from benchmarks.load import make_requests, read_answer
from benchmarks.measure import summarize
from cnnviz.classroom import store
from cnnviz.classroom.access import Kind, Round, hash_secret
from cnnviz.classroom.database import DATABASE_VARIABLE, begin, phones, votes
from cnnviz.classroom.questions import unpack_given
from cnnviz.classroom.votes import ask_question
from cnnviz.digits import mnist
from cnnviz.digits.strokes import pack_strokes
from cnnviz.quizzes.kinds import make_question
from tests.running_app import run_server

PHONES, SECONDS = 60, 120.0
_JOIN_SECONDS = 10.0
_UPDATES = 10  # of the pad in a second
_SEND_SECONDS, _VOTE_SECONDS, _RETRY_SECONDS = 6.0, 10.0, 0.5
_SHIFT = 0.002  # of a drawing, so that no two are the same
_TIMEOUT = 30.0


@dataclass(slots=True)
class Class:
    """What happened in a class.

    Attributes:
        code: Of the class.
        key: The teacher's.
        pad: Milliseconds of each update of a pad.
        joined: Seconds from the first phone's request until the last one was in.
        sent: When a phone began to send each drawing, by its packed strokes.
        kept: Packed strokes of the drawings that were acknowledged.
        seen: When each drawing was on the wall.
        voted: What each phone's last acknowledged vote was, by its token.
        followed: Answers to phones that asked what to do.
        outages: Requests that no server answered.
        busy: Requests that were put off because too many waited.
        outage: When the server was killed, and when it answered again.
        lost: Acknowledged drawings and votes that the database does not have.
        end: When it is over.
        seconds: How long it lasted.
        processor: Seconds that the phones computed, which is not the server's time.
    """

    code: str
    key: str
    pad: list[float] = field(default_factory=list)
    joined: float = 0.0
    sent: dict[str, float] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    seen: dict[str, float] = field(default_factory=dict)
    voted: dict[str, float] = field(default_factory=dict)
    followed: int = 0
    outages: int = 0
    busy: int = 0
    outage: tuple[float, float] = (0.0, 0.0)
    lost: tuple[int, int] = (0, 0)
    end: float = 0.0
    seconds: float = 0.0
    processor: float = 0.0

    async def post(self, client: httpx.AsyncClient, route: str, **body: Any) -> dict[str, Any]:
        """Post until a server answers that is not too busy; another refusal is an error."""
        while True:
            try:
                answer = await client.post(f"/api/{route}", json=body)
            except httpx.TransportError:
                self.outages += 1
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                self.busy += 1
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found


async def run_phone(club: Class, client: httpx.AsyncClient, number: int, count: int) -> None:
    """Join, then draw, send and vote until the end."""
    await asyncio.sleep(number / count * (_JOIN_SECONDS - 1))
    token = (await club.post(client, "class/join", code=club.code))["token"]
    club.joined = time.perf_counter()
    await asyncio.gather(
        _follow(club, client, token),
        _draw(club, str(client.base_url), number),
        _send(club, client, token, number),
        _vote(club, client, token),
    )


async def _repeat(
    club: Class, pause: float, do: Callable[[int], Awaitable[None]], *, keeps_time: bool = True
) -> None:
    """Do something again and again until the end.

    Args:
        club: The class.
        pause: Seconds from one beginning to the next.
        do: What is done; it is told how often it was done before.
        keeps_time: Whether a phone that was held up, as by an outage, goes on in its own time:
            students do not all send at the same moment afterwards.
    """
    await asyncio.sleep(random.random() * pause)  # noqa: S311
    due = time.perf_counter()
    for count in itertools.count():
        if time.perf_counter() >= club.end:
            return
        await do(count)
        late = time.perf_counter() - (due + pause)
        due += pause + max(0.0, math.ceil(late / pause) * pause if keeps_time else late)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))


async def _draw(club: Class, url: str, number: int) -> None:
    """Draw a digit point by point: one update after the other, at most ten a second."""
    parts = urlsplit(url)
    requests = make_requests(parts.netloc, digit=number % 10)
    # By hand: six hundred updates a second would keep a core busy with any library's client.
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def update(count: int) -> None:
        begun = time.perf_counter()
        try:
            if not streams:
                streams.append(await asyncio.open_connection(parts.hostname, parts.port))
            reader, writer = streams[0]
            writer.write(requests[count % len(requests)])
            await writer.drain()
            status = await read_answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            streams.clear()
            club.outages += 1
            await asyncio.sleep(_RETRY_SECONDS)
            return
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            club.busy += 1
            return
        if status != HTTPStatus.OK:
            raise RuntimeError(f"The pad's route answered {status}.")
        club.pad.append((time.perf_counter() - begun) * 1000)

    await _repeat(club, 1 / _UPDATES, update, keeps_time=False)


async def _send(club: Class, client: httpx.AsyncClient, token: str, number: int) -> None:
    async def send(count: int) -> None:
        down, right = _SHIFT * number, _SHIFT * count
        drawn = tuple(
            tuple((0.6 * x + right, 0.6 * y + down) for x, y in stroke)
            for stroke in mnist.sample_digits()[number % 10]
        )
        packed, body = pack_strokes(drawn), {"code": club.code, "token": token, "round": 1}
        club.sent[packed] = time.perf_counter()
        await club.post(client, "class/draw", **body, name=str(count), strokes=drawn)
        club.kept.add(packed)

    await _repeat(club, _SEND_SECONDS, send)


async def _vote(club: Class, client: httpx.AsyncClient, token: str) -> None:
    async def vote(count: int) -> None:
        body = {"code": club.code, "token": token, "number": 2, "given": count}
        await club.post(client, "class/vote", **body)
        club.voted[token] = count

    await _repeat(club, _VOTE_SECONDS, vote)


async def _follow(club: Class, client: httpx.AsyncClient, token: str) -> None:
    """Ask what to do, one request after the other, each of which waits for news."""
    seen = 0
    while time.perf_counter() < club.end:
        body = {"code": club.code, "token": token, "seen": seen}
        news = await club.post(client, "class/follow", **body)
        club.followed += 1
        seen = news["version"]


async def _watch_wall(club: Class, client: httpx.AsyncClient) -> None:
    """The teacher's page: each drawing is noted when it comes."""
    version = 0
    while time.perf_counter() < club.end + 5:
        body = {"code": club.code, "key": club.key, "seen": version}
        wall = await club.post(client, "class/wall", **body)
        version = wall["version"]
        for drawing in wall["drawings"]:
            club.seen.setdefault(drawing["strokes"], time.perf_counter())


async def run_class(club: Class, url: str, *, count: int, seconds: float) -> None:
    """Run the phones and the wall for so many seconds."""
    begun, computed = time.perf_counter(), time.process_time()
    club.end, club.seconds = begun + seconds, seconds
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, limits=limits) as client:
        everybody = (run_phone(club, client, number, count) for number in range(count))
        await asyncio.gather(_watch_wall(club, client), *everybody)
    club.joined -= begun
    club.processor = time.process_time() - computed


def count_lost(club: Class) -> tuple[int, int]:
    """Return how many acknowledged drawings, and how many votes, the database does not have."""
    wall = {one.strokes for one in store.read_wall(club.code, club.key).drawings}
    with begin() as connection:
        rows = connection.execute(
            select(phones.c.token_hash, votes.c.given).where(votes.c.phone_id == phones.c.id)
        ).all()
    given = {row.token_hash: unpack_given(row.given) for row in rows}
    lost = [one for one in club.voted if given.get(hash_secret(one)) != club.voted[one]]
    return len(club.kept - wall), len(lost)


async def _run(club: Class, servers: ExitStack, folder: Path, count: int, seconds: float) -> None:
    """Run the class; in the middle the server ends as by a power cut, and starts again."""
    server = servers.enter_context(run_server(folder))

    def restart() -> None:
        killed = time.perf_counter()
        server.process.kill()
        server.process.wait()
        port = int(server.url.rpartition(":")[2])
        servers.enter_context(run_server(folder, port=port))
        club.outage = (killed, time.perf_counter())

    async def interrupt() -> None:
        await asyncio.sleep(seconds / 2)
        await asyncio.to_thread(restart)

    await asyncio.gather(run_class(club, server.url, count=count, seconds=seconds), interrupt())


def measure_class(count: int = PHONES, seconds: float = SECONDS) -> Class:
    """Open a class, run it, and return what happened.

    Args:
        count: How many phones.
        seconds: For how long.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        os.environ[DATABASE_VARIABLE] = f"sqlite:///{name}/classes.sqlite3"
        club = Class(*store.open_class())
        store.ask_class(club.code, club.key, Round(0, Kind.DRAW, 4))
        ask_question(club.code, club.key, make_question("output_size", 1))
        asyncio.run(_run(club, servers, Path(name), count, seconds))
        club.lost = count_lost(club)
    return club


def list_rows(club: Class) -> list[tuple[str, str]]:
    """Return what is printed, one row a figure."""
    spans = [(club.sent[one], club.seen[one]) for one in club.kept & club.seen.keys()]
    killed, back = club.outage
    calm = [1000 * (end - begin) for begin, end in spans if end < killed or begin > back]
    drawings, voted = club.lost
    return [
        ("phones joined within", f"{club.joined:.1f} s"),
        ("pad's route", summarize(club.pad)),
        ("drawing sent to wall", summarize(calm)),
        ("the server was killed and away for", f"{back - killed:.1f} s"),
        ("requests that no server answered", str(club.outages)),
        ("requests put off by a busy server", str(club.busy)),
        ("updates of the pads a second", f"{len(club.pad) / club.seconds:.0f}"),
        ("answers to phones that follow, a second", f"{club.followed / club.seconds:.0f}"),
        ("of a core, taken by the phones themselves", f"{club.processor / club.seconds:.0%}"),
        ("acknowledged drawings lost", f"{drawings} of {len(club.kept)}"),
        ("acknowledged votes lost", f"{voted} of {len(club.voted)}"),
        ("drawings that never came to the wall", str(len(club.kept - club.seen.keys()))),
    ]


if __name__ == "__main__":
    asked = dict(zip(("count", "seconds"), map(int, sys.argv[1:]), strict=False))
    for label, figures in list_rows(measure_class(**asked)):
        print(f"{label:<46}{figures}", flush=True)
