"""A class's data set: its files as others read them, averages, and what LeNet-5 learns of it."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz.classroom import fine_tuning
from cnnviz.classroom.average import average_maps
from cnnviz.classroom.data_set import (
    MIN_DRAWINGS,
    check_count,
    choose_drawings,
    pack_images,
    pack_mnist,
    predict_digits,
    render_drawings,
    score_digits,
    split_halves,
    to_inputs,
)
from cnnviz.classroom.store import Drawing
from cnnviz.digits.mnist import sample_digits
from cnnviz.digits.strokes import pack_strokes
from cnnviz.errors import DataError
from cnnviz.labs.digit_sets import DigitSet, DigitSource
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.mnist import load_mnist


def drawn(digit: int, *, asked: int | None = None, is_hidden: bool = False) -> Drawing:
    strokes = pack_strokes(sample_digits()[digit])
    return Drawing(digit, strokes, digit if asked is None else asked, digit, 0.9, is_hidden, 1)


@pytest.fixture(scope="module")
def data() -> LabelledImages:
    return render_drawings([drawn(digit) for digit in range(10) for _ in range(3)])


def test_a_class_says_how_many_drawings_are_missing() -> None:
    check_count([drawn(1)] * MIN_DRAWINGS)
    with pytest.raises(DataError, match="needs 20 drawings: 1 more is missing"):
        check_count([drawn(1)] * 19)
    with pytest.raises(DataError, match="20 more are missing"):
        check_count([])


def test_drawings_are_chosen_as_on_the_wall() -> None:
    ones = [drawn(1), drawn(7, asked=1), drawn(7), drawn(1, is_hidden=True)]
    assert choose_drawings(ones) == tuple(ones[:3])
    assert choose_drawings(ones, asked=1) == (ones[0], ones[1])
    assert choose_drawings(ones, guess=7) == (ones[1], ones[2])
    assert choose_drawings(ones, mistakes=True) == (ones[1],)


def test_each_half_has_every_label_as_often_but_for_one() -> None:
    numbers = torch.arange(30, dtype=torch.uint8)
    data = LabelledImages(numbers[:, None, None].expand(30, 28, 28), numbers.long() // 3)
    halves = split_halves(data, seed=0)
    shown = [half.images[:, 0, 0].tolist() for half in (halves.train, halves.test)]
    assert sorted(shown[0] + shown[1]) == list(range(30))
    assert halves.train.labels.tolist() == [number // 3 for number in shown[0]]
    train, test = (np.bincount(half.labels, minlength=10) for half in (halves.train, halves.test))
    assert (len(halves.train.labels), len(halves.test.labels)) == (15, 15)
    assert (train + test == 3).all()
    assert abs(train - test).max() == 1
    assert halves.train.digest() == split_halves(data, seed=0).train.digest()
    assert halves.train.digest() != split_halves(data, seed=1).train.digest()


def test_torchvision_reads_the_export_and_gives_the_same_pixels_and_labels(
    data: LabelledImages, tmp_path: Path
) -> None:
    halves = split_halves(data, seed=0)
    with zipfile.ZipFile(io.BytesIO(pack_mnist(halves))) as archive:
        archive.extractall(tmp_path)
    for half, is_train in ((halves.train, True), (halves.test, False)):
        found = import_torchvision("datasets").MNIST(str(tmp_path), train=is_train)
        assert torch.equal(found.data, half.images)
        assert torch.equal(found.targets, half.labels)
    # The compressed files alone, as published.
    for path in (tmp_path / "MNIST" / "raw").glob("*-ubyte"):
        path.unlink()
    assert load_mnist(tmp_path).test.digest() == halves.test.digest()


def test_torchvision_reads_the_folders_of_images(data: LabelledImages, tmp_path: Path) -> None:
    halves = split_halves(data, seed=0)
    with zipfile.ZipFile(io.BytesIO(pack_images(halves))) as archive:
        archive.extractall(tmp_path)
    found = import_torchvision("datasets").ImageFolder(str(tmp_path / "train"))
    assert found.classes == [str(digit) for digit in range(10)]
    assert sorted(found.targets) == sorted(halves.train.labels.tolist())
    path, label = found.samples[0]
    image = torch.from_numpy(np.asarray(Image.open(path)).copy())
    mine = halves.train.images[halves.train.labels == label]
    assert any(torch.equal(image, one) for one in mine)


def test_lenet_sees_the_images_as_its_paper_scales_them(data: LabelledImages) -> None:
    model = load_model("lenet5")
    assert predict_digits(model.module, data.images).tolist() == data.labels.tolist()
    scores = score_digits(torch.tensor([1, 1, 7, 7]), torch.tensor([1, 7, 7, 7]))
    assert [(one.correct, one.total) for one in scores if one.total] == [(1, 1), (2, 3)]
    # White of 28×28 with two pixels of paper around it.
    x = torch.full((1, 1, 32, 32), -0.1)
    x[:, :, 2:30, 2:30] = 1.175
    white = torch.full((1, 28, 28), 255, dtype=torch.uint8)
    assert predict_digits(model.module, white).item() == model.module(x).argmax().item()


def test_averages_are_the_means_of_what_the_layers_give() -> None:
    model, drawings = load_model("lenet5"), [drawn(4), drawn(9, asked=4)]
    found = average_maps(model, drawings)
    images = render_drawings(drawings).images
    x = nn.functional.pad(images[:, None] / 255, (2, 2, 2, 2)) * 1.275 - 0.1
    with torch.no_grad():
        c1 = model.module.get_submodule("c1")(x)
        c3 = model.module.get_submodule("c3")(nn.functional.avg_pool2d(c1.relu(), 2))
        shares = model.module(x).softmax(dim=1)
    assert found.count == 2
    with torch.no_grad():
        paper = model.module.get_submodule("c1")(torch.full((1, 1, 32, 32), -0.1))
    norms = (c1 - paper).flatten(1).norm(dim=1)
    kept = float((c1.mean(dim=0) - paper[0]).norm() / norms.mean())
    assert found.kept["c1"] == pytest.approx(kept, rel=1e-4)
    alike = average_maps(model, [drawn(4), drawn(4)])
    assert alike.kept == pytest.approx({"c1": 1.0, "c3": 1.0})
    assert torch.allclose(found.maps["c1"], c1.mean(dim=0), atol=1e-5)
    assert torch.allclose(found.maps["c3"], c3.mean(dim=0), atol=1e-5)
    assert torch.allclose(found.probabilities, shares.mean(dim=0), atol=1e-5)
    assert torch.allclose(found.ink, (images / 255).mean(dim=0), atol=1e-6)


def test_fine_tuning_learns_the_class_and_counts_what_is_forgotten(
    data: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class whose 1 is what all others call a 7: learned on one half, right on the other."""
    swap = {1: 7, 7: 1}
    labels = torch.tensor([swap.get(int(label), int(label)) for label in data.labels])
    halves = split_halves(LabelledImages(data.images, labels), seed=0)
    others = to_inputs(data.images)
    held = DigitSet(others[:0], data.labels[:0], others, data.labels)
    monkeypatch.setattr(fine_tuning, "load_digit_set", lambda _: held)
    model = load_model("lenet5")
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    runs = list(
        fine_tuning.fine_tune_lenet(
            model, halves, source=DigitSource.WRITTEN, epochs=40, rate=1e-3, seed=0
        )
    )
    first, last = runs[0][2], runs[-1][2]
    assert [share for share, _, _ in runs] == [number / 40 for number in range(41)]
    assert (first.epochs[0].kept, last.held, first.state) == (1.0, 30, {})
    # Of three images, every second one from an odd place on: two of the 1 and two of the 7.
    assert first.epochs[0].accuracy == pytest.approx(11 / 15)
    assert (last.epochs[-1].accuracy, last.epochs[-1].kept) == pytest.approx((1.0, 24 / 30))
    assert last.before == first.after
    assert sum(one.correct for one in last.after) == 15
    now = model.module.state_dict()
    assert all(torch.equal(value, now[name]) for name, value in before.items())
    assert not any(one.requires_grad for one in model.module.parameters())
    network = model.spec.build()
    network.load_state_dict(dict(last.state))
    assert predict_digits(network, halves.test.images).tolist() == halves.test.labels.tolist()
