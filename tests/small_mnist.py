"""Two hundred and forty digits laid out as MNIST is published, for tests of the training."""

import gzip
import struct
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnviz.digits.mnist import center_digit

Bytes = npt.NDArray[np.uint8]
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"


@cache
def small_digits() -> tuple[Bytes, Bytes]:
    """Scikit-learn's first 240 digits, boxed and centred, in MNIST's 28×28 bytes; and labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = [center_digit((ink / 16).astype(np.float32)) for ink in found.images[:240]]
    return (np.stack(images) * 255).astype(np.uint8), found.target[:240].astype(np.uint8)


def idx_bytes(values: Bytes) -> bytes:
    """Write the format by hand: two zero bytes, type 8, the axes, their lengths, the values."""
    lengths = b"".join(struct.pack(">I", length) for length in values.shape)
    return bytes([0, 0, 8, values.ndim]) + lengths + values.tobytes()


def put_gzip(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def put_small_mnist(folder: Path) -> None:
    """Lay out FOLDER/MNIST/raw with 200 digits to train on and 40 to test on."""
    images, labels = small_digits()
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    put_gzip(raw / "train-images-idx3-ubyte.gz", idx_bytes(images[:200]))
    put_gzip(raw / TRAIN_LABELS, idx_bytes(labels[:200]))
    put_gzip(raw / TEST_IMAGES, idx_bytes(images[200:]))
    put_gzip(raw / "t10k-labels-idx1-ubyte.gz", idx_bytes(labels[200:]))
