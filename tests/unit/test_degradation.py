"""The degradation experiment: the paper's networks, four trainings side by side, and their card."""

import json
from pathlib import Path

import pytest
import torch

from cnnviz.errors import WeightsError
from cnnviz.figures.degradation import draw_errors, find_limits, write_errors
from cnnviz.labs.degradation import CARD, NETWORKS, build_network, read_degradation
from cnnviz.training import degradation
from cnnviz.training.degradation import RECIPE, draw_batches, shrink, train_all
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.loop import start_training


@pytest.mark.parametrize(("name", "layers"), [("plain20", 20), ("resnet56", 56)])
def test_the_networks_have_the_papers_layers(name: str, layers: int) -> None:
    """Section 4.2: 6n + 2 layers with weights; the shortcuts have none."""
    network = build_network(name)
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    assert sum(isinstance(one, kinds) for one in network.modules()) == layers
    assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 100)


def test_plain_and_residual_networks_have_the_same_parameters() -> None:
    plain, residual = (build_network(name).state_dict() for name in ("plain20", "resnet20"))
    assert {key: one.shape for key, one in plain.items()} == {
        key: one.shape for key, one in residual.items()
    }


def test_what_a_plain_block_lacks_is_its_input() -> None:
    """With the weights of the last normalization 0, F(x) = 0 and y = ReLU(x), or 0."""
    x = torch.rand(1, 16, 4, 4)
    outputs = []
    for name in ("plain20", "resnet20"):
        block = build_network(name).get_submodule("stages.stage1.block1").eval()
        torch.nn.init.zeros_(block.get_parameter("bn2.weight"))
        outputs.append(block(x).detach())
    assert torch.equal(outputs[0], torch.zeros_like(x))
    assert torch.equal(outputs[1], x)


def test_images_are_halved_by_the_mean() -> None:
    image = torch.tensor([[0, 4, 8, 8], [4, 8, 8, 8]], dtype=torch.uint8).expand(1, 3, 2, 4)
    assert shrink(image).tolist() == [[[[4, 8]]] * 3]


def test_an_epoch_has_every_image_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(degradation, "LEG", 2)
    labels = torch.zeros(4 * RECIPE.batch)
    seen = torch.cat([one for leg in (0, 1) for one in draw_batches(labels, leg=leg)])
    assert sorted(seen.tolist()) == list(range(len(labels)))


def test_all_networks_learn_equally_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(degradation, "LEG", 1)
    dice = torch.Generator().manual_seed(0)
    images = torch.randint(256, (64, 3, 32, 32), dtype=torch.uint8, generator=dice)
    data = LabelledImages(images, torch.arange(64))
    trainings = {
        name: start_training(
            lambda name=name: build_network(name),  # type: ignore[misc]
            RECIPE,
            device=torch.device("cpu"),
            precision=torch.float32,
        )
        for name in ("plain20", "resnet20")
    }
    turns: list[str] = []
    train_all(trainings, data, data, is_over=lambda: len(turns) == 4, note=turns.append)
    assert turns == ["plain20", "resnet20"] * 2
    assert [len(one.curve) for one in trainings.values()] == [2, 2]
    assert trainings["plain20"].curve[1]["images"] == 2 * RECIPE.batch


def test_the_card_has_four_curves_of_the_same_length() -> None:
    found = read_degradation()
    assert list(found.curves) == list(NETWORKS)
    assert len({curve.seen for curve in found.curves.values()}) == 1
    for curve in found.curves.values():
        assert len(curve.train) == len(curve.test) == len(curve.seen)
        assert all(0 < error <= 100 for error in (*curve.train, *curve.test))
    assert found.epochs > 1


def test_deeper_plain_networks_have_the_higher_training_error() -> None:
    """The paper's finding; with shortcuts it is not there, or far smaller."""
    curves = read_degradation().curves
    gaps = {
        kind: curves[f"{kind}56"].train[-1] - curves[f"{kind}20"].train[-1]
        for kind in ("plain", "resnet")
    }
    assert gaps["plain"] > 0
    assert gaps["resnet"] < gaps["plain"] / 2


def test_the_chart_has_both_errors_of_both_depths() -> None:
    curves = [one for one in read_degradation().curves.values() if one.is_plain]
    chart = draw_errors(curves, limits=find_limits(curves))
    assert [one.name for one in chart.data] == [
        f"Plain-{depth}, {kind}" for depth in (20, 56) for kind in ("training", "test")
    ]
    low, high = find_limits(curves)
    assert low < min(min(one.train) for one in curves)
    assert high == 100
    assert "Plain-56: training error" in write_errors(curves)


@pytest.mark.parametrize("text", ["", "{}", '{"networks": {"plain20": {"curve": []}}}'])
def test_a_broken_card_is_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    card = tmp_path / "degradation.json"
    card.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"degradation\.json cannot be read"):
        read_degradation(card)


def test_bad_input_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = ["--data", str(tmp_path), "--runs", str(tmp_path), "--out", str(tmp_path / "card")]
    assert degradation.main([*folders, "--minutes", "0"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "card").exists()


def test_the_card_is_json_that_tells_how_to_repeat_it() -> None:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    assert card["command"].startswith("python -m cnnviz.training.degradation")
    assert card["recipe"]["batch"] == RECIPE.batch
