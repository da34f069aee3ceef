"""The job that the visitors of the benchmark wait for; the worker imports it from here."""

from collections.abc import Iterator

from cnnviz.feature_visualization.growth import Growth, grow
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import target_class
from cnnviz.networks.load import load_model


def grow_class(number: int, steps: int) -> Iterator[tuple[float, str, Growth]]:
    """Maximize one class of AlexNet's; each number is another class and another run."""
    model = load_model("alexnet64")
    target = target_class(model.graph, number % len(model.spec.classes), probability=True)
    for growth in grow(model, target, settings=PRESETS[Preset.OLAH], steps=steps):
        yield growth.last.step / steps, f"step {growth.last.step} of {steps}", growth


def grow_whole(steps: int, number: int) -> Growth:
    """The same as one piece of a sweep."""
    *_, (_, _, growth) = grow_class(number, steps)
    return growth
