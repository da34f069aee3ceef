"""Style transfer: an image with one image's content and the other's texture, step by step.

The texture is the Gram matrix of a layer's maps: how the channels go together, wherever in the
image that happens. Each layer's distance is measured against its target's own size, in place of
the paper's 1/(4 N²M²), so that every layer of every network weighs alike.

Source: Gatys, Ecker and Bethge 2016, "Image style transfer using convolutional neural networks",
CVPR, equations 1 to 7.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.activations.read import build_reader, read_activations
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.ascent import maximize
from cnnviz.feature_visualization.pixel_scale import find_pixel_scale, from_pixels, to_pixels
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.images.image import Pixels
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.load import LoadedModel

MAX_STEPS = 200
_STYLE_LAYERS = 5
_MIN_SIDE = 8  # of the maps that a style is read from, where there are such
_EVERY = 4
_TINY = 1e-12
# One pixel of jitter: without it the strides of the first layers leave a chequered pattern.
_SETTINGS = Settings(decorrelate=True, step_size=0.05, jitter=1, settle=8)


@dataclass(frozen=True, slots=True)
class StyleOptions:
    """How a style is transferred.

    Attributes:
        style: Names of the layers whose Gram matrices are matched.
        content: Name of the layer whose maps are kept.
        weight: Of the style against the content, 0 or more: the paper's β/α.
        steps: Of Adam, 1 to 200.
        from_noise: Whether it starts from faint noise, not from the content image.
        seed: Of the noise and of the jitter.
    """

    style: tuple[str, ...]
    content: str
    weight: float = 10.0
    steps: int = 60
    from_noise: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """How far images are from what they are to be.

    Attributes:
        content: ‖F − P‖² / ‖P‖² of the content layer, (N,).
        style: ‖G − A‖² / ‖A‖² of each style layer, (N, L).
    """

    content: Tensor
    style: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class StyleTransfer:
    """A transfer so far.

    Attributes:
        step: Steps done.
        steps: Steps that it takes.
        content: Content loss in each step done, mean over the images.
        style: Style loss in each step done, mean over layers and images.
        pixels: The images, uint8 (N, H, W, 3).
    """

    step: int
    steps: int
    content: tuple[float, ...]
    style: tuple[float, ...]
    pixels: Pixels


def measure_gram(maps: Tensor) -> Tensor:
    """Gram matrices of a layer's maps: the channels' products, averaged over all places.

    Args:
        maps: (N, C, H, W).

    Returns:
        (N, C, C).

    Source: Gatys et al. 2016, equation 3, divided by the number of places.
    """
    flat = maps.flatten(2)  # (N, C, H*W)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def measure_distance(values: Tensor, wanted: Tensor) -> Tensor:
    """Squared distance of values (N, ...) from those wanted, in units of the latter's square."""
    difference = (values - wanted).flatten(1).square().sum(dim=1)
    return difference / wanted.flatten(1).square().sum(dim=1).clamp(min=_TINY)


def list_style_layers(graph: Graph) -> tuple[Layer, ...]:
    """Return the layers of maps that a style may be read from: after a ReLU, or all without one."""
    spatial = [
        layer
        for layer in graph.layers[1:]
        if layer.is_spatial and layer.shape[1] * layer.shape[2] > 1
    ]
    active = [layer for layer in spatial if layer.kind is LayerKind.ACTIVATION]
    return tuple(active or spatial)


def choose_style(graph: Graph) -> StyleOptions:
    """Choose layers for any network: five of them evenly from the first on, as in the paper.

    Raises:
        NetworkError: The network has no maps.
    """
    layers = list_style_layers(graph)
    if not layers:
        raise NetworkError("This network has no maps to read a texture from; choose another.")
    fine = [layer for layer in layers if min(layer.shape[1:]) >= _MIN_SIDE] or list(layers)
    count = min(_STYLE_LAYERS, len(fine))
    places = [round(place * (len(fine) - 1) / max(count - 1, 1)) for place in range(count)]
    content = fine[round(0.6 * (len(fine) - 1))]
    return StyleOptions(style=tuple(fine[place].name for place in places), content=content.name)


class StyleObjective:
    """What a transfer climbs: −(content loss + weight · mean style loss).

    Attributes:
        losses: Of the images that were scored last.
    """

    def __init__(
        self, model: LoadedModel, contents: Tensor, styles: Tensor, options: StyleOptions
    ) -> None:
        layers = (options.content, *options.style)
        self._weight = options.weight
        self._scale = find_pixel_scale(model)
        self._reader = build_reader(model.graph, layers)
        with torch.no_grad():
            self._content: Tensor = self._reader(self._scale.to_input(contents))[0]
            maps = self._reader(self._scale.to_input(styles))[1:]
            self._grams = [measure_gram(one) for one in maps]
        self.losses = Losses(torch.zeros(len(contents)), torch.zeros(len(contents), len(maps)))

    def score(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is climbed, a scalar, and each image's score, (N,), detached."""
        content, *maps = self._reader(self._scale.to_input(shown))
        kept = measure_distance(content, self._content)
        style = torch.stack(
            [
                measure_distance(measure_gram(one), gram)
                for one, gram in zip(maps, self._grams, strict=True)
            ],
            dim=1,
        )  # (N, L)
        self.losses = Losses(content=kept.detach(), style=style.detach())
        scores = -(kept + self._weight * style.mean(dim=1))
        return scores.sum(), scores.detach()


def transfer_style(
    model: LoadedModel, contents: Pixels, styles: Pixels, *, options: StyleOptions
) -> Iterator[StyleTransfer]:
    """Give images the texture of others; tell of every fourth step.

    Args:
        model: The network whose features are used; it is not touched.
        contents: What is to be kept, uint8 (N, H, W, 3), as large as the network's input.
        styles: Whose texture is to be had, of the same shape.
        options: How.

    Raises:
        NetworkError: There is no such layer, or a number is out of range.
    """
    _check(model, contents, styles, options)
    channels = model.spec.preprocessing.shape[0]
    start = from_pixels(contents, channels=channels)
    objective = StyleObjective(model, start, from_pixels(styles, channels=channels), options)
    content: list[float] = []
    style: list[float] = []
    for moment in maximize(
        objective,
        shape=model.spec.preprocessing.shape,
        settings=_SETTINGS,
        steps=options.steps,
        seed=options.seed,
        count=len(contents),
        start=None if options.from_noise else start,
    ):
        if moment.step:
            content.append(float(objective.losses.content.mean()))
            style.append(float(objective.losses.style.mean()))
        if moment.step % _EVERY == 0 or moment.step == options.steps:
            yield StyleTransfer(
                step=moment.step,
                steps=options.steps,
                content=tuple(content),
                style=tuple(style),
                pixels=to_pixels(moment.images),
            )


def _check(model: LoadedModel, contents: Pixels, styles: Pixels, options: StyleOptions) -> None:
    size = model.spec.preprocessing.shape[1:]
    if contents.shape != styles.shape or contents.shape[1:3] != size:
        raise NetworkError(
            f"{model.spec.title} takes images of {size[1]}×{size[0]}; give as many of the one "
            "kind as of the other, in that size."
        )
    if not options.style:
        raise NetworkError("Choose at least one layer whose texture is to be matched.")
    allowed = {layer.name for layer in model.graph.layers[1:] if layer.is_spatial}
    for name in (options.content, *options.style):
        if name not in allowed:
            raise NetworkError(f"“{name}” is no layer of maps; choose another.")
    if not (1 <= options.steps <= MAX_STEPS and 0 <= options.weight < 1e6):
        raise NetworkError(
            f"Give 1 to {MAX_STEPS} steps and a weight from 0 to a million, not "
            f"{options.steps} and {options.weight:g}."
        )


def read_gram(model: LoadedModel, pixels: Pixels, *, layer: str) -> Tensor:
    """Gram matrix of one image, uint8 (H, W, 3) of the input's size, in a layer, (C, C).

    Raises:
        NetworkError: There is no such layer.
    """
    image = from_pixels(pixels[None], channels=model.spec.preprocessing.shape[0])
    x = find_pixel_scale(model).to_input(image)
    return measure_gram(read_activations(model, x, layers=(layer,))[layer])[0]
