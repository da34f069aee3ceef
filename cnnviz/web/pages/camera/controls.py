"""What a visitor chooses on the page of the live camera."""

from dataclasses import dataclass
from typing import Any

from cnnviz.camera import list_map_layers
from cnnviz.networks.graph.layer_names import title_layers
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.web.controls.kinds import choice, flag
from cnnviz.web.state import PageState


def _list_layers(at: Any) -> dict[str, str]:
    graph = at.bench.model.graph
    return title_layers([graph.find(name) for name in list_map_layers(graph)])


def _find_first(at: Any) -> str:
    """The first activation with maps, which shows edges, or the first layer with maps."""
    graph = at.bench.model.graph
    names = list_map_layers(graph)
    activations = (name for name in names if graph.find(name).kind is LayerKind.ACTIVATION)
    return next(activations, names[0])


@dataclass(frozen=True)
class CameraControls:
    """The layer whose maps are shown, and whether a front camera's frames are mirrored."""

    layer: str = choice(
        _list_layers, "Layer", default=_find_first, look="list", follows=("network",)
    )
    mirror: bool = flag("Mirror front camera", default=True)


Page = PageState[CameraControls]
