"""Weights on disk: where they lie, how they are read and checked."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.errors import WeightsError

BUNDLED = Path(__file__).parent.parent / "assets" / "weights"


@dataclass(frozen=True, slots=True, eq=False)
class ModelCard:
    """What is known of a trained file: data, recipe, command, figures and checksum.

    Attributes:
        name: Network in the registry.
        sha256: Checksum of the weight file.
        facts: The card as written by the training command.
    """

    name: str
    sha256: str
    facts: dict[str, Any]


def read_card(name: str, *, folder: Path = BUNDLED) -> ModelCard:
    """Read a network's model card.

    Raises:
        WeightsError: There is none, or it is no card.
    """
    path = folder / f"{name}.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return ModelCard(name=name, sha256=str(facts["sha256"]), facts=facts)
    except FileNotFoundError as error:
        raise WeightsError(
            f"There are no trained weights of {name} here; train it with "
            f"“python -m cnnviz.training {name} --data DIR”."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The model card {path.name} cannot be read; put it back from the repository."
        ) from error


def load_weights(module: nn.Module, name: str, *, folder: Path = BUNDLED) -> ModelCard:
    """Fill a module with the trained weights of `name` and return their card.

    The file is safetensors: numbers only, nothing in it can run.

    Args:
        module: A module of the network's architecture, on the CPU.
        name: Network in the registry.
        folder: Where NAME.safetensors and NAME.json lie.

    Raises:
        WeightsError: A file is missing, its checksum is not the card's, or it does not fit.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    card = read_card(name, folder=folder)
    path = folder / f"{name}.safetensors"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weight file {path.name} cannot be opened.") from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise WeightsError(
            f"The weight file {path.name} is not the one its model card describes (the checksums "
            "differ); put both back from the repository or train anew."
        )
    try:
        state: dict[str, Tensor] = load(data)
        module.load_state_dict({key: value.to(torch.float32) for key, value in state.items()})
    except (SafetensorError, RuntimeError) as error:
        raise WeightsError(
            f"The weight file {path.name} does not fit {name}: layers are missing, new, or of "
            "another shape."
        ) from error
    return card
