"""Submitted runs of training: who sees them, what is refused, what a deleted class leaves."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnnviz.classroom import database, limits
from cnnviz.classroom.runs import ClassRun, add_run, delete_run, list_runs
from cnnviz.classroom.store import delete_class, open_class
from cnnviz.errors import ClassroomError
from cnnviz.figures.classroom import draw_runs, find_best, list_results

RUN = ClassRun(
    layers="flatten, fc10",
    accuracy=0.91,
    parameters=10_250,
    seconds=1.5,
    epochs=5,
    optimizer="adam",
    digits="digits",
)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database of its own for each test, and fresh limits."""
    path = tmp_path / "classes.sqlite3"
    monkeypatch.setenv("CNNVIZ_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setattr(limits, "run_rate", limits.RateLimit(2, 60))
    yield path
    database._open_database.cache_clear()


def test_a_classes_runs_are_listed_for_its_teacher_alone() -> None:
    code, key = open_class()
    other, other_key = open_class()
    better = replace(RUN, accuracy=1.0)
    add_run(code, RUN, visitor="ann")
    add_run(code, better, visitor="ben")
    assert list_runs(code, key) == (RUN, better)
    assert list_runs(other, other_key) == ()
    with pytest.raises(ClassroomError, match="not the key"):
        list_runs(code, other_key)


def test_a_teacher_deletes_one_run_of_the_own_class_alone() -> None:
    (code, key), (other, other_key) = open_class(), open_class()
    better = replace(RUN, accuracy=1.0)
    add_run(code, RUN, visitor="ann")
    add_run(code, better, visitor="ben")
    first = list_runs(code, key)[0].id
    for wrong_code, wrong_key, match in (
        (code, other_key, "not the key"),
        (other, other_key, "no such result"),
    ):
        with pytest.raises(ClassroomError, match=match):
            delete_run(wrong_code, wrong_key, first)
    delete_run(code, key, first)
    assert list_runs(code, key) == (better,)
    with pytest.raises(ClassroomError, match="no such result"):
        delete_run(code, key, first)


def test_a_wrong_code_and_too_many_runs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    code, key = open_class()
    with pytest.raises(ClassroomError, match=r"no class with this code\. Check it"):
        add_run("AAAAAA", RUN, visitor="ann")
    for _ in range(2):
        add_run(code, RUN, visitor="ann")
    with pytest.raises(ClassroomError, match="2 results within a minute"):
        add_run(code, RUN, visitor="ann")
    monkeypatch.setattr(limits, "MAX_RUNS", 3)
    add_run(code, RUN, visitor="ben")
    with pytest.raises(ClassroomError, match="already keeps 3 results"):
        add_run(code, RUN, visitor="cem")
    assert len(list_runs(code, key)) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"accuracy": 1.01},
        {"accuracy": float("nan")},
        {"parameters": 0},
        {"seconds": float("inf")},
        {"epochs": 0},
        {"layers": ""},
        {"layers": "relu, " * 300},
    ],
)
def test_impossible_values_are_refused(wrong: dict[str, Any]) -> None:
    code, key = open_class()
    with pytest.raises(ClassroomError, match=f"This run's {next(iter(wrong))} "):
        add_run(code, replace(RUN, **wrong), visitor="ann")
    assert list_runs(code, key) == ()


def test_a_deleted_class_leaves_no_run(file: Path) -> None:
    code, key = open_class()
    add_run(code, RUN, visitor="ann")
    delete_class(code, key)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_the_best_run_is_the_most_accurate_and_then_the_smallest() -> None:
    small = replace(RUN, accuracy=0.98, parameters=900, layers="conv8k5, gap")
    mnist = replace(RUN, digits="mnist", accuracy=0.5)
    runs = (RUN, replace(small, parameters=4000), small, mnist)
    assert find_best(runs) == (small, mnist)
    assert [row["Parameters"] for row in list_results(runs)] == [900, 4000, 10_250, 10_250]
    first, second = draw_runs(runs).data
    assert (list(first.x), list(first.y)) == ([10_250, 4000, 900], [91.0, 98.0, 98.0])
    assert "conv8k5, gap" in first.customdata[2]
    assert list(second.y) == [50.0]
