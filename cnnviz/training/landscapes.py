"""The loss surfaces of the residual and of the plain network around their trained weights.

`python -m cnnviz.training.landscapes --data DIR` measures them on images that were held out of
their training; with `--write-card` they go into their model cards, where `cnnviz.labs.landscapes`
reads them.
"""

import argparse
import sys

import torch
from tqdm import tqdm

from cnnviz.labs.landscapes import (
    LANDSCAPE_FACT,
    draw_direction,
    find_mean_loss,
    measure_surface,
)
from cnnviz.labs.lesions import NETWORKS
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import write_fact
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.command import add_write_card, make_parser, read_count, run_command
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.photos import load_for_measuring

_BATCH = 20
_DIGITS = 4  # significant ones of a loss


def measure_landscape(
    model: LoadedModel, images: LabelledImages, *, points: int, seed: int
) -> dict[str, object]:
    """Measure the mean cross-entropy on a grid from −1 to 1 along both directions.

    Args:
        model: The network.
        images: To measure on.
        points: Of the grid along each direction; odd, so that the trained weights are one of them.
        seed: Of the directions.
    """
    x = normalize_photographs(images.images).to(memory_format=torch.channels_last)
    pair = (torch.split(one, _BATCH) for one in (x, images.labels))
    parts = list(zip(*pair, strict=True))
    center = dict(model.module.named_parameters())
    directions = (draw_direction(center, seed=2 * seed), draw_direction(center, seed=2 * seed + 1))
    middle = points // 2
    offsets = [round((place - middle) / middle, 6) for place in range(points)]
    surface = measure_surface(
        lambda weights: find_mean_loss(model.module, weights, parts), center, directions, offsets
    )
    found = list(tqdm(surface, total=points**2, unit="point", desc=model.card.name))
    rounded = [float(f"{loss:.{_DIGITS}g}") for loss in found]
    rows = [rounded[start : start + points] for start in range(0, len(rounded), points)]
    return {"images": len(images.labels), "seed": seed, "offsets": offsets, "losses": rows}


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    parser = make_parser(
        "cnnviz.training.landscapes",
        "Measure the loss surfaces of the residual and the plain network.",
    )
    add = parser.add_argument
    add("networks", nargs="*", default=NETWORKS, metavar="NETWORK", help="those of one, not both")
    told = "measure on every Nth held-out image"
    add("--every", type=read_count, default=25, metavar="N", help=told)
    add("--points", type=_read_odd, default=21, metavar="N", help="points along a direction, odd")
    add("--seed", type=int, default=0, metavar="N", help="of the two directions")
    add_write_card(parser)
    return run_command(parser, arguments, _measure)


def _read_odd(text: str) -> int:
    points = read_count(text)
    if points < 3 or points % 2 == 0:
        raise argparse.ArgumentTypeError(f"{points} is not odd or less than 3")
    return points


def _measure(options: argparse.Namespace) -> None:
    images = load_for_measuring(options.data, wnids=WNIDS, every=options.every)
    told = f"--every {options.every} --points {options.points} --seed {options.seed}"
    for name in options.networks:
        model = load_model(name)
        model.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        found = measure_landscape(model, images, points=options.points, seed=options.seed)
        print(f"{name}: {found}", flush=True)
        if options.write_card:
            command = f"python -m cnnviz.training.landscapes {name} --data DIR {told}"
            write_fact(model.card, LANDSCAPE_FACT, found | {"command": f"{command} --write-card"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
