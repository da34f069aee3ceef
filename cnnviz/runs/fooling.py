"""Fooling images, as pages ask for them."""

from collections.abc import Iterator, Sequence
from typing import Any

from cnnviz.feature_visualization.cppn import PatternGenomes
from cnnviz.feature_visualization.direct import PixelGenomes
from cnnviz.feature_visualization.evolution import Evolution, Genomes, evolve
from cnnviz.feature_visualization.fooling import FoolingImage, fool
from cnnviz.figures.format import format_count
from cnnviz.networks.load import LoadedModel

_SECONDS = 110.0  # a safety only: an evolution ends by its generations, the same everywhere

Course = Evolution[Any]  # what evolves differs; the images do not
Noise = tuple[FoolingImage, ...]


def follow_evolution(
    model: LoadedModel, classes: Sequence[int], *, are_patterns: bool, generations: int, seed: int
) -> Iterator[tuple[float, str, Course]]:
    """Evolve images for classes."""
    kind = PatternGenomes if are_patterns else PixelGenomes
    genomes: Genomes[Any] = kind(model.spec.preprocessing.shape)
    limits = {"generations": generations, "seed": seed}
    for course in evolve(model, genomes, classes, seconds=_SECONDS, **limits):
        yield course.share, f"generation {format_count(course.generation)}", course


def fool_all(
    model: LoadedModel, classes: Sequence[int], seed: int
) -> Iterator[tuple[float, str, Noise]]:
    """Change noise until the network is sure, a class at a time."""
    for share, images in fool(model, classes, seed=seed):
        yield share, f"image {min(len(images) + 1, len(classes))} of {len(classes)}", images
