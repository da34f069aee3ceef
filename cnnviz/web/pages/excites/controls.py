"""What a visitor chooses on the page about feature visualization."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from cnnviz.graph import Layer, LayerKind
from cnnviz.synthesis.canvas import Parametrization
from cnnviz.synthesis.dream import DreamSettings, list_dream_layers
from cnnviz.synthesis.regularizers import PRESETS, Preset, Settings
from cnnviz.synthesis.targets import Target, TargetKind, target_class
from cnnviz.synthesis.transfer_score import Counted
from cnnviz.web.caches import get_facts, get_reading
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number
from cnnviz.web.state import PageState

_SEEN = 0.8  # of the input, at most, by a cell of the first layer shown: parts, not whole objects
_OLAH = PRESETS[Preset.OLAH]


class View(StrEnum):
    """What the page shows."""

    TARGET = "Optimization"
    DEPTH = "Layer by layer"
    ACROSS = "Across networks"
    DREAM = "DeepDream"
    PATCHES = "Top patches"


def _has_channels(layer: Layer) -> bool:
    return layer.name != "input" and len(layer.shape) in (1, 3)


def find_part_layer(at: Any) -> str:
    """Return the convolution with the largest receptive field of at most 4/5 of the input."""
    model = at.bench.model
    most = _SEEN * model.spec.preprocessing.shape[1]
    fields = {
        name: facts.field.size[0]
        for name, facts in get_facts(model.spec.name).items()
        if facts.layer.kind is LayerKind.CONVOLUTION
        and facts.field is not None
        and facts.field.size[0] <= most
    }
    last = next(one.name for one in reversed(model.graph.layers) if _has_channels(one))
    return max(fields, key=lambda name: fields[name], default=last)


def _count_cells(axis: int) -> Any:
    def count(at: Any) -> int:
        layer = at.bench.model.graph.find(at.layer)
        return int(layer.shape[axis]) if layer.is_spatial else 1

    return count


def _cell(label: str, axis: int) -> Any:
    """A row (axis 1) or column (axis 2) of the layer, the middle one at first."""
    count = _count_cells(axis)
    return number(
        label,
        0,
        lambda at: count(at) - 1,
        default=lambda at: count(at) // 2,
        look="box",
        follows=("network", "layer"),
    )


def _list_dream_layers(at: Any) -> list[str]:
    return [layer.name for layer in list_dream_layers(at.bench.model.graph)]


def _find_dream_layer(at: Any) -> str:
    names = _list_dream_layers(at)
    return names[len(names) * 3 // 5]


@dataclass(frozen=True)
class ExcitesControls:
    """The view, what is to be excited, the regularisers, and the views' own settings."""

    view: View = choice(View, "View")
    objective: TargetKind = choice(
        [TargetKind.PROBABILITY, TargetKind.LOGIT, *list(TargetKind)[2:]], "Objective", look="list"
    )
    negative: bool = flag("Minimize", help="The image that excites it the least.")
    layer: str = inside.layer(default=find_part_layer, where=_has_channels)
    channel: int = inside.channel()
    row: int = _cell("Row", 1)
    column: int = _cell("Column", 2)
    parametrization: Parametrization = choice(
        Parametrization,
        "Parametrization",
        default=_OLAH.parametrization,
        help="What gradient ascent changes: pixels, or the image's frequencies.",
    )
    decorrelate: bool = flag(
        "Decorrelated colors",
        default=_OLAH.decorrelate,
        help="In the basis in which the colors of photographs are not correlated.",
    )
    step_size: float = number("Step size", 0.01, 0.2, step=0.01, default=_OLAH.step_size)
    decay: float = number(
        "L2 decay", 0.0, 0.2, step=0.01, help="Share of the image that each step takes away."
    )
    blur: float = number(
        "Gaussian blur",
        0.0,
        2.0,
        step=0.1,
        help="Standard deviation in pixels, every fourth step.",
    )
    clip_small: float = number(
        "Clip small pixels", 0.0, 0.9, step=0.05, help="Share of the faintest, set to gray."
    )
    clip_contribution: float = number(
        "Clip contributions",
        0.0,
        0.9,
        step=0.05,
        help="Share of the pixels that matter least to the score, set to gray.",
    )
    jitter: int = number(
        "Jitter", 0, 16, default=_OLAH.jitter, help="Random shift before each step, in pixels."
    )
    rotate: float = number(
        "Rotation",
        0.0,
        45.0,
        step=1.0,
        default=_OLAH.rotate,
        pattern="%.0f",
        help="Random rotation before each step, in degrees.",
    )
    scale: float = number(
        "Scaling",
        0.0,
        0.5,
        step=0.05,
        default=_OLAH.scale,
        help="Random enlargement or reduction before each step.",
    )
    settle: int = number(
        "Final steps",
        0,
        64,
        step=8,
        default=_OLAH.settle,
        help="Last steps without jitter, rotation and scaling.",
    )
    steps: int = number("Steps", 32, 256, step=32, default=128)
    count: str = choice(["1", "4", "9"], "Images")
    diversity: float = number(
        "Diversity",
        0.0,
        2.0,
        step=0.1,
        default=0.5,
        help="Weight of the images' likeness (of their Gram matrices), which lowers the score.",
    )
    seed: int = number("Seed", 0, 999, look="box")
    counted: Counted = choice(Counted, "Criterion")
    dream_layer: str = choice(
        _list_dream_layers,
        "Layer",
        titles=lambda at: inside.title_layers(list_dream_layers(at.bench.model.graph)),
        default=_find_dream_layer,
        look="list",
        follows=("network",),
    )
    side: int = number("Longer side", 96, 320, step=32, default=224, help="In pixels.")
    octaves: int = number("Octaves", 1, 5, default=3)
    dream_steps: int = number("Steps per octave", 4, 32, step=4, default=12)
    dream_rate: float = number(
        "Mean change", 0.5, 5.0, step=0.5, default=2.0, help="Of a pixel in a step, of 255."
    )


Page = PageState[ExcitesControls]
CLASS_KINDS = (TargetKind.PROBABILITY, TargetKind.LOGIT)


def find_target(page: Page) -> Target | None:
    """Return what is to be excited; None for a direction without an image."""
    values, bench, kind = page.values, page.at.bench, page.values.objective
    if kind in CLASS_KINDS:
        return target_class(
            bench.model.graph,
            bench.target,
            probability=kind is TargetKind.PROBABILITY,
            negative=values.negative,
        )
    direction = None
    if kind is TargetKind.DIRECTION:
        if bench.image is None:
            return None
        reading = get_reading(bench.network, bench.image, values.layer)
        direction = reading.statistics.channel_mean
    is_cell = kind is TargetKind.NEURON and bench.model.graph.find(values.layer).is_spatial
    return Target(
        kind=kind,
        layer=values.layer,
        channel=values.channel,
        place=(values.row, values.column) if is_cell else None,
        direction=direction,
        negative=values.negative,
    )


def list_settings(settings: Settings) -> dict[str, Any]:
    """Return settings as the fields of the page that hold them."""
    return {name: value for name, value in asdict(settings).items() if name != "blur_every"}


def read_settings(values: ExcitesControls) -> Settings:
    """Return the regularisers that the fields say."""
    return Settings(**{name: getattr(values, name) for name in list_settings(_OLAH)})


def read_dream_settings(values: ExcitesControls) -> DreamSettings:
    """Return how a dream is made."""
    return DreamSettings(
        side=values.side,
        octaves=values.octaves,
        steps=values.dream_steps,
        rate=round(values.dream_rate / 255, 5),
    )
