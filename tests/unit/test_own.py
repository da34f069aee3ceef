"""Networks of the person who starts the app: a good file, and every kind of bad one."""

from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch

from cnnviz.cache import SizedLRUCache
from cnnviz.errors import NetworkError, WeightsError
from cnnviz.networks import load, user_networks
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.user_networks import (
    list_own_networks,
    list_own_problems,
    load_own_networks,
    run_models_file,
)
from cnnviz.networks.weights.files import WeightsOrigin, find_weights
from cnnviz.networks.zoo import get_network, registry
from tests.own_networks import GREY_NETWORK, make_state

HEAD = """
from torch import nn
from cnnviz.networks.user_networks import network
"""


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    monkeypatch.setattr(user_networks, "_names", [])
    monkeypatch.setattr(user_networks, "_problems", [])
    monkeypatch.setattr(load, "_NETWORKS", SizedLRUCache[str, LoadedModel]())
    monkeypatch.syspath_prepend(tmp_path)


def write(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_a_grey_network_with_nested_modules_and_functional_relus(tmp_path: Path) -> None:
    run_models_file(write(tmp_path, GREY_NETWORK))
    assert list_own_networks() == ("shapes",)
    spec = get_network("shapes")
    assert spec.title == "Shapes"
    assert find_weights("shapes") is None
    with pytest.raises(WeightsError, match=r"put shapes\.pth or shapes\.safetensors into"):
        load_model("shapes")
    (tmp_path / "weights").mkdir()
    torch.save(make_state(tmp_path / "mine.py"), tmp_path / "weights" / "shapes.pth")
    found = find_weights("shapes")
    assert found is not None
    assert found.origin is WeightsOrigin.FOLDER
    model = load_model("shapes")
    white = np.full((50, 40, 3), 255, dtype=np.uint8)
    x = spec.preprocessing.prepare(white)
    assert x.shape == (1, 1, 28, 28)
    assert torch.allclose(x, torch.tensor((1 - 0.2) / 0.4))  # mean 0.2, std 0.4
    assert spec.preprocessing.view(x).tolist() == [[255] * 28] * 28
    with torch.no_grad():
        assert model.module(x).shape == (1, 3)


def test_a_weight_file_beside_the_python_file(tmp_path: Path) -> None:
    text = GREY_NETWORK.replace("std=0.4", 'std=0.4, weights="trained.pth"')
    run_models_file(write(tmp_path, text))
    torch.save(make_state(tmp_path / "mine.py"), tmp_path / "trained.pth")
    found = find_weights("shapes")
    assert found is not None
    assert found.origin is WeightsOrigin.AUTHOR
    assert found.path == tmp_path / "trained.pth"
    load_model("shapes")


def test_a_class_may_be_decorated(tmp_path: Path) -> None:
    text = """
    @network(shape=(1, 8, 8), classes=("a", "b"), weights="pair.pth")
    class Pair(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Flatten(), nn.Linear(64, 2))
    """
    run_models_file(write(tmp_path, HEAD + dedent(text)))
    assert list_own_networks() == ("pair",)
    assert get_network("pair").own_file == tmp_path / "pair.pth"
    torch.save(get_network("pair").build().state_dict(), tmp_path / "pair.pth")
    assert load_model("pair").spec.classes == ("a", "b")


def test_a_file_may_import_from_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "CLASSES = ('a', 'b')", "my_classes_beside.py")
    text = """
    from my_classes_beside import CLASSES

    @network(shape=(3, 8, 8), classes=CLASSES)
    def pair():
        return nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    """
    run_models_file(write(tmp_path, HEAD + dedent(text)))
    assert get_network("pair").classes == ("a", "b")


GOOD = """
@network(shape=(1, 8, 8), classes=("a", "b"))
def good():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def f(:\n", "stopped at line 1. SyntaxError: "),
        (GOOD + "undefined_name", "stopped at line 8. NameError: name 'undefined_name'"),
        ("import a_module_that_is_nowhere", "stopped at line 4. ModuleNotFoundError: "),
        ("raise SystemExit(3)", "stopped at line 4. SystemExit: 3."),
        (GOOD + GOOD.replace("def good", "def lenet5"), "The name “lenet5” is taken"),
        (GOOD.replace("shape=", 'name="1 x", shape='), "name is “1 x”; write small letters"),
        (GOOD.replace('("a", "b")', "()"), "classes is (); give a list of names"),
        (GOOD.replace('("a", "b")', '"ab"'), "classes is 'ab'; give a list of names"),
        (GOOD.replace("shape=", 'title="LeNet-5", shape='), "which another network has"),
        (GOOD.replace("(1, 8, 8)", "(2, 8, 8)"), "shape is (2, 8, 8); give (1 or 3"),
        (GOOD.replace("shape=", "std=0, shape="), "std above zero"),
        (GOOD.replace("shape=", "mean=(1, 2), shape="), "give 1 of each"),
        (GOOD.replace("shape=", "resize=7, shape="), "resize is 7; give at least 8"),
    ],
)
def test_an_error_in_the_file_is_one_sentence_and_the_app_runs_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    start = "" if text.startswith("def f") else HEAD
    monkeypatch.setenv("CNNVIZ_MODELS", str(write(tmp_path, start + text)))
    load_own_networks()
    (problem,) = list_own_problems()
    assert problem.startswith("mine.py, named by CNNVIZ_MODELS, stopped at line ")
    assert sentence in problem
    assert problem.endswith(".")
    assert "\n" not in problem
    # What was registered before the error can be used.
    assert list_own_networks() == (("good",) if text.startswith(GOOD) else ())


@pytest.mark.parametrize("name", ["gone.py", "notes.txt", "."])
def test_what_is_no_python_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write(tmp_path, "text", "notes.txt")
    monkeypatch.setenv("CNNVIZ_MODELS", str(tmp_path / name))
    load_own_networks()
    assert list_own_problems()[0].endswith("which is no Python file.")


def test_nothing_is_run_where_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNNVIZ_MODELS", raising=False)
    load_own_networks()
    assert list_own_problems() == list_own_networks() == ()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return 1 / 0", "Bad cannot be built: ZeroDivisionError: division by zero."),
        ("return nn.Sequential(nn.Flatten(), nn.Linear(9, 2))", "Bad cannot take an input of"),
        ("return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))", "Bad yields (3,) and has 2"),
        ("return Branching(64, 2)", "Branching has no fixed graph"),
    ],
)
def test_a_network_that_does_not_work_says_why(tmp_path: Path, body: str, sentence: str) -> None:
    text = f"""
    class Branching(nn.Linear):
        def forward(self, x):
            y = super().forward(x.flatten(1))
            return y if y.sum() > 0 else -y

    @network(shape=(1, 8, 8), classes=("a", "b"), title="Bad")
    def bad():
        {body}
    """
    run_models_file(write(tmp_path, HEAD + dedent(text)))
    (tmp_path / "weights").mkdir()
    state = {} if "1 / 0" in body else get_network("bad").build().state_dict()
    torch.save(state, tmp_path / "weights" / "bad.pth")
    with pytest.raises(NetworkError) as caught:
        load_model("bad")
    assert str(caught.value).startswith(sentence)
