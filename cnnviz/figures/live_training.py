"""A run of training for the browser: what is new of its curves, and its pictures as bytes."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from cnnviz.digits.mnist import view_input
from cnnviz.labs.digit_sets import load_digit_set
from cnnviz.labs.live_training import TrainingRun

Bytes = npt.NDArray[np.generic]
_MAX_FILTERS = 32


def pack_run(run: TrainingRun, *, step: int, look: int) -> dict[str, Any]:
    """Describe a run to a page that has seen it up to a step and a look.

    Args:
        run: The run.
        step: Steps whose losses the page has.
        look: Looks at the held-out digits that the page has.

    Returns:
        Fields of JSON, and bytes of pictures as arrays. What is no finite number is None.
    """
    curves = run.curves
    losses, looks = curves.losses[step:], curves.looks[look:]
    told: dict[str, Any] = {
        "version": run.version,
        "step": step + len(losses),
        "steps": run.steps,
        "epoch": run.epoch,
        "epochs": run.plan.epochs,
        "rate": run.rate,
        "is_over": run.is_over,
        "note": run.note,
        "losses": [_finite(value) for value in losses],
        "looks": [
            [one.step, *map(_finite, (one.loss, one.accuracy, one.train_loss, one.train_accuracy))]
            for one in looks
        ],
        "pulse": [[one.name, _finite(one.gradient), _finite(one.ratio)] for one in curves.pulse],
        "outputs": {name: one.counts for name, one in run.outputs.items()},
        "filters": _pack_filters(run.read_filters()),
    }
    return told | (_pack_mistakes(run) if looks else {})


def _finite(value: float) -> float | None:
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _pack_filters(filters: Tensor) -> dict[str, Any]:
    """The first filters as int8, each on a scale of its own."""
    filters = filters[:_MAX_FILTERS].clone().nan_to_num(0.0, 0.0, 0.0)
    largest = filters.flatten(1).abs().amax(dim=1).clamp(min=1e-12)
    values = (filters / largest[:, None, None] * 127).round().numpy().astype(np.int8)
    count, rows, columns = filters.shape
    return {"maps": count, "rows": rows, "columns": columns, "values": values}


def _pack_mistakes(run: TrainingRun) -> dict[str, Any]:
    found = run.mistakes
    if found is None:
        return {}
    data = load_digit_set(run.plan.source)
    images = [view_input(data.test[index]) for index in found.hardest]
    return {
        "confusion": found.confusion.tolist(),
        "hardest": [
            {"image": image, "label": int(data.test_labels[index]), "said": said, "share": share}
            for image, index, said, share in zip(
                images, found.hardest, found.said, found.shares, strict=True
            )
        ],
    }
