"""The figures that the benchmark of a long lesson prints."""

import subprocess
import sys

import pytest

from benchmarks.soak import Soak, list_tracebacks


def test_growth_is_that_of_the_second_half() -> None:
    found = Soak(memory=[(0.0, 100.0), (1.0, 500.0), (2.0, 600.0), (3.0, 602.0), (4.0, 604.0)])
    assert found.slope == pytest.approx(2.0)


def test_errors_are_counted_and_the_most_frequent_told() -> None:
    found = Soak(
        pages={"home": [0.1, 0.3], "digit": [0.2, 0.2]},
        errors=["one", "two", "two"],
        memory=[(0.0, 100.0), (1.0, 100.0), (2.0, 100.0), (3.0, 100.0)],
        before=100.0,
        after=110.0,
    )
    found.drawings.pad = [10.0, 20.0]
    rows = dict(found.list_rows())
    assert rows["errors"] == "3"
    assert rows["  2 times"] == "two"
    assert rows["memory before, at most, after all left"] == "100, 100, 110 MB (+10%)"


def test_a_traceback_is_told_by_its_error_and_its_place() -> None:
    """As Python prints it, carets and all, between two lines of another kind."""
    program = "def fail():\n    return [][1]\n\nfail()\n"
    command = [sys.executable, "-c", f"exec(compile({program!r}, '/app/page.py', 'exec'))"]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    found = list_tracebacks(f"CNNViz is open\n{printed}stopped\n" * 2)
    assert (
        found == ["in the server's log: IndexError: list index out of range (page.py, line 2)"] * 2
    )
