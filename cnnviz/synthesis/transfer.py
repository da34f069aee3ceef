"""Are the pictures real? Another network is asked what it sees on them.

`python -m cnnviz.synthesis.transfer A B` makes a picture of every class of network A that B knows
too, has both read the 8-bit picture, and prints how often they name the class. With A alone only
A is asked.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from cnnviz.errors import CNNVizError, NetworkError
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel, load_model
from cnnviz.synthesis.ascent import ascend
from cnnviz.synthesis.growth import predict_pixels
from cnnviz.synthesis.pixel_scale import to_pixels
from cnnviz.synthesis.regularizers import PRESETS, Preset, Settings
from cnnviz.synthesis.targets import target_class
from cnnviz.zoo.registry import Preprocessing

SURE = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """One class's picture, read by its own network and by another.

    Attributes:
        name: The class.
        probability: That its own network gives it, 0 to 1.
        other_probability: That the other network gives it.
        other_place: Its place among the other's guesses, from 1.
        seconds: What making it took.
    """

    name: str
    probability: float
    other_probability: float
    other_place: int
    seconds: float


def measure_transfer(
    own: LoadedModel, other: LoadedModel, *, settings: Settings, steps: int = 128, seed: int = 0
) -> Iterator[Transfer]:
    """Make a picture of each class that both networks know, and let both read it.

    Raises:
        NetworkError: They share no class.
    """
    shared = [name for name in own.spec.classes if name in other.spec.classes]
    if not shared:
        raise NetworkError(
            f"{own.spec.title} and {other.spec.title} share no class; choose two of one data set."
        )
    for name in shared:
        began = time.perf_counter()
        pixels = make_class_picture(own, name, settings=settings, steps=steps, seed=seed)
        seconds = time.perf_counter() - began
        (mine,) = predict_pixels(own, pixels)
        (theirs,) = predict_pixels(other, fit_pixels(pixels, other.spec.preprocessing))
        there = other.spec.classes.index(name)
        yield Transfer(
            name=name,
            probability=float(mine.probabilities[own.spec.classes.index(name)]),
            other_probability=float(theirs.probabilities[there]),
            other_place=1 + theirs.ranking.index(there),
            seconds=seconds,
        )


def make_class_picture(
    model: LoadedModel, name: str, *, settings: Settings, steps: int, seed: int = 0
) -> Pixels:
    """Make the picture of a class's probability, uint8 (1, H, W, 3)."""
    target = target_class(model.graph, model.spec.classes.index(name), probability=True)
    for moment in ascend(model, target, settings=settings, steps=steps, seed=seed):
        last = moment.pictures
    return to_pixels(last)


def fit_pixels(pixels: Pixels, preprocessing: Preprocessing) -> Pixels:
    """Bring pictures (N, H, W, 3) to another network's size; of its own they stay as they are."""
    height, width = preprocessing.shape[1:]
    if pixels.shape[1:3] == (height, width):
        return pixels
    fitted = [
        np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))
        for picture in pixels
    ]
    return np.stack(fitted)


def main() -> int:
    """Measure and print, a line a class and the sums."""
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.synthesis.transfer", description=__doc__
    )
    parser.add_argument("own", help="network whose classes are pictured, such as alexnet64")
    parser.add_argument("other", nargs="?", help="network that is asked too")
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--preset", choices=list(Preset), default=Preset.OLAH)
    given = parser.parse_args()
    torch.set_num_threads(1)  # the quickest for one picture at a time
    try:
        own = load_model(given.own)
        other = load_model(given.other or given.own)
        settings = PRESETS[Preset(given.preset)]
        rows = []
        for row in measure_transfer(
            own, other, settings=settings, steps=given.steps, seed=given.seed
        ):
            print(_write_row(row), flush=True)
            rows.append(row)
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 1
    _print_sums(rows, own=own.spec.title, other=other.spec.title)
    return 0


def _write_row(row: Transfer) -> str:
    return (
        f"{row.name:<24} own {100 * row.probability:6.2f} %   other "
        f"{100 * row.other_probability:6.2f} %, place {row.other_place:<4} {row.seconds:5.2f} s"
    )


def _print_sums(rows: list[Transfer], *, own: str, other: str) -> None:
    count = len(rows)
    sure = sum(row.probability >= SURE for row in rows)
    first = sum(row.other_place == 1 for row in rows)
    among = sum(row.other_place <= 5 for row in rows)
    seconds = sorted(row.seconds for row in rows)
    print(
        f"\n{own} is at least {100 * SURE:.0f} % sure of {sure} of {count} pictures, the least "
        f"{100 * min(row.probability for row in rows):.2f} %.\n"
        f"{other} names {first} of {count} at the first guess, {among} among five.\n"
        f"A picture takes {seconds[count // 2]:.2f} s in the median, {seconds[-1]:.2f} s at most."
    )


if __name__ == "__main__":
    sys.exit(main())
