"""The surface, the start, the optimizers that race, and what they are told."""

from dataclasses import dataclass
from typing import Any

from cnnviz.figures.format import format_setting
from cnnviz.figures.optimizers import OPTIMIZERS, SCHEDULES, SURFACE_TITLES
from cnnviz.labs.optimizers import STEPS, SURFACES, Optimizer, Schedule, Settings, Surface
from cnnviz.web.controls.kinds import choice, coded, number, several
from cnnviz.web.state import PageState

# 1, 2, 5 in each power of ten, and beside 0.1 what a condition number asks for.
_RATES = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
RATES = tuple(map(format_setting, _RATES))
_DECAYS = ("0", "0.001", "0.01", "0.1", "0.5")
ALL = "All"
_BATCHES = {ALL: ALL, "64": "64", "16": "16", "4": "4", "1": "1"}
RACE_BATCHES = ("1", "4", "16", "64", "256")

Point = tuple[float, float]


def _read_point(text: str) -> Point:
    x, y = map(float, text[:40].split("~"))
    return x, y


def _is_inside(point: Point, at: Any) -> bool:
    left, right, low, high = SURFACES[at.surface].window
    return left <= point[0] <= right and low <= point[1] <= high


@dataclass(frozen=True)
class OptimizersControls:
    """What is raced, from where, with which settings; the step and the optimizer in numbers."""

    surface: Surface = choice(Surface, "Surface", titles=SURFACE_TITLES)
    condition: int = number("Condition number κ", 1, 100, default=19)
    racers: tuple[Optimizer, ...] = several(
        Optimizer, "Optimizers", titles=OPTIMIZERS, most=len(Optimizer), default=tuple(Optimizer)
    )
    start: Point = coded(
        "Start",
        decode=_read_point,
        encode=lambda point: "~".join(f"{one:.6g}" for one in point),
        is_valid=_is_inside,
        default=lambda at: SURFACES[at.surface].start,
        follows=("surface",),
    )
    rate: str = choice(
        RATES,
        "Rate of SGD",
        look="slider",
        default=lambda at: format_setting(SURFACES[at.surface].rate),
        follows=("surface",),
    )
    adaptive_rate: str = choice(
        RATES,
        "Rate of Adam",
        look="slider",
        default=lambda at: format_setting(SURFACES[at.surface].adaptive_rate),
        follows=("surface",),
    )
    momentum: float = number("Momentum μ", 0.0, 0.99, default=0.9, step=0.01)
    decay: str = choice(_DECAYS, "Weight decay λ", look="slider")
    schedule: Schedule = choice(Schedule, "Schedule", titles=SCHEDULES, look="list")
    batch: str = choice(_BATCHES, "Batch", look="slider")
    step: int = number("Step", 0, STEPS, default=40)
    focus: Optimizer = choice(
        lambda at: at.racers or tuple(Optimizer),
        "Optimizer in numbers",
        titles=OPTIMIZERS,
        default=lambda at: Optimizer.ADAM if Optimizer.ADAM in at.racers else None,
    )
    race_rate: str = choice(RATES, "Learning rate of SGD", look="slider", default="0.1")
    race_adaptive: str = choice(RATES, "Learning rate of Adam", look="slider", default="0.01")
    race_batch: str = choice(RACE_BATCHES, "Batch size", look="slider", default="64")


Page = PageState[OptimizersControls]


def read_settings(page: Page) -> Settings:
    """Return what the optimizers on the surface are told."""
    values = page.values
    return Settings(
        rate=float(values.rate),
        adaptive_rate=float(values.adaptive_rate),
        momentum=values.momentum,
        decay=float(values.decay),
        schedule=values.schedule,
    )
