"""Visitors who go over all pages for a long time: what the server loses by it.

`python -m benchmarks.soak [MINUTES] [VISITORS]`: thirty real websocket sessions for ten minutes
unless given. Each opens pages in an order of its own, waits a while for what is computed there,
sometimes closes its tab and comes back as a newcomer; somebody draws digits all the time. Printed
are the 95th percentiles, what went wrong, how fast memory grew in the second half, and what it
came back to after all had left and one more had come: Streamlit keeps the sessions that ended for
two minutes, and drops them when another one ends.
"""

import asyncio
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
from websockets.exceptions import WebSocketException

from benchmarks.measure import percentile, summarize
from benchmarks.sessions import Session, open_session
from benchmarks.waiting import Period, read_memory, send_drawings
from cnnviz.web.sitemap import list_pages
from tests.running_app import RunningServer, run_server

MINUTES, VISITORS = 10.0, 30
_SAMPLE_SECONDS = 2.0
# What a visitor looks at a page, and then waits for its result at most.
_LOOK_SECONDS, _JOB_SECONDS = (1.0, 4.0), 15.0
_PAGES_OF_A_TAB = 8
_SHOWN = 5  # of the errors
_TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n((?:[ \t].*\n)+)(.*)")
_PLACE = re.compile(r'File "(.+?)", line (\d+)')
# Two minutes until Streamlit lets an ended session go, and then one collection of all garbage.
_LEAVE_SECONDS, _LAST_SHARE = 240.0, 0.45


@dataclass(slots=True)
class Soak:
    """What was seen.

    Attributes:
        pages: Seconds of each opening, by the page's address.
        drawings: The digits that were drawn meanwhile.
        errors: What pages showed as errors and connections that broke, with the log's tracebacks.
        memory: Megabytes of the server by the minutes since the visitors came.
        before: Megabytes after each page was opened once and its results had come.
        after: Megabytes after all had left.
    """

    pages: dict[str, list[float]] = field(default_factory=dict)
    drawings: Period = field(default_factory=Period)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    before: float = 0.0
    after: float = 0.0

    @property
    def slope(self) -> float:
        """Megabytes that the server grew in a minute of the second half."""
        later = self.memory[len(self.memory) // 2 :]
        return statistics.linear_regression(*zip(*later, strict=True)).slope

    def list_rows(self) -> list[tuple[str, str]]:
        """Name and figures of each row that the benchmark prints."""
        every = [seconds for found in self.pages.values() for seconds in found]
        slow = {page: percentile(found, 95) for page, found in self.pages.items() if found[1:]}
        slowest = sorted(slow, key=lambda page: -slow[page])[:3]
        most = max(memory for _, memory in self.memory)
        errors = Counter(self.errors).most_common(_SHOWN)
        share = f"{self.after / self.before - 1:+.0%}"
        return [
            ("pages opened", f"{len(every)}, median {statistics.median(every):.2f} s"),
            ("a page, p95", f"{percentile(every, 95):.2f} s"),
            ("the slowest pages, p95", ", ".join(f"{one} {slow[one]:.2f} s" for one in slowest)),
            ("the route of drawings", summarize(self.drawings.pad)),
            ("errors", str(len(self.errors))),
            *((f"  {count} times", text) for text, count in errors),
            (
                "memory before, at most, after all left",
                f"{self.before:.0f}, {most:.0f}, {self.after:.0f} MB ({share})",
            ),
            ("growth in the second half", f"{self.slope:+.1f} MB a minute"),
        ]


def soak(
    server: RunningServer,
    *,
    minutes: float = MINUTES,
    visitors: int = VISITORS,
    leave_seconds: float = _LEAVE_SECONDS,
) -> Soak:
    """Let visitors go over all pages of a server.

    Args:
        server: Just started.
        minutes: How long.
        visitors: How many at a time.
        leave_seconds: From their leaving to the last look at the memory; one more visitor comes
            and goes meanwhile.
    """
    return asyncio.run(_soak(server, minutes, visitors, leave_seconds))


async def _soak(server: RunningServer, minutes: float, visitors: int, leave_seconds: float) -> Soak:
    found, first = Soak(), Soak()
    async with open_session(server.url) as session:
        for page in list_pages():
            await _visit(session, page.url, first, wait=_JOB_SECONDS)
    found.before = read_memory(server.pid)
    end = time.perf_counter() + 60 * minutes
    await asyncio.gather(
        send_drawings(server.url, found.drawings, end),
        _watch_memory(server.pid, found, end),
        *(_wander(server.url, number, found, end) for number in range(visitors)),
    )
    await asyncio.sleep(leave_seconds * (1 - _LAST_SHARE))
    async with open_session(server.url) as session:
        await _visit(session, "", first, wait=0.0)
    await asyncio.sleep(leave_seconds * _LAST_SHARE)
    found.after = read_memory(server.pid)
    found.errors += first.errors
    found.errors += list_tracebacks(server.log.read_text(encoding="utf-8", errors="replace"))
    return found


def list_tracebacks(log: str) -> list[str]:
    """Say of each traceback in a server's log what was raised, and where."""
    return [
        f"in the server's log: {error} ({Path(places[-1][0]).name}, line {places[-1][1]})"
        for frames, error in _TRACEBACK.findall(log)
        if (places := _PLACE.findall(frames))
    ]


async def _wander(url: str, number: int, found: Soak, end: float) -> None:
    """Open one page after the other, in tabs that are closed after some."""
    dice, pages = random.Random(number), [page.url for page in list_pages()]  # noqa: S311
    while time.perf_counter() < end:
        try:
            async with open_session(url) as session:
                for page in dice.sample(pages, _PAGES_OF_A_TAB):
                    if time.perf_counter() < end:
                        look = dice.uniform(*_LOOK_SECONDS)
                        await _visit(session, page, found, wait=_JOB_SECONDS)
                        await asyncio.sleep(min(look, max(0.0, end - time.perf_counter())))
        except (OSError, WebSocketException, httpx.HTTPError) as error:
            found.errors.append(f"a connection broke: {type(error).__name__}")


async def _visit(session: Session, page: str, found: Soak, *, wait: float) -> None:
    """Open a page and wait for what is computed there."""
    shown = len(session.errors)
    found.pages.setdefault(page or "home", []).append(await session.open(page))
    await session.finish_job(seconds=wait)
    found.errors += session.errors[shown:]


async def _watch_memory(pid: int, found: Soak, end: float) -> None:
    began = time.perf_counter()
    while time.perf_counter() < end or len(found.memory) < 4:
        found.memory.append(((time.perf_counter() - began) / 60, read_memory(pid)))
        await asyncio.sleep(_SAMPLE_SECONDS)


def main() -> None:
    """Measure and print."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    visitors = int(sys.argv[2]) if len(sys.argv) > 2 else VISITORS
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        found = soak(server, minutes=minutes, visitors=visitors)
    for name, figures in found.list_rows():
        print(f"{name:<42}{figures}", flush=True)


if __name__ == "__main__":
    main()
