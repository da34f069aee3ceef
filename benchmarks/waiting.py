"""Thirty visitors who each wait for a job of their own: what it costs everybody else.

`python -m benchmarks.waiting [VISITORS] [SECONDS]` opens that many real websocket sessions and
prints what `python -m benchmarks` prints. Bounds, on two cores: the pad's p95 at most 200 ms,
another page within twice its idle time plus 0.5 s, jobs at no less than 80 % of the alone rate,
memory within 10 % of what it was once all have left.
"""

import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from benchmarks.measure import percentile, summarize
from benchmarks.sessions import open_session
from cnnviz.digits import mnist
from tests.running_app import ROOT, RunningServer, list_children, run_server

VISITORS = 30
SECONDS = 12.0
STEPS = 16  # of a job
# Streamlit keeps the session of a closed tab for two minutes; the thorough collection follows.
LEAVE_SECONDS = 160.0
_PAGE = "activations"
_PAD_PAUSE, _PAGE_PAUSE = 0.1, 1.0
_OPENINGS = 3
_BEGIN_SECONDS = 60.0
CROWDS = (1, 10, 30)
_NUMBERS = itertools.count()  # of jobs; no two are the same
_PLACES = {"thread": "&thread=1", "worker": ""}


@dataclass(slots=True)
class Period:
    """What was seen within a stretch of time.

    Attributes:
        pad: Milliseconds of each POST /api/digit.
        page: Seconds of each opening of a page by a newcomer.
        jobs: How many jobs were finished.
        seconds: How long it was.
    """

    pad: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    jobs: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Jobs finished in a minute."""
        return 60 * self.jobs / self.seconds


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waiting visitors cost.

    Attributes:
        idle: The pad and a page with nobody else there.
        alone: The jobs of one visitor, one after the other.
        crowded: Pad, page and jobs while all wait.
        newcomer: Seconds from the leaving of all until the job of a newcomer was done.
        memory: Megabytes of the server before they came, while all waited, and after they left.
    """

    idle: Period
    alone: Period
    crowded: Period
    newcomer: float
    memory: tuple[float, float, float]

    def list_rows(self) -> list[tuple[str, str]]:
        """Name and figures of each row that the benchmark prints."""
        before, during, after = self.memory
        return [
            ("the route, nobody waiting", summarize(self.idle.pad)),
            ("the route, all waiting", summarize(self.crowded.pad)),
            ("another page, nobody waiting", _summarize_seconds(self.idle.page)),
            ("another page, all waiting", _summarize_seconds(self.crowded.page)),
            ("jobs a minute, one visitor alone", f"{self.alone.rate:.1f}"),
            (
                "jobs a minute, all waiting",
                f"{self.crowded.rate:.1f} ({self.crowded.rate / self.alone.rate:.0%})",
            ),
            ("a newcomer's job after all have left", f"{self.newcomer:.1f} s"),
            (
                "memory before, while waiting, after",
                f"{before:.0f}, {during:.0f}, {after:.0f} MB ({after / before - 1:+.0%})",
            ),
        ]


def measure_waiting(
    server: RunningServer,
    *,
    visitors: int = VISITORS,
    seconds: float = SECONDS,
    leave_seconds: float = LEAVE_SECONDS,
) -> Waiting:
    """Measure a server of `benchmarks/waiting_app.py`.

    Args:
        server: Just started.
        visitors: How many wait.
        seconds: Of each of the three periods.
        leave_seconds: The most to wait for the memory to return.
    """
    return asyncio.run(_measure(server, visitors, seconds, leave_seconds))


@contextmanager
def start_waiting_server(*, steps: int = STEPS) -> Iterator[RunningServer]:
    """Start the app with its page of jobs of so many steps."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_server(
            Path(folder),
            script="benchmarks/waiting_app.py",
            environment={"PYTHONPATH": str(ROOT), "BENCHMARK_STEPS": str(steps)},
        ) as server,
    ):
        yield server


def compare_places(
    server: RunningServer, *, crowds: Sequence[int] = CROWDS, seconds: float = SECONDS
) -> list[tuple[str, str]]:
    """Measure jobs in a thread of the server and in its worker, with few and many who wait.

    Args:
        server: Just started.
        crowds: How many wait.
        seconds: Of each measurement.

    Returns:
        Name and figures of each row that the benchmark prints.
    """
    return asyncio.run(_compare(server, crowds, seconds))


async def _compare(
    server: RunningServer, crowds: Sequence[int], seconds: float
) -> list[tuple[str, str]]:
    rows = []
    await _warm_up(server.url)
    await _wait_for_worker(server.pid)
    for visitors, (place, more) in itertools.product(crowds, _PLACES.items()):
        period = Period()
        memory = await _crowd(server, period, visitors, seconds, more)
        pad = f"{statistics.median(period.pad):.0f} and {percentile(period.pad, 95):.0f} ms"
        page = f"{statistics.median(period.page):.2f} s"
        told = f"pad {pad}, page {page}, {period.rate:.1f} jobs a minute, {memory:.0f} MB"
        rows.append((f"{visitors} waiting, jobs in the {place}", told))
        async with open_session(server.url) as session:  # after the jobs of those who left
            await session.open(query=f"job={next(_NUMBERS)}")
            await session.finish_job()
    return rows


async def _measure(
    server: RunningServer, visitors: int, seconds: float, leave_seconds: float
) -> Waiting:
    await _warm_up(server.url)
    idle, alone, crowded = Period(), Period(), Period()
    end = time.perf_counter() + seconds
    await asyncio.gather(send_drawings(server.url, idle, end), _open_pages(server.url, idle, end))
    await _run_jobs(server.url, alone, time.perf_counter() + seconds)
    # What the server loads in the background after its start is there by now.
    before = read_memory(server.pid)
    during = await _crowd(server, crowded, visitors, seconds)
    began = time.perf_counter()
    async with open_session(server.url) as session:
        await session.open(query=f"job={next(_NUMBERS)}")
        await session.finish_job()
    newcomer = time.perf_counter() - began
    after = await _wait_for_memory(server.pid, before, leave_seconds)
    return Waiting(idle, alone, crowded, newcomer, (before, during, after))


async def _warm_up(url: str) -> None:
    for _ in range(2):
        async with open_session(url) as session:
            await session.open(_PAGE)
            await session.open(query=f"job={next(_NUMBERS)}")
            await session.finish_job()


async def _wait_for_worker(pid: int) -> None:
    """Wait until the worker, which begins after the first job, has begun and rests."""
    seen, end = 0.0, time.perf_counter() + _BEGIN_SECONDS
    while time.perf_counter() < end:
        await asyncio.sleep(1.0)
        before, seen = seen, sum(map(_read_work, list_children(pid)))
        if seen and seen == before:
            return


def _read_work(pid: int) -> float:
    """Return the ticks of processor time that a process has taken."""
    row = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return float(row[11]) + float(row[12])


async def _crowd(
    server: RunningServer,
    period: Period,
    visitors: int,
    seconds: float,
    more: str = "",
) -> float:
    """Let all come, measure while all have a job in line, and let all leave; the memory then.

    Args:
        server: Of the app with the page of jobs.
        period: Is filled.
        visitors: How many wait.
        seconds: How long.
        more: Of each job's address.
    """
    url = server.url
    async with AsyncExitStack() as tabs:
        sessions = [await tabs.enter_async_context(open_session(url)) for _ in range(visitors)]

        async def wait(number: int) -> None:
            while True:
                await sessions[number].open(query=f"job={next(_NUMBERS)}{more}")
                await sessions[number].finish_job()
                period.jobs += 1

        waiting = [asyncio.create_task(wait(number)) for number in range(visitors)]
        try:
            while any(one.reruns == 0 for one in sessions) and not any(
                one.done() for one in waiting
            ):
                await asyncio.sleep(0.1)
            period.jobs, began = 0, time.perf_counter()
            end = began + seconds
            await asyncio.gather(send_drawings(url, period, end), _open_pages(url, period, end))
            period.seconds = time.perf_counter() - began
            return read_memory(server.pid)
        finally:
            for task in waiting:
                task.cancel()
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            broken = [one for one in outcomes if not isinstance(one, asyncio.CancelledError)]
            if broken:
                raise RuntimeError("A visitor's session broke off.") from broken[0]


async def _run_jobs(url: str, period: Period, end: float) -> None:
    """Wait for one job after the other."""
    began = time.perf_counter()
    async with open_session(url) as session:
        while time.perf_counter() < end or period.jobs == 0:
            await session.open(query=f"job={next(_NUMBERS)}")
            await session.finish_job()
            period.jobs += 1
    period.seconds = time.perf_counter() - began


async def send_drawings(url: str, period: Period, end: float) -> None:
    """Send drawings until `end`, the next one after the last one's answer."""
    strokes = [[list(point) for point in stroke] for stroke in mnist.sample_digits()[3]]
    async with httpx.AsyncClient(base_url=url, timeout=60.0) as client:
        while time.perf_counter() < end or len(period.pad) < _OPENINGS:
            began = time.perf_counter()
            answer = await client.post("/api/digit", json={"strokes": strokes})
            answer.raise_for_status()
            period.pad.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(_PAD_PAUSE)


async def _open_pages(url: str, period: Period, end: float) -> None:
    """Open a page again and again, each time as a newcomer."""
    while time.perf_counter() < end or len(period.page) < _OPENINGS:
        async with open_session(url) as session:
            period.page.append(await session.open(_PAGE))
        await asyncio.sleep(_PAGE_PAUSE)


async def _wait_for_memory(pid: int, before: float, seconds: float) -> float:
    end = time.perf_counter() + seconds
    while (after := read_memory(pid)) > 1.1 * before and time.perf_counter() < end:
        await asyncio.sleep(1.0)
    return after


def read_memory(pid: int) -> float:
    """Return the megabytes that a server and its worker have in memory; 0 where nobody says.

    What both have of one file is counted once, half in each.
    """
    try:
        return sum(map(_read_share, [pid, *list_children(pid)]))
    except OSError:
        return 0.0


def _read_share(pid: int) -> float:
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    line = next(row for row in rows if row.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def _summarize_seconds(values: list[float]) -> str:
    return f"median {statistics.median(values):6.2f} s    p95 {percentile(values, 95):6.2f} s"


def main() -> None:
    """Measure and print."""
    visitors = int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with start_waiting_server() as server:
        rows = measure_waiting(server, visitors=visitors, seconds=seconds).list_rows()
        rows += compare_places(server, seconds=seconds)
    for name, figures in rows:
        print(f"{name:<46}{figures}", flush=True)


if __name__ == "__main__":
    main()
