"""What a network is sent of a camera's frame, and what it makes of it, packed for the browser."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from torch import Tensor

from cnnviz.activations.strongest_maps import StrongestMaps
from cnnviz.camera import Sight
from cnnviz.figures.attribution import pack_image, pack_map
from cnnviz.figures.format import format_count
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.open_set import describe_fit
from cnnviz.networks.zoo.registry import Preprocessing

_GUESSES = 5
# For a network that looks for ink, say, in all of the frame.
_PLAIN_SIDE = 224


@dataclass(frozen=True, slots=True)
class FrameSize:
    """What of a camera's frame a network is sent, in pixels.

    Attributes:
        side: Of the square from the frame's middle.
        rows: Of what the network sees, in the middle of the square.
        columns: Of the same part.
        is_seen: Whether the network sees that part as it is; else its view is made anew from it,
            such as a digit's ink.
    """

    side: int
    rows: int
    columns: int
    is_seen: bool = True


@lru_cache(maxsize=128)
def find_frame_size(preprocessing: Preprocessing) -> FrameSize:
    """Find the smallest square of a frame that a network's preparation does not have to enlarge."""
    _, rows, columns = preprocessing.shape
    side = max(preprocessing.frame(np.zeros((rows, columns, 3), dtype=np.uint8)).shape)
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    top, left = round((side - rows) / 2), round((side - columns) / 2)
    part = noise[top : top + rows, left : left + columns]
    seen = preprocessing.view(preprocessing.prepare(noise))
    if seen.shape == part.shape and np.abs(seen.astype(int) - part).max() <= 1:
        return FrameSize(side, rows=rows, columns=columns)
    side = max(side, _PLAIN_SIDE)
    return FrameSize(side, rows=side, columns=side, is_seen=False)


def pack_sight(model: LoadedModel, sight: Sight, *, x: Tensor, fault: str | None) -> dict[str, Any]:
    """Pack what a network makes of a frame.

    Args:
        model: The network.
        sight: What it makes of it.
        x: The frame as its input, (1, C, H, W).
        fault: What it misses on the frame, such as ink; None for nothing.
    """
    preprocessing = model.spec.preprocessing
    names, said = title_classes(model.spec.classes), sight.prediction
    is_seen = find_frame_size(preprocessing).is_seen
    return {
        "network": model.spec.name,
        "guesses": [
            {"name": names[index], "probability": float(said.probabilities[index])}
            for index in ([] if fault else said.ranking[:_GUESSES])
        ],
        "maps": None if sight.maps is None else _pack_maps(sight.maps),
        "cam": None if sight.cam is None or fault else _pack_cam(sight.cam),
        "view": None if is_seen else pack_image(preprocessing.view(x)),
        "note": fault or _describe_fit(model, sight),
    }


def _pack_maps(maps: StrongestMaps) -> dict[str, Any]:
    _, rows, columns = maps.values.shape
    return {
        "channels": maps.channels,
        "rows": rows,
        "columns": columns,
        "scale": maps.scale,
        "values": maps.values,
    }


def _pack_cam(cam: Tensor) -> dict[str, Any]:
    packed = pack_map(cam, name="", note="", label="", signed=False)
    return {name: packed[name] for name in ("rows", "columns", "scale", "limit", "values")}


def _describe_fit(model: LoadedModel, sight: Sight) -> str:
    fit = describe_fit(model, sight.prediction)
    if fit is None or not fit.none_may_fit:
        return ""
    return f"None of its {format_count(fit.classes)} classes may fit."
