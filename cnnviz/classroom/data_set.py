"""The drawings of a class as a labelled data set in MNIST's format.

It holds the drawings that are on the wall, as LeNet-5 sees them, labelled with the requested digit,
in two halves: one to train on, one to measure on.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.cache import SizedLRUCache
from cnnviz.classroom.store import Drawing
from cnnviz.digits.answers import DEFAULT_PEN
from cnnviz.digits.mnist import Stroke, center_digit, rasterize_strokes, scale_ink
from cnnviz.digits.strokes import unpack_strokes
from cnnviz.errors import DataError
from cnnviz.images.image import Pixels, to_png
from cnnviz.training.idx import write_idx
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.measure import Score
from cnnviz.training.mnist import PARTS, Mnist

MIN_DRAWINGS = 20  # ten of each half: fewer tell accuracy to no better than ±30 points
DIGITS = range(10)
_BATCH = 500
_FIELDS: SizedLRUCache[str, Pixels] = SizedLRUCache(max_bytes=32 * 2**20)


def choose_drawings(
    drawings: Sequence[Drawing],
    *,
    asked: int | None = None,
    guess: int | None = None,
    mistakes: bool = False,
) -> tuple[Drawing, ...]:
    """Choose drawings that are not hidden, as the wall does.

    Args:
        drawings: Of a class.
        asked: Only those of this digit; None for all.
        guess: Only those taken for this digit; None for all.
        mistakes: Only wrong guesses.
    """
    return tuple(
        one
        for one in drawings
        if not one.is_hidden
        and asked in (None, one.asked)
        and guess in (None, one.guess)
        and not (mistakes and one.guess == one.asked)
    )


def check_count(drawings: Sequence[Drawing]) -> None:
    """Check that there are enough drawings to split.

    Raises:
        DataError: Some are missing; it says how many.
    """
    missing = MIN_DRAWINGS - len(drawings)
    if missing > 0:
        verb = "is" if missing == 1 else "are"
        raise DataError(
            f"A data set needs {MIN_DRAWINGS} drawings: {missing} more {verb} missing. Ask your "
            "class for further digits."
        )


def render_drawings(drawings: Sequence[Drawing]) -> LabelledImages:
    """Render drawings as MNIST's images, (N, 28, 28), 0 for paper and 255 for full ink."""
    fields = [_render(one.strokes) for one in drawings]
    images = np.stack(fields) if fields else np.zeros((0, 28, 28), dtype=np.uint8)
    return LabelledImages(
        images=torch.from_numpy(images),
        labels=torch.tensor([one.asked for one in drawings], dtype=torch.int64),
    )


def _render(strokes: str) -> Pixels:
    return _FIELDS.get_or_load(
        strokes,
        lambda: render_strokes(unpack_strokes(strokes)),
        size=lambda field: field.nbytes + len(strokes),
    )


def render_strokes(strokes: tuple[Stroke, ...]) -> Pixels:
    """Render a drawing as one of MNIST's images, uint8 (28, 28): 0 for paper, 255 for full ink."""
    ink = center_digit(rasterize_strokes(strokes, pen=DEFAULT_PEN))
    return np.rint(ink * 255).astype(np.uint8)


def forget_drawings() -> None:
    """Forget what was rendered, of all classes: it is rendered anew where it is needed."""
    _FIELDS.clear()


def split_halves(data: LabelledImages, *, seed: int) -> Mnist:
    """Split images at random into halves that have as many of each label, but for one.

    Args:
        data: At least two images.
        seed: Of the draw.
    """
    dice = np.random.default_rng(seed)
    labels = data.labels.numpy()
    groups = [dice.permutation(np.flatnonzero(labels == digit)) for digit in DIGITS]
    order = np.concatenate(groups)
    # In turns through all labels, so that the halves differ by one image at most too.
    train, test = (torch.from_numpy(np.sort(order[first::2])) for first in (0, 1))
    return Mnist(train=_take(data, train), test=_take(data, test))


def _take(data: LabelledImages, rows: Tensor) -> LabelledImages:
    return LabelledImages(images=data.images[rows], labels=data.labels[rows])


def to_inputs(images: Tensor) -> Tensor:
    """Bring MNIST's images, uint8 (N, 28, 28), to LeNet-5's input, (N, 1, 32, 32)."""
    return scale_ink(images.float() / 255)


def predict_digits(network: nn.Module, images: Tensor) -> Tensor:
    """Return what a network like LeNet-5 predicts of MNIST's images, int64 (N,)."""
    with torch.no_grad():
        parts = [network(to_inputs(part)).argmax(dim=1) for part in torch.split(images, _BATCH)]
    return torch.cat(parts)


def score_digits(predictions: Tensor, labels: Tensor) -> tuple[Score, ...]:
    """Count the right predictions for each of the ten labels."""
    is_right = predictions == labels
    return tuple(
        Score(int(is_right[labels == digit].sum()), int((labels == digit).sum()))
        for digit in DIGITS
    )


def pack_mnist(halves: Mnist) -> bytes:
    """Pack both halves as a ZIP file in MNIST's format.

    Unpacked, it is a folder that `torchvision.datasets.MNIST` opens: MNIST/raw with the four files
    as published, and unpacked beside them, as torchvision leaves them after a download.
    """
    return _pack(dict(_list_mnist(halves)))


def _list_mnist(halves: Mnist) -> Iterator[tuple[str, bytes]]:
    for part, stem in PARTS.items():
        data: LabelledImages = getattr(halves, part)
        kinds = {"images-idx3-ubyte": data.images, "labels-idx1-ubyte": data.labels}
        for kind, values in kinds.items():
            content = write_idx(values.numpy().astype(np.uint8))
            yield f"MNIST/raw/{stem}-{kind}", content
            yield f"MNIST/raw/{stem}-{kind}.gz", gzip.compress(content, mtime=0)


def pack_images(halves: Mnist) -> bytes:
    """Pack both halves as a ZIP file of PNGs, in folders by label: train/4/0001.png."""
    return _pack(dict(_list_images(halves)))


def _list_images(halves: Mnist) -> Iterator[tuple[str, bytes]]:
    for part in PARTS:
        data: LabelledImages = getattr(halves, part)
        for number, (image, label) in enumerate(zip(data.images, data.labels, strict=True)):
            yield f"{part}/{int(label)}/{number:04}.png", to_png(image.numpy())


def _pack(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
