"""Checks of the maps that visitors share: with random weights, pixel by pixel, by their sums."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from torch import Tensor

from cnnviz.attribution.attribute import Baseline, Method, attribute, find_obstacle
from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.checks.faithfulness import (
    Faithfulness,
    measure_faithfulness,
    shuffle_pixels,
)
from cnnviz.attribution.checks.randomization import MapMaker, Stage, cascade, list_weighted
from cnnviz.attribution.checks.sensitivity import measure_infidelity, measure_sensitivity
from cnnviz.attribution.map_store import (
    MapKey,
    Report,
    find_completeness,
    fits_checks,
    get_map,
    get_network_input,
    make_quick,
    share_of,
)
from cnnviz.attribution.result import resize_to
from cnnviz.images.image import CheckedImage
from cnnviz.networks.load import LoadedModel, load_model

MAX_STAGES = 12
RANDOM_ORDER = "Random order"
_STEPS = 28

Curves = dict[str, Faithfulness]


def find_gaps(
    key: MapKey, image: CheckedImage, *, steps: Sequence[int], asked: int
) -> dict[int, float]:
    """Return by how much the sum of a map falls short, by numbers of steps of which it is known.

    Args:
        key: Of the map with one number of steps.
        image: Its image.
        steps: Numbers of steps.
        asked: How many of them are computed now, where there is time.
    """
    keys = {count: replace(key, steps=count) for count in steps}
    make_quick(list(keys.values())[:asked], image)
    known = {count: find_completeness(one) for count, one in keys.items()}
    return {count: one.gap for count, one in known.items() if one is not None}


def list_checked(model: LoadedModel, methods: Iterable[Method]) -> tuple[Method, ...]:
    """Return those of the methods that apply to a network and are quick enough for checks."""
    return tuple(
        method
        for method in methods
        if fits_checks(model.spec.name, method) and not find_obstacle(model, method)
    )


def cascade_maps(
    network: str, image: CheckedImage, keys: Sequence[MapKey]
) -> Iterator[tuple[float, str, tuple[Stage, ...]]]:
    """Make maps anew while a network's weights become random.

    Args:
        network: Name in the registry.
        image: Of what.
        keys: Maps of the correct input, one a method.

    Yields:
        The share done, how many layers are random, and the stages so far.
    """
    x = get_network_input(network, image)
    stages: tuple[Stage, ...] = ()

    def choose(key: MapKey) -> MapMaker:
        return lambda changed: (
            attribute(changed, x, method=key.method, target=key.target, layer=key.layer).values
        )

    count = count_stages(load_model(network))
    makers = {str(key.method): choose(key) for key in keys}
    for stage in cascade(load_model(network), makers, stages=MAX_STAGES):
        stages = (*stages, stage)
        yield len(stages) / (1 + count), f"{stage.count} layers are random", stages


def count_stages(model: LoadedModel) -> int:
    """Return how many stages a cascade has after the trained network."""
    return min(MAX_STAGES, len(list_weighted(model.graph)))


def measure_maps(
    network: str,
    image: CheckedImage,
    keys: Sequence[MapKey],
    *,
    target: int,
    baseline: Baseline,
    report: Report,
) -> Iterator[tuple[float, str, Curves]]:
    """Measure how faithful maps of one class are, and then a random order of the pixels.

    Args:
        network: Name in the registry.
        image: Of what.
        keys: Maps of the correct input, one a method.
        target: Index of the class.
        baseline: What stands for a deleted pixel.
        report: As of `make_maps`.

    Yields:
        The share done, the method, and the curves so far by method.
    """
    model, x = load_model(network), get_network_input(network, image)
    size = (int(x.shape[2]), int(x.shape[3]))
    missing = make_baseline(model, x, baseline=baseline)
    named: dict[str, MapKey | None] = {str(key.method): key for key in keys}
    named[RANDOM_ORDER] = None
    found: Curves = {}
    for done, (name, key) in enumerate(named.items()):
        made = None if key is None else get_map(key, image)
        curves = measure_faithfulness(
            model,
            x,
            shuffle_pixels(size) if made is None else resize_to(made, size),
            target=target,
            baseline=missing,
            steps=_STEPS,
            report=share_of(report, done, len(named), name),
        )
        if key is not None and made is not None:
            infidelity = measure_infidelity(model, x, made, target=target, baseline=missing)
            sensitivity = measure_sensitivity(x, _explain(model, key))
            curves = replace(curves, infidelity=infidelity, sensitivity=sensitivity)
        found = found | {name: curves}
        yield (done + 1) / len(named), name, found


def _explain(model: LoadedModel, key: MapKey) -> Callable[[Tensor], Tensor]:
    return lambda x: (
        attribute(model, x, method=key.method, target=key.target, layer=key.layer).values
    )
