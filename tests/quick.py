"""Checks that hold for every network, run on a few of every kind, and on all by `-m exhaustive`."""

from collections.abc import Iterable
from typing import Any

import pytest

# LeNet-5; plain layers; branches; shortcuts; depthwise layers.
KINDS = frozenset({"lenet5", "alexnet64", "squeezenet64", "resnet64", "mobilenet64"})


def each(names: Iterable[Any], quick: Iterable[Any] = KINDS) -> list[Any]:
    """Return all of them as parameters of a test; those that are not quick are `exhaustive`.

    Args:
        names: What the test is to be run on.
        quick: Those it is run on each time.
    """
    chosen = frozenset(quick)
    marks = {True: (), False: (pytest.mark.exhaustive,)}
    return [pytest.param(name, marks=marks[name in chosen]) for name in names]
