"""What a visitor chooses on the page about feature visualization."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from cnnviz.cached import get_reading
from cnnviz.feature_visualization.canvas import Parametrization
from cnnviz.feature_visualization.dream import DreamSettings, list_dream_layers
from cnnviz.feature_visualization.regularizers import PRESETS, Preset, Settings
from cnnviz.feature_visualization.targets import Target, TargetKind, target_class
from cnnviz.feature_visualization.transfer_score import Counted
from cnnviz.networks.graph.layer_facts import find_part_layer
from cnnviz.networks.graph.layer_names import title_layers
from cnnviz.networks.graph.layers import Layer
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number
from cnnviz.web.state import PageState

_SEEN = 0.8  # of the input, at most, by a cell of the first layer shown: parts, not whole objects
_OLAH = PRESETS[Preset.OLAH]
_OBJECTIVES = [TargetKind.PROBABILITY, TargetKind.LOGIT, *list(TargetKind)[2:]]
CLASS_KINDS = (TargetKind.PROBABILITY, TargetKind.LOGIT)


class View(StrEnum):
    """What the page shows."""

    TARGET = "Optimization"
    DEPTH = "Layer by layer"
    ACROSS = "Across networks"
    DREAM = "DeepDream"
    PATCHES = "Top patches"


def _has_channels(layer: Layer) -> bool:
    return layer.name != "input" and len(layer.shape) in (1, 3)


def _find_first_layer(at: Any) -> str:
    graph = at.bench.model.graph
    found = find_part_layer(graph, share=_SEEN)
    return (found or next(one for one in reversed(graph.layers) if _has_channels(one))).name


def _cell(label: str, axis: int) -> Any:
    """A row (axis 1) or column (axis 2) of the layer, the middle one at first."""

    def find_last(at: Any) -> int:
        layer = at.bench.model.graph.find(at.layer)
        return int(layer.shape[axis]) - 1 if layer.is_spatial else 0

    follows = ("network", "layer")
    middle = lambda at: (find_last(at) + 1) // 2  # noqa: E731
    return number(label, 0, find_last, default=middle, look="box", follows=follows)


def _list_dream_layers(at: Any) -> dict[str, str]:
    graph = at.bench.model.graph
    # A network without maps has no dreams; its layers stand here all the same.
    return title_layers(list_dream_layers(graph) or tuple(filter(_has_channels, graph.layers)))


def _find_dream_layer(at: Any) -> str:
    names = list(_list_dream_layers(at))
    return names[len(names) * 3 // 5]


@dataclass(frozen=True)
class ExcitesControls:
    """The view, what is to be excited, the regularizers, and the views' own settings."""

    view: View = choice(View, "View")
    objective: TargetKind = choice(_OBJECTIVES, "Objective", look="list")
    negative: bool = flag("Minimize")
    layer: str = inside.layer(default=_find_first_layer, where=_has_channels)
    channel: int = inside.channel()
    row: int = _cell("Row", 1)
    column: int = _cell("Column", 2)
    parametrization: Parametrization = choice(
        Parametrization, "Parametrization", default=_OLAH.parametrization
    )
    decorrelate: bool = flag("Decorrelated colors", default=_OLAH.decorrelate)
    step_size: float = number("Step size", 0.01, 0.2, step=0.01, default=_OLAH.step_size)
    decay: float = number("L2 decay", 0.0, 0.2, step=0.01)
    blur: float = number("Gaussian blur", 0.0, 2.0, step=0.1)
    clip_small: float = number("Clip small pixels", 0.0, 0.9, step=0.05)
    clip_contribution: float = number("Clip contributions", 0.0, 0.9, step=0.05)
    jitter: int = number("Jitter", 0, 16, default=_OLAH.jitter)
    rotate: float = number("Rotation", 0.0, 45.0, step=1.0, default=_OLAH.rotate, pattern="%.0f")
    scale: float = number("Scaling", 0.0, 0.5, step=0.05, default=_OLAH.scale)
    settle: int = number("Final steps", 0, 64, step=8, default=_OLAH.settle)
    steps: int = number("Steps", 32, 256, step=32, default=128)
    count: str = choice(["1", "4", "9"], "Images")
    diversity: float = number("Diversity", 0.0, 2.0, step=0.1, default=0.5)
    seed: int = number("Seed", 0, 999, look="box")
    counted: Counted = choice(Counted, "Criterion")
    dream_layer: str = choice(
        _list_dream_layers, "Layer", default=_find_dream_layer, look="list", follows=("network",)
    )
    side: int = number("Longer side", 96, 320, step=32, default=224)
    octaves: int = number("Octaves", 1, 5, default=3)
    dream_steps: int = number("Steps per octave", 4, 32, step=4, default=12)
    dream_rate: float = number("Mean change", 0.5, 5.0, step=0.5, default=2.0)


Page = PageState[ExcitesControls]


def find_target(page: Page) -> Target | None:
    """Return what is to be excited; None for a direction without an image."""
    values, bench, kind = page.values, page.at.bench, page.values.objective
    graph, negative, direction = bench.model.graph, values.negative, None
    if kind in CLASS_KINDS:
        is_probability = kind is TargetKind.PROBABILITY
        return target_class(graph, bench.target, probability=is_probability, negative=negative)
    if kind is TargetKind.DIRECTION:
        if bench.image is None:
            return None
        reading = get_reading(bench.network, bench.image, values.layer)
        direction = reading.statistics.channel_mean
    is_cell = kind is TargetKind.NEURON and graph.find(values.layer).is_spatial
    place = (values.row, values.column) if is_cell else None
    return Target(kind, values.layer, values.channel, place, direction, negative)


def list_settings(settings: Settings) -> dict[str, Any]:
    """Return settings as the fields of the page that hold them."""
    return {name: value for name, value in asdict(settings).items() if name != "blur_every"}


def read_settings(values: ExcitesControls) -> Settings:
    """Return the regularizers that the fields say."""
    return Settings(**{name: getattr(values, name) for name in list_settings(_OLAH)})


def read_dream_settings(values: ExcitesControls) -> DreamSettings:
    """Return how a dream is made."""
    rate = round(values.dream_rate / 255, 5)
    return DreamSettings(values.side, values.octaves, steps=values.dream_steps, rate=rate)
