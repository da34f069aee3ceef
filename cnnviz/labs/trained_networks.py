"""A trained run as a network of the registry, and as a weight file."""

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors.torch import save
from torch import nn

from cnnviz.labs.digit_sets import CLASSES, SHAPE
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.network_builder import BuilderRow, build_layers
from cnnviz.networks.user_networks import Builder, network
from cnnviz.networks.zoo.registry import get_network, unregister

MAX_NETWORKS = 64  # of all visitors; the oldest goes
_LENET = "lenet5"
_lock = threading.Lock()
_folders: OrderedDict[str, TemporaryDirectory[str]] = OrderedDict()


def name_network(run: TrainingRun, *, visitor: str) -> str:
    """Return the key in the registry of a run's network as it is now, for one visitor."""
    own = hashlib.sha256(f"{run.id}/{visitor}".encode()).hexdigest()[:16]
    return f"trained_{own}_{run.step}"


def write_weights(run: TrainingRun) -> bytes:
    """Return the network's weights as a safetensors file."""
    state = {name: value.detach().clone() for name, value in run.network.state_dict().items()}
    return save(state, metadata={"layers": run.plan.layers, "steps": str(run.step)})


def register_run(run: TrainingRun, *, visitor: str) -> str:
    """Make a run's network, as it is now, one that every page of its visitor can open.

    Args:
        run: The run.
        visitor: Who sees it in lists of networks.

    Returns:
        Its key in the registry.
    """
    name, rows = name_network(run, visitor=visitor), run.rows
    with _lock:
        if name in _folders:
            return name
        folder = TemporaryDirectory(prefix="cnnviz-trained-")
        path = Path(folder.name) / f"{name}.safetensors"
        path.write_bytes(write_weights(run))
        accuracy = run.accuracy or 0.0
        network(
            shape=SHAPE,
            classes=CLASSES,
            preprocessing=get_network(_LENET).preprocessing,
            weights=path,
            name=name,
            title=f"{run.title}, {run.step} steps ({run.id[:4]})",
            paper="Trained by a visitor on the page “Train a network”",
            idea=f"Trained for {run.step} steps: {accuracy:.1%} of the held-out digits are right.",
            visitor=visitor,
        )(_make_builder(rows))
        _folders[name] = folder
        while len(_folders) > MAX_NETWORKS:
            oldest, gone = _folders.popitem(last=False)
            unregister(oldest)
            gone.cleanup()
    return name


def _make_builder(rows: tuple[BuilderRow, ...]) -> Builder:
    def build() -> nn.Module:
        return build_layers(rows)

    return build
