"""What survives a full collection is not walked again, and dead circles are found later."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from cnnviz.web import garbage


class Circle:
    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    callbacks = list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.unfreeze()


def test_what_survives_a_collection_is_frozen_and_a_dead_circle_is_freed_thoroughly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds: list[float] = []

    def pause(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 1:
            gc.collect()  # a page has run
        if len(rounds) == 3:
            raise InterruptedError

    monkeypatch.setattr("time.sleep", pause)
    gc.callbacks.append(garbage._freeze_survivors)
    circle = Circle()
    gc.collect()
    assert gc.get_freeze_count() > 1000
    assert not any(each is circle for each in gc.get_objects())
    found = weakref.ref(circle)
    del circle
    gc.collect()
    assert found() is not None  # frozen before it died
    with pytest.raises(InterruptedError):
        garbage._collect_thoroughly()
    assert found() is None
    assert len(rounds) == 3
