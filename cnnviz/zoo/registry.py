"""One table of all networks; whatever a page needs to know of a network is in its row."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from cnnviz.errors import NetworkError

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessing:
    """How a picture becomes a network's input, and how that input is shown again.

    Attributes:
        shape: Input of the network, (C, H, W).
        prepare: RGB picture, uint8 (H, W, 3), to a float32 tensor (1, C, H, W).
        view: The same tensor back to what the network sees, uint8 (H, W) or (H, W, 3).
        description: One sentence that tells a visitor what was done to the picture.
    """

    shape: tuple[int, int, int]
    prepare: Callable[[Pixels], Tensor]
    view: Callable[[Tensor], Pixels]
    description: str


@dataclass(frozen=True, slots=True, eq=False)
class NetworkSpec:
    """A network of the registry, before any weight is loaded.

    Attributes:
        name: Key in the registry, in URLs and of the weight file.
        title: Name as the field writes it.
        year: Year of publication.
        paper: Authors, title and venue.
        idea: What was new, in one sentence.
        changes: What this definition keeps of the paper's and what it changes.
        build: Makes the module with random weights.
        preprocessing: From picture to input.
        classes: Plain English class names, in the order of the outputs.
        layer_titles: What the literature calls a layer, by module path ("c1": "C1").
    """

    name: str
    title: str
    year: int
    paper: str
    idea: str
    changes: str
    build: Callable[[], nn.Module]
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    layer_titles: dict[str, str]


_REGISTRY: dict[str, NetworkSpec] = {}


def register(spec: NetworkSpec) -> NetworkSpec:
    """Add a network to the registry.

    Raises:
        NetworkError: The name is taken.
    """
    if spec.name in _REGISTRY:
        raise NetworkError(f"The name “{spec.name}” is taken; register the network under another.")
    _REGISTRY[spec.name] = spec
    return spec


def get_network(name: str) -> NetworkSpec:
    """Return the registry's row of a network.

    Raises:
        NetworkError: There is none of this name.
    """
    if name not in _REGISTRY:
        known = ", ".join(sorted(_REGISTRY))
        raise NetworkError(f"There is no network “{name}”; choose one of: {known}.")
    return _REGISTRY[name]


def list_networks() -> tuple[NetworkSpec, ...]:
    """Return all networks, oldest first."""
    return tuple(sorted(_REGISTRY.values(), key=lambda spec: (spec.year, spec.name)))


def build_network(spec: NetworkSpec) -> nn.Module:
    """Build a network in evaluation mode with frozen parameters, its weights still random.

    Frozen parameters let many threads share the network: nothing in it ever changes.
    """
    return spec.build().eval().requires_grad_(requires_grad=False).to(torch.float32)
