"""What an attribution method answers."""

from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor
from torch.nn import functional

from cnnviz.attribution.options import Options


class Method(StrEnum):
    """How parts of an image are credited with a network's answer, family by family."""

    SALIENCY = "Gradient saliency"
    SMOOTHGRAD = "SmoothGrad"
    DECONVNET = "Deconvnet"
    GUIDED_BACKPROP = "Guided backprop"
    LRP = "LRP"
    INTEGRATED_GRADIENTS = "Integrated gradients"
    GRADIENT_SHAP = "GradientSHAP"
    DEEPLIFT = "DeepLIFT"
    GRAD_CAM = "Grad-CAM"
    GRAD_CAM_PLUS_PLUS = "Grad-CAM++"
    GUIDED_GRAD_CAM = "Guided Grad-CAM"
    LAYER_CONDUCTANCE = "Layer conductance"
    INTERNAL_INFLUENCE = "Internal influence"
    NEURON_CONDUCTANCE = "Neuron conductance"
    FEATURE_ABLATION = "Feature ablation"
    SHAPLEY_SAMPLING = "Shapley sampling"
    KERNEL_SHAP = "KernelSHAP"
    LIME = "LIME"


OF_SUPERPIXELS = (
    Method.FEATURE_ABLATION,
    Method.SHAPLEY_SAMPLING,
    Method.KERNEL_SHAP,
    Method.LIME,
)
# Methods that read a layer.
OF_LAYERS = (
    Method.GRAD_CAM,
    Method.GRAD_CAM_PLUS_PLUS,
    Method.GUIDED_GRAD_CAM,
    Method.LAYER_CONDUCTANCE,
    Method.INTERNAL_INFLUENCE,
    Method.NEURON_CONDUCTANCE,
)
# What the methods of a family have in common, in the order of `Method`.
FAMILIES: dict[str, tuple[Method, ...]] = {
    "Backward": (
        Method.SALIENCY,
        Method.SMOOTHGRAD,
        Method.DECONVNET,
        Method.GUIDED_BACKPROP,
        Method.LRP,
    ),
    "Baseline": (Method.INTEGRATED_GRADIENTS, Method.GRADIENT_SHAP, Method.DEEPLIFT),
    "Layer": OF_LAYERS,
    "Superpixels": OF_SUPERPIXELS,
}


@dataclass(frozen=True, slots=True, eq=False)
class Superpixels:
    """Superpixels of an image, and what is known of them.

    Attributes:
        segments: Number of each pixel's superpixel, (H, W).
        shown: Which superpixels the last covered image showed, bool (n,).
        logit: Of the class for that image.
        done: Covered images that are known.
        wanted: Covered images that are known at the end.
        covered: The last covered image as the network's input, (1, C, H, W).
    """

    segments: Tensor
    shown: Tensor
    logit: float
    done: int
    wanted: int
    covered: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """How much each place of an image spoke for a class.

    Attributes:
        values: (H, W) float32, any real number: above zero spoke for the class, below against it.
            At the input's size for methods of pixels, at the layer's for Grad-CAM and its kin.
            Of superpixels each pixel has the value of its superpixel.
        pixels: The same for each channel of the input, (C, H, W); None for methods of a layer and
            of superpixels.
        method: The method.
        target: Index of the class; of the channel, where a single map was projected down.
        layer: The layer whose maps were read; None for methods that read none.
        options: What the method was told.
        unit: Channel, row and column of the layer's unit that neuron conductance looked through.
        superpixels: Of methods that cover superpixels; of a map that still grows, as far as known.
    """

    values: Tensor
    pixels: Tensor | None
    method: Method
    target: int
    layer: str | None
    options: Options
    unit: tuple[int, int, int] | None = None
    superpixels: Superpixels | None = None


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
