"""Weight files of others: every good wrapping is read, every bad file refused, nothing is run."""

import json
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from cnnviz.errors import WeightsError
from cnnviz.networks.weights import checkpoints, weight_fitting
from cnnviz.networks.weights.checkpoints import list_tables, read_state
from cnnviz.networks.weights.weight_fitting import fill_module
from cnnviz.networks.zoo.registry import keep_key


def make_module() -> nn.Module:
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), norm=nn.BatchNorm2d(2)))


def make_state() -> dict[str, Tensor]:
    state = make_module().state_dict()
    return {
        key: torch.full_like(value, index) for index, (key, value) in enumerate(state.items(), 1)
    }


def fill(state: Mapping[str, Any], file: str = "small.pth") -> nn.Module:
    module = make_module()
    fill_module(module, state, file=file, network="small", rename_key=keep_key)
    return module


WRAPPINGS: dict[str, Callable[[dict[str, Tensor]], Any]] = {
    "plain": lambda state: state,
    "ordered": OrderedDict,
    "state_dict": lambda state: {"epoch": 3, "state_dict": state},
    "model": lambda state: {"model": state, "optimizer": {"lr": 0.1}},
    "model_state_dict": lambda state: {"model_state_dict": state, "loss": 0.5},
    "parallel": lambda state: {f"module.{key}": value for key, value in state.items()},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])
def test_what_training_programs_write_is_read(tmp_path: Path, wrapping: str, zipped: bool) -> None:
    path = tmp_path / "small.pth"
    state = make_state()
    torch.save(WRAPPINGS[wrapping](state), path, _use_new_zipfile_serialization=zipped)
    module = fill(read_state(path))
    assert all(torch.equal(value, state[key]) for key, value in module.state_dict().items())


def test_safetensors_in_half_precision_fill_a_network_in_full(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    state = make_state()
    save_file({key: value.half() for key, value in state.items()}, path)
    module = fill(read_state(path))
    assert module.state_dict()["conv.weight"].dtype == torch.float32
    assert torch.equal(module.state_dict()["norm.bias"], state["norm.bias"])


def test_counters_of_training_may_be_missing() -> None:
    state = make_state()
    del state["norm.num_batches_tracked"]
    assert torch.equal(fill(state).state_dict()["norm.weight"], state["norm.weight"])


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def refuse(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        fill(read_state(path), file=path.name)
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def save_bomb(path: Path, ran: Path, way: str) -> None:
    content = {"conv.weight": Bomb(ran)}
    if way == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=way == "zip")


@pytest.mark.parametrize("way", ["pickle", "zip", "old"])
def test_a_program_in_a_pickle_is_refused_and_not_run(tmp_path: Path, way: str) -> None:
    path = tmp_path / "small.pth"
    save_bomb(path, tmp_path / "ran", way)
    assert "nothing of it was run" in refuse(path)
    assert not (tmp_path / "ran").exists()


def test_a_whole_module_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.pth"
    torch.save(make_module(), path)
    assert "Save the network's state_dict() with torch.save instead" in refuse(path)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"small.{ending}"
    if ending == "pth":
        torch.save(make_state(), path)
    else:
        save_file(make_state(), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert "is cut short, damaged or no weight file" in refuse(path)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
@pytest.mark.parametrize("data", [b"not weights at all", b"PK\x03\x04", b"\x80\x02", bytes(100)])
def test_what_is_no_weight_file_is_refused(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"small.{ending}"
    path.write_bytes(data)
    assert "no weight file" in refuse(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "cannot be opened" in refuse(tmp_path / "gone.pth")
    (tmp_path / "folder.safetensors").mkdir()
    assert "cannot be opened" in refuse(tmp_path / "folder.safetensors")


@pytest.mark.parametrize(
    "content",
    [
        {},
        [torch.zeros(2)],
        torch.zeros(2),
        {"conv.weight": 3.0},
        {1: torch.zeros(2)},
        {"state_dict": {}},
    ],
    ids=["empty", "list", "tensor", "number", "keys", "wrapped"],
)
def test_what_is_no_table_of_tensors_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "small.pth"
    torch.save(content, path)
    assert "no table of named tensors" in refuse(path)


def save_changed(path: Path, **changes: Tensor | None) -> None:
    state = make_state()
    for key, value in changes.items():
        name = key.replace("__", ".")
        if value is None:
            del state[name]
        else:
            state[name] = value
    torch.save(state, path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"norm__bias": None}, "it lacks “norm.bias”"),
        ({"norm__bias": None, "conv__bias": None}, "it lacks “conv.bias” and 1 more"),
        ({"fc__bias": torch.zeros(3)}, "it has in surplus “fc.bias”"),
        ({"conv__bias": torch.zeros(3)}, "its “conv.bias” is 3, and the network's is 2"),
        ({"conv__bias": torch.tensor(1.0)}, "its “conv.bias” is a single number"),
        ({"conv__bias": torch.tensor([1.0, torch.nan])}, "infinite or none at all"),
    ],
    ids=["lacks", "lacks two", "surplus", "shape", "scalar", "nan"],
)
def test_a_file_of_another_network_is_refused(
    tmp_path: Path, changes: dict[str, Tensor | None], words: str
) -> None:
    path = tmp_path / "small.pth"
    save_changed(path, **changes)
    assert words in refuse(path)


def test_a_refused_file_changes_nothing() -> None:
    module = make_module()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    state = make_state()
    del state["norm.running_var"]
    with pytest.raises(WeightsError):
        fill_module(module, state, file="f", network="small", rename_key=keep_key)
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def pack_anew(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Save a small state and pack its archive anew, with other members."""
    torch.save(make_state(), path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, change(name, data))


def test_an_archive_packed_anew_is_read(tmp_path: Path) -> None:
    pack_anew(tmp_path / "small.pth", lambda _, data: data)
    module = fill(read_state(tmp_path / "small.pth"))
    assert torch.equal(module.state_dict()["conv.bias"], make_state()["conv.bias"])


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before_torch_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "small.pth"
    torch.save({"conv.weight": torch.zeros(25_000_000)}, path)  # 100 MB in memory
    with zipfile.ZipFile(path) as plain:
        members = {name: plain.read(name) for name in plain.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    assert path.stat().st_size < 1_000_000
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("torch was given the file"))
    assert "would unpack to 0.1 GB" in refuse(path)


REPEATED = b"\x80\x02ccollections\nOrderedDict\nq\x01(%sl."


@pytest.mark.parametrize("way", ["zip", "old"])
def test_a_pickle_of_a_million_steps_is_refused_before_torch_takes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path = tmp_path / "small.pth"
    steps = REPEATED % (b"h\x01)R" * 330_000)
    if way == "zip":
        pack_anew(path, lambda name, data: steps if name.endswith("data.pkl") else data)
        assert path.stat().st_size < 10_000
    else:
        torch.save(make_state(), path, _use_new_zipfile_serialization=False)
        data = path.read_bytes()
        # The content stands behind a number, a version and the machine, each ended by a full stop.
        head = b"".join(pickle.dumps(part, protocol=2) for part in (1, 2, 3))
        path.write_bytes(head + steps + data)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("torch was given the file"))
    assert "lists far more entries than a network has" in refuse(path)


def test_text_that_doubles_at_each_step_is_refused(tmp_path: Path) -> None:
    """Twenty bytes written as hex digits, and these again, fifty times: 10 to the 16 bytes."""
    path = tmp_path / "small.pth"
    text, hexed = b"X\x14\x00\x00\x00" + b"a" * 20, b"X\x03\x00\x00\x00hex"
    steps = b"c_codecs\nencode\nq\x01" + text + b"X\x06\x00\x00\x00latin1\x86R"
    for _ in range(50):
        steps += b"q\x02h\x01h\x02" + hexed + b"\x86R"
    pickled = b"\x80\x02" + steps + b"."
    pack_anew(path, lambda name, data: pickled if name.endswith("data.pkl") else data)
    assert "lists far more entries" in refuse(path)


def test_safetensors_of_a_hundred_thousand_entries_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "small.safetensors"
    entry = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    header = json.dumps({str(number): entry for number in range(100_000)}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    monkeypatch.setattr(checkpoints, "load", lambda _: pytest.fail("it was read"))
    assert "lists far more entries than a network has" in refuse(path)


def test_dictionaries_within_themselves_are_listed_once() -> None:
    inner: dict[str, Any] = {"conv.weight": torch.zeros(1)}
    content = {str(number): inner for number in range(1000)}
    inner.update(content)
    inner["itself"] = inner
    assert [name for name, _ in list_tables(content)] == ["0"]


def test_of_many_networks_side_by_side_only_some_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(weight_fitting, "_find_fitting", lambda _, state: tried.append(state))
    keys = make_state()
    value = torch.zeros(1)
    state = {f"a{number}.{key}": value for number in range(500) for key in keys}
    with pytest.raises(WeightsError, match="does not fit"):
        fill(state)
    assert 2 < len(tried) <= 100
