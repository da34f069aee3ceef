"""The training command, from MNIST's files to a weight file and its card, on a few digits."""

import dataclasses
import json
import math
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from cnnviz.errors import DataError, NetworkError, WeightsError
from cnnviz.networks.weights.files import load_weights
from cnnviz.networks.zoo.lenet import LeNet5
from cnnviz.training import lenet, loop, mnist
from cnnviz.training.__main__ import main
from cnnviz.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from cnnviz.training.loop import rate_factor
from cnnviz.training.measure import Score, count_correct, round_to_half
from cnnviz.training.recipes import DIGIT_RECIPES, PHOTO_RECIPES, get_recipe
from tests.small_mnist import put_small_mnist

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_small_mnist(tmp_path / "data")
    return tmp_path


@pytest.fixture(autouse=True)
def _few_drawn_ones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the command quick, and put back the number of threads that it sets."""
    few = dataclasses.replace(DIGIT_RECIPES["lenet5"], flagged_ones=20)
    monkeypatch.setitem(DIGIT_RECIPES, "lenet5", few)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def arguments(folder: Path, out: str, *more: str) -> list[str]:
    words = ["lenet5", "--data", str(folder / "data"), "--out", str(folder / out)]
    return [*words, "--runs", str(folder / f"{out}-runs"), "--threads", "1", *more]


# Recipe and measures


@pytest.mark.parametrize(
    ("progress", "factor"), [(0, 0), (0.1, 0.5), (0.2, 1), (0.6, 0.5), (0.4, 0.853553), (1, 0)]
)
def test_rate_rises_in_a_line_and_falls_along_half_a_cosine(progress: float, factor: float) -> None:
    assert rate_factor(progress, warm_up=0.2) == pytest.approx(factor, abs=1e-6)


def test_every_recipe_is_of_a_network_in_the_registry() -> None:
    from cnnviz.networks.zoo import get_network
    from cnnviz.networks.zoo.lineage import MEMBERS

    for name in DIGIT_RECIPES:
        assert get_network(name).name == name
    assert set(PHOTO_RECIPES) == {spec.name for spec in MEMBERS}
    with pytest.raises(NetworkError, match="choose one of: lenet5"):
        get_recipe("lenet6")


def test_correct_answers_are_counted_over_all_batches() -> None:
    x = torch.nn.functional.one_hot(torch.arange(1203) % 10, 10).float()
    labels = (torch.arange(1203) % 10).clone()
    labels[::3] = (labels[::3] + 1) % 10
    assert count_correct(torch.nn.Identity(), x, labels) == Score(correct=802, total=1203)
    assert math.isclose(Score(correct=802, total=1203).percent, 100 * 2 / 3)


def test_hold_out_takes_the_last_training_digits(folder: Path) -> None:
    found = mnist.load_mnist(folder / "data")
    kept, held = lenet.split_digits(found.train, found.test, hold_out=30)
    assert torch.equal(kept.labels, found.train.labels[:170])
    assert torch.equal(held.images, found.train.images[170:])
    assert lenet.split_digits(found.train, found.test, hold_out=0) == (found.train, found.test)
    with pytest.raises(DataError, match="--hold-out is 200"):
        lenet.split_digits(found.train, found.test, hold_out=200)


# The command


def read_card(path: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((path / "lenet5.json").read_text(encoding="utf-8"))
    return card


def test_an_interrupted_training_resumes_to_the_same_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "whole", "--epochs", "3")) == 0

    writes = []

    def write_then_stop(path: Path, checkpoint: Checkpoint) -> None:
        write_checkpoint(path, checkpoint)
        writes.append(path)
        if len(writes) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "write_checkpoint", write_then_stop)
        assert main(arguments(folder, "halves", "--epochs", "3")) == 130
    assert not (folder / "halves").exists()
    capsys.readouterr()
    assert main(arguments(folder, "halves", "--epochs", "3", "--resume")) == 0

    whole, halves = ((folder / name / "lenet5.safetensors") for name in ("whole", "halves"))
    assert whole.read_bytes() == halves.read_bytes()
    first, second = read_card(folder / "whole"), read_card(folder / "halves")
    assert first["curve"] == second["curve"]
    assert [row["epoch"] for row in first["curve"]] == [1, 2, 3]
    assert first["sha256"] == second["sha256"]


def test_the_written_network_loads_and_its_card_tells_how_it_was_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "out", "--epochs", "1", "--seed", "7")) == 0
    said = capsys.readouterr().out
    module = LeNet5()
    card = load_weights(module, "lenet5", folder=folder / "out").facts
    assert card["seed"] == card["recipe"]["seed"] == 7
    assert card["epochs"] == 1
    assert card["threads"] == 1
    assert card["data"]["trained_on"].startswith("200 training digits of MNIST and 20 ones")
    assert card["accuracy"]["mnist_test"]["total"] == 40
    assert card["accuracy"]["load_digits"]["total"] == 1797
    assert f"{card['accuracy']['mnist_test']['correct']} of 40" in said
    assert card["parameters"] == 61_706
    assert card["multiply_adds"] == 416_520
    assert "DIR" in card["command"]
    assert str(folder) not in json.dumps(card)
    rounded = round_to_half(module.state_dict())
    for name, value in module.state_dict().items():
        assert torch.equal(rounded[name].float(), value)


def test_another_seed_gives_other_weights_and_refuses_the_checkpoint(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "out", "--epochs", "1", "--seed", "1")) == 0
    first = read_card(folder / "out")["sha256"]
    capsys.readouterr()
    assert main(arguments(folder, "out", "--epochs", "1", "--seed", "2", "--resume")) == 2
    assert "another recipe, seed, number of epochs or data" in capsys.readouterr().err
    assert main(arguments(folder, "out", "--epochs", "1", "--seed", "2")) == 0
    assert read_card(folder / "out")["sha256"] != first


def test_a_trial_run_measures_on_what_it_held_out(folder: Path) -> None:
    words = ["lenet5", "--data", str(folder / "data"), "--runs", str(folder / "trial")]
    assert main([*words, "--threads", "1", "--epochs", "1", "--hold-out", "50"]) == 0
    card = read_card(folder / "trial" / "lenet5")
    assert card["accuracy"]["held_out"]["total"] == 50
    assert "mnist_test" not in card["accuracy"]
    assert card["data"]["trained_on"].startswith("150 training digits")


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("damage", ["empty", "text", "pickle", "torch pickle", "other keys"])
def test_a_broken_checkpoint_is_refused_and_not_run(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "checkpoint.pt"
    if damage == "pickle":
        path.write_bytes(pickle.dumps(Bomb(tmp_path / "ran"), protocol=2))
    elif damage == "torch pickle":
        torch.save({"epoch": Bomb(tmp_path / "ran")}, path)
    elif damage == "other keys":
        torch.save({"epoch": 1}, path)
    else:
        path.write_bytes(b"" if damage == "empty" else b"no checkpoint")
    with pytest.raises(WeightsError, match=r"checkpoint\.pt cannot be read; start without"):
        read_checkpoint(path, identity="")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["lenet6", "--data", "nowhere"], "no recipe for “lenet6”; choose one of: lenet5"),
        (["lenet5", "--data", "nowhere"], "There is no nowhere"),
        (["lenet5", "--data", "nowhere", "--epochs", "0"], "--epochs is 0"),
        (["lenet5", "--data", "nowhere", "--threads", "0"], "--threads is 0"),
    ],
)
def test_bad_input_is_one_sentence(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    written = capsys.readouterr()
    assert reason in written.err
    assert written.err.count("\n") == 1
    assert written.out == ""


def test_a_folder_that_cannot_be_written_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out").write_text("a file in the way", encoding="utf-8")
    assert main(arguments(folder, "out", "--epochs", "1")) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(r".*out cannot be used \(File exists\); .*--resume if .*\.", last)
    (folder / "out").unlink()
    assert main(arguments(folder, "out", "--epochs", "1", "--resume")) == 0


def test_resuming_nothing_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(folder, "out", "--resume")) == 2
    assert re.fullmatch(r"There is no checkpoint .* to resume; .*\.\n", capsys.readouterr().err)


@pytest.mark.parametrize("number", ["-1", "1.5", "many", "²", ""])
def test_a_number_that_is_none_is_refused_by_the_parser(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["lenet5", "--data", "x", f"--seed={number}"])
    assert caught.value.code == 2
    assert f"“{number}” is no whole number" in capsys.readouterr().err


def run_command(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "cnnviz.training", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def test_ctrl_c_leaves_a_checkpoint_and_one_sentence(folder: Path) -> None:
    checkpoint = folder / "out-runs" / "lenet5" / "checkpoint.pt"
    with run_command(*arguments(folder, "out", "--epochs", "5000")) as process:
        for _ in range(3000):
            if checkpoint.exists() or process.poll() is not None:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert re.search(r"\nStopped after \d+ of 5000 epochs; go on with --resume\.\n$", errors)
    assert torch.load(checkpoint, weights_only=True)["epoch"] >= 1
    assert not (folder / "out").exists()


def test_the_command_itself_exits_with_2_and_no_traceback(tmp_path: Path) -> None:
    with run_command("lenet5", "--data", str(tmp_path)) as process:
        out, errors = process.communicate(timeout=300)
    assert process.returncode == 2
    assert out == ""
    assert re.fullmatch(r"There is no .*train-images-idx3-ubyte\.gz; give --data .*\.\n", errors)
