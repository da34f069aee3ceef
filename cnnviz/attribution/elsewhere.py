"""Which two classes to ask about first: the first guess, and what is seen where it is not.

The second guess is often the first one's cousin and sits at the same place, so that two maps look
alike. Of an image with two objects the other one's class is better, and the network itself says
which: it is shown the half of the image in which the first class's map is dark, alone.
"""

import torch
from torch import Tensor

from cnnviz.attribution.attribute import Attribution, Method, attribute, find_obstacle
from cnnviz.attribution.result import resize_to
from cnnviz.networks.load import LoadedModel, predict

# What a network takes an empty half for it believes less.
_MIN_PROBABILITY = 0.2


def choose_pair(model: LoadedModel, x: Tensor) -> tuple[int, int]:
    """Choose the two classes whose maps teach most: each on its own half, where that can be.

    The second is the first guess for the half (left or right, else top or bottom) in which
    Grad-CAM of the whole image's first guess does not peak, the other half filled with the
    image's mean; it must be believed there, and its own Grad-CAM on the whole image must peak
    in that half. Where there is none it is the second guess.

    Args:
        model: The network.
        x: Input, (1, C, H, W).

    Returns:
        Indices of two classes; the same one twice of a network with one class.
    """
    ranking = predict(model, x).ranking
    first, usual = ranking[0], ranking[min(1, len(ranking) - 1)]
    if find_obstacle(model, Method.GRAD_CAM):
        return first, usual
    of_first = attribute(model, x, method=Method.GRAD_CAM, target=first)
    for axis in (3, 2):
        half = _find_half(of_first, x, axis=axis)
        if half is None:
            continue
        said = predict(model, keep_half(x, half=1 - half, axis=axis))
        second = said.ranking[0]
        if second == first or float(said.probabilities[second]) < _MIN_PROBABILITY:
            continue
        of_second = attribute(model, x, method=Method.GRAD_CAM, target=second)
        if _find_half(of_second, x, axis=axis) == 1 - half:
            return first, second
    return first, usual


def keep_half(x: Tensor, *, half: int, axis: int) -> Tensor:
    """Return an image (1, C, H, W) of which one half is left and the other is its mean.

    Args:
        x: The image.
        half: 0 for the upper or left one, 1 for the lower or right one.
        axis: 2 for upper and lower, 3 for left and right.
    """
    middle = x.shape[axis] // 2
    start, length = (0, middle) if half == 0 else (middle, x.shape[axis] - middle)
    alone = x.mean(dim=(2, 3), keepdim=True).expand_as(x).clone()
    alone.narrow(axis, start, length).copy_(x.narrow(axis, start, length))
    return alone


def _find_half(made: Attribution, x: Tensor, *, axis: int) -> int | None:
    """The half in which a map has its maximum; None where nothing is above zero."""
    values = resize_to(made, (int(x.shape[2]), int(x.shape[3])))
    if float(values.max()) <= 0:
        return None
    place: Tensor = torch.stack(torch.unravel_index(values.argmax(), values.shape))
    return int(int(place[axis - 2]) >= x.shape[axis] // 2)
