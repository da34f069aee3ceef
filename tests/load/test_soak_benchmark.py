"""The benchmark of a long lesson runs to its end, in its shortest form, over every page."""

from pathlib import Path

import pytest

from benchmarks.soak import Soak, soak
from cnnviz.web.sitemap import list_pages
from tests.running_app import run_server


def test_visitors_go_over_all_pages_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.soak._PAGES_OF_A_TAB", len(list_pages()))
    monkeypatch.setattr("benchmarks.soak._LOOK_SECONDS", (0.0, 0.1))
    monkeypatch.setattr("benchmarks.soak._JOB_SECONDS", 0.0)
    with run_server(tmp_path) as server:
        found = soak(server, minutes=0.1, visitors=2, leave_seconds=0)
    assert found.errors == []
    assert found.pages.keys() <= {page.name for page in list_pages()}
    assert sum(map(len, found.pages.values())) >= 2
    assert len(found.drawings.pad) >= 3
    assert len(found.memory) >= 4
    assert [len(row) for row in found.list_rows()] == [2] * 7


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
