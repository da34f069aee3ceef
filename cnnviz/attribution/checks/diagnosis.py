"""Why a map shows nothing, or the wrong thing: its trouble by name, with the numbers behind it."""

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from cnnviz.attribution.checks.preparation import InputRange
from cnnviz.attribution.result import OF_LAYERS, Attribution
from cnnviz.cached import get_facts
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.load import LoadedModel, Prediction

_UNIFORM = 0.1  # of the largest magnitude
_EARLY = 0.25  # of the input's side
_SURE = 0.999
_DOUBTED = 0.01
_SHIFT = 0.1  # of the range from black to white


class Trouble(StrEnum):
    """What may be wrong with a map."""

    ZERO = "all zero"
    NEGATIVE = "all negative"
    ONE_CELL = "one cell only"
    UNIFORM = "almost uniform"
    EARLY = "layer too early"
    SATURATED = "saturated"
    DOUBTED = "class not believed in"
    SWAPPED = "channels swapped"
    SHIFTED = "wrong normalization"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        trouble: Its name.
        sentence: What was measured, what it means, and what to do.
    """

    trouble: Trouble
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class ValueSteps:
    """A map on its way to the screen; each (H, W).

    Attributes:
        raw: As computed, of either sign.
        rectified: What is below zero made zero.
        normalized: Divided by the largest value, 0 to 1; all zero where nothing is above zero.
    """

    raw: Tensor
    rectified: Tensor
    normalized: Tensor


def trace_values(values: Tensor) -> ValueSteps:
    """Follow a map's values (H, W) through the ReLU and the division by their maximum."""
    rectified = values.clamp(min=0)
    largest = rectified.max()
    return ValueSteps(
        raw=values,
        rectified=rectified,
        normalized=rectified / largest if float(largest) > 0 else rectified,
    )


def diagnose_attribution(
    model: LoadedModel, made: Attribution, prediction: Prediction
) -> tuple[Finding, ...]:
    """Name what is wrong with a map of the network, and what its class's probability does to it."""
    field = get_facts(model.spec.name)[made.layer].field if made.layer else None
    found = diagnose_map(
        made.values,
        input_side=min(model.spec.preprocessing.shape[1:]),
        seen=None if field is None else max(field.size),
        of_layer=made.method in OF_LAYERS,
    )
    classes = title_classes(model.spec.classes)
    return found + diagnose_target(prediction, target=made.target, classes=classes)


def diagnose_map(
    values: Tensor, *, input_side: int, seen: int | None, of_layer: bool
) -> tuple[Finding, ...]:
    """Name what is wrong with a map.

    Args:
        values: As computed, of either sign, (H, W).
        input_side: Shorter side of the network's input.
        seen: Input pixels that a cell of the layer sees along one side; None where unknown.
        of_layer: Whether the map is made of a layer's cells, as Grad-CAM's is.
    """
    low, high = float(values.min()), float(values.max())
    count = values.numel()
    shape = f"{values.shape[0]}×{values.shape[1]}"
    if low == high == 0:
        text = (
            f"All {count:,} values are exactly 0: no gradient comes this far down. The units in "
            "between are off for this image, or the class does not depend on this layer."
        )
        return (Finding(Trouble.ZERO, text),)
    found = []
    if high <= 0:
        text = (
            f"All {count:,} values are at or below 0, from {_write(low)} to {_write(high)}, so the "
            "ReLU makes the whole map 0. The layer holds only evidence against this class; look "
            "at the signed map, or at a class that the network believes in."
        )
        found.append(Finding(Trouble.NEGATIVE, text))
    if count == 1:
        text = (
            f"The layer is {shape}: one value, {_write(high)}, for the whole image. It is too "
            "late to say where; choose an earlier layer."
        )
        found.append(Finding(Trouble.ONE_CELL, text))
    elif high - low < _UNIFORM * max(high, -low):
        text = (
            f"All values lie between {_write(low)} and {_write(high)}: they differ by less than a "
            "tenth of the largest. Divided by its own maximum such a map looks full of contrast "
            "and says nothing; choose another layer or class."
        )
        found.append(Finding(Trouble.UNIFORM, text))
    early = seen is not None and seen < _EARLY * input_side
    if of_layer and count > 1 and early:
        text = (
            f"A cell of this layer sees {seen}×{seen} of {input_side}×{input_side} pixels: edges "
            "and colors, no objects. The map follows the image's edges whatever the class; "
            "choose a later layer."
        )
        found.append(Finding(Trouble.EARLY, text))
    return tuple(found)


def diagnose_target(
    prediction: Prediction, *, target: int, classes: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Say what the class's probability does to its maps.

    Args:
        prediction: What the network says of the image.
        target: Index of the class.
        classes: Names of the classes.
    """
    share = float(prediction.probabilities[target])
    if share > _SURE:
        text = (
            f"The network gives “{classes[target]}” {_percent(share)}. The probability is "
            f"saturated: its slope is p(1 − p) = {_write(share * (1 - share))} of the logit's, so "
            "gradients of the probability all but vanish. The maps here start from the logit."
        )
        return (Finding(Trouble.SATURATED, text),)
    if share < _DOUBTED:
        place = prediction.ranking.index(target) + 1
        text = (
            f"The network gives “{classes[target]}” {_percent(share)}, place {place:,} of "
            f"{len(classes):,}. The map still has a brightest spot, where the image looks most "
            "like it; it does not say that the network sees it there."
        )
        return (Finding(Trouble.DOUBTED, text),)
    return ()


def diagnose_input(x: Tensor, expected: Tensor, values: InputRange) -> tuple[Finding, ...]:
    """Compare an input with what the network's own preprocessing makes of the same image.

    Args:
        x: Input, (1, C, H, W).
        expected: What the preprocessing yields, (1, C, H, W).
        values: Its range.
    """
    names = ("red", "green", "blue") if x.shape[1] == 3 else ("gray",) * x.shape[1]
    if x.shape[1] > 1 and not torch.allclose(x, expected) and _are_swapped(x, expected, values):
        text = (
            "Red and blue are swapped: the input, read backwards, is what the preprocessing "
            "yields. OpenCV reads BGR; turn it into RGB."
        )
        return (Finding(Trouble.SWAPPED, text),)
    is_mean, should_mean = (each.mean(dim=(0, 2, 3)) for each in (x, expected))  # (C,)
    is_spread, should_spread = (each.std(dim=(0, 2, 3)) for each in (x, expected))
    width = (values.high - values.low).flatten()
    shift = (is_mean - should_mean).abs() / width
    worst = int(shift.argmax())
    stretched = ((is_spread - should_spread).abs() / width).max()
    if float(shift[worst]) < _SHIFT and float(stretched) < _SHIFT:
        return ()
    text = (
        f"The input's mean in {names[worst]} is {_write(float(is_mean[worst]))} (deviation "
        f"{_write(float(is_spread[worst]))}); the network was trained on a preprocessing that "
        f"makes {_write(float(should_mean[worst]))} (deviation "
        f"{_write(float(should_spread[worst]))}) of this image, and never yields anything "
        f"outside {_write(float(values.low.flatten()[worst]))} to "
        f"{_write(float(values.high.flatten()[worst]))}. Check mean, deviation and the scale of "
        "the pixels."
    )
    return (Finding(Trouble.SHIFTED, text),)


def _are_swapped(x: Tensor, expected: Tensor, values: InputRange) -> bool:
    """Whether the channels, undone and read backwards, are the image's."""
    pixels, should = ((each - values.low) * values.deviation for each in (x, expected))
    return torch.allclose(pixels.flip(1), should, atol=1e-3)


def _write(value: float) -> str:
    size = abs(value)
    text = f"{size:,.0f}" if size >= 1000 else f"{size:.3g}"
    return f"−{text.replace('e-0', 'e−')}" if value < 0 else text.replace("e-0", "e−")


def _percent(share: float) -> str:
    return "over 99.9 %" if share > _SURE else f"{100 * share:.2g} %"
