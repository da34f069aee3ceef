"""Long measurements over a set of images: shape bias, and what distortions leave."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from torch import Tensor

from cnnviz.errors import ImageError, NetworkError
from cnnviz.images.corruptions import STRENGTHS, Corruption, corrupt
from cnnviz.images.image import Pixels, to_rgb
from cnnviz.jobs.heavy import Run, Stages, compute_each, compute_once, report_progress
from cnnviz.networks.load import LoadedModel, Prediction, predict
from cnnviz.shape_texture.bias import Naming, Rule, Tally, choose_pairs, find_cue, tally_decisions
from cnnviz.shape_texture.images import LabelledImage
from cnnviz.shape_texture.patchwork import PatchworkOptions, make_patchwork
from cnnviz.shape_texture.style import StyleOptions, transfer_style

_AT_ONCE = 4  # larger batches are no quicker on a CPU
_STRENGTH_STEPS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Stimulus:
    """One cue conflict of the set.

    Attributes:
        shape: Number of the image whose shape it has.
        texture: Number of the image whose texture it has.
        pixels: The conflict, uint8 (H, W, 3).
        maker: Name of the network with whose features it was made; empty without one.
    """

    shape: int
    texture: int
    pixels: Pixels
    maker: str


@dataclass(frozen=True, slots=True, eq=False)
class BiasRun:
    """A measurement of shape bias so far.

    Attributes:
        images: How many images there are in the set.
        wanted: Pairs to be made.
        possible: Pairs that could have been made.
        cues: Classes of each image, by network.
        stimuli: Those made so far.
        answers: Probabilities of each of them, by network.
    """

    images: int
    wanted: int
    possible: int
    cues: dict[str, tuple[frozenset[int], ...]]
    stimuli: tuple[Stimulus, ...]
    answers: dict[str, tuple[Tensor, ...]]


Pair = tuple[int, int]
Made = tuple[float, tuple[Stimulus, ...]]
Make = Callable[[Sequence[LabelledImage], Sequence[Pair]], Iterator[Made]]


def see(model: LoadedModel, pixels: Pixels) -> Prediction:
    """Let a network name an image, uint8 (H, W, 3), through its own preprocessing."""
    return predict(model, model.spec.preprocessing.prepare(pixels))


def view(model: LoadedModel, pixels: Pixels) -> Pixels:
    """Return what a network sees of an image, uint8 (H, W, 3)."""
    preprocessing = model.spec.preprocessing
    return to_rgb(preprocessing.view(preprocessing.prepare(pixels)))


def measure_bias(
    models: Sequence[LoadedModel],
    images: Sequence[LabelledImage],
    *,
    making: "Making",
    naming: Naming,
    most: int,
) -> Stages[BiasRun]:
    """Make cue conflicts of a set and let networks name them.

    Args:
        models: The networks that judge.
        images: The set.
        making: How the conflicts are made.
        naming: What an image is taken to show.
        most: Pairs to make, chosen at random where there are more.

    Returns:
        A run that chooses the pairs and then makes a few of them a piece.
    """
    return Stages(
        partial(_choose, models, images, naming, most), partial(_begin, models, images, making)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """A few cue conflicts.

    Attributes:
        stimuli: Those that could be made.
        answers: Probabilities of each of them, by network.
    """

    stimuli: tuple[Stimulus, ...]
    answers: dict[str, tuple[Tensor, ...]]


def _choose(
    models: Sequence[LoadedModel], images: Sequence[LabelledImage], naming: Naming, most: int
) -> tuple[BiasRun, Sequence[Pair]]:
    cues = {
        model.spec.name: tuple(
            find_cue(model, one, see(model, one.pixels), naming=naming) for one in images
        )
        for model in models
    }
    every = choose_pairs(list(cues.values()), most=len(images) ** 2)
    pairs = choose_pairs(list(cues.values()), most=most)
    run = BiasRun(
        images=len(images),
        wanted=len(pairs),
        possible=len(every),
        cues=cues,
        stimuli=(),
        answers={model.spec.name: () for model in models},
    )
    return run, pairs


def _begin(
    models: Sequence[LoadedModel],
    images: Sequence[LabelledImage],
    making: "Making",
    chosen: tuple[BiasRun, Sequence[Pair]],
) -> Run[BiasRun]:
    run, pairs = chosen
    if not pairs:
        return partial(compute_once, partial(replace, run))
    return compute_each(
        [(first, pairs[first : first + _AT_ONCE]) for first in range(0, len(pairs), _AT_ONCE)],
        partial(_make_batch, models, images, making, len(pairs)),
        name=partial(_name_batch, len(pairs)),
        gather=partial(_join, run),
    )


def _make_batch(
    models: Sequence[LoadedModel],
    images: Sequence[LabelledImage],
    making: "Making",
    count: int,
    item: tuple[int, Sequence[Pair]],
) -> _Batch:
    first, pairs = item
    stimuli: tuple[Stimulus, ...] = ()
    for share, made in making.begin(first // _AT_ONCE)(images, pairs):
        stimuli = (*stimuli, *made)
        report_progress((first + share * len(pairs)) / count, _name_batch(count, item))
    answers = {
        model.spec.name: tuple(see(model, one.pixels).probabilities for one in stimuli)
        for model in models
    }
    return _Batch(stimuli, answers)


def _name_batch(count: int, item: tuple[int, Sequence[Pair]]) -> str:
    first, pairs = item
    return f"{first + len(pairs)} of {count} pairs"


def _join(run: BiasRun, batches: Sequence[_Batch]) -> BiasRun:
    stimuli = tuple(stimulus for one in batches for stimulus in one.stimuli)
    answers = {
        name: tuple(said for one in batches for said in one.answers[name]) for name in run.answers
    }
    return replace(run, stimuli=stimuli, answers=answers)


def make_with_style(maker: LoadedModel, options: StyleOptions) -> Make:
    """Return a maker of cue conflicts by style transfer with a network's features."""

    def make(images: Sequence[LabelledImage], pairs: Sequence[Pair]) -> Iterator[Made]:
        contents = np.stack([view(maker, images[shape].pixels) for shape, _ in pairs])
        styles = np.stack([view(maker, images[texture].pixels) for _, texture in pairs])
        for moment in transfer_style(maker, contents, styles, options=options):
            made: tuple[Stimulus, ...] = ()
            if moment.step == options.steps:
                made = tuple(
                    Stimulus(shape=shape, texture=texture, pixels=pixels, maker=maker.spec.name)
                    for (shape, texture), pixels in zip(pairs, moment.pixels, strict=True)
                )
            yield moment.step / options.steps, made

    return make


def make_with_patches(options: PatchworkOptions) -> Make:
    """Return a maker of cue conflicts from patches; a shape without a silhouette is left out."""

    def make(images: Sequence[LabelledImage], pairs: Sequence[Pair]) -> Iterator[Made]:
        for place, (shape, texture) in enumerate(pairs):
            made: tuple[Stimulus, ...] = ()
            with suppress(ImageError):
                pixels = make_patchwork(
                    images[shape].pixels, images[texture].pixels, options=options
                )
                made = (Stimulus(shape=shape, texture=texture, pixels=pixels, maker=""),)
            yield (place + 1) / len(pairs), made

    return make


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """How cue conflicts are made.

    Attributes:
        makers: The networks whose features are used, one after the other where there are several,
            each with its style transfer; none for patches.
        patches: Of the patches.
    """

    makers: tuple[tuple[LoadedModel, StyleOptions], ...]
    patches: PatchworkOptions

    @property
    def key(self) -> str:
        """All that a cue conflict depends on besides its images, as text."""
        keys = [f"{one.spec.name}/{one.card.sha256}/{style}" for one, style in self.makers]
        return "+".join(keys) or f"{self.patches}"

    @property
    def only_maker(self) -> LoadedModel | None:
        """The network that makes all conflicts; None where several or none do."""
        return self.makers[0][0] if len(self.makers) == 1 else None

    @property
    def maker_name(self) -> str:
        """Name of that network; empty where several or none make the conflicts."""
        return "" if self.only_maker is None else self.only_maker.spec.name

    def begin(self, turn: int) -> Make:
        """Return a maker of cue conflicts, for the first turn 0."""
        if not self.makers:
            return make_with_patches(self.patches)
        return make_with_style(*self.makers[turn % len(self.makers)])

    def tally(self, models: Sequence[LoadedModel], run: BiasRun, *, rule: Rule) -> list[Tally]:
        """Count each network's decisions; in turn none judges conflicts made with its features."""
        in_turn = len(self.makers) > 1
        tallies = []
        for model in models:
            name = model.spec.name
            judged = [
                ((one.shape, one.texture), said)
                for one, said in zip(run.stimuli, run.answers[name], strict=True)
                if not (in_turn and one.maker == name)
            ]
            tallies.append(tally_decisions(model, run.cues[name], judged, rule=rule))
        return tallies


@dataclass(frozen=True, slots=True, eq=False)
class RobustnessCurve:
    """How many images a network still names as it did, while they are distorted.

    Attributes:
        network: Its name.
        title: Its title.
        total: Images that count: those it names rightly undistorted, or all.
        kept: Of these, still named so, one number a strength so far.
    """

    network: str
    title: str
    total: int
    kept: tuple[int, ...]


def list_points(corruption: Corruption) -> tuple[int, ...]:
    """Return the strengths that a curve goes through, from 0 to the most.

    Of shuffled patches 1, which is the whole image, takes the place of 0.
    """
    most = STRENGTHS[corruption].most
    if corruption is Corruption.SHUFFLE:
        return (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)
    return tuple(sorted({round(most * point / _STRENGTH_STEPS) for point in range(9)}))


def follow_distortion(
    models: Sequence[LoadedModel],
    images: Sequence[LabelledImage],
    corruption: Corruption,
    *,
    naming: Naming,
) -> Iterator[tuple[float, tuple[RobustnessCurve, ...]]]:
    """Distort a set more and more, and count what each network still names as before.

    Raises:
        NetworkError: There is no network or no image.
    """
    if not models or not images:
        raise NetworkError("Choose a network and an image to measure with.")
    cues = [
        [find_cue(model, one, see(model, one.pixels), naming=naming) for one in images]
        for model in models
    ]
    kept: list[list[int]] = [[] for _ in models]
    points = list_points(corruption)
    for place, strength in enumerate(points):
        counts = [0] * len(models)
        for number, image in enumerate(images):
            pixels = corrupt(image.pixels, {corruption: strength})
            for judge, model in enumerate(models):
                cue = cues[judge][number]
                counts[judge] += bool(cue) and see(model, pixels).ranking[0] in cue
            share = (place + (number + 1) / len(images)) / len(points)
            yield share, _draw_up(models, cues, kept)
        for judge, count in enumerate(counts):
            kept[judge].append(count)
    yield 1.0, _draw_up(models, cues, kept)


def _draw_up(
    models: Sequence[LoadedModel],
    cues: Sequence[Sequence[frozenset[int]]],
    kept: Sequence[Sequence[int]],
) -> tuple[RobustnessCurve, ...]:
    return tuple(
        RobustnessCurve(
            network=model.spec.name,
            title=model.spec.title,
            total=sum(bool(cue) for cue in own),
            kept=tuple(counts),
        )
        for model, own, counts in zip(models, cues, kept, strict=True)
    )
