"""Random, grid, coarse-to-fine and TPE search of two hyperparameters of a small real network.

Every trial trains the network from the same weights on the same batches of digits.

Sources: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization"; Bergstra et al.
2011, "Algorithms for hyper-parameter optimization"; Akiba et al. 2019, "Optuna".
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.dropout import build_network
from cnnviz.labs.training import Learner, draw_batches, judge, train_together

# Both are searched on a logarithmic scale.
RATES = (1e-4, 1.0)
DECAYS = (1e-6, 0.1)
TRIALS = (9, 16, 25, 36)  # squares, for the grid
STARTUP = 5  # random trials before TPE has a model
_FINE = 0.15  # of each logarithmic range, to either side of the best coarse trial
_IMAGES, _HIDDEN, _STEPS, _BATCH, _MOMENTUM = 300, 32, 40, 32, 0.9

Range = tuple[float, float]
Objective = Callable[[float, float], float]


class Strategy(StrEnum):
    """How the next trial is chosen."""

    GRID = "grid"
    RANDOM = "random"
    COARSE_TO_FINE = "coarse_to_fine"
    TPE = "tpe"


@dataclass(frozen=True, slots=True)
class Trial:
    """One training.

    Attributes:
        rate: Learning rate.
        decay: Weight decay λ.
        accuracy: On the validation digits, 0 to 1.
    """

    rate: float
    decay: float
    accuracy: float


def train_trial(rate: float, decay: float, *, seed: int = 0) -> float:
    """Train the network with these hyperparameters, and return its validation accuracy, 0 to 1."""
    data = load_written_digits()
    network = build_network(hidden=_HIDDEN, seed=seed)
    optimizer = torch.optim.SGD(
        network.parameters(), lr=rate, momentum=_MOMENTUM, weight_decay=decay
    )
    batches = draw_batches(
        data.train[:_IMAGES], data.train_labels[:_IMAGES], batch=_BATCH, steps=_STEPS, seed=seed
    )
    for _ in train_together([Learner(network, optimizer)], batches):
        pass
    return judge(network, data.train[_IMAGES:], data.train_labels[_IMAGES:])[1]


def search(
    strategy: Strategy, *, trials: int, seed: int, objective: Objective = train_trial
) -> Iterator[Trial]:
    """Try one pair of hyperparameters after the other with Optuna's samplers.

    Args:
        strategy: How the next pair is chosen.
        trials: How many; a square for the grid.
        seed: Of the sampler.
        objective: Gives the accuracy for a learning rate and a weight decay.

    Yields:
        Each trial.
    """
    import optuna

    study = optuna.create_study(direction="maximize", sampler=build_sampler(strategy, trials, seed))
    done: list[Trial] = []

    def run(trial: optuna.Trial) -> float:
        rates, decays = RATES, DECAYS
        if strategy is Strategy.COARSE_TO_FINE and done and len(done) >= trials // 2:
            best = max(done, key=lambda one: one.accuracy)
            rates, decays = narrow(RATES, best.rate), narrow(DECAYS, best.decay)
        rate = trial.suggest_float("rate", *rates, log=True)
        decay = trial.suggest_float("decay", *decays, log=True)
        done.append(Trial(rate, decay, objective(rate, decay)))
        return done[-1].accuracy

    for _ in range(trials):
        study.optimize(run, n_trials=1)
        yield done[-1]


def build_sampler(strategy: Strategy, trials: int, seed: int) -> Any:
    """Build one of Optuna's samplers."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if strategy is Strategy.GRID:
        return optuna.samplers.GridSampler(list_grid(trials), seed=seed)
    if strategy is Strategy.TPE:
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)
    return optuna.samplers.RandomSampler(seed=seed)


def list_grid(trials: int) -> Mapping[str, list[float]]:
    """Return the values of each hyperparameter on a square grid of at most so many trials."""
    side = math.isqrt(trials)
    return {"rate": spread(RATES, side), "decay": spread(DECAYS, side)}


def spread(ends: Range, count: int) -> list[float]:
    """Return the middles of `count` equal parts of a range on a logarithmic scale."""
    low, high = map(math.log10, ends)
    return [10 ** (low + (high - low) * (place + 0.5) / count) for place in range(count)]


def narrow(ends: Range, best: float) -> Range:
    """Return the part of a range around its best value, cut at the ends."""
    low, high = map(math.log10, ends)
    reach = _FINE * (high - low)
    return 10 ** max(low, math.log10(best) - reach), 10 ** min(high, math.log10(best) + reach)


def find_best(trials: list[Trial]) -> list[float]:
    """Return the best accuracy so far after each trial."""
    return [max(one.accuracy for one in trials[: count + 1]) for count in range(len(trials))]


Found = Mapping[Strategy, list[Trial]]


def race_strategies(*, trials: int, seed: int = 0) -> Iterator[tuple[float, str, Found]]:
    """Search with every strategy, a trial of each in turn.

    Yields:
        The share done, what is done, and the trials so far by strategy.
    """
    searches = {one: search(one, trials=trials, seed=seed) for one in Strategy}
    found: dict[Strategy, list[Trial]] = {one: [] for one in Strategy}
    for number in range(1, trials + 1):
        found = {one: [*found[one], next(searches[one])] for one in Strategy}
        yield number / trials, f"trial {number} of {trials}", found
