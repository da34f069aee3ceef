"""Weight files as many programs write them, fitted as torch's own load_state_dict fits them."""

import argparse
import gzip
import io
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from cnnviz.errors import WeightsError
from cnnviz.networks.weights.checkpoints import read_state
from cnnviz.networks.weights.weight_fitting import fill_module
from cnnviz.networks.zoo.meta_build import build_unfilled
from cnnviz.networks.zoo.registry import keep_key
from cnnviz.networks.zoo.torchvision_import import import_torchvision

State = dict[str, Tensor]


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
        self.head = nn.Linear(2, 3)


class Holder(nn.Module):
    """A network of which a part is called as the wrapper that trains in parallel."""

    def __init__(self) -> None:
        super().__init__()
        self.module = Small()


def make_state(module: nn.Module) -> State:
    state = module.state_dict()
    for index, value in enumerate(state.values(), 1):
        value.fill_(index)
    return state


def fill(module: nn.Module, path: Path) -> State:
    content = read_state(path)
    fill_module(module, content, file=path.name, network="small", rename_key=keep_key)
    return module.state_dict()


def saved(tmp_path: Path, content: Any, **options: Any) -> Path:
    path = tmp_path / "small.pth"
    torch.save(content, path, **options)
    return path


def put(prefix: str) -> Callable[[State], State]:
    return lambda state: {f"{prefix}{key}": value for key, value in state.items()}


def is_same(state: State, expected: State) -> bool:
    return state.keys() == expected.keys() and all(
        torch.equal(value, expected[key].to(value.dtype)) for key, value in state.items()
    )


def within_parts(state: State) -> State:
    """As nn.DataParallel around the features alone names them."""
    return {key.replace("features.", "features.module."): value for key, value in state.items()}


WRAPPINGS: dict[str, Callable[[State], Any]] = {
    "net": lambda state: {"net": state, "acc": 93.1, "epoch": 12},
    "ema": lambda state: {"ema": state, "step": 3},
    "network": lambda state: {"network": state},
    "unknown name": lambda state: {"weights_of_mine": state},
    "nested": lambda state: {"checkpoint": {"model": {"state_dict": state}}},
    "numbers beside": lambda state: {**state, "epoch": 3, "name": "small"},
    "compiled": put("_orig_mod."),
    "lightning": lambda state: {
        "state_dict": {**put("model.")(state), "loss.weight": torch.ones(3)}
    },
    "both": put("module._orig_mod."),
    "net.": put("net."),
    "in the middle": within_parts,
    "averaged": lambda state: {"n_averaged": torch.tensor(4), **put("module.")(state)},
    "model and ema": lambda state: {
        "ema": {key: value + 1 for key, value in state.items()},
        "model": state,
    },
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_wrappings_are_taken_off(tmp_path: Path, wrapping: str) -> None:
    state = make_state(Small())

    filled = fill(Small(), saved(tmp_path, WRAPPINGS[wrapping](state)))

    assert is_same(filled, state)


@pytest.mark.filterwarnings("ignore:.*DataParallel:DeprecationWarning")
def test_torch_s_own_wrappers(tmp_path: Path) -> None:
    module = Small()
    state = make_state(module)

    for each in (AveragedModel(module), nn.DataParallel(module)):
        assert is_same(fill(Small(), saved(tmp_path, each.state_dict())), state)


@pytest.mark.parametrize("wrapping", [put(""), put("module."), put("net.")])
def test_a_prefix_that_the_network_has_too_stays(
    tmp_path: Path, wrapping: Callable[[State], State]
) -> None:
    state = make_state(Holder())

    assert is_same(fill(Holder(), saved(tmp_path, wrapping(state))), state)


def test_a_prefix_of_another_network_is_no_excuse(tmp_path: Path) -> None:
    path = saved(tmp_path, put("module.")({"other.weight": torch.zeros(2)}))

    with pytest.raises(WeightsError, match=r"does not fit small: it lacks “features.0.weight”"):
        fill(Small(), path)


BESIDE: dict[str, Any] = {
    "float64": np.float64(0.93),
    "int64": np.int64(7),
    "array": np.arange(4.0),
    "namespace": argparse.Namespace(lr=0.1, arch="small"),
    "nested": {"args": argparse.Namespace(best=np.float32(1.5))},
}


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])
def test_numbers_and_options_beside_the_weights(tmp_path: Path, beside: str, zipped: bool) -> None:
    state = make_state(Small())
    content = {"model": state, "beside": BESIDE[beside]}

    path = saved(tmp_path, content, _use_new_zipfile_serialization=zipped)

    assert is_same(fill(Small(), path), state)


class Options:
    """A training program's own type."""


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])
def test_an_entry_of_another_type_is_named(tmp_path: Path, zipped: bool) -> None:
    content = {"model": make_state(Small()), "options": Options()}
    path = saved(tmp_path, content, _use_new_zipfile_serialization=zipped)

    with pytest.raises(WeightsError, match=r"its entry “options” is a [\w.]+\.Options\); nothing"):
        read_state(path)


def test_counters_of_one_number_in_a_list(tmp_path: Path) -> None:
    state = make_state(Small())
    state["features.1.num_batches_tracked"] = torch.tensor([7])

    filled = fill(Small(), saved(tmp_path, state))

    assert filled["features.1.num_batches_tracked"].item() == 7


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (torch.zeros(3, dtype=torch.bool), "bool"),
        (torch.zeros(3, dtype=torch.int64), "int64"),
        (torch.zeros(3, dtype=torch.uint8), "uint8"),
        (torch.zeros(3, dtype=torch.float8_e4m3fn), "float8_e4m3fn"),
        (torch.zeros(3, dtype=torch.complex64), "complex64"),
        (torch.zeros(3).to_sparse(), "sparse float32"),
    ],
)
def test_a_type_that_weights_do_not_have_is_named(tmp_path: Path, value: Tensor, kind: str) -> None:
    path = saved(tmp_path, make_state(Small()) | {"head.bias": value})

    with pytest.raises(WeightsError, match=f"holds “head.bias” as {kind}, a type that"):
        fill(Small(), path)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
@pytest.mark.parametrize("written", ["pth", "safetensors"])
def test_the_ending_does_not_matter(tmp_path: Path, ending: str, written: str) -> None:
    path, state = tmp_path / f"small.{ending}", make_state(Small())
    if written == "pth":
        torch.save(state, path)
    else:
        save_file(state, path)

    assert is_same(fill(Small(), path), state)


def script() -> bytes:
    """What torch.jit.save writes: programs under code, and their constants."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("data.pkl", "code/__torch__/torch/nn/modules/conv.py", "constants.pkl"):
            archive.writestr(f"small/{name}", b"\x80\x02}.")
    return file.getvalue()


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("small.pth", data)
    return file.getvalue()


def newer_pickle() -> bytes:
    file = io.BytesIO()
    torch.save(make_state(Small()), file, pickle_protocol=4)
    return file.getvalue()


OTHERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "gzip": (lambda: gzip.compress(save(make_state(Small()))), "is packed with gzip; unpack it"),
    "zip": (lambda: zipped(save(make_state(Small()))), "is a zip archive; unpack it"),
    "keras": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(100), "is a Keras or HDF5 file"),
    "lfs": (lambda: b"version https://git-lfs.github.com/spec/v1\noid", "is a pointer of Git LFS"),
    "html": (lambda: b"\n<!DOCTYPE html><html>", "is a web page"),
    "torchscript": (script, r"is a TorchScript program; save the state_dict\(\)"),
    "newer pickle": (newer_pickle, "without the option pickle_protocol"),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_other_kinds_of_files_are_named(tmp_path: Path, kind: str, ending: str) -> None:
    path = tmp_path / f"small.{ending}"
    path.write_bytes(OTHERS[kind][0]())

    with pytest.raises(WeightsError, match=OTHERS[kind][1]):
        read_state(path)


def test_names_that_torchvision_changed_are_read_as_it_reads_them(tmp_path: Path) -> None:
    """Its published vision transformers call the first layer of a block linear_1, not 0."""
    models = import_torchvision("models")
    options = {"image_size": 32, "patch_size": 16, "num_layers": 1, "num_heads": 2}
    build: Callable[[], nn.Module] = partial(
        models.VisionTransformer, **options, hidden_dim=8, mlp_dim=16
    )
    state = {key: torch.randn_like(value) for key, value in build().state_dict().items()}
    old = OrderedDict(
        (key.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."), value)
        for key, value in state.items()
    )
    assert "encoder.layers.encoder_layer_0.mlp.linear_2.bias" in old

    for content in (old, {"module." + key: value for key, value in old.items()}):
        assert is_same(fill(build(), saved(tmp_path, content)), state)


@pytest.mark.filterwarnings("ignore:.*DataParallel:DeprecationWarning")
def test_versions_that_torch_notes_go_along(tmp_path: Path) -> None:
    """MnasNet raises without the note of its version, and reads each version in its own way."""
    build = partial(build_unfilled, import_torchvision("models").mnasnet0_5)
    state = make_state(build())  # what the memory held may be no number
    wrapped = nn.DataParallel(build()).state_dict()
    for key, value in state.items():
        wrapped[f"module.{key}"].copy_(value)
    bare = tmp_path / "small.safetensors"
    save_file(state, bare)

    for path in (saved(tmp_path, state), saved(tmp_path, wrapped), bare):
        assert is_same(fill(build(), path), state)


def test_a_network_that_cannot_be_copied_is_filled_too(tmp_path: Path) -> None:
    with pytest.warns(FutureWarning):
        module, other = nn.utils.weight_norm(nn.Linear(2, 3)), nn.utils.weight_norm(nn.Linear(2, 3))
    state = make_state(module)

    assert is_same(fill(other, saved(tmp_path, state)), state)
