"""A few made photographs in the layouts of Tiny ImageNet and ImageFolder, for tests of training."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

# On purpose not in the order of a folder's listing.
WNIDS = ("n00000003", "n00000001", "n00000002")
_COLOURS = {"n00000003": (200, 40, 40), "n00000001": (40, 200, 40), "n00000002": (40, 40, 200)}


def photo_bytes(wnid: str, number: int, *, side: int = 64, kind: str = "JPEG") -> bytes:
    """A noisy picture in its class's colour."""
    random = np.random.default_rng((int(wnid[1:]), number))
    noise = random.integers(-35, 36, (side, side, 3))
    pixels = (np.array(_COLOURS[wnid]) + noise).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **({"quality": 95} if kind == "JPEG" else {}))
    return file.getvalue()


def put_photos(folder: Path, *, count: int, images: bool = False) -> Path:
    """Lay out FOLDER/WNID/*.JPEG, or FOLDER/WNID/images/*.JPEG as Tiny ImageNet does."""
    for wnid in WNIDS:
        inside = folder / wnid / "images" if images else folder / wnid
        inside.mkdir(parents=True)
        for number in range(count):
            (inside / f"{wnid}_{number}.JPEG").write_bytes(photo_bytes(wnid, number))
    return folder


def put_archive(path: Path, *, count: int, first: int = 0) -> Path:
    """Write a zip file with train/WNID/*.JPEG in it, numbered from `first`."""
    with zipfile.ZipFile(path, "w") as archive:
        for wnid in WNIDS:
            for number in range(first, first + count):
                archive.writestr(f"train/{wnid}/{wnid}_{number}.JPEG", photo_bytes(wnid, number))
    return path
