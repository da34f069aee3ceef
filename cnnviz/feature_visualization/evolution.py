"""Fooling images by evolution: images that mutate, and of which the best are kept.

No gradient: the network is only asked what it sees. Each class keeps its best image; parents are
drawn from those, their mutated children are shown to the network, and a child takes the place of
whatever it beats, in every class at once. With one class that is (1 + λ) selection, with all of
them MAP-Elites.

Sources: Nguyen, Yosinski and Clune 2015, "Deep neural networks are easily fooled: high confidence
predictions for unrecognizable images"; Mouret and Clune 2015, "Illuminating search spaces by
mapping elites".
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from cnnviz.adversarial.pixel_space import save_as_file
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.targets import target_class
from cnnviz.images.image import Pixels, read_image
from cnnviz.networks.load import LoadedModel, Prediction, predict

Genome = TypeVar("Genome")
Odds = npt.NDArray[np.float64]

SURE = 0.99
_CHILDREN = 16  # in a generation; also what a network reads at once, the quickest number here


class Genomes(Protocol[Genome]):
    """What evolves: how a first one is drawn, how one mutates, and what image it stands for."""

    def draw(self, random: np.random.Generator) -> Genome:
        """Draw one to begin with."""

    def mutate(self, genome: Genome, random: np.random.Generator, *, generation: int) -> Genome:
        """Return a changed copy."""

    def render(self, genome: Genome) -> Pixels:
        """Return the image, uint8 (H, W, 3), or (H, W, 1) for a network that sees no colour."""


@dataclass(frozen=True, slots=True, eq=False)
class Elite(Generic[Genome]):
    """The best of a class.

    Attributes:
        index: The class.
        genome: What the image is made from.
        pixels: The image, uint8 (H, W, 1 or 3).
        odds: Log-odds ln p / (1 − p) that the network gives the class.
        generation: In which it appeared, from 0.
    """

    index: int
    genome: Genome
    pixels: Pixels
    odds: float
    generation: int

    @property
    def probability(self) -> float:
        """That the network gives the class, 0 to 1."""
        return float(1 / (1 + np.exp(-self.odds)))


@dataclass(frozen=True, slots=True, eq=False)
class Evolution(Generic[Genome]):
    """An evolution so far.

    Attributes:
        generation: Generations done after the first, which is drawn at random.
        evaluated: Images that the network was shown.
        champions: The best of each class that is evolved for.
        way: The first class's champions after 0, 1, 2, 4, 8, ... generations.
        curve: Log-odds of the champions after each generation, on average.
        reached: Of how many classes the network was sure after each generation.
        share: Of the time or the generations that it may take, 0 to 1.
        is_over: Whether it ended: sure of all, or as far as it may go.
        saved: At the end, what the network gives the class of each champion that it is sure of,
            the image saved as PNG and opened again; empty before.
    """

    generation: int
    evaluated: int
    champions: tuple[Elite[Genome], ...]
    way: tuple[Elite[Genome], ...]
    curve: tuple[float, ...]
    reached: tuple[int, ...]
    share: float
    is_over: bool
    saved: tuple[float, ...]


def evolve(
    model: LoadedModel,
    genomes: Genomes[Genome],
    classes: Sequence[int],
    *,
    generations: int = 20_000,
    seconds: float = 60.0,
    sure: float = SURE,
    seed: int = 0,
) -> Iterator[Evolution[Genome]]:
    """Evolve 8-bit images until a network is sure of their classes; yield each generation.

    Args:
        model: The network; it is not touched.
        genomes: What evolves.
        classes: For which classes, one or more.
        generations: The most, 1 or more.
        seconds: After which the next generation is the last.
        sure: Probability at which a class is reached, above 0 and below 1.
        seed: Of everything that is drawn.

    Raises:
        NetworkError: There is no such class, or a number is out of range.
    """
    if not 0 < sure < 1 or generations < 1 or not classes:
        raise NetworkError(
            f"sure is {sure} and generations {generations} for {len(classes)} classes; give a "
            "probability above 0 and below 1, and 1 or more of both."
        )
    for index in classes:
        target_class(model.graph, index)
    random = np.random.default_rng(seed)
    champions: tuple[Elite[Genome], ...] = ()
    way: list[Elite[Genome]] = []
    curve: list[float] = []
    reached: list[int] = []
    began = time.monotonic()
    for generation in range(generations + 1):
        litter = _breed(genomes, champions, random, generation=generation)
        images = [genomes.render(genome) for genome in litter]
        odds = measure_odds(model, images)
        champions = tuple(
            _choose_elite(best, index, litter, images, odds[:, index], generation=generation)
            for best, index in zip(champions or (None,) * len(classes), classes, strict=True)
        )
        curve.append(sum(elite.odds for elite in champions) / len(champions))
        reached.append(sum(elite.probability >= sure for elite in champions))
        share = min(1.0, max(generation / generations, (time.monotonic() - began) / seconds))
        if reached[-1] == len(classes):
            share = 1.0
        is_over = share >= 1
        if is_over or generation & (generation - 1) == 0:  # 0, 1, 2, 4, 8, ...
            way.append(champions[0])
        yield Evolution(
            generation=generation,
            evaluated=(generation + 1) * _CHILDREN,
            champions=champions,
            way=tuple(way),
            curve=tuple(curve),
            reached=tuple(reached),
            share=share,
            is_over=is_over,
            saved=_read_sure(model, champions, sure=sure) if is_over else (),
        )
        if is_over:
            return


def _breed(
    genomes: Genomes[Genome],
    champions: Sequence[Elite[Genome]],
    random: np.random.Generator,
    *,
    generation: int,
) -> list[Genome]:
    """Draw a first generation, or children of champions that are drawn with equal chances."""
    if not champions:
        return [genomes.draw(random) for _ in range(_CHILDREN)]
    parents = [champions[place] for place in random.integers(len(champions), size=_CHILDREN)]
    return [genomes.mutate(one.genome, random, generation=generation) for one in parents]


def _choose_elite(
    best: Elite[Genome] | None,
    index: int,
    litter: Sequence[Genome],
    images: Sequence[Pixels],
    odds: Odds,
    *,
    generation: int,
) -> Elite[Genome]:
    """Keep a class's champion, or take the child that beats it by most."""
    first = int(odds.argmax())
    if best is not None and odds[first] <= best.odds:
        return best
    return Elite(index, litter[first], images[first], float(odds[first]), generation)


def _read_sure(
    model: LoadedModel, champions: Sequence[Elite[Genome]], *, sure: float
) -> tuple[float, ...]:
    """What the network gives the champions that it is sure of, from their files."""
    return tuple(
        float(read_saved(model, elite.pixels).probabilities[elite.index])
        for elite in champions
        if elite.probability >= sure
    )


def measure_odds(model: LoadedModel, images: Sequence[Pixels]) -> Odds:
    """Ask a network for each class's log-odds ln p / (1 − p) of images, as of opened files.

    Unlike probabilities in single precision they tell images apart that are all but sure.

    Args:
        model: The network.
        images: uint8 (H, W, 1 or 3), each of the size of its input.

    Returns:
        (N, K).
    """
    prepare, frame = model.spec.preprocessing.prepare, model.spec.preprocessing.frame
    x = torch.cat([prepare(frame(draw_colors(image))) for image in images])
    with torch.no_grad():
        logits: torch.Tensor = model.module(x)
    shares = logits.double().log_softmax(dim=1)
    odds: Odds = (shares - torch.log(-torch.expm1(shares))).numpy()
    return odds


def find_odds(probability: float) -> float:
    """Return the log-odds ln p / (1 − p) of a probability above 0 and below 1."""
    return math.log(probability / (1 - probability))


def draw_colors(image: Pixels) -> Pixels:
    """Give a grey image (H, W, 1) three equal channels, as an opened file has them."""
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))


def read_saved(model: LoadedModel, image: Pixels) -> Prediction:
    """Save an image (H, W, 1 or 3) as PNG, open the file as an upload is opened, and ask of it."""
    opened = read_image(save_as_file(model, draw_colors(image)), name="saved image")
    return predict(model, model.spec.preprocessing.prepare(opened.pixels))
