"""The one way in for weights: the shipped file, and every kind of broken one."""

import hashlib
import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from safetensors.torch import save
from scipy.signal import correlate
from torch import Tensor

from cnnviz.digits.mnist import rasterize_strokes, sample_digits, scale_ink, to_input
from cnnviz.errors import WeightsError
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import BUNDLED, load_weights, read_card
from cnnviz.networks.zoo.lenet import LeNet5
from cnnviz.training.idx import read_idx

Array = npt.NDArray[np.float64]


def count_right(module: torch.nn.Module, x: Tensor, labels: Tensor) -> int:
    with torch.no_grad():
        return int((module(x).argmax(dim=1) == labels).sum())


def test_load_digits_recount_agrees_with_the_card_and_the_bar() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.cat([to_input(np.asarray(ink / 16, dtype=np.float32)) for ink in digits.images])
    model = load_model("lenet5")
    right = count_right(model.module, x, torch.as_tensor(digits.target))
    card = model.card.facts["accuracy"]["load_digits"]
    assert len(x) == 1797
    assert (right, len(x)) == (card["correct"], card["total"])
    assert right / len(x) >= 0.95


def test_mnist_recount_agrees_with_the_card_and_the_bar() -> None:
    folder = os.environ.get("CNNVIZ_DATA")
    if not folder:
        pytest.skip("CNNVIZ_DATA does not name a folder with MNIST/raw")
    raw = Path(folder) / "MNIST" / "raw"
    images = read_idx(raw / "t10k-images-idx3-ubyte.gz", axes=3)
    labels = read_idx(raw / "t10k-labels-idx1-ubyte.gz", axes=1)
    x = scale_ink(torch.from_numpy(images.astype(np.float32) / 255))
    model = load_model("lenet5")
    right = count_right(model.module, x, torch.from_numpy(labels.astype(np.int64)))
    card = model.card.facts["accuracy"]["mnist_test"]
    assert len(x) == 10_000
    assert (right, len(x)) == (card["correct"], card["total"])
    assert right / len(x) >= 0.993


def test_the_card_describes_the_shipped_file() -> None:
    facts = read_card("lenet5").facts
    data = (BUNDLED / "lenet5.safetensors").read_bytes()
    assert facts["sha256"] == hashlib.sha256(data).hexdigest()
    # Weights and biases, by hand: C1 6·(25+1), C3 16·(6·25+1), C5 120·(16·25+1), F6 84·(120+1),
    # output 10·(84+1).
    assert facts["parameters"] == 156 + 2416 + 48_120 + 10_164 + 850 == 61_706
    # Products, by hand: C1 28·28·6·25, C3 10·10·16·150, C5 120·400, F6 84·120, output 10·84.
    assert facts["multiply_adds"] == 117_600 + 240_000 + 48_000 + 10_080 + 840 == 416_520
    assert len(facts["curve"]) == facts["epochs"] == facts["recipe"]["epochs"]
    assert facts["data"]["trained_on"].startswith("60,000 training digits of MNIST")
    assert "DIR" in facts["command"]


def test_the_network_ships_in_half_precision() -> None:
    # Two bytes for each of 61,706 numbers, and a header.
    assert 123_412 < (BUNDLED / "lenet5.safetensors").stat().st_size < 125_000


def test_every_sample_drawing_is_read_right() -> None:
    model = load_model("lenet5")
    for digit, strokes in enumerate(sample_digits()):
        x = to_input(rasterize_strokes(strokes, pen=0.09))
        with torch.no_grad():
            assert int(model.module(x).argmax()) == digit


def test_a_bar_is_read_as_numpy_works_it_out() -> None:
    """A fixed drawing through the shipped numbers: scipy's sums against torch's."""
    drawing = np.zeros((28, 28), dtype=np.float32)
    drawing[4:24, 13:16] = 1
    x = scale_ink(torch.from_numpy(drawing))
    model = load_model("lenet5")
    weights = {key: value.double().numpy() for key, value in model.module.state_dict().items()}
    maps = x[0].double().numpy()
    for layer in ("c1", "c3"):
        maps = subsample(convolve(maps, weights[f"{layer}.weight"], weights[f"{layer}.bias"]))
    vector = convolve(maps, weights["c5.weight"], weights["c5.bias"]).reshape(-1)
    vector = np.maximum(weights["f6.weight"] @ vector + weights["f6.bias"], 0)
    expected = weights["output.weight"] @ vector + weights["output.bias"]
    with torch.no_grad():
        logits = model.module(x)[0].numpy()
    assert logits == pytest.approx(expected, abs=1e-4)
    assert int(expected.argmax()) == 1


def convolve(maps: Array, kernels: Array, bias: Array) -> Array:
    """One convolution layer with its ReLU, (C, H, W)."""
    sums = [correlate(maps, kernel, mode="valid")[0] for kernel in kernels]
    result: Array = np.maximum(np.stack(sums) + bias[:, None, None], 0)
    return result


def subsample(maps: Array) -> Array:
    channels, height, width = maps.shape
    result: Array = maps.reshape(channels, height // 2, 2, width // 2, 2).mean(axis=(2, 4))
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped network that a test may break."""
    for ending in ("safetensors", "json"):
        shutil.copy(BUNDLED / f"lenet5.{ending}", tmp_path)
    return tmp_path


def put_weights(folder: Path, data: bytes) -> None:
    """Put other bytes in place of the weights, with a card that vouches for them."""
    (folder / "lenet5.safetensors").write_bytes(data)
    card = {"sha256": hashlib.sha256(data).hexdigest()}
    (folder / "lenet5.json").write_text(json.dumps(card), encoding="utf-8")


def refuse(folder: Path) -> str:
    """Load weights that must be refused; return the sentence."""
    module = LeNet5()
    with pytest.raises(WeightsError) as caught:
        load_weights(module, "lenet5", folder=folder)
    sentence = str(caught.value)
    assert "lenet5" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_missing_card(folder: Path) -> None:
    (folder / "lenet5.json").unlink()
    assert "python -m cnnviz.training lenet5" in refuse(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", "null", '"sha256"', "\ud800"])
def test_card_that_is_none(folder: Path, text: str) -> None:
    (folder / "lenet5.json").write_bytes(text.encode("utf-8", errors="surrogatepass"))
    assert "lenet5.json cannot be read" in refuse(folder)


def test_missing_weights(folder: Path) -> None:
    (folder / "lenet5.safetensors").unlink()
    assert "cannot be opened" in refuse(folder)


def test_truncated_file_has_another_checksum(folder: Path) -> None:
    path = folder / "lenet5.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert "checksums differ" in refuse(folder)


def test_one_changed_bit_has_another_checksum(folder: Path) -> None:
    path = folder / "lenet5.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert "checksums differ" in refuse(folder)


@pytest.mark.parametrize("size", [0, 7, 100, 60_000, -1])
def test_truncated_file_that_its_card_vouches_for(folder: Path, size: int) -> None:
    put_weights(folder, (folder / "lenet5.safetensors").read_bytes()[:size])
    assert "is cut short" in refuse(folder)


def lenet_state() -> dict[str, Tensor]:
    return {key: value.half() for key, value in LeNet5().state_dict().items()}


def test_other_shapes(folder: Path) -> None:
    put_weights(folder, save({**lenet_state(), "c1.weight": torch.zeros(6, 1, 3, 3)}))
    assert "its “c1.weight” is 6×1×3×3, and the network's is 6×1×5×5" in refuse(folder)


def test_a_missing_layer(folder: Path) -> None:
    state = lenet_state()
    del state["f6.bias"]
    put_weights(folder, save(state))
    assert "it lacks “f6.bias”" in refuse(folder)


def test_a_layer_too_many(folder: Path) -> None:
    put_weights(folder, save({**lenet_state(), "f7.bias": torch.zeros(3)}))
    assert "it has in surplus “f7.bias”" in refuse(folder)


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_a_renamed_pickle_is_refused_and_not_run(folder: Path) -> None:
    put_weights(folder, pickle.dumps(Bomb(folder / "ran")))
    assert "nothing of it was run" in refuse(folder)
    assert not (folder / "ran").exists()


def test_a_failed_load_leaves_the_shipped_network_alone(folder: Path) -> None:
    put_weights(folder, save(lenet_state()))
    module = LeNet5()
    load_weights(module, "lenet5", folder=folder)
    shipped = load_model("lenet5").module.state_dict()["c1.weight"]
    assert not torch.equal(module.c1.weight, shipped)
