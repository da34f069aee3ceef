"""The threshold below which none of a network's classes may fit an image, and how good it is.

`python -m cnnviz.training.open_set NAME --data DIR` measures networks of the lineage on the images
that were held out of their training; with `--write-card` the threshold and its figures go into
their model cards, where `cnnviz.networks.open_set` reads them.

The threshold keeps nine in ten held-out images of the known classes. The literature's 95 % would
detect 17 % of the photographs of unknown classes in place of 31 %, over eleven networks. Where half
of the images are of unknown classes, 77 % of the warnings would be right in place of 75 %.

Two things are measured. Photographs of classes that a network was not trained on (`--photos`) say
how often it is right; there are few. And each tenth of the classes in turn loses its logits, its
images are then unknown and all others known. That has thousands of images, and serves to choose
the score, but its rates are too high: the layers below the logits have learned from the left-out
classes, too. Of ResNet-34 it promises 70 % detected, and 9 of 31 photographs are.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from cnnviz.errors import DataError
from cnnviz.images.image import read_image
from cnnviz.networks.load import LoadedModel, load_model, predict
from cnnviz.networks.open_set import (
    OpenSetCalibration,
    PhotographCounts,
    Score,
    Separation,
    score_logits,
    write_calibration,
)
from cnnviz.networks.zoo.lineage import get_member
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.calibration import read_logits
from cnnviz.training.command import add_write_card, make_parser, run_command
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.photos import load_for_measuring

KEPT = 0.9
FOLDS = 10
_DIGITS = 4
_MEASURED = (
    "The threshold keeps {kept:.0%} of the held-out images. kept and kept_correct: on each half of "
    "them with the threshold of the other half. left_out_auroc and left_out_detected: means over "
    "{folds} folds of classes (every {folds}th class); without the logits of a fold, its images "
    "are unknown and the others known, with a threshold that keeps {kept:.0%} of these; too high, "
    "since the layers below the logits have learned from all classes. photographs: full-size "
    "photographs of the folder --photos by the threshold, unknown being classes that the network "
    "lacks; known ones may have been trained on. auroc: the held-out images against the unknown "
    "photographs. The score is the one with the higher left_out_auroc."
)


@dataclass(frozen=True, slots=True, eq=False)
class PhotographLogits:
    """What a network says of separate photographs.

    Attributes:
        logits: (N, classes).
        is_known: Whether each shows one of the network's classes, bool (N,).
    """

    logits: Tensor
    is_known: Tensor


def calibrate_open_set(
    logits: Tensor,
    labels: Tensor,
    *,
    photographs: PhotographLogits | None = None,
    folds: int = FOLDS,
) -> OpenSetCalibration:
    """Find both scores' thresholds and measure them.

    Args:
        logits: Of images that were not trained on, (N, classes).
        labels: int64 (N,).
        photographs: Separate ones, some of unknown classes.
        folds: Parts of the classes that are left out in turn.

    Raises:
        DataError: A fold would have no class, no images, or leave fewer than two classes.
    """
    classes = logits.shape[1]
    if not 2 <= folds <= classes / 2:
        raise DataError(f"{classes} classes can be split into 2 to {classes // 2} folds.")
    if len(set((labels % folds).tolist())) < folds:
        raise DataError("A fold of classes has no images; measure on images of all classes.")
    separations = {
        score: _separate(logits.double(), labels, photographs, score=score, folds=folds)
        for score in Score
    }
    return OpenSetCalibration(
        score=max(Score, key=lambda score: separations[score].left_out_auroc),
        separations=separations,
        images=len(labels),
        folds=folds,
    )


def _separate(
    logits: Tensor,
    labels: Tensor,
    photographs: PhotographLogits | None,
    *,
    score: Score,
    folds: int,
) -> Separation:
    values = score_logits(logits, score)
    threshold = round(find_threshold(values), _DIGITS)
    is_kept = torch.empty(len(labels), dtype=torch.bool)
    one, other = slice(0, None, 2), slice(1, None, 2)
    for fitted, measured in ((one, other), (other, one)):
        is_kept[measured] = values[measured] >= find_threshold(values[fitted])
    aurocs, detected = zip(
        *(_leave_out(logits, labels, score=score, fold=fold, folds=folds) for fold in range(folds)),
        strict=True,
    )
    return Separation(
        threshold=threshold,
        kept=_average(is_kept),
        kept_correct=_average(is_kept[logits.argmax(dim=1) == labels]),
        left_out_auroc=round(sum(aurocs) / folds, _DIGITS),
        left_out_detected=round(sum(detected) / folds, _DIGITS),
        photographs=None
        if photographs is None
        else _count(values, photographs, score=score, threshold=threshold),
    )


def _count(
    held_out: Tensor, photographs: PhotographLogits, *, score: Score, threshold: float
) -> PhotographCounts:
    values = score_logits(photographs.logits.double(), score)
    known, unknown = values[photographs.is_known], values[~photographs.is_known]
    return PhotographCounts(
        known=len(known),
        kept=int((known >= threshold).sum()),
        unknown=len(unknown),
        detected=int((unknown < threshold).sum()),
        auroc=round(measure_auroc(held_out, unknown), _DIGITS),
    )


def find_threshold(values: Tensor) -> float:
    """Return what nine in ten of these scores (N,) reach."""
    return float(values.quantile(1 - KEPT))


def measure_auroc(known: Tensor, unknown: Tensor) -> float:
    """Return the area under the ROC curve of scores that should be higher for known classes.

    Args:
        known: Scores of images of known classes, (N,).
        unknown: Of unknown ones, (M,).
    """
    from sklearn.metrics import roc_auc_score

    is_known = torch.cat([torch.ones(len(known)), torch.zeros(len(unknown))])
    return float(roc_auc_score(is_known.numpy(), torch.cat([known, unknown]).numpy()))


def _leave_out(
    logits: Tensor, labels: Tensor, *, score: Score, fold: int, folds: int
) -> tuple[float, float]:
    """AUROC and detected share, 0 to 1, where a fold of classes is unknown."""
    stays = torch.arange(logits.shape[1]) % folds != fold  # (classes,)
    values = score_logits(logits[:, stays], score)
    known, unknown = values[stays[labels]], values[~stays[labels]]
    is_detected = unknown < find_threshold(known)
    return measure_auroc(known, unknown), float(is_detected.double().mean())


def _average(flags: Tensor) -> float:
    return round(float(flags.double().mean()), _DIGITS)


def read_photographs(model: LoadedModel, folder: Path) -> PhotographLogits:
    """Run a network on photographs named like n02391049_zebra.jpg.

    Args:
        model: A network of the lineage.
        folder: Holds the photographs.

    Raises:
        DataError: None is of a class that the network lacks.
        ImageError: One cannot be read.
    """
    paths = sorted(folder.glob("n????????_*.jpg"))
    is_known = torch.tensor([path.name.partition("_")[0] in WNIDS for path in paths])
    if not len(paths) or bool(is_known.all()):
        raise DataError(
            f"{folder} holds no photographs of other classes, named like n02391049_zebra.jpg."
        )
    prepare = model.spec.preprocessing.prepare
    inputs = [prepare(read_image(path.read_bytes(), name=path.name).pixels) for path in paths]
    logits = torch.stack([predict(model, x).logits for x in inputs])
    return PhotographLogits(logits=logits, is_known=is_known)


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    parser = make_parser(
        "cnnviz.training.open_set",
        "Find the score below which none of a network's classes may fit an image.",
    )
    add = parser.add_argument
    add("networks", nargs="+", metavar="NAME", help="networks of the lineage, such as alexnet64")
    add("--photos", type=Path, metavar="DIR", help="photographs named like n02391049_zebra.jpg")
    add_write_card(parser)
    return run_command(parser, arguments, _calibrate_all)


def _calibrate_all(options: argparse.Namespace) -> None:
    for name in options.networks:
        get_member(name)  # refuses what is not of the lineage
    images = load_for_measuring(options.data, wnids=WNIDS)
    for name in options.networks:
        _calibrate(load_model(name), images, options)


def _calibrate(model: LoadedModel, images: LabelledImages, options: argparse.Namespace) -> None:
    """Measure one network, print its figures and write them."""
    model.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    logits = read_logits(model.module, images, to_input=normalize_photographs)
    photographs = read_photographs(model, options.photos) if options.photos else None
    calibration = calibrate_open_set(logits, images.labels, photographs=photographs)
    command = f"python -m cnnviz.training.open_set {model.spec.name} --data DIR"
    command += " --photos DIR" if options.photos else ""
    print(f"{model.spec.name}: {calibration.score}")
    for score, separation in calibration.separations.items():
        print(f"  {score}: {separation}")
    if options.write_card:
        path = write_calibration(
            model.card,
            calibration,
            measured=_MEASURED.format(kept=KEPT, folds=calibration.folds),
            command=f"{command} --write-card",
        )
        print(f"Written to {path}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
