"""MNIST from its published files, and the digits of other writers that LeNet is measured on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cnnviz.digits.mnist import to_input
from cnnviz.errors import DataError
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.training.idx import read_idx
from cnnviz.training.labelled import LabelledImages

PARTS = {"train": "train", "test": "t10k"}


@dataclass(frozen=True, slots=True, eq=False)
class Mnist:
    """MNIST as published: usually 60,000 digits to train on and 10,000 to test on.

    Images are (N, 28, 28), 0 for paper and 255 for full ink.
    """

    train: LabelledImages
    test: LabelledImages


def load_mnist(folder: Path) -> Mnist:
    """Read MNIST from FOLDER/MNIST/raw, the layout that torchvision downloads.

    Raises:
        DataError: A file is missing or broken.
    """
    return Mnist(train=_load_part(folder, "train"), test=_load_part(folder, "test"))


def download_mnist(folder: Path) -> None:
    """Fetch what is missing of MNIST into FOLDER/MNIST/raw with torchvision.

    Raises:
        DataError: torchvision is not installed, or the download failed.
    """
    try:
        import_torchvision("datasets").MNIST(str(folder), download=True)
    except ImportError as error:
        raise DataError("MNIST is fetched with torchvision; install it first.") from error
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"MNIST could not be downloaded into {folder}; check the connection, or put its four "
            "files into MNIST/raw there by hand."
        ) from error


def _list_files(folder: Path, part: str) -> tuple[Path, Path]:
    raw = folder / "MNIST" / "raw"
    stem = PARTS[part]
    return raw / f"{stem}-images-idx3-ubyte.gz", raw / f"{stem}-labels-idx1-ubyte.gz"


def _load_part(folder: Path, part: str) -> LabelledImages:
    image_file, label_file = _list_files(folder, part)
    for path in (image_file, label_file):
        if not path.is_file():
            raise DataError(
                f"There is no {path}; give --data the folder that holds MNIST/raw, or add "
                "--download to fetch it."
            )
    images = read_idx(image_file, axes=3)
    labels = read_idx(label_file, axes=1)
    if len(images) == 0 or images.shape[1:] != (28, 28):
        raise DataError(
            f"{image_file.name} holds an array {images.shape}, not digits of 28×28; download it "
            "again."
        )
    if len(labels) != len(images) or labels.max() > 9:
        raise DataError(
            f"{label_file.name} does not hold one label from 0 to 9 for each of the "
            f"{len(images)} images; download both again."
        )
    return LabelledImages(
        images=torch.from_numpy(images.copy()),
        labels=torch.from_numpy(labels.astype(np.int64)),
    )


def load_other_writers() -> tuple[Tensor, Tensor]:
    """Bring scikit-learn's 1,797 digits of 8×8 to LeNet's input, the way the pad does.

    Other writers (forty-three, in Turkey) and other pens than MNIST's; never trained on.

    Returns:
        Inputs, float32 (1797, 1, 32, 32), and labels, int64 (1797,).

    Raises:
        DataError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DataError(
            "LeNet-5 is also measured on scikit-learn's digits, and scikit-learn is not "
            "installed; run “pip install -r requirements-dev.txt” first."
        ) from error
    digits = load_digits()
    inputs = [to_input((image / 16).astype(np.float32)) for image in digits.images]
    return torch.cat(inputs), torch.from_numpy(digits.target.astype(np.int64))
