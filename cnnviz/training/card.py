"""Shipping a trained network: weights in half precision with a model card beside them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from cnnviz.training.measure import round_to_half


def write_network(
    name: str, state: dict[str, Tensor], facts: dict[str, Any], *, folder: Path
) -> Path:
    """Write NAME.safetensors and NAME.json.

    Args:
        name: Network in the registry.
        state: Its trained parameters, any precision; they ship in half precision.
        facts: Everything the card says, but for the name and the checksum.
        folder: Where both go; made if missing.

    Returns:
        The weight file.
    """
    data = save(round_to_half(state))
    card = {"name": name, "sha256": hashlib.sha256(data).hexdigest(), **facts}
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / f"{name}.safetensors"
    _replace(weights, data)
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    _replace(folder / f"{name}.json", text.encode())
    return weights


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    partial.replace(path)
