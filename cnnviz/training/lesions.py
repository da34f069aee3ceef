"""The accuracy of the residual and of the plain network without each of their blocks.

`python -m cnnviz.training.lesions --data DIR` measures it on images that were held out of their
training; with `--write-card` it goes into their model cards, where `cnnviz.labs.lesions` reads it.
"""

import argparse
import sys

import torch

from cnnviz.labs.lesions import BLOCKS, LESIONS_FACT, NETWORKS, find_shares, measure_lesions
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import write_fact
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.command import add_write_card, make_parser, read_count, run_command
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.photos import load_for_measuring

_BATCH = 20
_DIGITS = 2


def measure_accuracies(model: LoadedModel, images: LabelledImages) -> dict[str, object]:
    """Measure the top-1 accuracy of the whole network and without each block, in percent."""
    whole, without = 0.0, dict.fromkeys(BLOCKS, 0.0)
    parts = (torch.split(one, _BATCH) for one in (images.images, images.labels))
    for part, labels in zip(*parts, strict=True):
        x = normalize_photographs(part)
        whole += float((find_shares(model.module, x).argmax(dim=1) == labels).sum())
        *_, found = measure_lesions(model, x, labels=labels)
        for name, share in zip(found.blocks, found.kept, strict=True):
            without[name] += share * len(labels)
    count = len(images.labels)
    return {
        "images": count,
        "whole": round(100 * whole / count, _DIGITS),
        "without": {name: round(100 * one / count, _DIGITS) for name, one in without.items()},
    }


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    parser = make_parser(
        "cnnviz.training.lesions",
        "Measure the residual and the plain network without each of their blocks.",
    )
    told = "measure every Nth held-out image"
    parser.add_argument("--every", type=read_count, default=1, metavar="N", help=told)
    add_write_card(parser)
    return run_command(parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> None:
    images = load_for_measuring(options.data, wnids=WNIDS, every=options.every)
    for name in NETWORKS:
        model = load_model(name)
        model.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        found = measure_accuracies(model, images)
        print(f"{name}: {found}", flush=True)
        if options.write_card:
            command = f"python -m cnnviz.training.lesions --data DIR --every {options.every}"
            write_fact(model.card, LESIONS_FACT, found | {"command": f"{command} --write-card"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
