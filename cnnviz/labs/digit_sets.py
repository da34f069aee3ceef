"""Labelled digits to train on, all in the field of the digit pad: 32×32, paper −0.1, ink 1.175."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.adversarial.linear.data import read_written_digits
from cnnviz.digits.mnist import INK_VALUE, INPUT_SIDE, PAPER_VALUE, to_input
from cnnviz.environment import find_named_path
from cnnviz.errors import DataError
from cnnviz.training.idx import read_idx

MNIST_VARIABLE, DATA_VARIABLE = "CNNVIZ_MNIST", "CNNVIZ_DATA"
SHAPE = (1, INPUT_SIDE, INPUT_SIDE)
CLASSES = tuple("0123456789")
_FILES = {"train": "train", "test": "t10k"}
WRITTEN_TRAINED = 898  # the first half of 1,797
_TESTED = 2000  # of MNIST's 10,000 test digits: the curve is to move while one looks


class DigitSource(StrEnum):
    """Whose digits; the values are those of the page's program."""

    WRITTEN = "digits"
    MNIST = "mnist"


@dataclass(frozen=True, slots=True, eq=False)
class DigitSet:
    """Digits to learn from, and digits that are only measured on.

    Attributes:
        train: (N, 1, 32, 32).
        train_labels: (N,).
        test: Of other writers, (M, 1, 32, 32).
        test_labels: (M,).
    """

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor


def list_sources() -> tuple[DigitSource, ...]:
    """Return the digits that are on this machine."""
    folder = _find_folder()
    has_mnist = folder is not None and all(
        _find_file(folder, part, "images").is_file() for part in _FILES
    )
    return tuple(DigitSource) if has_mnist else (DigitSource.WRITTEN,)


@lru_cache(maxsize=2)
def load_digit_set(source: DigitSource) -> DigitSet:
    """Load digits; the first call takes seconds.

    scikit-learn's 1,797 digits are split in the middle of their file, as its own example does: the
    rows of one writer stand together, so that the halves share one writer at most. Of MNIST, whose
    test part is of other writers, the first 2,000 test digits are held out.

    Raises:
        DataError: The files are missing or broken.
    """
    if source is DigitSource.WRITTEN:
        rows, labels = read_written_digits()
        images = torch.cat([to_input(row.reshape(8, 8).numpy()) for row in rows])
        middle = WRITTEN_TRAINED
        return DigitSet(images[:middle], labels[:middle], images[middle:], labels[middle:])
    train, train_labels = _read_mnist("train")
    test, test_labels = _read_mnist("test")
    return DigitSet(train, train_labels, test[:_TESTED], test_labels[:_TESTED])


def _find_folder() -> Path | None:
    return find_named_path(MNIST_VARIABLE) or find_named_path(DATA_VARIABLE)


def _find_file(folder: Path, part: str, kind: str) -> Path:
    axes = 3 if kind == "images" else 1
    return folder / "MNIST" / "raw" / f"{_FILES[part]}-{kind}-idx{axes}-ubyte.gz"


def _read_mnist(part: str) -> tuple[Tensor, Tensor]:
    folder = _find_folder()
    if folder is None:
        raise DataError(f"{MNIST_VARIABLE} names no folder; name one that holds MNIST/raw.")
    pixels = torch.from_numpy(read_idx(_find_file(folder, part, "images"), axes=3).copy())
    labels = torch.from_numpy(read_idx(_find_file(folder, part, "labels"), axes=1).copy()).long()
    margin = (INPUT_SIDE - pixels.shape[-1]) // 2
    ink = functional.pad(pixels[:, None].float() / 255, (margin,) * 4)  # (N, H, W) -> (N, 1, S, S)
    return PAPER_VALUE + (INK_VALUE - PAPER_VALUE) * ink, labels
