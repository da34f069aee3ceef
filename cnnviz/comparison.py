"""Several networks on one image: what each says, where they agree, and where each breaks."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.attribution.attribute import Method, attribute
from cnnviz.errors import AttributionError
from cnnviz.images.corruptions import STRENGTHS, Corruption, corrupt
from cnnviz.images.image import CheckedImage, Pixels, from_array, resize_for_view
from cnnviz.networks.class_names import identify_classes
from cnnviz.networks.load import LoadedModel, Prediction, predict

TOP = 5
_LONGEST = 512  # pixels: noise and blur then mean the same on a thumbnail and on a photograph
_POINTS = 11
_RUNS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """One class that a network names.

    Attributes:
        identity: The class as all networks know it, from `identify_classes`.
        probability: 0 to 1.
    """

    identity: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one network makes of one image.

    Attributes:
        network: Its name in the registry.
        title: Its name as the field writes it.
        view: What it sees, uint8 (H, W) or (H, W, 3).
        guesses: The five most probable classes, or all where it has fewer.
        cam: Grad-CAM of the first guess, (h, w), signed; None where it has no maps.
        prediction: Of all its classes.
    """

    network: str
    title: str
    view: Pixels
    guesses: tuple[Guess, ...]
    cam: Tensor | None
    prediction: Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Where networks agree on an image.

    Attributes:
        groups: First guess and the titles of the networks that have it, the largest group first.
        shared: Class among the first five of more than one network, and their titles.
        common: How many classes all networks know.
        among_common: Each network's best class of those, with its share of their probability, by
            the network's title; empty where they have none in common.
    """

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    shared: tuple[tuple[str, tuple[str, ...]], ...]
    common: int
    among_common: Mapping[str, Guess]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """How sure a network stays of its first guess while an image gets harder.

    Attributes:
        network: Its name in the registry.
        title: Its name as the field writes it.
        identity: Its first guess on the clean image.
        strengths: Of the corruption, from 0 up.
        probabilities: Of that guess, at each strength.
        flip: The first strength at which another class leads; None where none does.
        flipped_to: That class; None where there is none.
    """

    network: str
    title: str
    identity: str
    strengths: tuple[float, ...]
    probabilities: tuple[float, ...]
    flip: float | None
    flipped_to: str | None


def shrink(image: CheckedImage) -> CheckedImage:
    """Reduce an image to at most 512 pixels a side, so that a strength means the same for all."""
    return from_array(resize_for_view(image.pixels, max_side=_LONGEST), name=image.name)


def harden(image: CheckedImage, strengths: Mapping[Corruption, float]) -> CheckedImage:
    """Make an image harder; see `cnnviz.images.corruptions.corrupt`.

    Raises:
        ImageError: A strength is out of range.
    """
    pixels = corrupt(image.pixels, strengths)
    return image if pixels is image.pixels else from_array(pixels, name=image.name)


def predict_with_map(model: LoadedModel, image: CheckedImage) -> Answer:
    """Let a network name an image, and find where it looked."""
    x = model.spec.preprocessing.prepare(image.pixels)
    prediction = predict(model, x)
    try:
        first = prediction.ranking[0]
        cam = attribute(model, x, method=Method.GRAD_CAM, target=first).values
    except AttributionError:  # a network without maps
        cam = None
    return Answer(
        network=model.spec.name,
        title=model.spec.title,
        view=model.spec.preprocessing.view(x),
        guesses=_list_guesses(model, prediction)[:TOP],
        cam=cam,
        prediction=prediction,
    )


def _list_guesses(model: LoadedModel, prediction: Prediction) -> tuple[Guess, ...]:
    identities = identify_classes(model.spec)
    probabilities = prediction.probabilities.tolist()
    return tuple(Guess(identities[index], probabilities[index]) for index in prediction.ranking)


def compare_answers(models: Sequence[LoadedModel], answers: Sequence[Answer]) -> Agreement:
    """Find where networks agree on an image, each beside its answer."""
    groups: dict[str, list[str]] = {}
    shared: dict[str, list[str]] = {}
    for answer in answers:
        groups.setdefault(answer.guesses[0].identity, []).append(answer.title)
        for guess in answer.guesses:
            shared.setdefault(guess.identity, []).append(answer.title)
    known = [set(identify_classes(model.spec)) for model in models]
    common = set.intersection(*known)
    return Agreement(
        groups=_sort_groups(groups, least=1),
        shared=_sort_groups(shared, least=2),
        common=len(common),
        among_common={
            answer.title: _choose_among(common, _list_guesses(model, answer.prediction))
            for model, answer in zip(models, answers, strict=True)
            if common
        },
    )


def _sort_groups(
    groups: Mapping[str, list[str]], *, least: int
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    kept = [(name, tuple(titles)) for name, titles in groups.items() if len(titles) >= least]
    return tuple(sorted(kept, key=lambda group: -len(group[1])))


def _choose_among(common: set[str], guesses: Sequence[Guess]) -> Guess:
    """The most probable of some classes, its probability taken among them alone."""
    kept = [guess for guess in guesses if guess.identity in common]
    total = sum(guess.probability for guess in kept) or 1.0
    return Guess(kept[0].identity, kept[0].probability / total)


def list_strengths(corruption: Corruption) -> tuple[float, ...]:
    """Return the strengths of a curve's points, from 0 to the most."""
    most = STRENGTHS[corruption].most
    return tuple(most * point / (_POINTS - 1) for point in range(_POINTS))


def follow_corruption(
    model: LoadedModel,
    image: CheckedImage,
    corruption: Corruption,
    *,
    report: Callable[[float], None] = lambda _share: None,
) -> Curve:
    """Ask a network at every strength of one corruption.

    Args:
        model: The network.
        image: The clean image.
        corruption: What is done to it.
        report: Called with the share done, 0 to 1, after each strength.
    """
    strengths = list_strengths(corruption)
    identities = identify_classes(model.spec)
    first, leaders, probabilities = -1, [], []
    for place, strength in enumerate(strengths):
        pixels = corrupt(image.pixels, {corruption: strength})
        found = predict(model, model.spec.preprocessing.prepare(pixels))
        first = found.ranking[0] if place == 0 else first
        leaders.append(found.ranking[0])
        probabilities.append(float(found.probabilities[first]))
        report((place + 1) / len(strengths))
    flips = [place for place, leader in enumerate(leaders) if leader != first]
    return Curve(
        network=model.spec.name,
        title=model.spec.title,
        identity=identities[first],
        strengths=strengths,
        probabilities=tuple(probabilities),
        flip=strengths[flips[0]] if flips else None,
        flipped_to=identities[leaders[flips[0]]] if flips else None,
    )


def measure_time(
    model: LoadedModel, *, report: Callable[[float], None] = lambda _share: None
) -> float:
    """Measure how long a network takes for one image that is already prepared.

    Returns:
        Milliseconds: the median of seven runs after one that is not counted.
    """
    x = torch.zeros(1, *model.spec.preprocessing.shape)
    moments = []
    for run in range(_RUNS + 1):
        start = time.perf_counter()
        predict(model, x)
        moments.append((time.perf_counter() - start) * 1000)
        report((run + 1) / (_RUNS + 1))
    return statistics.median(moments[1:])
