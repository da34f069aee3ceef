"""What a visitor chooses on the attribution page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.attribution.methods import Baseline, Method, list_cam_layers
from cnnviz.attribution.preparation import Mistake, list_mistakes
from cnnviz.attribution.randomization import list_weighted
from cnnviz.inference import LoadedModel
from cnnviz.web.components.overlay.overlay import Look
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number, several
from cnnviz.web.pages.attribution.maps import get_pair

FIRST_METHODS = (Method.GRAD_CAM, Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM)
STEPS = (6, 12, 25, 50, 100, 200, 400)
ENOUGH = "to 1 %"
MAX_STAGES = 12
_NO_LAYER = "none"


class Row(StrEnum):
    """A row of the figure: the class of the workbench, or the second one."""

    FIRST = "first"
    SECOND = "second"


class Evidence(StrEnum):
    """Which values of the maps are drawn."""

    POSITIVE = "positive"
    SIGNED = "signed"


class Values(StrEnum):
    """What the sanity check compares."""

    SIGNED = "signed values"
    ABSOLUTE = "magnitudes"


class Removed(StrEnum):
    """What stands for a deleted pixel."""

    BLUR = "blurred"
    BLACK = "black"
    MEAN = "mean color"

    @property
    def baseline(self) -> Baseline:
        """The same in the backend's terms."""
        return {
            Removed.BLUR: Baseline.BLUR,
            Removed.BLACK: Baseline.BLACK,
            Removed.MEAN: Baseline.MEAN,
        }[self]


class Section(StrEnum):
    """What stands below the figure; only the chosen one is computed."""

    STEPS = "Step by step"
    MISTAKES = "Preprocessing mistakes"
    SANITY = "Sanity check"
    FAITHFULNESS = "Faithfulness"


def list_layers(model: LoadedModel) -> list[str]:
    """List the layers that Grad-CAM is offered for, from the first to the last.

    Behind those that it can use stands the first with maps of one cell, where there is one: it
    shows what “too late” means.
    """
    names = list(list_cam_layers(model))
    if not names:
        return [_NO_LAYER]
    order = [layer.name for layer in model.graph.layers]
    later = model.graph.layers[order.index(names[-1]) :]
    late = next((layer.name for layer in later if layer.shape[1:] == (1, 1)), None)
    return names if late is None or late in names else [*names, late]


def _title_layers(at: Any) -> dict[str, str]:
    model: LoadedModel = at.bench.model
    names = list_layers(model)
    return inside.title_layers([one for one in model.graph.layers if one.name in names])


def _find_last_layer(at: Any) -> str:
    return (list_cam_layers(at.bench.model) or (_NO_LAYER,))[-1]


def _find_second(at: Any) -> int:
    """A class that is seen elsewhere in the image than the first one."""
    if at.bench.image is None:
        return 0
    first, second = get_pair(at.bench.network, at.bench.image)
    return second if at.bench.target == first else first


def count_stages(model: LoadedModel) -> int:
    """Return how many stages the sanity check has after the trained network."""
    return min(MAX_STAGES, len(list_weighted(model.graph)))


@dataclass(frozen=True)
class AttributionControls:
    """The second class, the methods, how maps are drawn, and what stands below them."""

    second: int = inside.target_class("Second class", default=_find_second, follows=("image",))
    methods: tuple[Method, ...] = several(
        Method, "Methods", most=len(Method), default=FIRST_METHODS
    )
    layer: str = choice(
        lambda at: list_layers(at.bench.model),
        "Grad-CAM layer",
        titles=_title_layers,
        default=_find_last_layer,
        look="slider",
        follows=("network",),
        help="From the first layer to the last one with maps. Grad-CAM and its kin read it.",
    )
    evidence: Evidence = choice(Evidence, "Evidence", help="For the class, or also against it.")
    opacity: int = number("Opacity, %", 0, 100, step=5, default=90)
    raw: bool = flag("Raw maps", help="The map alone, cell by cell.")
    section: Section = choice(Section, "Analysis")
    method: Method = choice(Method, "Method", look="list", default=Method.GRAD_CAM)
    row: Row = choice(Row, "Class")
    steps: str = choice([*map(str, STEPS), ENOUGH], "Steps", look="slider", default=ENOUGH)
    mistake: Mistake = choice(
        lambda at: list_mistakes(at.bench.model.spec.preprocessing),
        "Mistake",
        default=Mistake.DECIMAL,
        look="list",
    )
    depth: int = number(
        "Randomized stages",
        0,
        lambda at: count_stages(at.bench.model),
        default=1,
        follows=("network",),
        help="From the logits down; 0 is the trained network.",
    )
    compare: Values = choice(Values, "Compare")
    removed: Removed = choice(Removed, "Deleted pixels become")


def find_layer(values: AttributionControls) -> str | None:
    """Return the layer that Grad-CAM reads; None where the network has none for it."""
    return None if values.layer == _NO_LAYER else values.layer


def find_methods(values: AttributionControls) -> tuple[Method, ...]:
    """Return the methods in the order of their list, so that the columns keep their places."""
    chosen = values.methods or (Method.GRAD_CAM,)
    return tuple(method for method in Method if method in chosen)


def find_look(values: AttributionControls) -> Look:
    """Return how maps are drawn."""
    return Look(
        opacity=values.opacity / 100, signed=values.evidence is Evidence.SIGNED, raw=values.raw
    )
