"""The pointing game: of two images side by side, does Grad-CAM of each class point at its own?

`python -m cnnviz.attribution.checks.pointing NAME --data DIR` prints the share of a network of the
lineage, on images that it was not trained on; with `--write-card` it is written into the
network's model card too, where the page on attribution finds it.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import Tensor

from cnnviz.attribution.attribute import Method, attribute
from cnnviz.attribution.checks.pointing_score import PointingScore, write_score
from cnnviz.errors import DataError
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.zoo.lineage import get_member
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.command import add_write_card, make_parser, read_count, run_command
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.photos import load_for_measuring

_AT_ONCE = 100


def compose_pair(left: Tensor, right: Tensor) -> Tensor:
    """Set two images side by side, each squeezed to half its width.

    Args:
        left: uint8 (C, H, W), W even.
        right: The same.

    Returns:
        uint8 (C, H, W).
    """
    halves = [torch.nn.functional.avg_pool2d(image.float(), (1, 2)) for image in (left, right)]
    return torch.cat(halves, dim=2).round().to(torch.uint8)  # two of (C, H, W / 2) -> (C, H, W)


def find_half(values: Tensor) -> int | None:
    """Return the half in which a map (H, W) has its maximum: 0 left, 1 right.

    None where both halves reach it, or nothing is above zero: such a map points nowhere.
    """
    columns = values.amax(dim=0)
    middle = len(columns) // 2
    left, right = float(columns[:middle].max()), float(columns[-middle:].max())
    if max(left, right) <= 0 or left == right:
        return None
    return int(right > left)


def play_pointing_game(name: str, *, data: Path, pairs: int, seed: int = 0) -> PointingScore:
    """Set held-out images of two classes side by side and see where Grad-CAM peaks.

    Only images that the network names rightly alone are set: of others it is not known that it
    sees the class at all.

    Args:
        name: A network of the lineage.
        data: Folder of the images.
        pairs: How many.
        seed: Of the choice.

    Raises:
        CNNVizError: No such network, weights or images, or too few that it names rightly.

    Source:
        The game: Zhang et al.: Top-down Neural Attention by Excitation Backprop, ECCV 2016,
        section 4.1; two images side by side in place of annotated ones.
    """
    get_member(name)  # refuses what is not of the lineage
    model = load_model(name)
    photos = load_for_measuring(data, wnids=tuple(model.card.facts["wnids"]))
    known = _find_known(model, photos)
    if len(known) < 2 or len(set(photos.labels[known].tolist())) < 2:
        raise DataError(f"{name} names fewer than two classes of {data} rightly.")
    generator = torch.Generator().manual_seed(seed)
    both = single = done = 0
    while done < pairs:
        places = known[torch.randint(len(known), (2,), generator=generator)]
        labels = photos.labels[places]
        if labels[0] == labels[1]:
            continue
        x = normalize_photographs(compose_pair(*photos.images[places])[None])
        right = sum(
            find_half(attribute(model, x, method=Method.GRAD_CAM, target=int(label)).values) == half
            for half, label in enumerate(labels)
        )
        both, single, done = both + (right == 2), single + right, done + 1
    return PointingScore(pairs=done, both=both, single=single, seed=seed)


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    parser = make_parser("cnnviz.attribution.checks.pointing", "Play the pointing game.")
    add = parser.add_argument
    add("network", help="a network of the lineage, such as alexnet64")
    add("--pairs", type=read_count, default=1000, metavar="N", help="default: 1000")
    add("--seed", type=int, default=0, metavar="N", help="default: 0")
    add_write_card(parser)
    return run_command(parser, arguments, _play)


def _play(options: argparse.Namespace) -> None:
    score = play_pointing_game(
        options.network, data=options.data, pairs=options.pairs, seed=options.seed
    )
    print(f"{options.network}, seed {options.seed}: {score.write_summary()}")
    if options.write_card:
        print(f"Written to {write_score(load_model(options.network).card, score)}")


def _find_known(model: LoadedModel, photos: LabelledImages) -> Tensor:
    """Places of the images that a network names rightly, (n,)."""
    with torch.no_grad():
        guesses = [
            model.module(normalize_photographs(images)).argmax(dim=1)
            for images in torch.split(photos.images, _AT_ONCE)
        ]
    return (torch.cat(guesses) == photos.labels).nonzero()[:, 0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
