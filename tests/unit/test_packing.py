"""What Python sends to a component, and what it believes of a component's report."""

import json
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pytest

from cnnviz.web.components.bundle import read_cell, take_index
from cnnviz.web.components.shared.packing import pack


class Kind(StrEnum):
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Inner:
    values: np.ndarray[tuple[int], np.dtype[np.uint8]]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Outer:
    parts: tuple[Inner, ...]
    size: tuple[int, int] | None
    names: dict[str, Inner]


def test_a_payload_is_packed_as_json_holds_it() -> None:
    inner = Inner(np.array([1, 2], dtype=np.uint8), Kind.MAP)
    packed = pack(Outer((inner,), (3, 4), {"a": inner}))
    told = {"values": "AQI=", "kind": "map"}  # base64 of the bytes 1 and 2 (RFC 4648)
    assert json.loads(json.dumps(packed)) == {
        "parts": [told],
        "size": [3, 4],
        "names": {"a": told},
    }


@pytest.mark.parametrize(
    ("reported", "cell"),
    [([2, 3], (2, 3)), (None, None), ([2], None), ([2, True], None), (["2", 3], None), (7, None)],
)
def test_a_reported_cell_is_two_whole_numbers(
    reported: object, cell: tuple[int, int] | None
) -> None:
    assert read_cell(reported) == cell


def test_only_the_number_of_a_thing_that_there_is_gets_taken() -> None:
    taken: list[int] = []
    take = take_index(taken.append, count=3)
    for reported in (0, 2, 3, -1, True, "1", 1.0, None, [1]):
        take(reported)
    assert taken == [0, 2]
