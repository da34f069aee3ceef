"""Photographs decoded once, split into those to learn from and those to measure on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from cnnviz.errors import DataError, ImageError
from cnnviz.images.image import read_image
from cnnviz.networks.zoo.lineage.photographs import SIDE, fit_photograph
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.photo_files import PhotoFile, choose_held_out, list_photos, read_photos


@dataclass(frozen=True, slots=True, eq=False)
class Photos:
    """Photographs as the lineage sees them, uint8 (N, 3, 64, 64).

    Attributes:
        train: To learn from.
        held_out: Never trained on; 50 a class of Tiny ImageNet's 500.
    """

    train: LabelledImages
    held_out: LabelledImages


def load_photos(folder: Path, *, wnids: tuple[str, ...], cache: Path) -> Photos:
    """Read the photographs of some classes and split them.

    Args:
        folder: Holds them in one of the common layouts; other classes in it are left alone.
        wnids: WordNet numbers in the order of the labels.
        cache: Folder for the decoded images, which are read from there the next time.

    Raises:
        DataError: A class is missing or has too few images, or a file is broken.
    """
    listed = [photo for photo in list_photos(folder) if photo.wnid in wnids]
    held_out = choose_held_out(listed)
    for wnid in wnids:
        if not any(key[0] == wnid for key in held_out):
            raise DataError(
                f"{folder} has fewer than ten images of {wnid}; training needs at least ten of "
                f"each of the {len(wnids)} classes."
            )
    every = _decode_once(listed, wnids=wnids, cache=cache)
    is_held_out = torch.tensor([(photo.wnid, photo.name) in held_out for photo in listed])
    return Photos(train=_select(every, ~is_held_out), held_out=_select(every, is_held_out))


def load_for_measuring(folder: Path, *, wnids: tuple[str, ...], every: int = 1) -> LabelledImages:
    """Read the photographs to measure a network on.

    Of images in a folder `train` these are the held-out ones; elsewhere, all.

    Args:
        folder: Holds them in one of the common layouts; other classes in it are left alone.
        wnids: WordNet numbers in the order of the network's outputs.
        every: Takes every so many of them.

    Raises:
        DataError: There are none, or a file is broken.
    """
    listed = [photo for photo in list_photos(folder) if photo.wnid in wnids]
    training = [photo for photo in listed if photo.for_training]
    held_out = choose_held_out(training)
    chosen = [
        photo for photo in listed if not photo.for_training or (photo.wnid, photo.name) in held_out
    ]
    if not chosen:
        raise DataError(
            f"{folder} has no images to measure on: none of the network's {len(wnids)} classes, "
            "or fewer than ten of each in a training folder."
        )
    return _decode(chosen[::every], wnids=wnids)


def _select(images: LabelledImages, chosen: torch.Tensor) -> LabelledImages:
    return LabelledImages(images=images.images[chosen], labels=images.labels[chosen])


def _decode_once(
    photos: Sequence[PhotoFile], *, wnids: tuple[str, ...], cache: Path
) -> LabelledImages:
    """Read the decoded images from the cache, or decode them and put them there."""
    key = hashlib.sha256(repr((SIDE, wnids)).encode())
    for photo in photos:
        key.update(f"{photo.wnid}/{photo.name} {photo.stamp}\n".encode())
    path = cache / f"photos-{key.hexdigest()[:16]}.safetensors"
    try:
        stored = load_file(path)
        return LabelledImages(images=stored["images"], labels=stored["labels"])
    except (FileNotFoundError, SafetensorError, KeyError):
        # Not decoded yet, or a file cut short: both are mended by decoding.
        decoded = _decode(photos, wnids=wnids)
    cache.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file({"images": decoded.images, "labels": decoded.labels}, partial)
    partial.replace(path)
    return decoded


def _decode(photos: Sequence[PhotoFile], *, wnids: tuple[str, ...]) -> LabelledImages:
    images = torch.empty(len(photos), 3, SIDE, SIDE, dtype=torch.uint8)
    progress = tqdm(read_photos(photos), total=len(photos), unit="image", desc="decoding")
    for number, data in enumerate(progress):
        pixels = _decode_one(data, photos[number])
        images[number] = torch.from_numpy(pixels).permute(2, 0, 1)  # (3, 64, 64)
    labels = torch.tensor([wnids.index(photo.wnid) for photo in photos])
    return LabelledImages(images=images, labels=labels)


def _decode_one(data: bytes, photo: PhotoFile) -> "np.typing.NDArray[np.uint8]":
    try:
        return fit_photograph(read_image(data, name=photo.name).pixels)
    except ImageError as error:
        raise DataError(f"In {photo.source.name}: {error}") from error
