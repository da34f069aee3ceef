"""Optimizers step by step: torch's own state, steps worked out by hand, closed forms."""

import math
import re

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import SGD, Adam, AdamW, RMSprop

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.figures.optimizers import write_code
from cnnviz.labs.optimizer_race import build_network, measure_noise, race_optimizers
from cnnviz.labs.optimizers import (
    SURFACES,
    Descent,
    Optimizer,
    Schedule,
    Settings,
    Surface,
    descend,
    find_loss,
    find_minimum,
    list_rates,
)

START, CONDITION, STEPS = (1.0, 1.0), 4.0, 30


def run(optimizer: Optimizer, *, rate: float = 0.1, steps: int = STEPS, **rest: float) -> Descent:
    """Go down ½ (x² + 4 y²) from (1, 1)."""
    return descend(
        Surface.QUADRATIC,
        optimizer,
        settings=Settings(rate=rate, adaptive_rate=rate, **rest),  # type: ignore[arg-type]
        start=START,
        condition=CONDITION,
        steps=steps,
    )


def build(optimizer: Optimizer, w: Tensor, decay: float) -> torch.optim.Optimizer:
    if optimizer is Optimizer.RMSPROP:
        return RMSprop([w], lr=0.1, weight_decay=decay)
    if optimizer in (Optimizer.ADAM, Optimizer.ADAMW):
        kind = Adam if optimizer is Optimizer.ADAM else AdamW
        return kind([w], lr=0.1, weight_decay=decay)
    momentum = 0.0 if optimizer is Optimizer.SGD else 0.9
    nesterov = optimizer is Optimizer.NESTEROV
    return SGD([w], lr=0.1, weight_decay=decay, momentum=momentum, nesterov=nesterov)


@pytest.mark.parametrize("optimizer", Optimizer)
@pytest.mark.parametrize("decay", [0.0, 0.2])
def test_values_are_the_state_of_torchs_optimizers(optimizer: Optimizer, decay: float) -> None:
    found = run(optimizer, decay=decay)
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    other = build(optimizer, w, decay)
    names = {"momentum_buffer": "v", "square_avg": "s", "exp_avg": "m", "exp_avg_sq": "v"}
    for step in range(STEPS):
        (w.grad,) = torch.autograd.grad(0.5 * (w[0] ** 2 + 4 * w[1] ** 2), w)
        torch.testing.assert_close(found.values["g"][step], w.grad, rtol=0, atol=1e-6)
        other.step()
        torch.testing.assert_close(found.points[step + 1], w.detach(), rtol=0, atol=1e-6)
        for name, value in other.state[w].items():
            if name in names and value is not None:
                told = found.values[names[name]][step]
                torch.testing.assert_close(told, value, rtol=0, atol=1e-6)


def evaluate(text: str, numbers: dict[str, object]) -> object:
    """Compute a line of pseudo-code as a pocket calculator would."""
    code = re.sub(r"√\{([^}]+)\}", r"{√\1}", text)
    code = code.replace("·", "*").replace("−", "-").replace("²", "**2")
    names: dict[str, object] = {"ε": 1e-8}

    def look_up(match: re.Match[str]) -> str:
        name = f"n{len(names)}"
        symbol = match[1].removeprefix("√")
        value = numbers[symbol]
        names[name] = np.sqrt(value) if match[1].startswith("√") else value  # type: ignore[call-overload]
        return name

    return eval(re.sub(r"\{([^}]+)\}", look_up, code), names)  # noqa: S307


@pytest.mark.parametrize("optimizer", Optimizer)
@pytest.mark.parametrize("decay", [0.0, 0.2])
def test_the_pseudo_code_computes_what_torch_did(optimizer: Optimizer, decay: float) -> None:
    settings = Settings(rate=0.05, adaptive_rate=0.1, decay=decay, schedule=Schedule.COSINE)
    found = descend(
        Surface.ROSENBROCK, optimizer, settings=settings, start=(0.5, 0.1), steps=STEPS, batch=4
    )
    zero = np.zeros(2)
    for step in range(len(found.rates)):
        numbers: dict[str, object] = {
            "η": float(found.rates[step]),
            "w-": found.points[step].numpy(),
        }
        for name, values in found.values.items():
            numbers[name] = values[step].numpy()
            numbers[f"{name}-"] = values[step - 1].numpy() if step else zero
        expected = dict(found.values) | {"w": found.points[1:]}
        for line in write_code(optimizer, settings)[1:]:  # the first is the gradient itself
            result = evaluate(line.filled, numbers)
            np.testing.assert_allclose(
                np.asarray(result), expected[line.symbol][step].numpy(), rtol=1e-6, atol=1e-6
            )


@pytest.mark.parametrize(
    ("optimizer", "rate", "expected"),
    [
        # The gradient of ½ (x² + 4 y²) at (1, 1) is (1, 4).
        (Optimizer.SGD, 0.1, (0.9, 0.6)),
        (Optimizer.MOMENTUM, 0.1, (0.9, 0.6)),
        (Optimizer.NESTEROV, 0.1, (0.81, 0.24)),  # 1.9 times the gradient
        (Optimizer.RMSPROP, 0.01, (0.9, 0.9)),  # √(0.01 g²) is a tenth of |g|
        (Optimizer.ADAM, 0.1, (0.9, 0.9)),  # the corrected moments are g and g²
        (Optimizer.ADAMW, 0.1, (0.9, 0.9)),
    ],
)
def test_first_steps_by_hand(
    optimizer: Optimizer, rate: float, expected: tuple[float, float]
) -> None:
    found = run(optimizer, rate=rate).points[1]
    assert found.tolist() == pytest.approx(expected, abs=1e-6)


def test_second_step_of_momentum_and_adams_moments_by_hand() -> None:
    momentum = run(Optimizer.MOMENTUM)
    # At (0.9, 0.6) the gradient is (0.9, 2.4); v = 0.9·(1, 4) + (0.9, 2.4).
    assert momentum.values["v"][1].tolist() == pytest.approx([1.8, 6.0])
    assert momentum.points[2].tolist() == pytest.approx([0.72, 0.0])
    adam = run(Optimizer.ADAM)
    assert adam.values["m"][0].tolist() == pytest.approx([0.1, 0.4])
    assert adam.values["v"][0].tolist() == pytest.approx([0.001, 0.016])
    assert adam.values["m̂"][0].tolist() == pytest.approx([1, 4])
    assert adam.values["c₁"][1].tolist() == pytest.approx([0.19])
    # AdamW with λ = 0.5: 0.95 of the weight, then the same step of 0.1.
    assert run(Optimizer.ADAMW, decay=0.5).points[1].tolist() == pytest.approx([0.85, 0.85])


@pytest.mark.parametrize(
    ("optimizer", "limit"),
    [
        (Optimizer.SGD, 2 / CONDITION),
        (Optimizer.MOMENTUM, 2 * 1.9 / CONDITION),  # Polyak: 2 (1 + μ) / κ
        (Optimizer.NESTEROV, 2 * 1.9 / (2.8 * CONDITION)),  # 2 (1 + μ) / ((1 + 2 μ) κ)
    ],
)
def test_learning_rates_have_their_limits(optimizer: Optimizer, limit: float) -> None:
    start = abs(START[1])
    below = run(optimizer, rate=0.97 * limit, steps=400).points[-1, 1]
    above = run(optimizer, rate=1.03 * limit, steps=400).points[-1, 1]
    assert abs(float(below)) < start < abs(float(above))


def test_the_best_rate_shrinks_both_weights_alike() -> None:
    found = run(Optimizer.SGD, rate=2 / (1 + CONDITION), steps=10).points[-1]
    shrunk = (3 / 5) ** 10  # (κ − 1) / (κ + 1) a step
    assert found.abs().tolist() == pytest.approx([shrunk, shrunk])


def test_what_diverges_ends_early_with_finite_numbers() -> None:
    found = run(Optimizer.SGD, rate=2.0)
    assert found.has_diverged
    assert len(found.points) < STEPS
    assert bool(torch.isfinite(found.losses).all())


@pytest.mark.parametrize("surface", Surface)
def test_minima_are_flat_and_nothing_lies_lower(surface: Surface) -> None:
    facts = SURFACES[surface]
    spots = torch.tensor(facts.minima, dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(find_loss(surface, spots, condition=CONDITION).sum(), spots)
    assert float(slopes.abs().max()) < 1e-3
    left, right, low, high = facts.window
    x, y = torch.meshgrid(
        torch.linspace(left, right, 200), torch.linspace(low, high, 200), indexing="xy"
    )
    losses = find_loss(surface, torch.stack((x, y), dim=-1), condition=CONDITION)
    assert find_minimum(surface) <= float(losses.min()) + 1e-6
    assert right - left == pytest.approx(1.5 * (high - low), rel=0.01)  # all of one shape


def test_schedules_in_closed_form() -> None:
    steps, rate = 60, 0.2
    times = range(steps)
    expected = {
        Schedule.CONSTANT: [rate for _ in times],
        Schedule.STEP: [rate * 0.1 ** (time // 20) for time in times],
        Schedule.COSINE: [rate * (1 + math.cos(math.pi * time / steps)) / 2 for time in times],
        Schedule.WARM_UP: [rate * min(1, (time + 1) / 12) for time in times],
    }
    for schedule, rates in expected.items():
        assert list_rates(schedule, rate=rate, steps=steps) == pytest.approx(rates)
    cycle = list_rates(Schedule.ONE_CYCLE, rate=rate, steps=steps)
    peak = cycle.index(max(cycle))
    assert cycle[0] == pytest.approx(rate / 25)
    assert cycle[peak] == pytest.approx(rate, rel=0.01)
    assert peak == pytest.approx(0.3 * steps, abs=1)
    assert cycle[-1] < cycle[0]


def test_noise_of_a_minibatch_falls_with_its_root() -> None:
    for batch in (1, 16):
        found = descend(
            Surface.SADDLE,
            Optimizer.SGD,
            settings=Settings(rate=1e-6, adaptive_rate=1e-6),
            start=(0.5, 0.5),
            batch=batch,
            steps=1000,
        )
        expected = SURFACES[Surface.SADDLE].noise / math.sqrt(batch)
        assert float(found.values["g"].std(dim=0).mean()) == pytest.approx(expected, rel=0.1)


def go(surface: Surface, optimizer: Optimizer) -> Tensor:
    facts = SURFACES[surface]
    settings = Settings(rate=facts.rate, adaptive_rate=facts.adaptive_rate)
    return descend(surface, optimizer, settings=settings, start=facts.start).points


def test_the_saddle_and_the_hill_are_as_the_lesson_says() -> None:
    left = {one: float(go(Surface.SADDLE, one)[15, 1].abs()) for one in Optimizer}
    assert left[Optimizer.RMSPROP] > left[Optimizer.ADAM] > 0.5
    assert 0.1 > left[Optimizer.MOMENTUM] > left[Optimizer.SGD]
    ends = {one: float(go(Surface.LOCAL_MINIMUM, one)[-1, 0]) for one in Optimizer}
    over = {one for one, x in ends.items() if x < -1}
    assert over == {Optimizer.MOMENTUM, Optimizer.NESTEROV}


def test_rates_and_decay_are_as_the_lesson_says() -> None:
    low = Settings(rate=0.001, adaptive_rate=0.001)
    start = SURFACES[Surface.QUADRATIC].start
    ends = {
        one: descend(Surface.QUADRATIC, one, settings=low, start=start, condition=19).points[-1]
        for one in Optimizer
    }
    near = {one for one, end in ends.items() if float(end.norm()) < 0.5}
    assert near == {Optimizer.MOMENTUM, Optimizer.NESTEROV}
    assert float(ends[Optimizer.ADAM][0] - start[0]) == pytest.approx(0.2, abs=0.01)
    round_one = {"start": (-2.6, 1.4), "condition": 1.0, "steps": 60}
    ways = [
        descend(
            Surface.QUADRATIC,
            optimizer,
            settings=Settings(rate=0.05, adaptive_rate=0.1, decay=decay),
            **round_one,  # type: ignore[arg-type]
        ).points
        for optimizer, decay in (
            (Optimizer.ADAM, 0.0),
            (Optimizer.ADAM, 0.5),
            (Optimizer.ADAMW, 0.5),
        )
    ]
    torch.testing.assert_close(ways[0], ways[1], rtol=0, atol=1e-6)
    assert float(ways[2][20].norm()) < float(ways[1][20].norm()) / 2


def test_noise_is_that_of_every_images_gradient_by_torch() -> None:
    data, network = load_written_digits(), build_network()
    parameters = {name: one.detach() for name, one in network.named_parameters()}

    def lose(weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        logits = torch.func.functional_call(network, weights, (image[None],))
        return functional.cross_entropy(logits, label[None])

    each = torch.func.vmap(torch.func.grad(lose), in_dims=(None, 0, 0))(
        parameters, data.train, data.train_labels
    )
    rows = torch.cat([one.flatten(1) for one in each.values()], dim=1)
    whole = rows.mean(dim=0)
    scale = float((rows - whole).square().sum(dim=1).mean() / whole.square().sum())
    found = measure_noise()
    assert found.scale == pytest.approx(scale, rel=1e-3)
    for batch, measured in zip(found.batches, found.measured, strict=True):
        assert measured == pytest.approx(math.sqrt(scale / batch), rel=0.15)
    assert measure_noise(steps=200).scale > 2 * scale


def test_adam_learns_the_digits_and_a_rate_of_ten_thousand_learns_nothing() -> None:
    settings = Settings(rate=1e4, adaptive_rate=0.01)
    *_, (share, _, race) = race_optimizers(
        [Optimizer.SGD, Optimizer.ADAM], settings=settings, batch=64
    )
    assert share == 1
    assert race.losses[Optimizer.ADAM][0] == race.losses[Optimizer.SGD][0]
    assert race.accuracies[Optimizer.ADAM][-1] > 0.93
    assert race.accuracies[Optimizer.SGD][-1] < 0.3
