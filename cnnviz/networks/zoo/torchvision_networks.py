"""torchvision's classifiers as runnable networks, with ImageNet weights and classes."""

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image
from torch import Tensor, nn

from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.preprocessing import crop_thin_image, frame_middle, to_view
from cnnviz.networks.zoo.registry import (
    Listing,
    NetworkSpec,
    Pixels,
    Preprocessing,
    PublishedWeights,
    keep_key,
    register_later,
)
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.networks.zoo.torchvision_list import list_torchvision, read_reported

# The weights of these two expect values from −1 to 1; torchvision gives the network three layers
# that turn the usual normalisation into that. Here the preprocessing does it.
_MINUS_ONE_TO_ONE = ("googlenet", "inception_v3")
_AUXILIARY = re.compile(r"(aux1|aux2|AuxLogits)\.")
# The weights of DenseNet are older than the rule that a module's name has no dot.
_DENSENET_DOT = re.compile(r"(\.denselayer\d+\.(?:norm|relu|conv))\.([12])\.")


def register_torchvision() -> None:
    """Add all of torchvision's classifiers to the registry, without importing torchvision."""
    for entry in list_torchvision():
        listing = Listing(name=entry.name, title=entry.title, year=entry.year, is_published=True)
        register_later(listing, partial(_make_spec, entry))


def _make_spec(entry: Architecture) -> NetworkSpec:
    name, size = entry.name, entry.input_size
    weights = {each.name: each for each in import_torchvision("models").get_model_weights(name)}
    # Only sets that classify, at the input size of the definition.
    published = tuple(
        PublishedWeights(
            reported=reported,
            preprocessing=_make_preprocessing(name, weights[reported.weights].transforms()),
        )
        for reported in read_reported(name)
        if reported.input_size == size and not math.isnan(reported.top1)
    )
    first = published[0]
    return NetworkSpec(
        name=name,
        title=entry.title,
        year=entry.year,
        paper=entry.paper,
        idea=entry.idea,
        changes=" ".join(("As torchvision defines it.", *entry.notes)),
        build=partial(_build, entry),
        preprocessing=first.preprocessing,
        classes=tuple(weights[first.reported.weights].meta["categories"]),
        layer_titles={},
        published=published,
        rename_key=_find_renaming(name),
    )


def _build(entry: Architecture) -> nn.Module:
    if entry.name != "inception_v3":
        return entry.build(entry.input_size)
    # Without the auxiliary head, which only trains.
    module: nn.Module = import_torchvision("models").get_model(
        entry.name, weights=None, aux_logits=False, init_weights=False
    )
    return module


def _find_renaming(name: str) -> Callable[[str], str | None]:
    if name in _MINUS_ONE_TO_ONE:
        return lambda key: None if _AUXILIARY.match(key) else key
    if name.startswith("densenet"):
        return lambda key: _DENSENET_DOT.sub(r"\1\2.", key)
    return keep_key


def _make_preprocessing(name: str, transforms: Any) -> Preprocessing:
    """Use the weights' own transforms, and find the way back for the view."""
    if name in _MINUS_ONE_TO_ONE:
        transforms.mean = transforms.std = [0.5, 0.5, 0.5]
    mean, std = tuple(transforms.mean), tuple(transforms.std)
    (size,), (side,) = transforms.crop_size, transforms.resize_size

    def prepare(pixels: Pixels) -> Tensor:
        x: Tensor = transforms(Image.fromarray(crop_thin_image(pixels)))
        return x[None]  # (3, H, W) -> (1, 3, H, W)

    return Preprocessing(
        shape=(3, size, size),
        prepare=prepare,
        view=lambda x: to_view(x, mean=mean, std=std),
        description=(
            f"Its shorter side scaled to {side} pixels, and the middle {size}×{size} cut out, as "
            "when its accuracy was measured."
        ),
        mean=mean,
        std=std,
        frame=lambda pixels: frame_middle(pixels, side=side),
    )
