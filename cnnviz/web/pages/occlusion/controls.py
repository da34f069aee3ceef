"""What a visitor chooses on the occlusion page, and the result that it asks for."""

from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from cnnviz.attribution.cam_layers import list_cam_layers
from cnnviz.attribution.occlusion.cover import (
    Occlusion,
    OcclusionOptions,
    list_starts,
)
from cnnviz.attribution.occlusion.fills import Fill
from cnnviz.attribution.occlusion.strongest import StrongestMap
from cnnviz.cached import get_input
from cnnviz.heavy import HeavyResult
from cnnviz.networks.graph.layer_names import title_layers
from cnnviz.networks.graph.layers import Layer
from cnnviz.runs.occlusion import follow_map, refine_map
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.state import PageState

_MAX_ACROSS = 32
_SMALL = 96


def _find_side(at: Any) -> int:
    return int(min(at.bench.model.spec.preprocessing.shape[1:]))


def _find_size(at: Any) -> int:
    """A fourth of a small image, whose object fills the frame; a seventh of a large one."""
    side = _find_side(at)
    return side // (4 if side <= _SMALL else 7)


def _find_least_stride(at: Any) -> int:
    return int(max(1, ceil((_find_side(at) - at.size) / (_MAX_ACROSS - 1))))


def _find_stride(at: Any) -> int:
    return int(at.size // (4 if _find_side(at) <= _SMALL else 2))


def _count_positions(at: Any) -> tuple[int, int]:
    height, width = at.bench.model.spec.preprocessing.shape[1:]
    window = {"patch": at.size, "stride": at.stride}
    return len(list_starts(height, **window)), len(list_starts(width, **window))


def _list_layers(at: Any) -> list[Layer]:
    """The layers with maps of several cells, of a block only the last one where that is known."""
    graph = at.bench.model.graph
    names = list_cam_layers(at.bench.model)
    layers = [one for one in graph.layers if one.name in names]
    return layers or [one for one in graph.layers if one.is_spatial] or list(graph.layers)


@dataclass(frozen=True)
class OcclusionControls:
    """The square that covers the image, and which of its positions is looked at."""

    size: int = number(
        "Patch size",
        lambda at: max(1, _find_side(at) // 16),
        lambda at: _find_side(at) // 2,
        default=_find_size,
        follows=("network",),
    )
    stride: int = number(
        "Stride",
        _find_least_stride,
        lambda at: at.size,
        default=_find_stride,
        follows=("network", "size"),
    )
    fill: Fill = choice(Fill, "Fill", look="list")
    layer: str = choice(
        lambda at: title_layers(_list_layers(at)),
        "Layer of the strongest map",
        default=lambda at: _list_layers(at)[-1].name,
        look="list",
        follows=("network",),
    )
    square: tuple[int, int] | None = inside.cell(
        "Position", size=_count_positions, follows=("size", "stride", "image")
    )


Page = PageState[OcclusionControls]


def declare_strongest_map(page: Page, occlusion: Occlusion) -> HeavyResult[StrongestMap]:
    """Declare the layer's strongest map at the positions of an occlusion."""
    bench, layer = page.at.bench, page.values.layer
    x = get_input(bench.network, bench.image)
    return HeavyResult(
        key=f"strongest map {bench.network} {bench.image.digest} {occlusion.options} {layer}",
        title="Strongest map",
        run=partial(follow_map, bench.model, x, occlusion, layer),
        seconds=300,
    )


def declare_occlusion(page: Page) -> HeavyResult[Occlusion]:
    """Declare the occlusion of the workbench's image."""
    bench, values = page.at.bench, page.values
    x = get_input(bench.network, bench.image)
    options = OcclusionOptions(patch=values.size, stride=values.stride, fill=values.fill)
    return HeavyResult(
        key=f"occlusion {bench.network} {bench.image.digest} {options}",
        title="Occlusion map",
        run=refine_map(bench.model, x, options),
        seconds=300,
    )
