"""The optimizers and schedules of torch, step by step, on functions of two weights.

Everything is what `torch.optim` computes: gradients from autograd, velocities and moments from the
optimizer's own state after each step.

Sources: Polyak 1964, "Some methods of speeding up the convergence of iteration methods";
Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum in deep
learning", equations 1 to 4; Tieleman and Hinton 2012, "RMSProp"; Kingma and Ba 2015, "Adam",
algorithm 1; Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, RMSprop, lr_scheduler

ALPHA = 0.99  # RMSProp's share of the old average, torch's default
BETAS = (0.9, 0.999)  # Adam's, torch's default
STEPS = 200
_SAMPLES = 256  # examples that a surface's minibatches are drawn from
_LOST = 1e4  # a weight beyond is on its way to infinity
_DROPS, _WARM = 3, 5  # the schedules' parts


class Optimizer(StrEnum):
    """Optimizers; the values are those of the page's program."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"
    ADAMW = "adamw"


ADAPTIVE = frozenset({Optimizer.RMSPROP, Optimizer.ADAM, Optimizer.ADAMW})


class Schedule(StrEnum):
    """How the learning rate changes from step to step."""

    CONSTANT = "constant"
    STEP = "step"
    COSINE = "cosine"
    ONE_CYCLE = "one_cycle"
    WARM_UP = "warm_up"


class Surface(StrEnum):
    """Losses of two weights."""

    QUADRATIC = "quadratic"
    SADDLE = "saddle"
    LOCAL_MINIMUM = "local_minimum"
    ROSENBROCK = "rosenbrock"


@dataclass(frozen=True, slots=True)
class SurfaceFacts:
    """What is known of a surface beforehand.

    Attributes:
        window: What is drawn: the least and largest x, the least and largest y.
        start: Where all optimizers begin, unless another point is chosen.
        minima: Its minima, the deepest first.
        noise: Standard deviation of one example's gradient around the mean.
        rate: A learning rate for SGD that works.
        adaptive_rate: One for RMSProp and Adam.
    """

    window: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    noise: float
    rate: float
    adaptive_rate: float


_TILT = 0.2  # of the surface with two minima
# Where x³ − x + 0.2 is zero and x² > 1/3.
_DEEP, _SHALLOW = -1.0878, 0.8788
SURFACES = {
    Surface.QUADRATIC: SurfaceFacts((-3, 3, -2, 2), (-2.6, 1.4), ((0, 0),), 3, 0.05, 0.1),
    Surface.SADDLE: SurfaceFacts(
        (-2.4, 2.4, -1.6, 1.6), (-2, 0.001), ((0, 1), (0, -1)), 0.5, 0.1, 0.05
    ),
    Surface.LOCAL_MINIMUM: SurfaceFacts(
        (-2.1, 2.1, -1.4, 1.4), (1.9, 1.1), ((_DEEP, 0), (_SHALLOW, 0)), 0.5, 0.05, 0.05
    ),
    Surface.ROSENBROCK: SurfaceFacts((-2, 2, -0.6, 2.07), (-1.2, 1), ((1, 1),), 50, 0.001, 0.05),
}


def find_loss(surface: Surface, weights: Tensor, *, condition: float = 1) -> Tensor:
    """Return the loss at points (..., 2), of shape (...).

    Args:
        surface: The quadratic is ½ (x² + κ y²), the saddle ½ x² − ½ y² + ¼ y⁴, the local minimum
            ¼ x⁴ − ½ x² + 0.2 x + ½ y², Rosenbrock's function (1 − x)² + 100 (y − x²)².
        weights: x and y.
        condition: κ, of the quadratic alone.
    """
    x, y = weights.unbind(-1)
    if surface is Surface.QUADRATIC:
        return 0.5 * (x**2 + condition * y**2)
    if surface is Surface.SADDLE:
        return 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4
    if surface is Surface.LOCAL_MINIMUM:
        return 0.25 * x**4 - 0.5 * x**2 + _TILT * x + 0.5 * y**2
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the optimizers are told.

    Attributes:
        rate: Learning rate of SGD, momentum and Nesterov.
        adaptive_rate: That of RMSProp, Adam and AdamW.
        momentum: μ of momentum and Nesterov.
        decay: λ. AdamW shrinks the weights, all others add λ·w to the gradient.
        schedule: How the rate changes.
    """

    rate: float
    adaptive_rate: float
    momentum: float = 0.9
    decay: float = 0.0
    schedule: Schedule = Schedule.CONSTANT

    def find_rate(self, optimizer: Optimizer) -> float:
        """Return the learning rate of an optimizer, before any schedule."""
        return self.adaptive_rate if optimizer in ADAPTIVE else self.rate


def build_optimizer(
    optimizer: Optimizer, parameters: Iterable[Tensor], settings: Settings
) -> torch.optim.Optimizer:
    """Build one of torch's optimizers."""
    rate, decay, momentum = settings.find_rate(optimizer), settings.decay, settings.momentum
    if optimizer is Optimizer.SGD:
        return SGD(parameters, lr=rate, weight_decay=decay)
    if optimizer is Optimizer.MOMENTUM:
        return SGD(parameters, lr=rate, weight_decay=decay, momentum=momentum)
    if optimizer is Optimizer.NESTEROV:
        is_nesterov = momentum > 0  # torch takes it with momentum alone; without, it is SGD
        return SGD(parameters, lr=rate, weight_decay=decay, momentum=momentum, nesterov=is_nesterov)
    if optimizer is Optimizer.RMSPROP:
        return RMSprop(parameters, lr=rate, weight_decay=decay, alpha=ALPHA)
    kind = Adam if optimizer is Optimizer.ADAM else AdamW
    return kind(parameters, lr=rate, weight_decay=decay, betas=BETAS)


def build_scheduler(
    schedule: Schedule, optimizer: torch.optim.Optimizer, steps: int
) -> lr_scheduler.LRScheduler:
    """Build one of torch's schedulers for a run of this many steps.

    Step: a tenth after each third. Warm-up: from nothing in the first fifth. The one-cycle schedule
    leaves the momentum as it is.
    """
    if schedule is Schedule.STEP:
        return lr_scheduler.StepLR(optimizer, step_size=math.ceil(steps / _DROPS), gamma=0.1)
    if schedule is Schedule.COSINE:
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    if schedule is Schedule.ONE_CYCLE:
        return lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=optimizer.param_groups[0]["lr"],
            total_steps=steps + 1,
            cycle_momentum=False,
        )
    warm = math.ceil(steps / _WARM)
    if schedule is Schedule.WARM_UP:
        return lr_scheduler.LinearLR(optimizer, start_factor=1 / warm, total_iters=warm - 1)
    return lr_scheduler.ConstantLR(optimizer, factor=1.0)


def list_rates(schedule: Schedule, *, rate: float, steps: int) -> list[float]:
    """Return the learning rate of each step."""
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = build_scheduler(schedule, optimizer, steps)
    rates = []
    for _ in range(steps):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """The way of one optimizer, float64.

    Attributes:
        optimizer: Which one.
        points: The weights at first and after each step, (T + 1, 2).
        losses: There, on all examples, (T + 1,).
        rates: The learning rate of each step, (T,).
        values: What the optimizer computes in each step, (T, 2), by its symbol: "g" the gradient,
            "d" with the decay; "v" the velocity, "n" Nesterov's step; "s" the mean square; "m" and
            "v" Adam's moments, "m̂" and "v̂" corrected, "u" the weights that AdamW has shrunk.
            Numbers, (T, 1): the bias corrections "c₁" and "c₂".
        has_diverged: Whether it ended early, because a weight became too large.
    """

    optimizer: Optimizer
    points: Tensor
    losses: Tensor
    rates: Tensor
    values: Mapping[str, Tensor]
    has_diverged: bool


def descend(
    surface: Surface,
    optimizer: Optimizer,
    *,
    settings: Settings,
    start: tuple[float, float],
    condition: float = 1,
    batch: int | None = None,
    steps: int = STEPS,
    seed: int = 0,
) -> Descent:
    """Run one optimizer on a surface.

    Args:
        surface: The loss.
        optimizer: Which one.
        settings: Its rate, momentum, decay and schedule.
        start: First weights.
        condition: κ, of the quadratic alone.
        batch: Examples a minibatch: each adds a slope of its own to the loss, and all together
            none. None for all examples.
        steps: At most.
        seed: Of the examples and the minibatches, which are the same for all optimizers.
    """
    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    running = build_optimizer(optimizer, [weights], settings)
    scheduler = build_scheduler(settings.schedule, running, steps)
    noise = _draw_slopes(SURFACES[surface].noise, batch=batch, steps=steps, seed=seed)
    points, rates, values = [weights.detach().clone()], [], []
    for slope in noise:
        loss = find_loss(surface, weights, condition=condition) + slope @ weights
        (weights.grad,) = torch.autograd.grad(loss, weights)
        before, rate = weights.detach().clone(), float(running.param_groups[0]["lr"])
        running.step()
        scheduler.step()
        rates.append(rate)
        points.append(weights.detach().clone())
        gradient = weights.grad.clone()
        found = _decay(optimizer, gradient, before, rate=rate, decay=settings.decay)
        if (read := _READERS.get(optimizer)) is not None:
            state = {
                name: one.clone() for name, one in running.state[weights].items() if one is not None
            }
            found |= read(state, found["d"], settings.momentum)
        values.append(found)
        if _is_lost(weights):
            break
    way = torch.stack(points)
    return Descent(
        optimizer,
        way,
        find_loss(surface, way, condition=condition),
        torch.tensor(rates, dtype=torch.float64),
        {name: torch.stack([one[name] for one in values]) for name in values[0]},
        has_diverged=_is_lost(weights),
    )


def _is_lost(weights: Tensor) -> bool:
    return not bool((weights.detach().abs() < _LOST).all())


def _draw_slopes(noise: float, *, batch: int | None, steps: int, seed: int) -> Tensor:
    """The mean slope of each step's minibatch, (steps, 2)."""
    if batch is None:
        return torch.zeros(steps, 2, dtype=torch.float64)
    dice = torch.Generator().manual_seed(seed)
    examples = torch.randn(_SAMPLES, 2, generator=dice, dtype=torch.float64)
    examples = noise * (examples - examples.mean(dim=0))
    picks = torch.randint(_SAMPLES, (steps, batch), generator=dice)
    return examples[picks].mean(dim=1)


def _decay(
    optimizer: Optimizer, gradient: Tensor, weights: Tensor, *, rate: float, decay: float
) -> dict[str, Tensor]:
    """What the weight decay makes of the gradient, or of the weights."""
    if optimizer is Optimizer.ADAMW:
        return {"g": gradient, "d": gradient, "u": (1 - rate * decay) * weights}
    return {"g": gradient, "d": gradient + decay * weights}


def _read_velocity(state: dict[str, Tensor], d: Tensor, momentum: float) -> dict[str, Tensor]:
    velocity = state.get("momentum_buffer", d)  # none where the momentum is zero
    return {"v": velocity, "n": d + momentum * velocity}


def _read_square(state: dict[str, Tensor], d: Tensor, momentum: float) -> dict[str, Tensor]:  # noqa: ARG001
    return {"s": state["square_avg"]}


def _read_moments(state: dict[str, Tensor], d: Tensor, momentum: float) -> dict[str, Tensor]:  # noqa: ARG001
    step = float(state["step"])
    first, second = (1 - beta**step for beta in BETAS)
    return {
        "m": state["exp_avg"],
        "v": state["exp_avg_sq"],
        "c₁": torch.tensor([first], dtype=torch.float64),
        "c₂": torch.tensor([second], dtype=torch.float64),
        "m̂": state["exp_avg"] / first,
        "v̂": state["exp_avg_sq"] / second,
    }


_READERS: dict[Optimizer, Callable[[dict[str, Tensor], Tensor, float], dict[str, Tensor]]] = {
    Optimizer.MOMENTUM: _read_velocity,
    Optimizer.NESTEROV: _read_velocity,
    Optimizer.RMSPROP: _read_square,
    Optimizer.ADAM: _read_moments,
    Optimizer.ADAMW: _read_moments,
}


def find_minimum(surface: Surface) -> float:
    """Return the loss at the deepest minimum."""
    lowest = torch.tensor(SURFACES[surface].minima[0], dtype=torch.float64)
    return float(find_loss(surface, lowest))


def find_answers(condition: float) -> dict[str, float]:
    """Return the answers to the lesson's questions, on the quadratic of condition number κ.

    The rate above which gradient descent diverges, 2 / κ; the best one, 2 / (1 + κ); and how much
    momentum 0.9 multiplies a gradient that stays the same, 1 / (1 − 0.9).
    """
    return {"limit": 2 / condition, "best": 2 / (1 + condition), "sum": 10.0}
