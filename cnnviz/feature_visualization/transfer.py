"""Are the images real? Other networks are asked what they see on them.

`python -m cnnviz.feature_visualization.transfer A B C` makes an image of every class of network A,
has A, B and C read the 8-bit image, and prints how often they name the class. With A alone, all
bundled networks of the same classes are asked. `--write-card` writes the counts into A's model
card, where the page “Feature visualization” finds them.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from cnnviz.errors import CNNVizError, NetworkError
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.growth import predict_pixels
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import PRESETS, Preset, Settings
from cnnviz.feature_visualization.targets import target_class
from cnnviz.feature_visualization.transfer_score import SURE, Reading, TransferScore, write_score
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import WeightsOrigin, list_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.registry import Preprocessing

_FIVE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """One class's image, read by its own network and by others.

    Attributes:
        name: The class.
        probability: That its own network gives it, 0 to 1.
        places: Its place among each other network's guesses, from 1, by the network's name.
        seconds: What making it took.
    """

    name: str
    probability: float
    places: dict[str, int]
    seconds: float


def measure_transfer(
    own: LoadedModel,
    others: Sequence[LoadedModel],
    *,
    settings: Settings,
    steps: int = 128,
    seed: int = 0,
) -> Iterator[Transfer]:
    """Make an image of each of a network's classes, and let it and those that know it read it.

    Raises:
        NetworkError: One of the others shares no class with it.
    """
    for other in others:
        if not set(own.spec.classes) & set(other.spec.classes):
            raise NetworkError(
                f"{own.spec.title} and {other.spec.title} share no class; choose two of one data "
                "set."
            )
    for name in own.spec.classes:
        began = time.perf_counter()
        pixels = make_class_image(own, name, settings=settings, steps=steps, seed=seed)
        seconds = time.perf_counter() - began
        (mine,) = predict_pixels(own, pixels)
        yield Transfer(
            name=name,
            probability=float(mine.probabilities[own.spec.classes.index(name)]),
            places={
                other.spec.name: find_class_place(other, pixels, name)
                for other in others
                if name in other.spec.classes
            },
            seconds=seconds,
        )


def make_class_image(
    model: LoadedModel, name: str, *, settings: Settings, steps: int, seed: int = 0
) -> Pixels:
    """Make the image of a class's probability, uint8 (1, H, W, 3)."""
    target = target_class(model.graph, model.spec.classes.index(name), probability=True)
    for moment in ascend(model, target, settings=settings, steps=steps, seed=seed):
        last = moment.images
    return to_pixels(last)


def find_class_place(model: LoadedModel, pixels: Pixels, name: str) -> int:
    """Return a class's place, from 1, among a network's guesses on an image (1, H, W, 3)."""
    (said,) = predict_pixels(model, fit_pixels(pixels, model.spec.preprocessing))
    return 1 + said.ranking.index(model.spec.classes.index(name))


def fit_pixels(pixels: Pixels, preprocessing: Preprocessing) -> Pixels:
    """Bring images (N, H, W, 3) to another network's size; of its own they stay as they are."""
    height, width = preprocessing.shape[1:]
    if pixels.shape[1:3] == (height, width):
        return pixels
    fitted = [
        np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))
        for image in pixels
    ]
    return np.stack(fitted)


def count_transfers(
    rows: Sequence[Transfer], *, steps: int, seed: int, preset: Preset
) -> TransferScore:
    """Count of how many images a network is sure, and how many each other one names."""
    names = dict.fromkeys(name for row in rows for name in row.places)
    others = {}
    for name in names:
        places = [row.places[name] for row in rows if name in row.places]
        others[name] = Reading(
            images=len(places),
            first=places.count(1),
            among_five=sum(place <= _FIVE for place in places),
        )
    return TransferScore(
        steps=steps,
        seed=seed,
        preset=str(preset),
        images=len(rows),
        sure=sum(row.probability >= SURE for row in rows),
        least=round(min(row.probability for row in rows), 4),
        others=others,
    )


def main() -> int:
    """Measure and print, a line a class and the sums."""
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.feature_visualization.transfer", description=__doc__
    )
    parser.add_argument("own", help="network whose classes are drawn, such as alexnet64")
    parser.add_argument("others", nargs="*", help="networks that are asked too")
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--preset", choices=list(Preset), default=Preset.OLAH)
    parser.add_argument(
        "--write-card", action="store_true", help="write the counts into the network's model card"
    )
    given = parser.parse_args()
    torch.set_num_threads(1)  # the quickest for one image at a time
    preset = Preset(given.preset)
    try:
        own = load_model(given.own)
        others = [load_model(name) for name in given.others or _list_companions(given.own)]
        rows = []
        for row in measure_transfer(
            own, others, settings=PRESETS[preset], steps=given.steps, seed=given.seed
        ):
            print(_write_row(row), flush=True)
            rows.append(row)
        score = count_transfers(rows, steps=given.steps, seed=given.seed, preset=preset)
        _print_sums(own.spec.title, score, sorted(row.seconds for row in rows))
        if given.write_card:
            print(f"Written to {write_score(own.card, score)}")
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _list_companions(name: str) -> list[str]:
    """Bundled networks of the same classes."""
    classes = get_network(name).classes
    return [
        other
        for other, file in list_weights().items()
        if other != name
        and file.origin is WeightsOrigin.BUNDLED
        and get_network(other).classes == classes
    ]


def _write_row(row: Transfer) -> str:
    places = "   ".join(f"{name}: place {place:<3}" for name, place in row.places.items())
    return f"{row.name:<24} own {100 * row.probability:6.2f} %   {places} {row.seconds:5.2f} s"


def _print_sums(own: str, score: TransferScore, seconds: list[float]) -> None:
    print(
        f"\n{own} is at least {100 * SURE:.0f} % sure of {score.sure} of {score.images} "
        f"images, the least {100 * score.least:.2f} %."
    )
    for name, reading in score.others.items():
        print(
            f"{name} names {reading.first} of {reading.images}: top-1; {reading.among_five}: top-5."
        )
    print(
        f"An image takes {seconds[len(seconds) // 2]:.2f} s in the median, {seconds[-1]:.2f} s "
        "at most."
    )


if __name__ == "__main__":
    sys.exit(main())
