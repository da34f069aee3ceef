"""Measuring a trained network on a folder of images, in the class order of its card."""

from pathlib import Path

import torch
from torch import Tensor

from cnnviz.digits.mnist import scale_ink
from cnnviz.errors import DataError, WeightsError
from cnnviz.networks.weights.files import BUNDLED, ModelCard, load_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.lineage import MEMBERS, get_member
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.networks.zoo.registry import build_network
from cnnviz.training.measure import Accuracy, measure_accuracy
from cnnviz.training.mnist import load_mnist
from cnnviz.training.photos import load_for_measuring
from cnnviz.training.recipes import DIGIT_RECIPES


def is_training_folder(name: str, folder: Path) -> bool:
    """Say whether a folder is one that a network of this project is trained on.

    Args:
        name: The network.
        folder: The folder: of zip files, with “train” in it, or for LeNet-5 with MNIST/raw.
    """
    if name in DIGIT_RECIPES:
        return not folder.is_dir() or (folder / "MNIST").is_dir()
    if name not in {one.name for one in MEMBERS}:
        return False
    return (folder / "train").is_dir() or any(folder.glob("*.zip"))


def evaluate_network(name: str, *, data: Path, weights: Path | None, threads: int) -> Accuracy:
    """Measure a network of this project.

    Args:
        name: lenet5 or a network of the lineage.
        data: Folder of the images, or the one that holds MNIST/raw.
        weights: Folder of the weight file and its card; None for the bundled ones.
        threads: Processor threads.

    Raises:
        NetworkError: There is no such network.
        WeightsError: It has no weights, or its card names no classes.
        DataError: There are no images to measure on, or `threads` is out of range.
    """
    if threads < 1:
        raise DataError(f"--threads is {threads}; choose 1 or more.")
    torch.set_num_threads(threads)
    spec = get_network(name) if name in DIGIT_RECIPES else get_member(name)
    module = build_network(spec)
    card = load_weights(module, name, folder=weights or BUNDLED)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if name in DIGIT_RECIPES:
        return measure_accuracy(module, load_mnist(data).test, to_input=_prepare_digits)
    wnids = _read_classes(card, count=len(spec.classes))
    photos = load_for_measuring(data, wnids=wnids)
    return measure_accuracy(module, photos, to_input=normalize_photographs)


def _prepare_digits(images: Tensor) -> Tensor:
    return scale_ink(images / 255)


def _read_classes(card: ModelCard, *, count: int) -> tuple[str, ...]:
    wnids = card.facts.get("wnids")
    if not isinstance(wnids, list) or len(wnids) != count:
        raise WeightsError(
            f"The model card of {card.name} does not name its {count} classes by WordNet number "
            "(“wnids”); put it back from the repository."
        )
    return tuple(map(str, wnids))
