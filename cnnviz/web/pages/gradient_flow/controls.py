"""Which part is shown, what the networks are made of, and which blocks are off or added."""

from dataclasses import dataclass
from enum import StrEnum

from cnnviz.figures.gradient_flow import NORMS
from cnnviz.figures.signal import ACTIVATIONS, INITIALIZATIONS
from cnnviz.figures.stochastic_depth import DROPPINGS
from cnnviz.labs.gradient_flow import MAX_BLOCKS, Norm
from cnnviz.labs.lesions import BLOCKS, IDENTITIES, NETWORKS
from cnnviz.labs.signal import Activation, Initialization
from cnnviz.labs.stochastic_depth import Dropping
from cnnviz.networks.zoo import get_network
from cnnviz.web.controls.kinds import choice, number, several
from cnnviz.web.state import PageState


class Part(StrEnum):
    """What the stage shows."""

    FLOW = "flow"
    CHAIN = "chain"
    SHORTCUT = "shortcut"
    COPY = "copy"
    LESIONS = "lesions"
    DEGRADATION = "degradation"
    LANDSCAPE = "landscape"
    DROPPING = "dropping"


PARTS = {
    Part.FLOW: "Gradients by block",
    Part.CHAIN: "Four neurons",
    Part.SHORTCUT: "One shortcut",
    Part.COPY: "Zero blocks",
    Part.LESIONS: "Blocks off",
    Part.DEGRADATION: "Degradation",
    Part.LANDSCAPE: "Loss landscape",
    Part.DROPPING: "Off in training",
}


def title_networks() -> dict[str, str]:
    """Return the titles of the residual and of the plain network, by name."""
    return {name: get_network(name).title for name in NETWORKS}


@dataclass(frozen=True)
class GradientFlowControls:
    """The part, and what each part is told."""

    part: Part = choice(Part, "Part", titles=PARTS)
    function: Activation = choice(
        Activation,
        "Activation function",
        titles=ACTIVATIONS,
        default=Activation.RELU,
        look="list",
    )
    initialization: Initialization = choice(
        Initialization,
        "Initialization",
        titles=INITIALIZATIONS,
        default=Initialization.XAVIER,
        look="list",
    )
    norm: Norm = choice(Norm, "Normalization", titles=NORMS)
    blocks: int = number("Blocks", 1, MAX_BLOCKS, default=25)
    w1: float = number("w₁", -4.0, 4.0, default=1.0, step=0.1)
    w2: float = number("w₂", -4.0, 4.0, default=1.0, step=0.1)
    w3: float = number("w₃", -4.0, 4.0, default=1.0, step=0.1)
    w4: float = number("w₄", -4.0, 4.0, default=1.0, step=0.1)
    bias: float = number("b of each", -4.0, 4.0, default=0.0, step=0.1)
    neuron: Activation = choice(
        Activation, "f", titles=ACTIVATIONS, default=Activation.SIGMOID, look="list"
    )
    slope: float = number("∂F/∂x", -1.0, 1.0, default=0.1, step=0.05)
    added: str = choice(IDENTITIES, "Block", look="list", default="conv3.b")
    inserted: int = number("Zero blocks a stage", 0, 10, default=2)
    dropping: Dropping = choice(Dropping, "Switches", titles=DROPPINGS, look="list")
    rate: float = number("Drop rate", 0.0, 0.9, default=0.5, step=0.05)
    off: tuple[str, ...] = several(BLOCKS, "Blocks off", most=len(BLOCKS), default=("conv4.c",))
    surface: str = choice(NETWORKS, "Surface", titles=lambda _: title_networks())


Page = PageState[GradientFlowControls]
