"""Checkpoints of a training: written whole or not at all, read as numbers only."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cnnviz.errors import WeightsError


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A training after a whole number of epochs.

    Attributes:
        identity: Recipe and data as text; a resumed training must have the same.
        epoch: Epochs done.
        module: State of the network.
        optimizer: State of the optimizer.
        curve: Loss and accuracy of each epoch done.
        seconds: Time spent.
        cpu_seconds: Processor time spent, over all threads.
    """

    identity: str
    epoch: int
    module: dict[str, Tensor]
    optimizer: dict[str, Any]
    curve: list[dict[str, float]]
    seconds: float
    cpu_seconds: float


_FIELDS = tuple(Checkpoint.__dataclass_fields__)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint beside its place, then move it there, so that no half file is left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save({name: getattr(checkpoint, name) for name in _FIELDS}, partial)
    partial.replace(path)


def read_checkpoint(path: Path, *, identity: str) -> Checkpoint:
    """Read a checkpoint of the same training.

    Raises:
        WeightsError: There is none, it is broken, or its recipe or data differ.
    """
    try:
        values = torch.load(path, weights_only=True, map_location="cpu")
        checkpoint = Checkpoint(**{name: values[name] for name in _FIELDS})
    except FileNotFoundError as error:
        raise WeightsError(
            f"There is no checkpoint {path} to resume; start without --resume."
        ) from error
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise WeightsError(
            f"The checkpoint {path} cannot be read; start without --resume."
        ) from error
    if checkpoint.identity != identity:
        raise WeightsError(
            f"The checkpoint {path} was made with another recipe, seed, number of epochs or data; "
            "repeat those or start without --resume."
        )
    return checkpoint
