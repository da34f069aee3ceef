"""Training and measuring on photographs, from the command line, on a few made pictures."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from cnnviz import evaluate
from cnnviz.networks.weights.files import load_weights
from cnnviz.networks.zoo.lineage import get_member
from cnnviz.networks.zoo.lineage.photographs import DEVIATION, MEAN
from cnnviz.training import lineage, loop, measuring, precision
from cnnviz.training.__main__ import main
from cnnviz.training.card import write_network
from cnnviz.training.checkpoint import Checkpoint, write_checkpoint
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.measure import measure_accuracy, round_to_half
from cnnviz.training.recipes import PHOTO_RECIPES, Cropping
from tests.small_photos import WNIDS, photo_bytes, put_archive, put_photos


class Small(nn.Module):
    """A network with everything that could make a resumed training differ."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, stride=4)
        self.norm = nn.BatchNorm2d(8)
        self.drop = nn.Dropout(0.5)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.output = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = self.drop(self.norm(self.conv(x)).relu())
        logits: torch.Tensor = self.output(self.mean(maps).flatten(1))
        return logits


class Means(nn.Module):
    """Says which of red, green and blue is brightest, in that order."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.output = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.output(self.mean(x).flatten(1))
        return logits


@pytest.fixture
def _few_classes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three classes in place of a hundred, and a small network in place of AlexNet."""
    small = dataclasses.replace(
        get_member("alexnet64"), build=Small, classes=("red", "green", "blue")
    )
    recipe = dataclasses.replace(
        PHOTO_RECIPES["alexnet64"],
        epochs=3,
        batch=16,
        cropping=Cropping(area=0.4, stretch=0.3, early=((1, 32),)),
    )
    monkeypatch.setattr(lineage, "WNIDS", WNIDS)
    monkeypatch.setattr(lineage, "get_member", lambda _: small)
    monkeypatch.setitem(PHOTO_RECIPES, "alexnet64", recipe)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    put_archive(tmp_path / "data" / "a.zip", count=20)
    return tmp_path / "data"


def arguments(data: Path, out: str, *more: str) -> list[str]:
    words = ["alexnet64", "--data", str(data), "--out", str(data.parent / out)]
    words += ["--runs", str(data.parent / f"{out}-runs"), "--device", "cpu"]
    return [*words, "--threads", "1", *more]


def read_card(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / "alexnet64.json").read_text(encoding="utf-8"))
    return card


@pytest.mark.usefixtures("_few_classes")
def test_an_interrupted_training_resumes_to_the_same_weights(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(arguments(data, "whole")) == 0

    def write_then_stop(path: Path, checkpoint: Checkpoint) -> None:
        write_checkpoint(path, checkpoint)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "write_checkpoint", write_then_stop)
        assert main(arguments(data, "parts")) == 130
        assert main(arguments(data, "parts", "--resume")) == 130
    assert main(arguments(data, "parts", "--resume")) == 0

    whole, parts = (data.parent / name for name in ("whole", "parts"))
    assert read_card(whole)["curve"] == read_card(parts)["curve"]
    assert read_card(whole)["sha256"] == read_card(parts)["sha256"]
    first, second = ((folder / "alexnet64.safetensors").read_bytes() for folder in (whole, parts))
    assert first == second


@pytest.mark.usefixtures("_few_classes")
def test_the_card_tells_how_the_network_was_made(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = torch.random.get_rng_state()
    assert main(arguments(data, "out", "--epochs", "2", "--seed", "5")) == 0
    assert torch.equal(torch.random.get_rng_state(), state)
    said = capsys.readouterr().out
    card = read_card(data.parent / "out")
    assert card["seed"] == card["recipe"]["seed"] == 5
    assert [row["epoch"] for row in card["curve"]] == [1, 2]
    assert all(0 <= row["train_accuracy"] <= 100 for row in card["curve"])
    assert card["data"]["trained_on"].startswith("54 photographs")
    assert card["accuracy"]["top1"]["total"] == 6
    assert card["accuracy"]["top5"]["percent"] == 100
    assert card["wnids"] == list(WNIDS)
    assert card["recipe"]["optimizer"] == "SGD"
    assert card["precision"] in ("float32", "bfloat16")
    assert card["answer"]["sample"] == "cat"
    assert sum(card["answer"]["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert f"{card['accuracy']['top1']['correct']} of 6" in said
    assert str(data.parent) not in json.dumps(card)
    module = Small()
    load_weights(module, "alexnet64", folder=data.parent / "out")
    assert int(module.state_dict()["norm.num_batches_tracked"]) == 2 * 3


@pytest.mark.usefixtures("_few_classes")
def test_a_recipe_may_fit_the_last_layer_anew(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(arguments(data, "as-trained")) == 0
    refitted = dataclasses.replace(PHOTO_RECIPES["alexnet64"], refit=0.01)
    monkeypatch.setitem(PHOTO_RECIPES, "alexnet64", refitted)
    assert main(arguments(data, "refitted")) == 0
    states = []
    for folder in ("as-trained", "refitted"):
        module = Small()
        load_weights(module, "alexnet64", folder=data.parent / folder)
        states.append(module.state_dict())
    before, after = states
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert changed == ["output.weight", "output.bias"]
    card = read_card(data.parent / "refitted")
    assert card["recipe"]["refit"] == 0.01
    assert "new fit" in card["data"]["choices"]


@pytest.mark.usefixtures("_few_classes")
def test_colours_are_learnt(data: Path) -> None:
    assert main(arguments(data, "out", "--epochs", "40")) == 0
    assert read_card(data.parent / "out")["accuracy"]["top1"]["percent"] == 100


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--hold-out", "5"], "--hold-out is for lenet5"),
        (["--download"], "--download is for lenet5"),
        (["--epochs", "0"], "--epochs is 0"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(
    data: Path, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(data, "out", *words)) == 2
    assert reason in capsys.readouterr().err


def test_missing_classes_are_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(data, "out")) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r".*fewer than ten images of n01443537; .*\.\n", said)


# Precision


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [((1.0, 0.5), torch.bfloat16), ((1.0, 0.95), torch.float32), ((1.0, 12.0), torch.float32)],
)
def test_bfloat16_is_taken_only_where_it_is_quicker(
    monkeypatch: pytest.MonkeyPatch, seconds: tuple[float, float], expected: torch.dtype
) -> None:
    times = dict(zip((torch.float32, torch.bfloat16), seconds, strict=True))
    monkeypatch.setattr(precision, "_time_convolution", times.__getitem__)
    assert precision.choose_precision(torch.device("cpu")) is expected


def test_counters_are_not_rounded() -> None:
    state = {"a": torch.tensor([70_001]), "b": torch.tensor([0.1])}
    rounded = round_to_half(state)
    assert rounded["a"].dtype == torch.int64
    assert int(rounded["a"]) == 70_001
    assert rounded["b"].dtype == torch.float16


# Measuring


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network that names the brightest colour, and whose card lists red, green, blue."""
    spec = dataclasses.replace(
        get_member("alexnet64"), build=Means, classes=("red", "green", "blue")
    )
    monkeypatch.setattr(measuring, "get_member", lambda _: spec)
    state = {
        "output.weight": torch.diag(torch.tensor(DEVIATION)),
        "output.bias": torch.tensor(MEAN),
    }
    write_network("alexnet64", state, {"wnids": WNIDS}, folder=tmp_path / "weights")
    return tmp_path / "weights"


@pytest.mark.parametrize("images", [False, True])
def test_evaluate_counts_right_answers_in_either_layout(
    tmp_path: Path, weights: Path, images: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = put_photos(tmp_path / "data", count=4, images=images)
    # Two red pictures among the green ones: ten of twelve stay right.
    for number in (0, 1):
        name = f"{WNIDS[1]}_{number}.JPEG"
        (place,) = folder.rglob(name)
        place.write_bytes(photo_bytes(WNIDS[0], number))
    words = ["alexnet64", "--data", str(folder), "--weights", str(weights), "--threads", "1"]
    assert evaluate.main(words) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(
        r"AlexNet.*\nTop-1 accuracy: 83\.3 % \(10 of 12\)\n"
        r"Top-5 accuracy: 100\.0 % \(12 of 12\)\n[\d,]+ images a second\n",
        said,
    )


def test_evaluate_takes_the_class_order_from_the_card(
    tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same network with a card that lists the classes as a folder does: a third is right."""
    folder = put_photos(tmp_path / "data", count=5)
    card = json.loads((weights / "alexnet64.json").read_text(encoding="utf-8"))
    card["wnids"] = [WNIDS[0], WNIDS[2], WNIDS[1]]
    (weights / "alexnet64.json").write_text(json.dumps(card), encoding="utf-8")
    words = ["alexnet64", "--data", str(folder), "--weights", str(weights), "--threads", "1"]
    assert evaluate.main(words) == 0
    assert "33.3 % (5 of 15)" in capsys.readouterr().out
    del card["wnids"]
    (weights / "alexnet64.json").write_text(json.dumps(card), encoding="utf-8")
    assert evaluate.main(words) == 2
    assert "does not name its 3 classes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["alexnet65", "--data", "x"], "no network “alexnet65”"),
        (["lenet5", "--data", "nowhere"], "There is no nowhere"),
        (["lenet5", "--data", "nowhere", "--threads", "0"], "--threads is 0"),
        (["lenet5", "--data", "x", "--weights", "nowhere"], "no trained weights of lenet5"),
    ],
)
def test_evaluate_refuses_in_one_sentence(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(words) == 2
    said = capsys.readouterr()
    assert reason in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_first_and_five_guesses_are_counted_by_hand() -> None:
    """Scores that fall from the label on: the label is first, second, ... in turn."""

    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.unused = nn.Parameter(torch.zeros(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return -(torch.arange(8.0) - x[:, 0, 0, :1]).abs()

    images = torch.arange(8, dtype=torch.uint8).reshape(8, 1, 1, 1).repeat(30, 3, 1, 1)
    # Of eight classes in a row, 0 asked at 0: the five nearest are 0 to 4.
    labels = torch.tensor([0, 1, 2, 3, 4, 5, 6, 0]).repeat(30)
    accuracy = measure_accuracy(
        Fixed(), LabelledImages(images=images, labels=labels), to_input=torch.Tensor.float
    )
    assert (accuracy.top1.correct, accuracy.top1.total) == (7 * 30, 240)
    assert accuracy.top5.correct == 7 * 30
    assert accuracy.images_per_second > 0


def test_pictures_grow_when_their_epochs_are_over() -> None:
    cropping = Cropping(area=0.5, stretch=0.3, early=((2, 32), (1, 48)))
    sides = [cropping.find_side(epoch, last=64) for epoch in range(5)]
    assert sides == [32, 32, 48, 64, 64]
