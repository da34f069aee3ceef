"""How captum is called here: imported late."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def import_captum() -> Any:
    """Import captum's attribution methods, which takes two seconds the first time.

    Its warnings say of every network that it hangs hooks on it; ours is a private copy.
    """
    from captum import attr

    warnings.filterwarnings("ignore", module=r"captum\.")
    return attr


def explain_sets(name: str, ask: Callable[[Tensor], Tensor], count: int, **options: Any) -> Tensor:
    """Let one of captum's methods explain a logit by which of `count` parts are shown, (n,).

    Args:
        name: Of captum's class.
        ask: The logit for sets of parts, 0 or 1, (N, n) to (N,).
        count: How many parts.
        options: Of the class's `attribute`.
    """
    explainer = getattr(import_captum(), name)(ask)
    values: Tensor = explainer.attribute(torch.ones(1, count), baselines=0.0, **options)
    return values[0]
