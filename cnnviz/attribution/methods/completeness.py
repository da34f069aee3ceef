"""Integrated gradients with as many steps as the image needs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from cnnviz.attribution.attribute import Attribution, Method, Options, attribute
from cnnviz.attribution.checks.completeness import Completeness, check_completeness
from cnnviz.attribution.methods.gradients import ignore_progress
from cnnviz.networks.load import LoadedModel

LEAST_STEPS, MAX_STEPS = 50, 400
GAP = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Integrated gradients with one number of steps, and how complete they are."""

    attribution: Attribution
    completeness: Completeness

    @property
    def steps(self) -> int:
        """Points on the path."""
        return self.attribution.options.steps


def integrate(
    model: LoadedModel,
    x: Tensor,
    *,
    target: int,
    options: Options,
    report: Callable[[float], None] = ignore_progress,
) -> Trial:
    """Compute integrated gradients with the steps that the options name, and check their sum.

    Raises:
        AttributionError: There is no such class, or the shapes do not fit.
    """
    made = attribute(
        model,
        x,
        method=Method.INTEGRATED_GRADIENTS,
        target=target,
        options=options,
        report=report,
    )
    return Trial(attribution=made, completeness=check_completeness(model, x, made))


def integrate_until_complete(
    model: LoadedModel,
    x: Tensor,
    *,
    target: int,
    options: Options = Options(),  # noqa: B008  (frozen)
    seconds: float = 120.0,
    report: Callable[[float], None] = ignore_progress,
) -> tuple[Trial, ...]:
    """Double the steps from 50 until the sum is right to 1 %, at most to 400.

    The gradient of a network of ReLUs jumps on the path wherever a unit switches, so no rule for
    integrals of smooth functions gets there sooner; how many steps it takes depends on the
    image, and the sum itself tells.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        options: The baseline; its steps are not read.
        seconds: When the next doubling would take longer than what is left, it is not begun.
        report: Called with the share done, 0 to 1, of all that may come.

    Returns:
        The trials in their order, one at least; the last is the most complete to be had.

    Raises:
        AttributionError: There is no such class, or the shapes do not fit.
    """
    begun = time.monotonic()
    trials: list[Trial] = []
    steps, done = LEAST_STEPS, 0
    while True:

        def report_trial(share: float, steps: int = steps, done: int = done) -> None:
            report((done + share * steps) / (2 * MAX_STEPS - LEAST_STEPS))

        started = time.monotonic()
        chosen = replace(options, steps=steps)
        trials.append(integrate(model, x, target=target, options=chosen, report=report_trial))
        now = time.monotonic()
        done, steps = done + steps, 2 * steps
        is_late = now - begun + 2 * (now - started) > seconds
        if trials[-1].completeness.gap <= GAP or steps > MAX_STEPS or is_late:
            report(1.0)
            return tuple(trials)
