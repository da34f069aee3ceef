"""How sure a network says it is against how often it is right; one number brings them near.

Smoothed labels and pasted patches teach a network never to be sure, so it says less than it knows;
a last layer fitted to whole ones says more. Dividing all its logits by one number, its temperature,
changes no order of its guesses.

Source: Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks".
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from cnnviz.evaluation.calibration import find_calibration_error, sort_into_bins
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.refit import find_last_layer

_COLDEST, _HOTTEST = 0.1, 10.0
_BATCH = 250


def calibrate(
    module: nn.Module, photos: LabelledImages, *, to_input: Callable[[Tensor], Tensor]
) -> dict[str, float]:
    """Divide a network's logits by the temperature that fits images it has not learned from.

    Args:
        module: The network; left in evaluation mode, its last layer changed.
        photos: The images and their classes.
        to_input: A batch of images to inputs of the network.

    Returns:
        What the model card says: the temperature, on how many images it was fitted, and the
        calibration error in percent before and after. The latter is measured on each half of the
        images with the temperature that fits the other half.
    """
    logits = read_logits(module, photos, to_input=to_input)
    labels = photos.labels.to(logits.device)
    temperature = fit_temperature(logits, labels)
    one, other = slice(0, None, 2), slice(1, None, 2)
    crossed = torch.empty_like(logits)
    for fitted, measured in ((one, other), (other, one)):
        crossed[measured] = logits[measured] / fit_temperature(logits[fitted], labels[fitted])
    divide_logits(module, temperature)
    return {
        "temperature": round(temperature, 4),
        "images": len(labels),
        "error_before": round(measure_calibration_error(logits, labels), 2),
        "error": round(measure_calibration_error(crossed, labels), 2),
    }


def read_logits(
    module: nn.Module, photos: LabelledImages, *, to_input: Callable[[Tensor], Tensor]
) -> Tensor:
    """Ask a network about every image; its logits, (N, classes)."""
    module.eval()
    device = next(module.parameters()).device
    with torch.no_grad():
        return torch.cat(
            [
                module(to_input(images.to(device)).contiguous(memory_format=torch.channels_last))
                for images in torch.split(photos.images, _BATCH)
            ]
        )


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Find the temperature at which the cross-entropy is least, from 0.1 to 10.

    Section 4.2 of the paper. The cross-entropy is convex in the temperature's inverse.

    Args:
        logits: (N, classes).
        labels: int64 (N,).
    """
    from scipy.optimize import minimize_scalar

    doubled = logits.double()

    def lose(inverse: float) -> float:
        return float(nn.functional.cross_entropy(doubled * inverse, labels))

    found = minimize_scalar(lose, bounds=(1 / _HOTTEST, 1 / _COLDEST), method="bounded")
    return 1 / float(found.x)


def measure_calibration_error(logits: Tensor, labels: Tensor) -> float:
    """Measure the expected calibration error, in percent: the paper's equation 3, fifteen bins.

    Images are sorted into bins by the confidence in the first guess. In each the mean confidence
    is compared with the share of right guesses; the differences count by their bins' images.

    Args:
        logits: (N, classes).
        labels: int64 (N,).
    """
    confidence, guesses = logits.double().softmax(dim=1).max(dim=1)
    return 100 * find_calibration_error(sort_into_bins(confidence, guesses == labels))


def divide_logits(module: nn.Module, temperature: float) -> None:
    """Divide what a network says by a temperature, in its last layer.

    Args:
        module: A network of the lineage.
        temperature: Above 0.
    """
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError(f"the temperature is {temperature}")
    with torch.no_grad():
        for parameter in find_last_layer(module).parameters():
            parameter.div_(temperature)
