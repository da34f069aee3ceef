"""What a visitor chooses on the occlusion page."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from cnnviz.attribution.cam_layers import list_map_layers
from cnnviz.attribution.occlusion.cover import list_starts
from cnnviz.attribution.occlusion.fills import Fill
from cnnviz.networks.graph.layer_names import title_layers
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
        lambda at: title_layers(list_map_layers(at.bench.model)),
        "Layer of the strongest map",
        default=lambda at: list_map_layers(at.bench.model)[-1].name,
        look="list",
        follows=("network",),
    )
    square: tuple[int, int] | None = inside.cell(
        "Position", size=_count_positions, follows=("size", "stride", "image")
    )


Page = PageState[OcclusionControls]
