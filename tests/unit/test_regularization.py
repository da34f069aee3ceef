"""Dropout, L2, early stopping, augmentation and search against torch, torchvision and Optuna."""

import math
from collections.abc import Callable

import numpy as np
import optuna
import pytest
import torch
from torch import nn

from cnnviz.adversarial.pixel_space import see_image
from cnnviz.figures.regularization import draw_courses
from cnnviz.images.names import load_named
from cnnviz.labs import dropout, overfitting
from cnnviz.labs.augmentation import (
    FOR_DIGITS,
    Transform,
    augment_batch,
    augment_image,
    race_augmentation,
)
from cnnviz.labs.dropout import Scaling
from cnnviz.labs.hyperparameter_search import (
    DECAYS,
    RATES,
    Strategy,
    find_best,
    list_grid,
    narrow,
    search,
    train_trial,
)
from cnnviz.labs.network_builder import SeededDropout
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo.torchvision_import import import_torchvision

v2 = import_torchvision("transforms.v2")


@pytest.mark.parametrize("drop", [0.0, 0.3, 0.9])
def test_dropout_draws_and_scales_as_torch_does(drop: float) -> None:
    x = torch.rand(40, 25, generator=torch.Generator().manual_seed(1))
    ours = SeededDropout(drop, torch.Generator().manual_seed(7))(x)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(7)
        theirs = nn.Dropout(drop)(x)
    torch.testing.assert_close(ours, theirs)
    mask = theirs != 0
    given = dropout.scale_in_training(x, mask, drop=drop, scaling=Scaling.INVERTED)
    torch.testing.assert_close(given, theirs)


@pytest.mark.parametrize("scaling", Scaling)
def test_train_and_test_have_one_expectation(scaling: Scaling) -> None:
    a, drop, count = torch.tensor(2.0), 0.25, 40_000
    mask = torch.empty(count).bernoulli_(1 - drop, generator=torch.Generator().manual_seed(0))
    given = dropout.scale_in_training(a, mask, drop=drop, scaling=scaling)
    expected = float(dropout.scale_in_test(a, drop=drop, scaling=scaling))
    # Worked by hand: 2, or 0.75·2; the spread is that of a Bernoulli number.
    assert expected == {Scaling.INVERTED: 2.0, Scaling.ORIGINAL: 1.5}[scaling]
    deviation = dropout.find_deviation(2.0, drop=drop, scaling=scaling)
    assert deviation == pytest.approx(math.sqrt(0.1875) * (2 if expected == 1.5 else 2 / 0.75))
    assert float(given.mean()) == pytest.approx(expected, abs=4 * deviation / math.sqrt(count))
    assert float(given.std()) == pytest.approx(deviation, rel=0.02)


def test_the_training_is_torchs_and_its_answers_are_the_networks() -> None:
    training = dropout.train_with_dropout(0.5)
    assert training.hidden.shape == training.masks.shape == (101, 10, 25)
    assert float(training.masks.float().mean()) == pytest.approx(0.5, abs=0.02)
    last = nn.Linear(25, 10)
    last.weight.data, last.bias.data = training.weights[100], training.biases[100]
    found = dropout.compare_answers(training, step=100, digit=3)
    hidden, mask = training.hidden[100, 3], training.masks[100, 3]
    with torch.no_grad():
        torch.testing.assert_close(found.scaled, last(hidden).softmax(dim=0))
        torch.testing.assert_close(found.thinned, last(2 * hidden * mask).softmax(dim=0))
        torch.testing.assert_close(found.unscaled, last(2 * hidden).softmax(dim=0))
    assert float(found.mean.sum()) == pytest.approx(1, abs=1e-5)
    right = training.predict(100, training.hidden[100]).argmax(dim=-1)
    assert int((right == torch.arange(10)).sum()) >= 8


def test_without_units_a_network_trained_with_dropout_keeps_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dropout, "_LOOKS", 1)
    *_, (share, _, found) = dropout.measure_co_adaptation(drop=0.5)
    assert share == 1
    plain, dropped = found.accuracies
    assert min(plain[0], dropped[0]) > 0.9
    assert dropped[3] > plain[3] + 0.05  # nine of 25 units less
    assert found.active[1] < found.active[0]  # Srivastava et al., figure 8


def test_correlation_is_numpys_and_leaves_constant_units_out() -> None:
    hidden = torch.rand(50, 4, generator=torch.Generator().manual_seed(0))
    expected = np.abs(np.corrcoef(hidden.numpy().T))[np.triu_indices(4, 1)].mean()
    assert dropout.correlate_units(hidden) == pytest.approx(expected, rel=1e-4)
    padded = torch.cat([hidden, torch.ones(50, 2)], dim=1)
    assert dropout.correlate_units(padded) == pytest.approx(expected, rel=1e-4)


def test_wrong_labels_are_as_many_as_were_asked_for() -> None:
    right, wrong = (overfitting.choose_digits(100, wrong=share) for share in (0.0, 0.2))
    assert int((right.train_labels != wrong.train_labels).sum()) == 20
    assert len(right.validation) == len(right.test) == 180


def test_weight_decay_shrinks_weights_by_the_closed_form() -> None:
    learner = overfitting.build_learner(decay=0.1)
    before = [one.detach().clone() for one in learner.network.parameters()]
    for one in learner.network.parameters():
        one.grad = torch.zeros_like(one)
    learner.optimizer.step()
    # w − η·λ·w, with η = 0.05 and no gradient.
    for old, new in zip(before, learner.network.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), (1 - 0.05 * 0.1) * old)


def test_training_stops_after_its_patience() -> None:
    losses = [3.0, 2.0, 1.0, 1.5, 1.2, 0.9, 1.0]
    assert overfitting.stop_early(losses, patience=2) == overfitting.Stop(2, 4, is_early=True)
    assert overfitting.stop_early(losses, patience=3) == overfitting.Stop(5, 6, is_early=False)
    assert overfitting.stop_early([math.inf, math.inf], patience=1).is_early


def test_l2_keeps_the_weights_small_and_the_validation_loss_from_rising(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overfitting, "STEPS", 300)
    *_, (_, _, (plain, decayed)) = overfitting.follow_decay((0.0, 0.03), count=100, wrong=0.2)
    assert decayed.norms[-1] < plain.norms[-1]
    assert decayed.validation[-1] < plain.validation[-1]
    assert plain.validation[-1] > 1.2 * min(plain.validation)  # it overfits
    assert plain.train[-1] < decayed.train[-1]
    names = ("λ = 0", "λ = 0.03")
    stops = [overfitting.stop_early(one.validation, patience=3) for one in (plain, decayed)]
    figure = draw_courses(
        dict(zip(names, (plain, decayed), strict=True)), dict(zip(names, stops, strict=True))
    )
    star = next(one for one in figure.data if one.name == "λ = 0, weights kept")
    assert star.y[0] == min(plain.validation[: stops[0].end + 1])


def test_the_gap_closes_with_more_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overfitting, "SIZES", (50, 1437))
    monkeypatch.setattr(overfitting, "SIZE_STEPS", 200)
    *_, (_, _, (few, many)) = overfitting.measure_sizes(overfitting.Method.NONE)()
    assert few.train_accuracy - few.test_accuracy > 0.15
    assert many.train_accuracy - many.test_accuracy < 0.06
    gaps = few.find_gaps()
    assert gaps[-1] > gaps[1] > gaps[0]


CAT, COFFEE = (load_named(name).pixels for name in ("cat", "coffee"))


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [
        (Transform.FLIP, v2.RandomHorizontalFlip(p=1.0)),
        (Transform.CROP, v2.RandomResizedCrop((64, 64), scale=(0.55, 1.0))),
        (
            Transform.ROTATION,
            v2.RandomRotation(45, interpolation=v2.InterpolationMode.BILINEAR),
        ),
        (Transform.COLOR, v2.ColorJitter(0.5, 0.5, 0.5, 0.25)),
        (Transform.ERASING, v2.RandomErasing(p=1.0, scale=(0.02, 0.3))),
        (Transform.RANDAUGMENT, v2.RandAugment(2, 15)),
    ],
)
def test_a_transform_is_torchvisions_with_the_same_seed(kind: Transform, theirs: nn.Module) -> None:
    model = load_model("resnet64")
    seen = torch.from_numpy(see_image(model, CAT)).permute(2, 0, 1)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(5)
        expected = theirs(seen)
    state = torch.get_rng_state()
    (found,) = augment_image(model, CAT, kinds=(kind,), seeds=(5,), strength=0.5, partner=COFFEE)
    assert torch.equal(torch.get_rng_state(), state)  # nobody else's random numbers change
    np.testing.assert_array_equal(found.pixels, expected.permute(1, 2, 0).numpy())
    spec = model.spec.preprocessing
    with torch.no_grad():
        assert spec.mean is not None
        assert spec.std is not None
        x = v2.functional.normalize(expected.float() / 255, list(spec.mean), list(spec.std))
        torch.testing.assert_close(
            found.probabilities, model.module(x[None])[0].softmax(dim=0), atol=1e-5, rtol=1e-3
        )


@pytest.mark.parametrize("kind", [Transform.MIXUP, Transform.CUTMIX])
def test_two_images_are_mixed_as_their_label_says(kind: Transform) -> None:
    model = load_model("resnet64")
    (found,) = augment_image(model, CAT, kinds=(kind,), seeds=(2,), strength=0.5, partner=COFFEE)
    first, second = (see_image(model, one).astype(float) for one in (CAT, COFFEE))
    if kind is Transform.MIXUP:
        mixed = found.share * first + (1 - found.share) * second
        assert np.abs(found.pixels - mixed).max() <= 0.51
    else:
        of_first = (found.pixels == first.astype(np.uint8)).all(axis=2)
        same = (first == second).all(axis=2)
        assert (of_first & ~same).mean() + same.mean() == pytest.approx(found.share, abs=0.02)
        of_second = (found.pixels == second.astype(np.uint8)).all(axis=2)
        assert (of_first | of_second).all()


@pytest.mark.parametrize("kind", FOR_DIGITS)
def test_no_strength_leaves_a_batch_as_it_is_and_some_does_not(kind: Transform) -> None:
    dice = torch.Generator().manual_seed(0)
    images, labels = torch.rand(8, 1, 32, 32, generator=dice), torch.arange(8)
    changed, told = augment_batch(images, labels, kinds=(kind,), strength=0.5, seed=3)
    assert not torch.equal(changed, images)
    assert changed.shape == images.shape
    if told.ndim == 2:  # MixUp and CutMix
        torch.testing.assert_close(told.sum(dim=1), torch.ones(8))
    if kind in (Transform.CROP, Transform.ROTATION, Transform.ERASING):
        same, _ = augment_batch(images, labels, kinds=(kind,), strength=0.0, seed=3)
        if kind is not Transform.CROP:  # its shape of 3:4 to 4:3 is left
            torch.testing.assert_close(same, images, atol=1e-5, rtol=0)


def test_both_networks_of_the_race_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.labs.augmentation.RACE_STEPS", 40)
    *_, (_, _, race) = race_augmentation((Transform.MIXUP, Transform.FLIP), strength=0.2, count=50)
    assert race.steps[-1] == 40
    assert min(part[-1] for part in race.test) > 0.3


def score(rate: float, decay: float) -> float:
    """Best at a rate of 0.1; the decay matters little."""
    return -((math.log10(rate) + 1) ** 2) - 0.01 * (math.log10(decay) + 3) ** 2


SAMPLERS: dict[Strategy, Callable[[], optuna.samplers.BaseSampler]] = {
    Strategy.RANDOM: lambda: optuna.samplers.RandomSampler(seed=4),
    Strategy.TPE: lambda: optuna.samplers.TPESampler(seed=4, n_startup_trials=5),
    Strategy.GRID: lambda: optuna.samplers.GridSampler(
        {"rate": [10**-2.0, 1.0], "decay": [1e-5, 1e-3]}, seed=4
    ),
}


@pytest.mark.parametrize("strategy", SAMPLERS)
def test_a_search_is_optunas_own_study(strategy: Strategy, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = 12
    if strategy is Strategy.GRID:
        trials = 4
        grid = {"rate": [10**-2.0, 1.0], "decay": [1e-5, 1e-3]}
        monkeypatch.setattr("cnnviz.labs.hyperparameter_search.list_grid", lambda _: grid)
    study = optuna.create_study(direction="maximize", sampler=SAMPLERS[strategy]())
    study.optimize(
        lambda trial: score(
            trial.suggest_float("rate", *RATES, log=True),
            trial.suggest_float("decay", *DECAYS, log=True),
        ),
        n_trials=trials,
    )
    found = list(search(strategy, trials=trials, seed=4, objective=score))
    theirs = [(one.params["rate"], one.params["decay"]) for one in study.trials]
    assert [(one.rate, one.decay) for one in found] == theirs
    assert find_best(found)[-1] == study.best_value


def test_a_grid_has_the_middles_of_equal_parts() -> None:
    grid = list_grid(9)
    # log₁₀ from −4 to 0 in three parts.
    assert grid["rate"] == pytest.approx([10 ** (-4 + 4 / 6), 1e-2, 10 ** (-4 / 6)])
    tried = {
        (one.rate, one.decay) for one in search(Strategy.GRID, trials=9, seed=0, objective=score)
    }
    assert len(tried) == 9


def test_fine_trials_lie_around_the_best_coarse_one() -> None:
    found = list(search(Strategy.COARSE_TO_FINE, trials=20, seed=1, objective=score))
    best = max(found[:10], key=lambda one: one.accuracy)
    low, high = narrow(RATES, best.rate)
    assert math.log10(high / low) == pytest.approx(1.2)  # 30 % of four powers of ten
    assert low <= found[10].rate <= high
    assert max(one.accuracy for one in found[10:]) > best.accuracy


def test_a_trial_learns_at_a_good_rate_and_not_at_a_tiny_one() -> None:
    assert train_trial(0.1, 1e-5) > 0.6
    assert train_trial(1e-4, 1e-5) < 0.3
