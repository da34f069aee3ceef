"""The training's data: MNIST's files, their distortion, and the ones drawn by program."""

import dataclasses
import gzip
import os
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnviz.digits.mnist import center_digit
from cnnviz.errors import DataError
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.training import mnist
from cnnviz.training.distortion import distort_digits
from cnnviz.training.drawn import draw_flagged_ones
from cnnviz.training.idx import read_idx
from cnnviz.training.recipes import DIGIT_RECIPES, Distortion
from tests.small_mnist import (
    TEST_IMAGES,
    TRAIN_LABELS,
    Bytes,
    idx_bytes,
    put_gzip,
    put_small_mnist,
    small_digits,
)

STILL = Distortion(rotation=0, shear=0, stretch=0, wave=0, thinner=0, thicker=0, blur=0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_small_mnist(tmp_path / "data")
    return tmp_path


# The idx format


def test_idx_reads_hand_made_bytes(tmp_path: Path) -> None:
    content = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255])
    values = read_idx(put_gzip(tmp_path / "x.gz", content), axes=3)
    assert values.tolist() == [[[1, 2, 3]], [[4, 5, 255]]]
    assert values.dtype == np.uint8


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "starts with"),
        (b"\x00\x00\x08", "starts with"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x01\x07", "starts with 00000d01, not 00000801"),
        (b"\x00\x00\x08\x03\x00\x00\x00\x01\x07", "starts with 00000803"),
        (b"\x00\x00\x08\x01\x00\x00", "within its header"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x03\x07\x07", "2 bytes after its header"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x01\x07\x07", "2 bytes after its header"),
        (b"\x00\x00\x08\x01\xff\xff\xff\xff\x07", "1 bytes after its header"),
    ],
)
def test_idx_refuses_other_bytes(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=re.escape(reason)):
        read_idx(put_gzip(tmp_path / "x.gz", content), axes=1)


@pytest.mark.parametrize("damage", ["plain", "empty", "cut", "flipped", "missing", "folder"])
def test_idx_refuses_broken_gzip(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.gz"
    whole = gzip.compress(idx_bytes(np.arange(200, dtype=np.uint8)))
    flipped = whole[:40] + bytes([whole[40] ^ 255]) + whole[41:]
    contents = {"plain": b"no gzip", "empty": b"", "cut": whole[:-20], "flipped": flipped}
    if damage in contents:
        path.write_bytes(contents[damage])
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(DataError, match=r"x\.gz .*again\."):
        read_idx(path, axes=1)


# MNIST's four files


def test_mnist_is_read_in_its_own_layout(folder: Path) -> None:
    found = mnist.load_mnist(folder / "data")
    assert np.array_equal(found.train.images.numpy(), small_digits()[0][:200])
    assert found.test.labels.tolist() == small_digits()[1][200:].tolist()
    assert found.train.labels.dtype == torch.int64


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        (TRAIN_LABELS, np.zeros(199, np.uint8), "one label from 0 to 9 for each of the 200"),
        (TRAIN_LABELS, np.full(200, 10, np.uint8), "one label from 0 to 9"),
        (TEST_IMAGES, np.zeros((40, 27, 28), np.uint8), "not digits of 28×28"),
        (TEST_IMAGES, np.zeros((0, 28, 28), np.uint8), "not digits of 28×28"),
    ],
)
def test_mnist_that_does_not_fit_together(
    folder: Path, name: str, values: Bytes, reason: str
) -> None:
    put_gzip(folder / "data" / "MNIST" / "raw" / name, idx_bytes(values))
    with pytest.raises(DataError, match=reason):
        mnist.load_mnist(folder / "data")


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "data" / "MNIST" / "raw" / TEST_IMAGES).unlink()
    with pytest.raises(DataError, match=f"{TEST_IMAGES}.*--download"):
        mnist.load_mnist(folder / "data")


def test_download_without_a_network_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Offline:
        def __init__(self, root: str, *, download: bool) -> None:
            assert download
            raise RuntimeError(f"Error downloading into {root}:\nTried a mirror")

    monkeypatch.setattr(mnist, "import_torchvision", lambda _: SimpleNamespace(MNIST=Offline))
    with pytest.raises(DataError, match=r"^MNIST could not be downloaded .*by hand\.$"):
        mnist.download_mnist(tmp_path)


def test_torchvision_reads_the_same_digits(folder: Path) -> None:
    """The public reader as the oracle, imported the one way in."""
    raw = folder / "data" / "MNIST" / "raw"
    for path in list(raw.iterdir()):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    theirs = import_torchvision("datasets").MNIST(str(folder / "data"), train=False)
    ours = mnist.load_mnist(folder / "data").test
    assert torch.equal(theirs.data, ours.images)
    assert torch.equal(theirs.targets, ours.labels)


def test_the_pad_hands_on_mnist_as_it_is() -> None:
    """MNIST's digits are boxed and centred already: the pad's preparation must agree."""
    folder = os.environ.get("CNNVIZ_DATA")
    if not folder:
        pytest.skip("CNNVIZ_DATA does not name a folder with MNIST/raw")
    images = mnist.load_mnist(Path(folder)).test.images.numpy()
    ink = images[:2000].astype(np.float32) / 255
    difference = np.abs(np.stack([center_digit(image) for image in ink]) - ink)
    assert difference.mean() < 0.001
    assert (difference.max(axis=(1, 2)) < 1e-6).mean() > 0.8


# Distortion


def test_without_distortion_a_digit_stays_as_it_is() -> None:
    ink = torch.from_numpy(small_digits()[0] / np.float32(255))
    out = distort_digits(ink, STILL, generator=torch.Generator().manual_seed(0))
    # Two resamplings on shifted grids soften the edges; place and shape stay.
    assert float((out - ink).abs().mean()) < 0.03


def test_distorted_digits_lie_where_the_pad_would_put_them() -> None:
    ink = torch.from_numpy(small_digits()[0] / np.float32(255))
    distortion = DIGIT_RECIPES["lenet5"].distortion
    out = distort_digits(ink, distortion, generator=torch.Generator().manual_seed(0))
    assert out.shape == ink.shape
    assert float(out.min()) >= 0
    assert float(out.max()) <= 1 + 1e-6
    place = torch.arange(28.0)
    for axis in (1, 2):
        mass = out.sum(dim=axis)
        center = (mass @ place) / mass.sum(dim=1)
        assert float((center - 14).abs().max()) < 1.2
    sides = [max(np.ptp(np.nonzero(image > 0.1), axis=1) + 1) for image in out.numpy()]
    assert min(sides) >= 17
    assert max(sides) <= 23
    assert float((out - ink).abs().mean()) > 0.02


def test_distortion_depends_on_the_seed_alone() -> None:
    ink = torch.from_numpy(small_digits()[0][:20] / np.float32(255))
    distortion = DIGIT_RECIPES["lenet5"].distortion

    def distort(seed: int) -> torch.Tensor:
        return distort_digits(ink, distortion, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(distort(1), distort(1))
    assert not torch.equal(distort(1), distort(2))


@pytest.mark.parametrize("pen", ["thinner", "thicker"])
def test_a_pen_change_goes_the_way_it_is_named(pen: str) -> None:
    ink = torch.from_numpy(small_digits()[0] / np.float32(255))
    changed = dataclasses.replace(STILL, **{pen: 1.0})

    def mean_ink(distortion: Distortion) -> float:
        generator = torch.Generator().manual_seed(0)
        return float(distort_digits(ink, distortion, generator=generator).mean())

    assert (mean_ink(changed) > mean_ink(STILL)) == (pen == "thicker")


def test_blank_paper_stays_blank() -> None:
    generator = torch.Generator().manual_seed(0)
    out = distort_digits(
        torch.zeros(2, 28, 28), DIGIT_RECIPES["lenet5"].distortion, generator=generator
    )
    assert torch.equal(out, torch.zeros(2, 28, 28))


def test_drawn_ones_are_upright_with_a_flag_to_the_left() -> None:
    drawn = draw_flagged_ones(30, seed=1)
    assert drawn.labels.tolist() == [1] * 30
    assert torch.equal(drawn.images, draw_flagged_ones(30, seed=1).images)
    for image in drawn.images:
        ink = image.numpy() > 60
        assert np.ptp(np.flatnonzero(ink.any(axis=1))) + 1 >= 18
        # The flag: in the upper half, ink reaches further left of the bar's top than right of it.
        rows = np.flatnonzero(ink.any(axis=1))
        top = np.flatnonzero(ink[rows[0] + 1]).mean()
        columns = np.flatnonzero(ink[rows[0] : rows[0] + 10].any(axis=0))
        assert top - columns[0] > columns[-1] - top
