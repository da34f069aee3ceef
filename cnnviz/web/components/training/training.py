"""Networks that train: their curves, gradients, filters and mistakes, followed without reruns."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.figures.colors import CATEGORY_COLORS, Colored
from cnnviz.labs.digit_sets import CLASSES
from cnnviz.web.components.bundle import Take, create_component

_training = create_component("training")


@dataclass(frozen=True, slots=True)
class Run:
    """A run on the chart.

    Attributes:
        id: Names it in the routes.
        title: Its name for people.
        is_live: Whether it trains or is about to.
        is_own: Whether its learning rate may be changed.
        has_schedule: Whether the schedule changes the rate that is shown.
    """

    id: str
    title: str
    is_live: bool
    is_own: bool
    has_schedule: bool


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    runs: Sequence[Run]
    chosen: str
    classes: tuple[str, ...] = CLASSES
    colors: tuple[str, ...] = CATEGORY_COLORS


def show_training(
    runs: Sequence[Run], *, chosen: str, on_choose: Take, on_remove: Take, key: str
) -> None:
    """Show runs side by side.

    Args:
        runs: In the order of their colors.
        chosen: Id of the run whose layers and mistakes are shown.
        on_choose: Called with the id of a run that is clicked.
        on_remove: Called with the id of a run that is to go.
        key: Key of the component.
    """
    payload = Payload(runs=runs, chosen=chosen)
    _training.show(payload, key=key, choose=on_choose, remove=on_remove)
