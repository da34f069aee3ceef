"""The activation function, the first weights, and how many layers there are."""

from dataclasses import dataclass
from typing import Any

from cnnviz.figures.signal import ACTIVATIONS, INITIALIZATIONS, SCALINGS
from cnnviz.labs.signal import MAX_DEPTH, Activation, Initialization, Scaling
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.state import PageState

_RATES = ("0.001", "0.01", "0.03", "0.1", "0.3", "1")


def _choose_layer(at: Any) -> int:
    return int(at.depth)


@dataclass(frozen=True)
class SignalControls:
    """What the network is made of, and the layer whose values are shown."""

    function: Activation = choice(
        Activation, "Activation function", titles=ACTIVATIONS, default=Activation.SIGMOID
    )
    initialization: Initialization = choice(
        Initialization,
        "Initialization",
        titles=INITIALIZATIONS,
        default=Initialization.XAVIER,
        look="list",
    )
    depth: int = number("Hidden layers", 2, MAX_DEPTH, default=10)
    layer: int = number("Layer", 1, _choose_layer, default=_choose_layer, follows=("depth",))
    scaling: Scaling = choice(
        Scaling, "Input", titles=SCALINGS, default=Scaling.STANDARDIZED, look="list"
    )
    rate: str = choice(_RATES, "Learning rate", default="0.1", look="slider")


Page = PageState[SignalControls]
