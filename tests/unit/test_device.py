"""The device that networks compute on: its name, and results that do not depend on it.

There is a GPU on few machines that run these tests, so another device is simulated, which raises
where a GPU does (`tests/simulated_device.py`).
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import device as benchmark
from cnnviz.device import check_device, choose_device, compute_on_named, get_device, read_device
from cnnviz.errors import DataError
from cnnviz.networks.load import load_model
from tests.device_checks import KINDS

ROOT = Path(__file__).parents[2]
_LEAST_KINDS = 40


def test_a_device_that_is_not_there_is_one_sentence() -> None:
    assert choose_device("cpu", setting="--device") == torch.device("cpu")
    for name in ("cuda:17", "toaster", "meta", "cuda:-1", "cpu:9", "\udce9"):
        with pytest.raises(DataError, match=f"--device is {name}, which .*; choose auto or cpu.$"):
            choose_device(name, setting="--device")


def test_graphics_cards_are_counted_and_auto_takes_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto", setting="") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("auto", setting="") == torch.device("cuda")
    assert choose_device("cuda:1", setting="") == torch.device("cuda", 1)
    with pytest.raises(DataError, match="cuda:2"):
        choose_device("cuda:2", setting="")


def test_the_environment_names_it_and_a_wrong_name_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (None, "", " cpu "):
        if name is None:
            monkeypatch.delenv("CNNVIZ_DEVICE", raising=False)
        else:
            monkeypatch.setenv("CNNVIZ_DEVICE", name)
        assert check_device() is None
        assert read_device() == torch.device("cpu")
    monkeypatch.setenv("CNNVIZ_DEVICE", "cuda:17")
    assert check_device() == (
        "CNNVIZ_DEVICE is cuda:17, which this machine does not have; choose auto or cpu. Until "
        "then the CPU computes everything."
    )
    compute_on_named()
    assert get_device() == torch.device("cpu")
    assert capsys.readouterr().err == f"{check_device()}\n"


def test_a_device_that_does_not_work_is_told_and_the_cpu_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """This build of torch knows the name of CUDA and not how to compute on it, or has a GPU."""
    if torch.cuda.is_available():
        pytest.skip("CUDA works here")
    monkeypatch.setenv("CNNVIZ_DEVICE", "cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    compute_on_named()
    assert get_device() == torch.device("cpu")
    assert capsys.readouterr().err.startswith("cuda does not work, so the CPU computes everything:")


def test_on_the_cpu_nothing_is_put_around_a_network() -> None:
    model = load_model("lenet5")
    for module in (model.module, model.graph.traced):
        assert not module._forward_hooks
        assert not module._forward_pre_hooks


def test_everything_is_the_same_on_another_device() -> None:
    """All tensors are moved that need it, and every result is one of the CPU."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.device_checks"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    refusals = ("same device", "same device", "numpy", "generator")
    assert all(map(str.__contains__, told["refusals"], refusals)), told["refusals"]
    assert told["kept"] == [0.0, 0.0]
    assert "is computed on the CPU; on simulated" in done.stderr
    for name, rows in told["rows"].items():
        assert len(rows) == (len(KINDS[name]) or len(rows))
        for row in rows:
            # The same kernels compute both, so that not even the last digit may differ.
            assert row["difference"] == 0.0, (name, row)
    assert len(told["rows"]["mobilenet64"]) >= _LEAST_KINDS


def test_the_benchmark_says_that_there_is_no_graphics_card(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["benchmarks.device"])
    benchmark.main()
    said = capsys.readouterr().out
    assert said == "This machine has no graphics card that torch can compute on.\n"
