"""What a visitor chooses on “Shape against texture”."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cnnviz.errors import CNNVizError
from cnnviz.images.corruptions import CUES, Corruption
from cnnviz.networks.graph.layer_names import title_layers
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.runnable import list_runnable, reads_colors
from cnnviz.shape_texture.bias import Naming, Rule
from cnnviz.shape_texture.patchwork import PatchworkOptions
from cnnviz.shape_texture.style import choose_style, list_style_layers
from cnnviz.shape_texture.trials import Making
from cnnviz.web.controls.corruption import corruption, name_fields
from cnnviz.web.controls.image import image
from cnnviz.web.controls.kinds import choice, flag, number, several
from cnnviz.web.controls.sets import load_networks, networks
from cnnviz.web.state import PageState

IN_TURN = "in turn"
FIRST_SHAPE, FIRST_TEXTURE = "cat", "coffee"
_JUDGES = ("alexnet64", "googlenet64", "vgg64", "resnet64")
# VGG's textures are the finest, as in the paper.
_MAKERS = ("vgg64", "resnet64", "alexnet64")
_WEIGHTS = ("0.01", "0.03", "0.1", "0.3", "1", "3", "10", "30", "100")
_AXES = sorted(CUES, key=lambda one: one is not Corruption.SHUFFLE)
DISTORTIONS = name_fields(CUES)


class View(StrEnum):
    """What the page shows."""

    CONFLICT = "Cue conflict"
    BIAS = "Shape bias"
    DISTORT = "Distortions"


class Method(StrEnum):
    """How a cue conflict is made."""

    STYLE = "style transfer"
    PATCHES = "patches"


def _list_makers(at: Any) -> dict[str, str]:
    makers = {one.name: one.title for one in list_runnable() if reads_colors(one)}
    return ({IN_TURN: "each network in turn"} if at.show is View.BIAS else {}) | makers


def _find_first_maker(at: Any) -> str:
    makers = _list_makers(at)
    return next(name for name in (IN_TURN, *_MAKERS, *makers) if name in makers)


def _find_style(at: Any) -> tuple[dict[str, str], tuple[str, ...], str]:
    """Titles of the layers of the network that makes conflicts, and the usual ones for both."""
    with suppress(CNNVizError):  # told where the network is loaded to be used
        if at.maker != IN_TURN:
            graph = load_model(at.maker).graph
            usual = choose_style(graph)
            return title_layers(list_style_layers(graph)), usual.style, usual.content
    return {IN_TURN: IN_TURN}, (), IN_TURN


def _find_texture(at: Any) -> str:
    return FIRST_SHAPE if at.bench.values.image == FIRST_TEXTURE else FIRST_TEXTURE


@dataclass(frozen=True)
class TextureControls:
    """The view, the networks that judge, and how conflicts and distortions are made."""

    show: View = choice(View, "View")
    networks: tuple[str, ...] = networks(most=8, accepts=reads_colors, first=_JUDGES)
    texture: str = image("Texture image", default=_find_texture)
    method: Method = choice(Method, "Method", look="list")
    maker: str = choice(
        _list_makers, "Features of", default=_find_first_maker, look="list", follows=("show",)
    )
    weight: str = choice(_WEIGHTS, "Style weight", default="3", look="slider")
    steps: int = number("Steps", 20, 200, step=20, default=60)
    noise: bool = flag("Start from noise")
    style: tuple[str, ...] = several(
        lambda at: _find_style(at)[0],
        "Style layers",
        most=16,
        default=lambda at: _find_style(at)[1],
        follows=("maker",),
    )
    content: str = choice(
        lambda at: _find_style(at)[0],
        "Content layer",
        default=lambda at: _find_style(at)[2],
        look="list",
        follows=("maker",),
    )
    patch: int = number("Patch size, %", 5, 50, step=5, default=15)
    outline: int = number("Edges, %", 0, 100, step=10, default=50)
    seed: int = number("Seed", 0, 999, look="box")
    ground: bool = flag("Keep background")
    pairs: int = number("Pairs", 8, 96, step=8, default=16)
    rule: Rule = choice(Rule, "Decision", look="list")
    naming: Naming = choice(Naming, "Images", default=Naming.OWN, look="list")
    silhouette: int = corruption(Corruption.SILHOUETTE)
    edges: int = corruption(Corruption.EDGES)
    gray: int = corruption(Corruption.GRAY)
    shuffle: int = corruption(Corruption.SHUFFLE)
    blur: int = corruption(Corruption.BLUR)
    high_pass: int = corruption(Corruption.HIGH_PASS)
    follow: Corruption = choice(_AXES, "Distortion on the x-axis")


Page = PageState[TextureControls]


def find_making(values: TextureControls, judges: Sequence[LoadedModel]) -> Making | None:
    """Return how conflicts are made; None where the network for it cannot be loaded."""
    patches = PatchworkOptions(
        side=values.patch, edges=values.outline, ground=values.ground, seed=values.seed
    )
    if values.method is Method.PATCHES:
        return Making((), patches)
    how: dict[str, Any] = {"weight": float(values.weight), "steps": values.steps}
    how["from_noise"] = values.noise
    if values.maker == IN_TURN:
        makers = tuple(judges)
    else:
        makers = load_networks([values.maker])
        how["content"] = values.content
        if values.style:
            how["style"] = values.style
    styled = tuple((one, replace(choose_style(one.graph), **how)) for one in makers)
    return Making(styled, patches) if styled else None
