"""How many web processes and actors a course needs: lessons simulated over measured costs.

`python -m benchmarks.plan --page 0.14 --job 0.6` prints the smallest numbers with which the 95th
percentiles stay below the bounds. Each student belongs to one web process, as nginx leads them, and
each web process has its own actors. Students open a page at random moments; now and then a class
of thirty opens one page together, whose result is computed once.
"""

import argparse
import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measure import percentile

STUDENTS = (30, 300, 3000)
_CLASS = 30
_MOST = 512  # web processes, or actors of one


@dataclass(frozen=True, slots=True)
class Lesson:
    """What students do, and what it costs.

    Attributes:
        page: Processor seconds of a web process for an opened page.
        job: Processor seconds of a heavy result in the mean; single ones vary exponentially.
        think: Seconds between two pages of a student, in the mean.
        asks: Share of the pages that ask for a heavy result nobody has made yet.
        wave: Seconds between two pages that a whole class opens together.
        spread: Seconds within which it does.
        minutes: How long the lesson is.
    """

    page: float
    job: float
    think: float = 40.0
    asks: float = 0.5
    wave: float = 300.0
    spread: float = 10.0
    minutes: float = 30.0


@dataclass(frozen=True, slots=True)
class Need:
    """What a number of students needs.

    Attributes:
        students: How many.
        webs: Web processes.
        actors: Of all web processes together.
        opening: 95th percentile of the seconds from a click to the page.
        waiting: 95th percentile of the seconds that a heavy result waits for its start.
    """

    students: int
    webs: int
    actors: int
    opening: float
    waiting: float


def draw_clicks(lesson: Lesson, students: int, *, seed: int = 0) -> list[tuple[float, int, bool]]:
    """Return when which student opens a page, and whether it asks for a result; by time."""
    dice, end, clicks = random.Random(seed), 60 * lesson.minutes, []  # noqa: S311  (no secret)
    for student in range(students):
        at = dice.expovariate(1 / lesson.think)
        while at < end:
            clicks.append((at, student, dice.random() < lesson.asks))
            at += dice.expovariate(1 / lesson.think)
    for first in range(0, students, _CLASS):
        at = dice.uniform(0, lesson.wave)
        while at < end:
            group = range(first, min(first + _CLASS, students))
            clicks += [(at + dice.uniform(0, lesson.spread), one, one == first) for one in group]
            at += lesson.wave
    return sorted(clicks)


def wait_in_line(arrivals: Sequence[tuple[float, float]], places: int) -> list[float]:
    """Return how long each of those waits who are served in the order they come.

    Args:
        arrivals: When each comes and how long it takes, by time.
        places: How many are served at once.
    """
    free = [0.0] * places
    waits = []
    for at, seconds in arrivals:
        begun = max(at, heapq.heappop(free))
        heapq.heappush(free, begun + seconds)
        waits.append(begun - at)
    return waits


def find_need(lesson: Lesson, students: int, *, opening: float, waiting: float) -> Need:
    """Return the least that keeps the 95th percentiles below the bounds.

    Args:
        lesson: What students do.
        students: How many.
        opening: The most seconds from a click to the page.
        waiting: The most seconds that a result waits for its start.

    Raises:
        ValueError: Not even hundreds are enough.
    """
    clicks = draw_clicks(lesson, students)
    for webs in range(1, _MOST):
        opened = [
            lesson.page + wait
            for web in range(webs)
            for wait in wait_in_line(
                [(at, lesson.page) for at, student, _ in clicks if student % webs == web], 1
            )
        ]
        if percentile(opened, 95) <= opening:
            break
    else:
        raise ValueError(f"{_MOST} web processes are not enough.")
    dice = random.Random(1)  # noqa: S311  (no secret)
    jobs = [
        (at, student % webs, dice.expovariate(1 / lesson.job))
        for at, student, asks in clicks
        if asks
    ]
    for own in range(1, _MOST):
        waits = [
            wait
            for web in range(webs)
            for wait in wait_in_line([(at, cost) for at, place, cost in jobs if place == web], own)
        ]
        if percentile(waits, 95) <= waiting:
            return Need(students, webs, webs * own, percentile(opened, 95), percentile(waits, 95))
    raise ValueError(f"{_MOST} actors of a web process are not enough.")


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=float, required=True, help="seconds of an opened page")
    parser.add_argument("--job", type=float, required=True, help="seconds of a heavy result")
    parser.add_argument("--think", type=float, default=40.0, help="seconds between two pages")
    parser.add_argument("--asks", type=float, default=0.5, help="share that asks for a new result")
    parser.add_argument("--opening", type=float, default=1.0, help="the most, 95th percentile")
    parser.add_argument("--waiting", type=float, default=5.0, help="the most, 95th percentile")
    parser.add_argument("--cores", type=int, default=8, help="of one machine")
    chosen = parser.parse_args()
    lesson = Lesson(chosen.page, chosen.job, think=chosen.think, asks=chosen.asks)
    for students in STUDENTS:
        need = find_need(lesson, students, opening=chosen.opening, waiting=chosen.waiting)
        machines = math.ceil((need.webs + need.actors) / chosen.cores)
        print(
            f"{students:>5} students: {need.webs} web processes, {need.actors} actors, "
            f"{machines} machines of {chosen.cores} cores; a page {need.opening:.2f} s, "
            f"a result waits {need.waiting:.1f} s (95th percentiles)"
        )


if __name__ == "__main__":
    main()
