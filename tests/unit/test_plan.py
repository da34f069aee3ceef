"""The simulated lessons: lines worked out by hand, and a formula of queueing theory."""

import random
import statistics

import pytest

from benchmarks.plan import Lesson, draw_clicks, find_need, wait_in_line


def test_a_line_by_hand() -> None:
    arrivals = [(0.0, 3.0), (1.0, 3.0), (2.0, 1.0), (10.0, 1.0)]
    assert wait_in_line(arrivals, 1) == [0.0, 2.0, 4.0, 0.0]
    assert wait_in_line(arrivals, 2) == [0.0, 0.0, 1.0, 0.0]


def test_the_mean_wait_is_that_of_a_line_with_random_arrivals() -> None:
    """One place, exponential times, load 0.5: the mean wait is load / (1 − load) · service."""
    dice = random.Random(3)  # noqa: S311  (no secret)
    at, arrivals = 0.0, []
    for _ in range(200_000):
        at += dice.expovariate(0.5)
        arrivals.append((at, dice.expovariate(1.0)))
    assert statistics.mean(wait_in_line(arrivals, 1)) == pytest.approx(1.0, rel=0.05)


def test_each_student_opens_pages_alone_and_with_the_class() -> None:
    lesson = Lesson(page=0.1, job=1.0, think=60.0, wave=600.0, minutes=60.0)
    clicks = draw_clicks(lesson, 60)
    assert clicks == sorted(clicks)
    # Sixty minutes: a page a minute alone, and six with the class.
    assert len(clicks) == pytest.approx(60 * (60 + 6), rel=0.05)


def test_more_students_need_more_and_the_bounds_hold() -> None:
    lesson = Lesson(page=0.14, job=1.0, minutes=10.0)
    few, many = (find_need(lesson, count, opening=1.0, waiting=5.0) for count in (30, 300))
    assert max(few.opening, many.opening) <= 1.0
    assert max(few.waiting, many.waiting) <= 5.0
    assert (few.webs, few.actors) == (1, 1)
    assert many.webs > 1
    # Less than the work there is cannot be enough: 300 students, each half a job in 40 seconds.
    assert many.actors >= 300 * 0.5 / 40
