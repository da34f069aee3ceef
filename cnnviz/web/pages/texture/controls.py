"""What a visitor chooses on “Shape against texture”."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cnnviz.corruptions import CUES, STRENGTHS, Corruption
from cnnviz.errors import CNNVizError
from cnnviz.graph import Layer
from cnnviz.inference import LoadedModel, load_model
from cnnviz.texture.bias import Naming, Rule
from cnnviz.texture.patchwork import PatchworkOptions
from cnnviz.texture.style import StyleOptions, choose_style, list_style_layers
from cnnviz.web.bench import reads_colors
from cnnviz.web.controls.image import image
from cnnviz.web.controls.inside import title_layers
from cnnviz.web.controls.kinds import choice, flag, number, several
from cnnviz.web.controls.sets import load_networks, networks
from cnnviz.web.runnable import PHOTOGRAPH_NETWORKS, list_runnable

MAX_NETWORKS = 8
IN_TURN = "in turn"
FIRST_SHAPE, FIRST_TEXTURE = "cat", "coffee"
_JUDGES = ("alexnet64", "googlenet64", "vgg64", "resnet64")
# VGG's textures are the finest, as in the paper.
_MAKERS = ("vgg64", *PHOTOGRAPH_NETWORKS)
_WEIGHTS = ("0.01", "0.03", "0.1", "0.3", "1", "3", "10", "30", "100")


class View(StrEnum):
    """What the page shows."""

    CONFLICT = "Cue conflict"
    BIAS = "Shape bias"
    DISTORT = "Distortions"


class Method(StrEnum):
    """How a cue conflict is made."""

    STYLE = "style transfer"
    PATCHES = "patches"


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """How cue conflicts are made.

    Attributes:
        makers: The networks whose features are used, one after the other where there are several,
            each with its style transfer; none for patches.
        patches: Of the patches.
    """

    makers: tuple[tuple[LoadedModel, StyleOptions], ...]
    patches: PatchworkOptions

    @property
    def key(self) -> str:
        """All that a cue conflict depends on besides its images, as text."""
        if not self.makers:
            return f"{self.patches}"
        return "+".join(
            f"{maker.spec.name}/{maker.card.sha256}/{style}" for maker, style in self.makers
        )

    @property
    def greyed(self) -> str:
        """Name of the network that made all conflicts; empty where none did."""
        return self.makers[0][0].spec.name if len(self.makers) == 1 else ""


def _list_makers(at: Any) -> dict[str, str]:
    makers = {one.name: one.title for one in list_runnable() if reads_colors(one)}
    return ({IN_TURN: "each network in turn"} if at.show is View.BIAS else {}) | makers


def _find_first_maker(at: Any) -> str:
    makers = _list_makers(at)
    return next(name for name in (IN_TURN, *_MAKERS, *makers) if name in makers)


def _find_style(at: Any) -> tuple[Sequence[Layer], StyleOptions | None]:
    """The layers of the network that makes conflicts, and the usual ones; none in turn."""
    if at.maker == IN_TURN:
        return (), None
    try:
        graph = load_model(at.maker).graph
        return list_style_layers(graph), choose_style(graph)
    except CNNVizError:  # told where the network is loaded to be used
        return (), None


def _list_layers(at: Any) -> list[str]:
    return [one.name for one in _find_style(at)[0]] or [IN_TURN]


def _title_layers(at: Any) -> dict[str, str]:
    return title_layers(_find_style(at)[0])


def _find_style_layers(at: Any) -> tuple[str, ...]:
    usual = _find_style(at)[1]
    return () if usual is None else usual.style


def _find_content_layer(at: Any) -> str:
    usual = _find_style(at)[1]
    return IN_TURN if usual is None else usual.content


def _find_texture(at: Any) -> str:
    return FIRST_SHAPE if at.bench.values.image == FIRST_TEXTURE else FIRST_TEXTURE


def distortion(corruption: Corruption) -> int:
    """Declare the strength of a distortion."""
    found = STRENGTHS[corruption]
    least = find_least(corruption)
    value: int = number(
        str(corruption), least, found.most, step=found.step, help=f"Measured in {found.unit}."
    )
    return value


def find_least(corruption: Corruption) -> int:
    """Return the strength that changes nothing: one patch is the whole image."""
    return 1 if corruption is Corruption.SHUFFLE else 0


@dataclass(frozen=True)
class TextureControls:
    """The view, the networks that judge, and how conflicts and distortions are made."""

    show: View = choice(View, "View")
    networks: tuple[str, ...] = networks(most=MAX_NETWORKS, accepts=reads_colors, first=_JUDGES)
    texture: str = image("Texture image", default=_find_texture)
    method: Method = choice(Method, "Method", look="list")
    maker: str = choice(
        lambda at: list(_list_makers(at)),
        "Features of",
        titles=_list_makers,
        default=_find_first_maker,
        look="list",
        follows=("show",),
    )
    weight: str = choice(
        _WEIGHTS,
        "Style weight",
        default="3",
        look="slider",
        help="w in the formula: the weight of the style loss against the content loss.",
    )
    steps: int = number("Steps", 20, 200, step=20, default=60)
    noise: bool = flag("Start from noise")
    style: tuple[str, ...] = several(
        _list_layers,
        "Style layers",
        most=16,
        titles=_title_layers,
        default=_find_style_layers,
        follows=("maker",),
        help="Their Gram matrices are matched. Without any, the usual ones are.",
    )
    content: str = choice(
        _list_layers,
        "Content layer",
        titles=_title_layers,
        default=_find_content_layer,
        look="list",
        follows=("maker",),
        help="Its maps are kept.",
    )
    patch: int = number("Patch size, %", 5, 50, step=5, default=15, help="Of the image's side.")
    outline: int = number("Edges, %", 0, 100, step=10, default=50)
    seed: int = number("Seed", 0, 999, look="box")
    ground: bool = flag("Keep background")
    pairs: int = number("Pairs", 8, 96, step=8, default=16, help="At most so many are made.")
    rule: Rule = choice(Rule, "Decision", look="list")
    naming: Naming = choice(Naming, "Images", default=Naming.OWN, look="list")
    silhouette: int = distortion(Corruption.SILHOUETTE)
    edges: int = distortion(Corruption.EDGES)
    grey: int = distortion(Corruption.GREY)
    shuffle: int = distortion(Corruption.SHUFFLE)
    blur: int = distortion(Corruption.BLUR)
    high_pass: int = distortion(Corruption.HIGH_PASS)
    follow: Corruption = choice(
        sorted(CUES, key=lambda one: one is not Corruption.SHUFFLE), "Distortion on the x-axis"
    )


DISTORTIONS = {one.name.lower(): one for one in CUES}


def find_strengths(values: TextureControls) -> dict[Corruption, float]:
    """Return the strengths that change anything."""
    found = {corruption: getattr(values, name) for name, corruption in DISTORTIONS.items()}
    return {one: value for one, value in found.items() if value > find_least(one)}


def find_making(values: TextureControls, judges: Sequence[LoadedModel]) -> Making | None:
    """Return how conflicts are made; None where the network for it cannot be loaded."""
    patches = PatchworkOptions(
        side=values.patch, edges=values.outline, ground=values.ground, seed=values.seed
    )
    if values.method is Method.PATCHES:
        return Making((), patches)
    in_turn = values.maker == IN_TURN
    makers = tuple(judges) if in_turn else load_networks([values.maker])
    styles = [choose_style(maker.graph) for maker in makers]
    if not in_turn and makers:
        layers = values.style or styles[0].style
        styles = [replace(styles[0], style=layers, content=values.content)]
    styles = [
        replace(one, weight=float(values.weight), steps=values.steps, from_noise=values.noise)
        for one in styles
    ]
    return Making(tuple(zip(makers, styles, strict=True)), patches) if makers else None
