"""Questions on activations, attribution and occlusion, most with maps of a network."""

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor

from cnnviz.activations.maps import find_strongest
from cnnviz.attribution.attribute import attribute
from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.cam_layers import find_last_maps
from cnnviz.attribution.occlusion.cover import list_starts
from cnnviz.attribution.options import Baseline
from cnnviz.attribution.result import Method, resize_to
from cnnviz.cached import get_input, get_prediction, get_reading
from cnnviz.figures.format import format_shape
from cnnviz.figures.strip import Panel, Strip, pack_ink, pack_signed
from cnnviz.images.image import Pixels
from cnnviz.images.names import list_titles, load_named
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.networks.class_names import identify_classes, write_class
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.runnable import PHOTOGRAPH_NETWORKS, list_runnable
from cnnviz.quizzes.question import (
    LETTERS,
    Draft,
    Generate,
    Picture,
    draft_choice,
    draft_letter,
    draft_number,
)
from cnnviz.showcase.drawing import draw_sample

_PHOTOS = ("cat", "coffee", "rocket", "motorcycle", "palace", "flower")
_SMALL = ("alexnet64", "vgg64")
_DIGITS = "lenet5"
_MAP_SIDE = 96


def find_network() -> str:
    """Return the network that photographs are looked at with first."""
    here = {one.name for one in list_runnable()}
    return next(name for name in PHOTOGRAPH_NETWORKS if name in here)


def name_class(model: LoadedModel, index: int) -> str:
    """Return the plainest word for a class."""
    return write_class(identify_classes(model.spec)[index])


def show_maps(
    panels: Sequence[Panel], label: str, images: tuple[tuple[Pixels, str], ...] = ()
) -> Picture:
    """Make a picture of maps side by side, behind images."""
    return Picture(label, images, maps=Strip(panels, label=label, layout="panels"))


def _pack_letters(maps: Sequence[Tensor]) -> list[Panel]:
    return [_pack(one, letter) for one, letter in zip(maps, LETTERS, strict=False)]


def _pack(values: Tensor, title: str) -> Panel:
    return pack_signed(values.detach()[None, None], title=title, note="")


def _pack_grey(name: str) -> Panel:
    """A photograph as light on the page's ground."""
    seen = load_model("alexnet64").spec.preprocessing
    grey = seen.view(seen.prepare(load_named(name).pixels)).mean(axis=2) / 255
    return _pack(torch.from_numpy(grey - grey.mean()).float(), "image")


def digit_of_map(dice: Random) -> Draft:
    """Which digit an activation map was made from."""
    digits = dice.sample(range(10), 4)
    place, layer = dice.randrange(4), dice.choice(("relu1", "c1"))
    reading = get_reading(_DIGITS, load_named(f"digit-{digits[place]}"), layer)
    channel = find_strongest(reading.statistics)
    fields = [
        pack_ink(draw_sample(digit)[None], title=letter, note="")
        for digit, letter in zip(digits, LETTERS, strict=False)
    ]
    panels = [_pack(torch.from_numpy(reading.values[channel].copy()), "map"), *fields]
    title = load_model(_DIGITS).graph.find(layer).title
    return draft_letter(
        place,
        4,
        picture=show_maps(panels, "An activation map and four digits, A to D."),
        page="activations",
        layer=title,
        channel=channel,
        digit=digits[place],
        values={"network": _DIGITS, "image": f"digit-{digits[place]}", "layer": layer}
        | {"channel": channel},
    )


def layer_of_map(dice: Random) -> Draft:
    """Which layer an activation map is of."""
    network, image = "vgg64", dice.choice(_PHOTOS)
    model = load_model(network)
    by_side = {
        layer.shape[1]: layer
        for layer in model.graph.layers
        if layer.is_spatial and layer.kind.value == "convolution" and layer.shape[1] > 2
    }
    layers = list(by_side.values())[:4]
    layer = dice.choice(layers)
    reading = get_reading(network, load_named(image), layer.name)
    channel = find_strongest(reading.statistics)
    panels = [_pack_grey(image), _pack(torch.from_numpy(reading.values[channel].copy()), "map")]
    told = "; ".join(f"{one.title} {format_shape(one.shape)}" for one in layers)
    return draft_choice(
        dice,
        layer.title,
        (one.title for one in layers if one is not layer),
        picture=show_maps(panels, "An image and one activation map of it."),
        page="activations",
        values={"network": network, "image": image, "layer": layer.name, "channel": channel},
        network=model.spec.title,
        told=told,
    )


def image_of_map(dice: Random) -> Draft:
    """Which photograph a map was made from."""
    network, images = "alexnet64", dice.sample(_PHOTOS, 4)
    place, model = dice.randrange(4), load_model(network)
    layer = next(one for one in model.graph.layers if one.kind.value == "convolution")
    reading = get_reading(network, load_named(images[place]), layer.name)
    channel = find_strongest(reading.statistics)
    shown = model.spec.preprocessing
    photos = tuple(
        (shown.view(shown.prepare(load_named(image).pixels)), letter)
        for image, letter in zip(images, LETTERS, strict=False)
    )
    values = torch.from_numpy(reading.values[channel].copy())
    label = "An activation map and four photographs, A to D."
    return draft_letter(
        place,
        4,
        picture=show_maps([_pack(values, "map")], label, photos),
        page="activations",
        title=list_titles()[images[place]],
        layer=layer.title,
        network=model.spec.title,
        channel=channel,
        values={"network": network, "image": images[place], "layer": layer.name}
        | {"channel": channel},
    )


def _find_map(model: LoadedModel, x: Tensor, method: Method, target: int) -> Tensor:
    return resize_to(attribute(model, x, method=method, target=target), (_MAP_SIDE, _MAP_SIDE))


def class_of_map(dice: Random) -> Draft:
    """Which Grad-CAM map belongs to a class, on an image with two objects."""
    pairs = [one.key for one in list_samples() if one.kind is SampleKind.PAIR]
    pair, name = dice.choice(pairs), find_network()
    model, image = load_model(name), load_named(pair)
    ranking = get_prediction(name, image).ranking
    halves = [get_prediction(name, load_named(key)).ranking[0] for key in pair.split("-and-")]
    targets = [*halves, ranking[-1]]
    order = dice.sample(range(3), 3)
    x = get_input(name, image)
    maps = [_find_map(model, x, Method.GRAD_CAM, targets[each]) for each in order]
    wanted = dice.randrange(2)
    target = identify_classes(model.spec)[targets[wanted]]
    shown = model.spec.preprocessing
    label = "A photograph with two objects and three Grad-CAM maps, A to C."
    return draft_letter(
        order.index(wanted),
        3,
        picture=show_maps(_pack_letters(maps), label, ((shown.view(x), "image"),)),
        page="attribution",
        network=model.spec.title,
        name=name_class(model, targets[wanted]),
        other=name_class(model, targets[1 - wanted]),
        side=("left", "right")[wanted],
        values={"network": name, "image": pair, "target": target},
    )


_METHODS = {
    Method.SALIENCY: "a single gradient: fine, and noisy everywhere",
    Method.GRAD_CAM: "the coarse maps of the last convolution, enlarged",
    Method.GUIDED_BACKPROP: "edges of the object, whatever the class",
}


def method_of_map(dice: Random) -> Draft:
    """Which map is Grad-CAM's."""
    network, image = "vgg64", dice.choice(_PHOTOS)
    model, picture = load_model(network), load_named(image)
    methods = dice.sample(list(_METHODS), len(_METHODS))
    target = get_prediction(network, picture).ranking[0]
    x = get_input(network, picture)
    panels = [_pack_grey(image)]
    panels += _pack_letters([_find_map(model, x, method, target) for method in methods])
    place = dice.randrange(len(methods))
    return draft_letter(
        place,
        len(methods),
        picture=show_maps(panels, "An image and three attribution maps of it, A to C."),
        page="attribution",
        method=str(methods[place]),
        network=model.spec.title,
        solved="; ".join(
            f"{letter} is {method}: {_METHODS[method]}"
            for method, letter in zip(methods, LETTERS, strict=False)
        ),
        values={"network": network, "image": image},
    )


def cam_side(dice: Random) -> Draft:
    """How many cells a Grad-CAM map has before it is enlarged."""
    network = dice.choice(_SMALL)
    model = load_model(network)
    layer = model.graph.find(find_last_maps(model))
    side, cells = model.spec.preprocessing.shape[1], layer.shape[1]
    return draft_number(
        cells,
        unit="cells a side",
        page="attribution",
        values={"network": network},
        network=model.spec.title,
        side=side,
        stride=side // cells,
        layer=layer.title,
    )


def occlusion_positions(dice: Random) -> Draft:
    """How many covered images an occlusion map takes."""
    network, patch = "alexnet64", dice.choice((8, 16, 32))
    side = load_model(network).spec.preprocessing.shape[1]
    stride = patch // dice.choice((1, 2, 4))
    starts = len(list_starts(side, patch=patch, stride=stride))
    return draft_number(
        starts**2,
        unit="covered images",
        page="occlusion",
        values={"network": network, "size": patch, "stride": stride},
        side=side,
        patch=patch,
        stride=stride,
        starts=starts,
    )


def attribution_sum(dice: Random) -> Draft:
    """What integrated gradients add up to."""
    network, image = dice.choice(_SMALL), dice.choice(_PHOTOS)
    model, x = load_model(network), get_input(network, load_named(image))
    target = get_prediction(network, load_named(image)).ranking[0]
    baseline = make_baseline(model, x, baseline=Baseline.BLACK)
    with torch.no_grad():
        own, black = (round(float(model.module(one)[0, target]), 2) for one in (x, baseline))
    return draft_number(
        round(own - black, 2),
        page="attribution",
        values={"network": network, "image": image, "methods": "Integrated gradients"},
        network=model.spec.title,
        target=name_class(model, target),
        own=own,
        black=black,
    )


GENERATORS: tuple[Generate, ...] = (
    digit_of_map,
    image_of_map,
    layer_of_map,
    class_of_map,
    method_of_map,
    cam_side,
    occlusion_positions,
    attribution_sum,
)
