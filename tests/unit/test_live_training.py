"""A run of training: equal seeds, pauses, schedules and what the page is told, against torch."""

import itertools
import math

import pytest
import torch
from safetensors.torch import load
from starlette.applications import Starlette
from starlette.testclient import TestClient
from torch import nn

from cnnviz.activations.read import read_activations
from cnnviz.digits.answers import answer_digits, has_lenet_layers
from cnnviz.errors import ArithmeticInputError
from cnnviz.figures.digit_stages import STAGE_TITLES, Values, plan_stages
from cnnviz.figures.live_training import pack_run
from cnnviz.images.samples import load_image
from cnnviz.jobs.heavy import report_progress
from cnnviz.labs import live_training
from cnnviz.labs.digit_sets import SHAPE, DigitSource, load_digit_set
from cnnviz.labs.live_training import TrainingRun, open_run
from cnnviz.labs.optimizers import Optimizer, Schedule
from cnnviz.labs.trained_networks import register_run, write_weights
from cnnviz.labs.training_plan import TrainingPlan, augment
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.zoo import list_names, registry
from cnnviz.web import api

LENET = "conv6k5, relu, max2, conv16k5, relu, max2, conv120k5, relu, flatten, fc84, relu, fc10"
SMALL = TrainingPlan(layers="conv4k5s4, relu, flatten, dropout20, fc10", batch=64, epochs=2)


def finish(run: TrainingRun) -> TrainingRun:
    for _ in run.advance():
        pass
    return run


@pytest.fixture(scope="module")
def trained() -> TrainingRun:
    return finish(open_run(SMALL, title="Small", owner="ann"))


def test_equal_seeds_give_equal_curves(trained: TrainingRun) -> None:
    again = finish(TrainingRun(SMALL))
    assert again.curves.losses == trained.curves.losses
    assert again.curves.looks == trained.curves.looks
    other = finish(TrainingRun(TrainingPlan(layers=SMALL.layers, batch=64, epochs=2, seed=1)))
    assert other.curves.losses != trained.curves.losses


def test_a_pause_changes_nothing(trained: TrainingRun, monkeypatch: pytest.MonkeyPatch) -> None:
    class Paused(Exception):  # noqa: N818
        pass

    def pause(share: float, step: str) -> None:
        if share > 0.3:
            raise Paused(step)

    run = TrainingRun(SMALL)
    monkeypatch.setattr(live_training, "report_progress", pause)
    with pytest.raises(Paused):
        finish(run)
    assert 0 < run.step < run.steps
    monkeypatch.setattr(live_training, "report_progress", report_progress)
    assert finish(run).curves.losses == trained.curves.losses


def test_a_step_is_torchs(trained: TrainingRun) -> None:
    """The first step of plain SGD, made anew with torch alone."""
    plan = TrainingPlan(
        layers="flatten, fc10",
        optimizer=Optimizer.SGD,
        schedule=Schedule.CONSTANT,
        rate=0.01,
        batch=898,
        epochs=1,
        is_augmented=False,
    )
    run = TrainingRun(plan)
    weight, bias = (one.detach().clone() for one in run.network.parameters())
    finish(run)
    data = load_digit_set(DigitSource.WRITTEN)
    x = data.train.flatten(1)
    # The gradient of the cross-entropy: (softmax − one-hot)ᵀ x / N.
    share = (x @ weight.T + bias).softmax(dim=1) - nn.functional.one_hot(data.train_labels, 10)
    expected = weight - 0.01 * share.T @ x / len(x)
    torch.testing.assert_close(run.network.get_parameter("fc1.weight").detach(), expected)
    gradient, change = share.T @ x / len(x), expected - weight
    (pulse,) = run.curves.pulse
    assert pulse.gradient == pytest.approx(float(gradient.norm()), rel=1e-4)
    assert pulse.ratio == pytest.approx(float(change.norm() / weight.norm()), rel=1e-4)
    assert trained.curves.pulse[0].name == "conv1"
    with torch.no_grad():
        outputs = run.network(data.test[:100])
    assert run.outputs["fc1"].limit == pytest.approx(float(outputs.abs().max()), rel=1e-4)
    below = int((outputs < -run.outputs["fc1"].limit / 31).sum())  # left of the middle bin
    assert sum(run.outputs["fc1"].counts) == 1000
    assert sum(run.outputs["fc1"].counts[:15]) == pytest.approx(below, abs=2)


def test_the_halves_are_those_of_the_file() -> None:
    data = load_digit_set(DigitSource.WRITTEN)
    assert (len(data.train), len(data.test)) == (898, 899)
    assert data.train_labels[:12].tolist() == [*range(10), 0, 1]  # as scikit-learn shows them
    assert data.train.shape[1:] == SHAPE
    assert float(data.train.min()) == pytest.approx(-0.1)


def test_augmentation_keeps_paper_paper_and_moves_ink() -> None:
    paper = torch.full((3, *SHAPE), -0.1)
    torch.testing.assert_close(augment(paper, torch.Generator().manual_seed(0)), paper)
    data = load_digit_set(DigitSource.WRITTEN).train[:40]
    moved = augment(data, torch.Generator().manual_seed(0))
    assert not torch.allclose(moved, data, atol=0.1)
    ink = (data + 0.1).sum(dim=(1, 2, 3)), (moved + 0.1).sum(dim=(1, 2, 3))
    assert float((ink[1] / ink[0]).mean()) == pytest.approx(1, abs=0.1)


def test_too_high_a_rate_ends_with_a_sentence() -> None:
    plan = TrainingPlan(
        layers="flatten, fc50, fc50, fc10",
        optimizer=Optimizer.SGD,
        schedule=Schedule.CONSTANT,
        rate=100.0,
        epochs=5,
    )
    run = finish(TrainingRun(plan))
    assert run.is_over
    assert "too high" in run.note
    assert run.step < run.steps
    assert None in pack_run(run, step=0, look=0)["losses"]


def test_the_rate_is_changed_on_the_way() -> None:
    run = TrainingRun(TrainingPlan(layers="flatten, fc10", schedule=Schedule.CONSTANT, epochs=1))
    run.change_rate(0.5)
    finish(run)
    assert {group["lr"] for group in run._learner.optimizer.param_groups} == {0.5}
    with pytest.raises(ArithmeticInputError, match="learning rate is 0"):
        run.change_rate(0)


def test_the_rate_follows_the_schedule() -> None:
    run = TrainingRun(TrainingPlan(layers="flatten, fc10", schedule=Schedule.COSINE, epochs=1))
    finish(run)
    # Before the last of 28 steps the cosine has come to ½ (1 + cos 27π/28).
    (rate,) = {group["lr"] for group in run._learner.optimizer.param_groups}
    assert rate == pytest.approx(0.006 * (1 + math.cos(27 * math.pi / 28)) / 2)


def test_the_page_is_told_what_is_new(trained: TrainingRun) -> None:
    whole = pack_run(trained, step=0, look=0)
    later = pack_run(trained, step=20, look=1)
    assert len(whole["losses"]) == trained.steps == whole["step"] == 28
    assert later["losses"] == whole["losses"][20:]
    assert later["looks"] == whole["looks"][1:]
    counts = torch.tensor(whole["confusion"])
    held_out = load_digit_set(DigitSource.WRITTEN).test_labels
    assert counts.sum(dim=1).tolist() == held_out.bincount().tolist()
    assert float(counts.trace()) / 899 == pytest.approx(whole["looks"][-1][2], abs=1e-3)
    assert "confusion" not in pack_run(trained, step=0, look=2)
    shares = [one["share"] for one in whole["hardest"]]
    assert shares == sorted(shares)


def test_the_routes_answer(trained: TrainingRun) -> None:
    with TestClient(Starlette(routes=api.routes)) as client:
        told = client.get(f"/api/training/{trained.id}?step=26").json()
        assert (told["step"], len(told["losses"]), told["is_over"]) == (28, 2, True)
        assert client.get("/api/training/nothing").status_code == 204
        answer = client.post("/api/training/rate", json={"run": trained.id, "rate": 0.25})
        assert answer.json() == {"rate": 0.25}
        shared = open_run(SMALL, title="Shared")
        for run, rate in ((shared.id, 1), (trained.id, "1"), (trained.id, -1), ("?", 1)):
            refused = client.post("/api/training/rate", json={"run": run, "rate": rate})
            assert refused.status_code in (400, 404)
            assert refused.json()["error"].endswith(".")


def test_a_trained_network_opens_like_any_other_and_only_for_its_visitor(
    trained: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = register_run(trained, visitor="ann")
    assert register_run(trained, visitor="ann") == name
    assert register_run(trained, visitor="bob") != name
    model = load_model(name)
    x = model.spec.preprocessing.prepare(load_image("digit-3").pixels)
    trained.network.eval()
    with torch.no_grad():
        expected = trained.network(x)[0]
    torch.testing.assert_close(predict(model, x).logits, expected)
    drawing = {"strokes": [[[0.5, 0.15], [0.5, 0.85]]]}
    own, lenet, wrong = answer_digits(
        [drawing | {"network": name}, drawing, drawing | {"network": "alexnet64"}]
    )
    assert isinstance(own, dict)
    assert isinstance(lenet, dict)
    assert (own["network"], lenet["network"], lenet["guess"]) == (name, "lenet5", "1")
    assert own["logits"] != lenet["logits"]
    assert "reads drawings as LeNet-5" in str(wrong)
    state = load(write_weights(trained))
    assert state.keys() == trained.network.state_dict().keys()
    for visitor, is_listed in (("ann", True), ("bob", False), ("", False)):
        monkeypatch.setattr(registry, "_find_visitor", lambda visitor=visitor: visitor)
        assert (name in {one.name for one in list_names()}) is is_listed


@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_a_trained_lenet_has_lenets_names_and_the_runs_outputs(pooling: str) -> None:
    run = TrainingRun(TrainingPlan(layers=LENET.replace("max", pooling)), owner="ann")
    name = register_run(run, visitor="ann")
    model = load_model(name)
    assert model.spec.layer_titles == load_model("lenet5").spec.layer_titles
    x = model.spec.preprocessing.prepare(load_image("digit-3").pixels)
    values = read_activations(model, x, layers=("s4", "output"))
    with torch.no_grad():
        torch.testing.assert_close(values["s4"], run.network.eval()[:6](x))
        torch.testing.assert_close(values["output"], run.network(x))
    plan = plan_stages(model, values=Values.RAW, titles=STAGE_TITLES)
    steps = {stage["title"]: stage["step"] for stage in plan}
    assert steps["S2"] == steps["S4"] == {"avg": "mean 2×2", "max": "max 2×2"}[pooling]
    assert has_lenet_layers(name)
    other = TrainingRun(TrainingPlan(layers=LENET.replace("fc84", "fc80")), owner="ann")
    assert not has_lenet_layers(register_run(other, visitor="ann"))


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_lenet_reads_the_held_out_half(seed: int) -> None:
    run = finish(TrainingRun(TrainingPlan(layers=LENET, seed=seed)))
    assert run.accuracy is not None
    assert run.accuracy > 0.97


def test_a_long_epoch_is_looked_at_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_training, "_LOOK_STEPS", 10)
    run = finish(TrainingRun(TrainingPlan(layers="flatten, fc10", epochs=1, batch=32)))
    assert [look.step for look in run.curves.looks] == [10, 20, 28]
    mean = math.fsum(run.curves.losses[10:20]) / 10
    assert run.curves.looks[1].train_loss == pytest.approx(mean)
    assert all(a < b for a, b in itertools.pairwise(look.step for look in run.curves.looks))
