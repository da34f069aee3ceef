"""Questions on training: losses, optimizers, initialization, gradients and normalization."""

import math
from random import Random
from typing import Any

import torch
from torch.nn import functional

from cnnviz.labs import optimizers, signal
from cnnviz.labs.dropout import Scaling, scale_in_training
from cnnviz.labs.gradient_flow import run_chain
from cnnviz.labs.network_builder import lay_out, parse_layers
from cnnviz.labs.normalization import EPSILON, Normalization, follow_mean, list_groups, normalize
from cnnviz.labs.optimizers import Optimizer, Schedule, Settings, Surface, descend, list_rates
from cnnviz.labs.overfitting import stop_early
from cnnviz.labs.signal import Activation, Initialization, find_deviation
from cnnviz.networks.load import rank_logits
from cnnviz.quizzes.question import Draft, Generate, draft_choice, draft_number

_AXES = {
    Normalization.BATCH: "N, H and W",
    Normalization.LAYER: "C, H and W",
    Normalization.INSTANCE: "H and W",
    Normalization.GROUP: "H, W and a part of C",
}


def softmax_probability(dice: Random) -> Draft:
    """A probability from logits."""
    logits = [float(dice.randint(-2, 4)) for _ in range(3)]
    place = dice.randrange(3)
    probability = float(rank_logits(torch.tensor(logits)).probabilities[place])
    return draft_number(
        round(probability, 6),
        logits=", ".join(f"{value:g}" for value in logits),
        place=place + 1,
        terms=" + ".join(f"e^{{{value:g}}}" for value in logits),
        top=f"{logits[place]:g}",
    )


def uniform_loss(dice: Random) -> Draft:
    """The cross-entropy of a network that knows nothing."""
    classes = dice.choice((2, 10, 20, 100, 1000))
    loss = functional.cross_entropy(torch.zeros(1, classes), torch.tensor([0]))
    return draft_number(float(loss), page="train", classes=classes)


def _descend(optimizer: Optimizer, settings: Settings, *, start: float, steps: int) -> list[float]:
    """The first weight at each step, on ½ w²."""
    way = descend(Surface.QUADRATIC, optimizer, settings=settings, start=(start, 0.0), steps=steps)
    return [float(point) for point in way.points[:, 0]]


def _link_descent(
    optimizer: Optimizer, settings: Settings, *, start: float, step: int
) -> dict[str, Any]:
    """The page where the same step is worked out, and the words of the settings."""
    values = {"surface": "quadratic", "condition": 1, "focus": str(optimizer), "step": step}
    values |= {"start": f"{start:g}~0", "racers": str(optimizer), "momentum": settings.momentum}
    values |= {"rate": f"{settings.rate:g}", "adaptive_rate": f"{settings.adaptive_rate:g}"}
    return {"page": "optimizers", "values": values, "start": f"{start:g}"}


def gradient_step(dice: Random) -> Draft:
    """A weight after steps of gradient descent."""
    start, rate, steps = dice.choice((2.0, -2.0, 1.0)), dice.choice((0.1, 0.2, 0.5)), 2
    settings = Settings(rate=rate, adaptive_rate=rate)
    way = _descend(Optimizer.SGD, settings, start=start, steps=steps)
    link = _link_descent(Optimizer.SGD, settings, start=start, step=steps)
    return draft_number(round(way[2], 9), rate=f"{rate:g}", first=round(way[1], 9), **link)


def momentum_step(dice: Random) -> Draft:
    """A weight after two steps with momentum."""
    start, rate = dice.choice((2.0, 1.0, -1.0)), dice.choice((0.1, 0.2))
    settings = Settings(rate=rate, adaptive_rate=rate, momentum=dice.choice((0.5, 0.9)))
    way = _descend(Optimizer.MOMENTUM, settings, start=start, steps=2)
    return draft_number(
        round(way[2], 9),
        rate=f"{rate:g}",
        momentum=f"{settings.momentum:g}",
        first=round(way[1], 9),
        velocity=round(settings.momentum * start + way[1], 9),
        **_link_descent(Optimizer.MOMENTUM, settings, start=start, step=2),
    )


def adam_step(dice: Random) -> Draft:
    """A weight after Adam's first step."""
    start, rate = dice.choice((2.0, 1.5, -2.5)), dice.choice((0.1, 0.05, 0.2))
    settings = Settings(rate=rate, adaptive_rate=rate)
    way = _descend(Optimizer.ADAM, settings, start=start, steps=1)
    link = _link_descent(Optimizer.ADAM, settings, start=start, step=1)
    return draft_number(round(way[1], 4), rate=f"{rate:g}", **link)


def largest_rate(dice: Random) -> Draft:
    """The learning rate above which gradient descent diverges."""
    condition = dice.choice((4, 5, 8, 10, 16, 20, 40, 50))
    return draft_number(
        optimizers.find_answers(condition)["limit"],
        page="optimizers",
        values={"surface": "quadratic", "condition": condition},
        condition=condition,
    )


def scheduled_rate(dice: Random) -> Draft:
    """The learning rate of a step of a schedule."""
    schedule, rate = dice.choice((Schedule.STEP, Schedule.COSINE)), dice.choice((0.1, 0.2, 0.4))
    steps = 60 if schedule is Schedule.STEP else 40
    step = dice.choice((10, 25, 45)) if schedule is Schedule.STEP else dice.choice((0, 10, 20, 30))
    told = {
        Schedule.STEP: f"divides the rate by 10 after every {steps // 3} steps",
        Schedule.COSINE: f"is half a cosine from the full rate at step 0 to zero at step {steps}",
    }
    solved = {
        Schedule.STEP: rf"{rate:g} \cdot 0.1^{{\lfloor {step} / {steps // 3} \rfloor}}",
        Schedule.COSINE: rf"{rate:g} \cdot \frac{{1 + \cos(\pi \cdot {step} / {steps})}}{{2}}",
    }
    return draft_number(
        round(list_rates(schedule, rate=rate, steps=steps)[step], 9),
        page="optimizers",
        values={"schedule": str(schedule)},
        rate=f"{rate:g}",
        step=step,
        told=told[schedule],
        solved=solved[schedule],
    )


def first_deviation(dice: Random) -> Draft:
    """The standard deviation of first weights."""
    kind = dice.choice((Initialization.XAVIER, Initialization.HE))
    inputs, outputs = dice.choice((64, 128, 256, 512)), dice.choice((32, 64, 128))
    formulas = {
        Initialization.XAVIER: rf"\sqrt{{\frac{{2}}{{{inputs} + {outputs}}}}}",
        Initialization.HE: rf"\sqrt{{\frac{{2}}{{{inputs}}}}}",
    }
    return draft_number(
        find_deviation(kind, inputs=inputs, outputs=outputs),
        page="signal",
        values={"initialization": str(kind)},
        name="Xavier" if kind is Initialization.XAVIER else "He",
        inputs=inputs,
        outputs=outputs,
        formula=formulas[kind],
    )


def vanishing_slope(dice: Random) -> Draft:
    """The largest product of the sigmoid's slopes."""
    depth = dice.choice((2, 3, 4, 5))
    return draft_number(
        signal.find_answers(depth)["slope"],
        page="signal",
        values={"function": "sigmoid", "depth": depth},
        depth=depth,
    )


def chain_rule(dice: Random) -> Draft:
    """A gradient through four neurons."""
    weights = [dice.choice((0.5, 2.0, 3.0)) for _ in range(3)]
    weights.append(1.0 if math.prod(weights) != 1 else 2.0)  # the error is not zero
    chain = run_chain(Activation.RELU, weights=weights, bias=0.0)
    values = {f"w{place}": weight for place, weight in enumerate(weights, 1)}
    return draft_number(
        chain.find_gradients()[0],
        page="gradient_flow",
        values={"part": "chain", "neuron": "relu", "bias": 0.0, **values},
        weights=", ".join(f"{weight:g}" for weight in weights),
        later=r" \cdot ".join(f"{weight:g}" for weight in weights[1:]),
        output=chain.output,
        error=chain.error,
    )


def _draw_shape(dice: Random) -> tuple[int, int, int, int]:
    return dice.choice((4, 8, 16)), dice.choice((8, 16, 32)), *(dice.choice((4, 5, 7)),) * 2


def _draw_normalization(dice: Random) -> tuple[int, int, dict[str, Any]]:
    """Draw a normalization of a shape: its means, the values that share one, and its words."""
    kind, shape = dice.choice(list(Normalization)), _draw_shape(dice)
    groups = dice.choice([each for each in list_groups(shape[1]) if 1 < each < shape[1]])
    found = normalize(torch.zeros(shape), kind=kind, groups=groups)
    told = f" with {groups} groups" if kind is Normalization.GROUP else ""
    words = {"images": shape[0], "channels": shape[1], "size": shape[2], "axes": _AXES[kind]}
    link = {"page": "normalization", "values": {"kind": str(kind)}}
    shared = int(found.find_shared(0, 0).sum()) * shape[2] * shape[3]
    return found.mean.numel(), shared, words | {"name": f"{kind} normalization{told}"} | link


def normalized_axes(dice: Random) -> Draft:
    """The axes that a normalization averages over."""
    kind = dice.choice(list(Normalization))
    wrong = [axes for other, axes in _AXES.items() if other is not kind]
    link = {"kind": str(kind)}
    return draft_choice(dice, _AXES[kind], wrong, name=f"{kind}", page="normalization", values=link)


def shared_values(dice: Random) -> Draft:
    """How many values share a mean."""
    _, shared, words = _draw_normalization(dice)
    return draft_number(shared, unit="values", **words)


def mean_count(dice: Random) -> Draft:
    """How many means a normalization computes."""
    means, shared, words = _draw_normalization(dice)
    return draft_number(means, unit="means", shared=shared, **words)


def normalized_value(dice: Random) -> Draft:
    """A value after batch normalization."""
    values = [float(each) for each in dice.sample(range(-4, 9), 4)]
    place, gamma, beta = dice.randrange(4), dice.choice((1.0, 2.0)), dice.choice((0.0, 1.0, -1.0))
    found = normalize(torch.tensor(values).reshape(4, 1, 1, 1), kind=Normalization.BATCH)
    mean, deviation = found.find_statistics(0, 0)
    answer = float(found.scale(gamma, beta)[place])
    return draft_number(
        round(answer, 4),
        page="normalization",
        values={"kind": "batch", "gamma": gamma, "beta": beta},
        values_text=", ".join(f"{value:g}" for value in values),
        value=f"{values[place]:g}",
        gamma=f"{gamma:g}",
        beta=f"{beta:g}",
        mean=mean,
        deviation=math.sqrt(max(0.0, deviation**2 - EPSILON)),
    )


def normalization_parameters(dice: Random) -> Draft:
    """What batch normalization learns."""
    channels, size = dice.choice((16, 32, 64, 128, 256)), dice.choice((14, 28, 56))
    (row,), _ = lay_out(parse_layers("bn"), shape=(channels, size, size), classes=10)
    return draft_number(
        row.parameters, unit="parameters", page="normalization", channels=channels, size=size
    )


def running_mean(dice: Random) -> Draft:
    """The running mean after a few batches."""
    mean, momentum, steps = (
        dice.choice((2.0, 4.0, 5.0)),
        dice.choice((0.1, 0.5)),
        dice.choice((2, 3)),
    )
    found = follow_mean(torch.full((4, 1, 1), mean), batch=2, momentum=momentum, steps=steps)
    return draft_number(
        round(float(found.running[-1]), 5),
        page="normalization",
        values={"momentum": f"{momentum:g}"},
        mean=f"{mean:g}",
        momentum=f"{momentum:g}",
        kept=f"{1 - momentum:g}",
        steps=steps,
    )


def dropout_activation(dice: Random) -> Draft:
    """What a kept unit hands on in training."""
    drop, activation = dice.choice((0.2, 0.3, 0.4, 0.5)), dice.choice((1.5, 2.1, 3.0, 4.2))
    kept = torch.ones(1, dtype=torch.bool)
    unit = torch.tensor([activation], dtype=torch.float64)
    found = scale_in_training(unit, kept, drop=drop, scaling=Scaling.INVERTED)
    return draft_number(
        round(float(found), 9),
        page="regularization",
        values={"part": "dropout", "drop": f"{drop:g}", "scaling": str(Scaling.INVERTED)},
        drop=f"{drop:g}",
        kept=f"{1 - drop:g}",
        activation=f"{activation:g}",
    )


def early_stop(dice: Random) -> Draft:
    """Where early stopping ends a training."""
    falling = [round(1.0 - 0.1 * step, 2) for step in range(dice.randint(2, 5))]
    later = [round(falling[-1] + dice.choice((0.01, 0.05, 0.1)), 2) for _ in range(4)]
    patience = dice.choice((1, 2, 3))
    stop = stop_early([*falling, *later], patience=patience)
    return draft_number(
        stop.end + 1,
        page="regularization",
        values={"part": "stopping", "patience": patience},
        losses=", ".join(f"{loss:g}" for loss in (*falling, *later)),
        patience=patience,
        best=stop.best + 1,
    )


GENERATORS: tuple[Generate, ...] = (
    softmax_probability,
    uniform_loss,
    gradient_step,
    momentum_step,
    adam_step,
    largest_rate,
    scheduled_rate,
    first_deviation,
    vanishing_slope,
    chain_rule,
    normalized_axes,
    shared_values,
    mean_count,
    normalized_value,
    normalization_parameters,
    running_mean,
    dropout_activation,
    early_stop,
)
