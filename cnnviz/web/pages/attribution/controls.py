"""What a visitor chooses on the attribution page, and which maps that names."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.attribution.attribute import Method, Tunnel, find_obstacle, takes_tunnel
from cnnviz.attribution.cam_layers import list_cam_layers, list_offered_layers
from cnnviz.attribution.checks.on_image import count_stages, list_checked
from cnnviz.attribution.checks.preparation import Mistake, list_mistakes
from cnnviz.attribution.map_store import MapKey, get_pair, name_map
from cnnviz.attribution.paper_figure import choose_other
from cnnviz.attribution.result import FAMILIES
from cnnviz.networks.graph.layer_names import title_layers
from cnnviz.networks.runnable import list_runnable
from cnnviz.web.components.overlay.overlay import Look
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, flag, number, several
from cnnviz.web.state import PageState

FIRST_METHODS = (Method.GRAD_CAM, Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM)
STEPS = (6, 12, 25, 50, 100, 200, 400)
ENOUGH = "to 1 %"
MAX_METHODS = 8
TITLES = {one: f"{family}: {one}" for family, its in FAMILIES.items() for one in its}
ROWS = ("first", "second")  # of the figure: the class of the workbench, and the second one
NO_LAYER = "none"


class Evidence(StrEnum):
    """Which values of the maps are drawn."""

    POSITIVE = "positive"
    SIGNED = "signed"


class Values(StrEnum):
    """What the sanity check compares."""

    SIGNED = "signed values"
    ABSOLUTE = "magnitudes"


class Removed(StrEnum):
    """What stands for a deleted pixel, by the names of the backend's baselines."""

    BLUR = "blurred"
    BLACK = "black"
    MEAN = "mean color"


class Section(StrEnum):
    """What stands below the figure; only the chosen one is computed."""

    STEPS = "Step by step"
    MISTAKES = "Preprocessing mistakes"
    SANITY = "Sanity check"
    FAITHFULNESS = "Faithfulness"
    AGREEMENT = "Agreement"
    PAPER = "Figure 1"


def _list_layers(at: Any) -> dict[str, str]:
    names = list_offered_layers(at.bench.model)
    layers = [one for one in at.bench.model.graph.layers if one.name in names]
    return title_layers(layers) or {NO_LAYER: NO_LAYER}


def _find_last_layer(at: Any) -> str:
    return (list_cam_layers(at.bench.model) or (NO_LAYER,))[-1]


def _find_removed(at: Any) -> Removed:
    """Black erases ink from a digit; blurred ink is still read."""
    channels = at.bench.model.spec.preprocessing.shape[0]
    return Removed.BLACK if channels == 1 else Removed.BLUR


def _find_second(at: Any) -> int:
    """A class that is seen elsewhere in the image than the first one."""
    if at.bench.image is None:
        return 0
    first, second = get_pair(at.bench.network, at.bench.image)
    return second if at.bench.target == first else first


def _list_others(at: Any) -> dict[str, str]:
    """The networks that can run beside the workbench's, or that one where there is no other."""
    titles = {one.name: one.title for one in list_runnable()}
    return {name: title for name, title in titles.items() if name != at.bench.network} or titles


@dataclass(frozen=True)
class AttributionControls:
    """The second class, the methods, how maps are drawn, and what stands below them."""

    second: int = inside.target_class("Second class", default=_find_second, follows=("image",))
    methods: tuple[Method, ...] = several(
        Method, "Methods", most=MAX_METHODS, default=FIRST_METHODS, titles=TITLES
    )
    layer: str = choice(
        _list_layers,
        "Layer",
        default=_find_last_layer,
        look="slider",
        follows=("network",),
    )
    evidence: Evidence = choice(Evidence, "Evidence")
    opacity: int = number("Opacity, %", 0, 100, step=5, default=90)
    raw: bool = flag("Raw maps")
    section: Section = choice(Section, "Analysis")
    method: Method = choice(Method, "Method", look="list", default=Method.GRAD_CAM, titles=TITLES)
    row: str = choice(ROWS, "Class")
    steps: str = choice([*map(str, STEPS), ENOUGH], "Steps", look="slider", default=ENOUGH)
    tunnel: Tunnel = choice(Tunnel, "Noise tunnel", look="list")
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
    )
    compare: Values = choice(Values, "Compare")
    pair: tuple[Method, ...] = several(
        Method, "Compared methods", most=2, default=(Method.GRAD_CAM, Method.GUIDED_BACKPROP)
    )
    removed: Removed = choice(
        Removed, "Deleted pixels become", default=_find_removed, follows=("network",)
    )
    other: str = choice(
        _list_others,
        "Second network",
        default=lambda at: choose_other(at.bench.model.spec, at.bench.target, _list_others(at)),
        look="list",
        follows=("network",),
    )


Page = PageState[AttributionControls]


def find_layer(page: Page) -> str | None:
    """Return the layer that Grad-CAM reads; None where the network has none for it."""
    return None if page.values.layer == NO_LAYER else page.values.layer


def find_methods(page: Page) -> tuple[Method, ...]:
    """Return the methods in the order of their list, so that the columns keep their places."""
    chosen = page.values.methods or (Method.GRAD_CAM,)
    return tuple(method for method in Method if method in chosen)


def find_check_methods(page: Page) -> tuple[Method, ...]:
    """Return those of the methods that apply to the network and are quick enough for checks."""
    return list_checked(page.at.bench.model, find_methods(page))


def find_targets(page: Page) -> tuple[int, int]:
    """Return the classes of the two rows."""
    return page.at.bench.target, page.values.second


def find_look(page: Page) -> Look:
    """Return how maps are drawn."""
    values = page.values
    return Look(values.opacity / 100, signed=values.evidence is Evidence.SIGNED, raw=values.raw)


def find_tunnel(page: Page) -> Tunnel:
    """Return the noise tunnel around the method of the steps; none where none can be."""
    return page.values.tunnel if takes_tunnel(page.values.method) else Tunnel.NONE


def name_key(page: Page, *, method: Method, target: int, mistake: Mistake = Mistake.NONE) -> MapKey:
    """Name a map of the workbench's image."""
    network, image, layer = page.at.bench.network, page.at.bench.image, find_layer(page)
    return name_map(network, image, method=method, target=target, layer=layer, mistake=mistake)


def list_keys(page: Page, methods: Iterable[Method]) -> list[MapKey]:
    """Name the maps of the workbench's class by those of the methods that apply."""
    bench = page.at.bench
    return [
        name_key(page, method=one, target=bench.target)
        for one in methods
        if not find_obstacle(bench.model, one)
    ]
