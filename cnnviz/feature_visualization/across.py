"""One class across networks: what each of them takes for the same thing."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cnnviz.errors import CNNVizError
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.feature_visualization.targets import target_class
from cnnviz.feature_visualization.transfer import find_class_place
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel, load_model

_WARM_STEPS = 3
_EVERY = 4  # steps from one look at an image to the next


@dataclass(frozen=True, slots=True, eq=False)
class AcrossCell:
    """One network's image of a class.

    Attributes:
        name: The network.
        title: Its title.
        year: Its year.
        pixels: The image, uint8 (H, W, 3); None where there is none.
        note: Why there is none; empty where there is one.
        readings: Place of the class among each network's guesses, from 1, by network name; of
            those that have been asked.
    """

    name: str
    title: str
    year: int
    pixels: Pixels | None
    note: str
    readings: dict[str, int]


def grow_across(
    names: Sequence[str],
    label: str,
    *,
    settings: Settings,
    steps: int,
    seed: int = 0,
    limit_seconds: float = 25.0,
) -> Iterator[tuple[float, tuple[AcrossCell, ...]]]:
    """Make each network's image of a class; yield the share done and the cells as they grow.

    Args:
        names: Networks with weights; one that has no such class is left out.
        label: The class's name.
        settings: How.
        steps: Steps of each.
        seed: Of all.
        limit_seconds: A network that would take longer, by its first steps, is passed over.
    """
    cells: tuple[AcrossCell, ...] = ()
    models: list[LoadedModel] = []
    for place, name in enumerate(names):
        try:
            model = load_model(name)
        except CNNVizError:
            continue  # a page of its own tells what is wrong with its weights
        if label not in model.spec.classes:
            continue
        models.append(model)
        done = cells
        for share, pixels in _grow_one(
            model, label, settings=settings, steps=steps, seed=seed, limit_seconds=limit_seconds
        ):
            note = "" if pixels is not None else f"would take over {limit_seconds:.0f} s here"
            spec = model.spec
            cells = (*done, AcrossCell(name, spec.title, spec.year, pixels, note, readings={}))
            yield (place + share) / len(names), cells
    yield 1.0, tuple(_read_cell(cell, models, label) for cell in cells)


def _grow_one(
    model: LoadedModel,
    label: str,
    *,
    settings: Settings,
    steps: int,
    seed: int,
    limit_seconds: float,
) -> Iterator[tuple[float, Pixels | None]]:
    target = target_class(model.graph, model.spec.classes.index(label), probability=True)
    began = time.monotonic()
    for moment in ascend(model, target, settings=settings, steps=steps, seed=seed):
        if moment.step == 1:
            began = time.monotonic()  # the first takes longer
        if moment.step == 1 + _WARM_STEPS:
            expected = (time.monotonic() - began) / _WARM_STEPS * steps
            if expected > limit_seconds:
                yield 1.0, None
                return
        if moment.step % _EVERY == 0 or moment.step in (1, steps):
            yield moment.step / steps, to_pixels(moment.images)[0]


def _read_cell(cell: AcrossCell, models: Sequence[LoadedModel], label: str) -> AcrossCell:
    """Ask every network that has the class what it sees on this one's image."""
    if cell.pixels is None:
        return cell
    pixels = cell.pixels[None]  # (H, W, 3) -> (1, H, W, 3)
    readings = {model.spec.name: find_class_place(model, pixels, label) for model in models}
    return replace(cell, readings=readings)
