"""A layer's strongest map while the image is covered, beside its deconvnet projection.

Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", figure 6,
columns b and c: the activation of the map, summed over its cells, and what of the image makes it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import torch
from torch import Tensor

from cnnviz.activations.read import read_activations
from cnnviz.attribution.methods.deconvnet import project_activation
from cnnviz.attribution.occlusion.cover import Occlusion, cover, list_rounds
from cnnviz.attribution.occlusion.fills import make_fill
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel

_BATCH = 4


@dataclass(frozen=True, slots=True, eq=False)
class StrongestMap:
    """The strongest map of a layer under occlusion.

    Attributes:
        layer: The layer.
        channel: The map with the largest sum for the uncovered image.
        clean: That sum.
        sums: The sum with the square at each position, (R, K); NaN where it has not been yet.
        projection: The map's largest activation projected down to the input, (C, H, W), signed;
            a sentence where the network has no deconvnet.
    """

    layer: str
    channel: int
    clean: float
    sums: Tensor
    projection: Tensor | str


def follow_strongest_map(
    model: LoadedModel, x: Tensor, occlusion: Occlusion, *, layer: str
) -> Iterator[tuple[float, StrongestMap]]:
    """Cover the image as an occlusion did, and sum the layer's strongest map each time.

    Args:
        model: The network.
        x: The image as its input, (1, C, H, W).
        occlusion: Whose positions and fill are taken.
        layer: A layer with maps.

    Yields:
        The share done and the sums so far, coarse to fine.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: It has no maps.
    """
    if not model.graph.find(layer).is_spatial:
        raise AttributionError(f"“{layer}” has no maps; choose a layer with maps.")
    sums = read_activations(model, x, layers=(layer,))[layer][0].sum(dim=(1, 2))  # (C,)
    channel = int(sums.argmax())
    rows, columns = len(occlusion.tops), len(occlusion.lefts)
    found = StrongestMap(
        layer=layer,
        channel=channel,
        clean=float(sums[channel]),
        sums=torch.full((rows, columns), math.nan),
        projection=_project(model, x, layer=layer, channel=channel),
    )
    yield 0.0, found
    options = occlusion.options
    fill = make_fill(options.fill, x, preprocessing=model.spec.preprocessing, patch=options.patch)
    places = list(chain.from_iterable(list_rounds(rows, columns)))
    for first in range(0, len(places), _BATCH):
        batch = places[first : first + _BATCH]
        covered = torch.cat([cover(x, occlusion.find_square(*place), fill) for place in batch])
        maps = read_activations(model, covered, layers=(layer,))[layer][:, channel]  # (N, H, W)
        grown = found.sums.clone()
        for place, total in zip(batch, maps.sum(dim=(1, 2)).tolist(), strict=True):
            grown[place] = total
        found = replace(found, sums=grown)
        yield (first + len(batch)) / len(places), found


def _project(model: LoadedModel, x: Tensor, *, layer: str, channel: int) -> Tensor | str:
    try:
        pixels = project_activation(model, x, layer=layer, channel=channel).pixels
    except AttributionError as error:
        return str(error)
    return "" if pixels is None else pixels
