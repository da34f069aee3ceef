"""What all tests share: hypothesis, the number of workers, and which tests go first."""

# ruff: noqa: E402  (the collector is switched off before torch is imported)
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Imports and assertions that are rewritten only make objects; see `pytest_collection_finish`.
gc.disable()

import hypothesis
import pytest
import torch
from xdist.scheduler import LoadFileScheduling

# The same examples on every machine, and no clock.
hypothesis.settings.register_profile("cnnviz", deadline=None, derandomize=True)
hypothesis.settings.load_profile("cnnviz")

# As the app does, so that results and memory are those of the app.
torch.set_num_threads(1)

_BROWSER_TESTS = Path(__file__).parent / "e2e"


@pytest.fixture(scope="session", autouse=True)
def classes_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the classes of the tests apart from those of the app beside it."""
    file = tmp_path_factory.mktemp("classes") / "classes.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATABASE_URL", f"sqlite:///{file}")
        yield


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for folders; none for single files, where their start would take longer."""
    paths = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
    return min(2, os.cpu_count() or 1) if all(path.is_dir() for path in paths) else 0


class OneServer(LoadFileScheduling):  # type: ignore[misc]
    """Gives a worker one file at a time, but the files that share the app's server all to one.

    Each server starts for fifteen seconds, and computes for its own first visitors.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "browser" if Path(file).parent.name == _BROWSER_TESTS.name else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneServer:
    """Take the place of --dist."""
    return OneServer(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests first: the others fill what they leave, and both workers end together."""
    items.sort(
        key=lambda item: (
            item.path.parent != _BROWSER_TESTS,
            _BROWSER_TESTS not in item.path.parents,
        )
    )


def pytest_collection_finish() -> None:
    """Walk what was collected once, and not with all garbage of each test."""
    gc.collect()
    gc.freeze()
    gc.enable()
