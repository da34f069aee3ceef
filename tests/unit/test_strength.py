"""A strength: read from an address, and found among the positions of a slider."""

from typing import Any

import pytest

from cnnviz.figures.attack import find_position
from cnnviz.web.controls.kinds import AddressError, Control
from cnnviz.web.controls.strength import strength


@pytest.fixture
def control() -> Control:
    declared: Any = strength()
    found: Control = declared.metadata["control"]
    return found


def test_an_address_says_a_number_or_the_smallest(control: Control) -> None:
    assert control.find_default(None) is None
    for text, value in (("smallest", None), ("0", 0.0), ("1.5", 1.5)):
        assert control.parse(text, None) == value
        assert control.write(value) == text


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf"])
def test_what_is_no_strength_is_refused(control: Control, text: str) -> None:
    with pytest.raises(AddressError, match="Strength cannot be"):
        control.parse(text, None)


@pytest.mark.parametrize(
    ("value", "fools", "place"),
    [
        (None, [False, True, True], 1),
        (None, [False, False, False], 2),
        (0.0, [False, True, True], 0),
        (2.9, [False, True, True], 1),
        (99.0, [False, False, False], 2),
    ],
)
def test_a_position_is_the_nearest_or_the_smallest_that_fools(
    value: float | None, fools: list[bool], place: int
) -> None:
    assert find_position(value, strengths=[0, 2, 4], fools=fools) == place
