"""What an attribution method answers."""

from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor
from torch.nn import functional

from cnnviz.attribution.options import Options


class Method(StrEnum):
    """How parts of an image are credited with a network's answer."""

    SALIENCY = "Gradient saliency"
    SMOOTHGRAD = "SmoothGrad"
    INTEGRATED_GRADIENTS = "Integrated gradients"
    DECONVNET = "Deconvnet"
    GUIDED_BACKPROP = "Guided backprop"
    GRAD_CAM = "Grad-CAM"
    GRAD_CAM_PLUS_PLUS = "Grad-CAM++"
    GUIDED_GRAD_CAM = "Guided Grad-CAM"


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """How much each place of an image spoke for a class.

    Attributes:
        values: (H, W) float32, any real number: above zero spoke for the class, below against it.
            At the input's size for methods of pixels, at the layer's for Grad-CAM and Grad-CAM++.
        pixels: The same for each channel of the input, (C, H, W); None for Grad-CAM and Grad-CAM++.
        method: The method.
        target: Index of the class; of the channel, where a single map was projected down.
        layer: The layer whose maps were read; None for methods that read none.
        options: What the method was told.
    """

    values: Tensor
    pixels: Tensor | None
    method: Method
    target: int
    layer: str | None
    options: Options


def resize_to(attribution: Attribution, size: tuple[int, int]) -> Tensor:
    """Bring the values to an image's size, bilinear as in the Grad-CAM paper.

    Args:
        attribution: Values at any size.
        size: Rows and columns.

    Returns:
        (H, W); the values as they are where the size is theirs already.
    """
    if tuple(attribution.values.shape) == size:
        return attribution.values
    maps = attribution.values[None, None]  # (H, W) -> (1, 1, H, W)
    resized: Tensor = functional.interpolate(maps, size, mode="bilinear", align_corners=False)
    return resized[0, 0]
