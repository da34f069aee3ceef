"""Figure 1 of the Grad-CAM paper: two classes of one image by five ways to explain them.

Source: Selvaraju and others 2017, "Grad-CAM", figure 1: guided backprop, Grad-CAM, guided Grad-CAM,
occlusion, and another network's Grad-CAM.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from cnnviz.attribution.attribute import Attribution, Method, attribute
from cnnviz.attribution.occlusion.cover import Occlusion, OcclusionOptions, refine_occlusion
from cnnviz.errors import AttributionError
from cnnviz.images.image import CheckedImage, Pixels
from cnnviz.networks.class_names import identify_classes
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo import NetworkSpec, get_network

METHODS = (Method.GUIDED_BACKPROP, Method.GRAD_CAM, Method.GUIDED_GRAD_CAM)
_PATCHES, _STRIDES = 7, 14  # patches and strides along a side
_OTHERS = ("efficientnet_lite2", "efficientnet_lite0", "resnet64", "vgg64")
_MAPS_SHARE = 0.2  # of the work, beside the occlusion

Made = Attribution | str


@dataclass(frozen=True, slots=True, eq=False)
class PaperRow:
    """One class.

    Attributes:
        target: Its index.
        maps: By METHODS, as far as they are made; a sentence where there is none.
        other: Grad-CAM of the other network; a sentence where it does not know the class; None
            while it is not made.
    """

    target: int
    maps: tuple[Made, ...] = ()
    other: Made | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PaperFigure:
    """The figure, so far.

    Attributes:
        rows: One a class.
        view: What the network sees, uint8 (H, W) or (H, W, 3).
        other_view: What the other network sees.
        occlusion: Of both classes; None before it is begun.
    """

    rows: tuple[PaperRow, ...]
    view: Pixels
    other_view: Pixels
    occlusion: Occlusion | None = None


def choose_other(spec: NetworkSpec, target: int, names: Iterable[str]) -> str:
    """Choose another network that knows the class, a deep one first.

    Args:
        spec: The network.
        target: Index of its class.
        names: The others; there is one at the least.
    """
    known, identity = list(names), identify_classes(spec)[target]
    wanted = [one for one in _OTHERS if one in known]
    knowing = [one for one in wanted if identity in identify_classes(get_network(one))]
    return next(iter((*knowing, *wanted, *known)))


def make_paper_figure(
    model: LoadedModel,
    other: LoadedModel,
    image: CheckedImage,
    *,
    targets: tuple[int, ...],
    layer: str | None = None,
) -> Iterator[tuple[float, str, PaperFigure]]:
    """Explain classes of an image in five ways, the quick ones first.

    Args:
        model: The network.
        other: The network of the last column.
        image: The image.
        targets: The classes, by the network's own indices.
        layer: What Grad-CAM reads; None for the last layer with maps.

    Yields:
        The share done, what is done, and the figure so far.
    """
    x, x_other = (one.spec.preprocessing.prepare(image.pixels) for one in (model, other))
    figure = PaperFigure(
        rows=tuple(PaperRow(target) for target in targets),
        view=model.spec.preprocessing.view(x),
        other_view=other.spec.preprocessing.view(x_other),
    )
    count, done = len(targets) * (len(METHODS) + 1), 0
    for place, target in enumerate(targets):
        row = figure.rows[place]
        for method in METHODS:
            made = _explain(model, x, method=method, target=target, layer=layer)
            row = replace(row, maps=(*row.maps, made))
            figure, done = _put(figure, place, row), done + 1
            yield _MAPS_SHARE * done / count, str(method), figure
        row = replace(row, other=_explain_other(model, other, x_other, target))
        figure, done = _put(figure, place, row), done + 1
        yield _MAPS_SHARE * done / count, f"Grad-CAM of {other.spec.title}", figure
    side = min(model.spec.preprocessing.shape[1:])
    options = OcclusionOptions(patch=max(1, side // _PATCHES), stride=max(1, side // _STRIDES))
    for share, occlusion in refine_occlusion(model, x, options=options):
        figure = replace(figure, occlusion=occlusion)
        yield _MAPS_SHARE + (1 - _MAPS_SHARE) * share, "occlusion", figure


def find_cost(occlusion: Occlusion, target: int) -> Tensor:
    """Return what covering takes from a class's logit, (R, K); NaN where nothing was covered."""
    return occlusion.clean[target] - occlusion.logits[..., target]


def _put(figure: PaperFigure, place: int, row: PaperRow) -> PaperFigure:
    rows = (*figure.rows[:place], row, *figure.rows[place + 1 :])
    return replace(figure, rows=rows)


def _explain(
    model: LoadedModel, x: Tensor, *, method: Method, target: int, layer: str | None
) -> Made:
    try:
        return attribute(model, x, method=method, target=target, layer=layer)
    except AttributionError as error:
        return str(error)


def _explain_other(model: LoadedModel, other: LoadedModel, x: Tensor, target: int) -> Made:
    """Grad-CAM of the same class, which the other network may have at another place."""
    identity = identify_classes(model.spec)[target]
    identities = identify_classes(other.spec)
    if identity not in identities:
        return f"{other.spec.title} knows no class “{identity}”."
    index = identities.index(identity)
    return _explain(other, x, method=Method.GRAD_CAM, target=index, layer=None)
