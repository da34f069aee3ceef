"""Optimizers on a surface, step by step in the browser."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.optimizers import Contours, Way
from cnnviz.web.components.bundle import create_component, take_index

_descent = create_component("descent")
STEP, WAY = "descent.step", "descent.way"


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    contours: Contours
    start: tuple[float, float]
    ways: Sequence[Way]
    steps: int
    step_follows: str
    way_follows: str
    label: str


def show_descent(
    contours: Contours,
    ways: Sequence[Way],
    *,
    start: tuple[float, float],
    steps: int,
    label: str,
    key: str,
    on_start: Callable[[tuple[float, float]], object],
    on_move: Callable[[int], object],
    on_choose: Callable[[int], object],
) -> None:
    """Show the ways; the page's marks STEP and WAY tell the step and the way in numbers.

    Args:
        contours: The surface.
        ways: One an optimizer.
        start: Where all begin.
        steps: Of the longest way.
        label: The figure in words.
        key: Of the component.
        on_start: Called with the weights that were clicked.
        on_move: Called with the step at which playing or the slider came to rest.
        on_choose: Called with the number of the way that was clicked.
    """
    payload = Payload(contours, start, ways, steps, STEP, WAY, label)

    def begin(told: Any) -> None:
        if isinstance(told, list) and [type(one) in (int, float) for one in told] == [True, True]:
            on_start((float(told[0]), float(told[1])))

    _descent.show(
        payload,
        key=key,
        started=begin,
        moved=take_index(on_move, count=steps + 1),
        chosen=take_index(on_choose, count=len(ways)),
    )
