"""Which layer's activations are normalized, over which axes, and how training is imitated."""

from dataclasses import dataclass
from typing import Any

from cnnviz.labs.normalization import Normalization, list_groups
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.web.controls.inside import channel, layer
from cnnviz.web.controls.kinds import choice, number

MAX_BATCH = 8
_TITLES = {
    Normalization.BATCH: "Batch",
    Normalization.LAYER: "Layer",
    Normalization.INSTANCE: "Instance",
    Normalization.GROUP: "Group",
}
_KINDS = (LayerKind.CONVOLUTION, LayerKind.LINEAR)
RATES = ("0.003", "0.01", "0.03", "0.1", "0.3", "1")


def _list_groups(at: Any) -> list[str]:
    return [str(one) for one in list_groups(int(at.bench.model.graph.find(at.layer).shape[0]))]


def _choose_groups(at: Any) -> str:
    """Wu and He's 32 groups where that is possible, else the nearest number below."""
    return next(one for one in reversed(_list_groups(at)) if int(one) <= 32)


@dataclass(frozen=True)
class NormalizationControls:
    """The batch, the layer, the axes, the scale and shift, and the training that is imitated."""

    kind: Normalization = choice(Normalization, "Normalization", titles=_TITLES)
    layer: str = layer(where=lambda one: one.kind in _KINDS)
    batch: int = number("Batch size", 1, MAX_BATCH, default=4)
    item: int = number("Image", 0, lambda at: at.batch - 1, look="box", follows=("batch",))
    channel: int = channel()
    groups: str = choice(
        _list_groups, "Groups", default=_choose_groups, look="slider", follows=("layer",)
    )
    gamma: float = number("γ", 0.0, 3.0, default=1.0, step=0.05)
    beta: float = number("β", -3.0, 3.0, default=0.0, step=0.05)
    momentum: str = choice(("0.01", "0.1", "0.5"), "Momentum", default="0.1")
    rate: str = choice(RATES, "Learning rate", default="0.1", look="slider")
