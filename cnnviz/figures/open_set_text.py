"""Whether an image may be of none of a network's classes, in words."""

from cnnviz.figures.format import format_number, format_percent
from cnnviz.networks.open_set import ClassFit


def describe_rates(fit: ClassFit) -> str:
    """Say how the threshold decides, and how often it is right."""
    score, threshold = format_number(fit.value), format_number(fit.separation.threshold)
    kept = format_percent(1 - fit.separation.kept)
    lines = [
        f"The score of the logits is {score}, below the threshold {threshold}.",
        f"{kept} of images of its own classes are below it, too.",
    ]
    counts = fit.separation.photographs
    if counts is not None:
        lines.append(
            f"Of {counts.unknown} photographs of other classes, {counts.detected} are below it."
        )
    return " ".join(lines)
