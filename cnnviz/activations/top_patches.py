"""What in given images excites a channel most: its strongest places, cut to what it sees there.

Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", figure 2:
the nine strongest activations of a channel, at most one an image, with their patches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnviz.activations.read import read_activations
from cnnviz.errors import NetworkError, UnknownReachError
from cnnviz.images.image import CheckedImage, Pixels, to_rgb
from cnnviz.networks.load import LoadedModel
from cnnviz.receptive_fields.theoretical import Patch, trace_patches


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Where each image excites each channel of a layer most.

    Attributes:
        layer: Name of the layer.
        values: Largest activation, (images, C).
        places: Its row and column, (images, C, 2).
    """

    layer: str
    values: Tensor
    places: Tensor

    def join(self, later: "Peaks") -> "Peaks":
        """Return these and those of further images, in this order."""
        return Peaks(
            layer=self.layer,
            values=torch.cat([self.values, later.values]),
            places=torch.cat([self.places, later.places]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingPatch:
    """The part of an image that a cell sees.

    Attributes:
        image: Number of the image.
        name: Its name.
        value: The cell's activation.
        place: Row and column of the cell.
        field: What it sees of the network's input; None where that is not known: all of it.
        pixels: That part of the image as the network gets it, uint8 (h, w, 3).
    """

    image: int
    name: str
    value: float
    place: tuple[int, int]
    field: Patch | None
    pixels: Pixels


def find_peaks(
    model: LoadedModel,
    images: Sequence[CheckedImage],
    *,
    layer: str,
) -> Peaks:
    """Run a network on images and note each channel's strongest cell in each.

    Args:
        model: The network.
        images: One or more.
        layer: A layer of maps, or of numbers.

    Raises:
        NetworkError: There is no such layer or image, or the layer has no channels.
    """
    if not images:
        raise NetworkError("There is no image to look through; choose at least one.")
    shape = model.graph.find(layer).shape
    if len(shape) not in (1, 3):
        raise NetworkError(f"“{layer}” has no channels to look for; choose a layer with maps.")
    values, places = [], []
    for image in images:
        x = model.spec.preprocessing.prepare(image.pixels)
        activation = read_activations(model, x, layers=(layer,))[layer][0]
        flat = activation.reshape(shape[0], -1)  # (C, H*W)
        value, index = flat.max(dim=1)
        width = shape[2] if len(shape) == 3 else 1
        values.append(value)
        places.append(torch.stack([index // width, index % width], dim=1))
    return Peaks(layer=layer, values=torch.stack(values), places=torch.stack(places))


def cut_patches(
    model: LoadedModel,
    images: Sequence[CheckedImage],
    peaks: Peaks,
    *,
    channel: int,
    count: int = 9,
) -> tuple[ExcitingPatch, ...]:
    """Cut the patches that excite a channel most, the strongest first, at most one an image.

    Raises:
        NetworkError: There is no such channel.
    """
    total = peaks.values.shape[1]
    if not 0 <= channel < total:
        raise NetworkError(f"The layer has {total} channels; {channel} is none of them.")
    order = peaks.values[:, channel].argsort(descending=True, stable=True)[:count]
    return tuple(
        _cut_patch(model, images[int(index)], peaks, number=int(index), channel=channel)
        for index in order
    )


def _cut_patch(
    model: LoadedModel, image: CheckedImage, peaks: Peaks, *, number: int, channel: int
) -> ExcitingPatch:
    row, column = (int(value) for value in peaks.places[number, channel])
    view = model.spec.preprocessing.view(model.spec.preprocessing.prepare(image.pixels))
    shown = to_rgb(view)
    try:
        field = trace_patches(model.graph, layer=peaks.layer, row=row, column=column).get("input")
    except UnknownReachError:
        field = None
    if field is not None:
        shown = shown[field.top : field.bottom + 1, field.left : field.right + 1]
    return ExcitingPatch(
        image=number,
        name=image.name,
        value=float(peaks.values[number, channel]),
        place=(row, column),
        field=field,
        pixels=np.ascontiguousarray(shown),
    )
