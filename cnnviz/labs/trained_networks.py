"""Networks that visitors trained, in the registry, and a run's weights as a file."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from safetensors.torch import save

from cnnviz.labs.digit_sets import CLASSES
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.network_builder import BuilderRow, build_layers, parse_layers
from cnnviz.networks.load import load_model
from cnnviz.networks.user_networks import Builder, network
from cnnviz.networks.zoo.registry import (
    Listing,
    NetworkSpec,
    get_network,
    is_known,
    register_later,
    unregister,
)

MAX_NETWORKS = 64  # of all visitors; the oldest goes
TRAINED_PREFIX = "trained_"  # of their keys in the registry
_LENET = "lenet5"
_LENET_LAYERS = tuple(
    parse_layers(
        f"conv6k5, relu, {pooling}2, conv16k5, relu, {pooling}2, conv120k5, relu, flatten, "
        "fc84, relu, fc10"
    )
    for pooling in ("avg", "max")
)


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network as another process of this machine can register it.

    Attributes:
        like: The network whose preprocessing it has.
        row: Its row in the registry without the preprocessing, by name.
    """

    like: str
    row: dict[str, Any]

    def make_row(self) -> NetworkSpec:
        """Make its row."""
        return NetworkSpec(**self.row, preprocessing=load_model(self.like).spec.preprocessing)


_lock = threading.Lock()
_trained: OrderedDict[str, tuple[Trained, TemporaryDirectory[str]]] = OrderedDict()
_adopted: dict[str, TemporaryDirectory[str] | None] = {}  # with the folder of a file of our own


def name_trained(part: str, *, visitor: str) -> str:
    """Return a key for the registry that no other visitor's network has.

    Args:
        part: Tells this network from the visitor's others.
        visitor: Whose it is.
    """
    return f"{TRAINED_PREFIX}{hashlib.sha256(f'{part}/{visitor}'.encode()).hexdigest()[:16]}"


def register_trained(name: str, weights: bytes, build: Builder, *, like: str, **facts: Any) -> None:
    """Make a network with these weights one of the registry, unless it is there already.

    Args:
        name: Its key.
        weights: Its weights as a safetensors file.
        build: Makes the module; can be packed.
        like: The network whose preprocessing it has.
        facts: Further arguments of `cnnviz.networks.user_networks.network`.
    """
    preprocessing = load_model(like).spec.preprocessing
    with _lock:
        if name in _trained:
            return
        folder = TemporaryDirectory(prefix="cnnviz-trained-")
        path = Path(folder.name) / f"{name}.safetensors"
        path.write_bytes(weights)
        shape = preprocessing.shape
        network(weights=path, name=name, shape=shape, preprocessing=preprocessing, **facts)(build)
        spec = get_network(name)
        names = [one.name for one in fields(spec) if one.name != "preprocessing"]
        _trained[name] = Trained(like, {one: getattr(spec, one) for one in names}), folder
        while len(_trained) > MAX_NETWORKS:
            _drop(next(iter(_trained)))


def forget_trained(name: str) -> None:
    """Take a trained network and its weights away."""
    with _lock:
        if name in _trained:
            _drop(name)


def _drop(name: str) -> None:
    unregister(name)
    _, folder = _trained.pop(name)
    folder.cleanup()


def pass_trained_on() -> Callable[[], None]:
    """Return what makes the trained networks of this process those of another one."""
    with _lock:
        return partial(adopt_trained, tuple(one for one, _ in _trained.values()))


def adopt_trained(networks: tuple[Trained, ...]) -> None:
    """Make these the trained networks of this process; the weights stay where they are."""
    _leave_adopted(_adopted.keys() - {str(one.row["name"]) for one in networks})
    for one in networks:
        if not is_known(str(one.row["name"])):
            _adopt(one)


def _adopt(one: Trained, folder: TemporaryDirectory[str] | None = None) -> None:
    name, title, year = (one.row[part] for part in ("name", "title", "year"))
    register_later(Listing(name, title, year, is_published=False), one.make_row)
    _adopted[name] = folder


def _leave_adopted(names: Set[str]) -> None:
    for name in names:
        unregister(name)
        folder = _adopted.pop(name)
        if folder is not None:
            folder.cleanup()


def carry_trained_on(packed: bytes) -> Callable[[], None]:
    """Return what makes trained networks of this process those of one on another machine.

    Args:
        packed: What that process will unpack; of the networks that it names, the weights go along.
    """
    with _lock:
        named = {name: one for name, (one, _) in _trained.items() if name.encode() in packed}
        weights = {name: one.row["own_file"].read_bytes() for name, one in named.items()}
        return partial(adopt_carried, tuple(named.values()), weights, frozenset(_trained))


def adopt_carried(
    networks: tuple[Trained, ...], weights: Mapping[str, bytes], names: Set[str]
) -> None:
    """Make these trained networks of this process, with files of its own.

    Args:
        networks: The networks.
        weights: Their files, by name.
        names: Of all trained networks that still are.
    """
    _leave_adopted(_adopted.keys() - names)
    for one in networks:
        name = str(one.row["name"])
        if not is_known(name):
            folder = TemporaryDirectory(prefix="cnnviz-trained-")
            path = Path(folder.name) / f"{name}.safetensors"
            path.write_bytes(weights[name])
            _adopt(replace(one, row={**one.row, "own_file": path}), folder)


def name_network(run: TrainingRun, *, visitor: str) -> str:
    """Return the key in the registry of a run's network as it is now, for one visitor."""
    return f"{name_trained(run.id, visitor=visitor)}_{run.step}"


def write_weights(run: TrainingRun) -> bytes:
    """Return the network's weights as a safetensors file."""
    return _write_weights(run, run.rows)


def _write_weights(run: TrainingRun, rows: Sequence[BuilderRow]) -> bytes:
    """The same, by the names that these rows have."""
    names = {mine.name: row.name for mine, row in zip(run.rows, rows, strict=True)}
    state = {}
    for name, value in run.network.state_dict().items():
        layer, _, tensor = name.partition(".")
        state[f"{names[layer]}.{tensor}"] = value.detach().clone()
    return save(state, metadata={"layers": run.plan.layers, "steps": str(run.step)})


def name_as_lenet(rows: Sequence[BuilderRow]) -> tuple[BuilderRow, ...]:
    """Give layers the names C1 to output of LeNet-5, where they are its own with either pooling."""
    if tuple(row.layer for row in rows) not in _LENET_LAYERS:
        return tuple(rows)
    names = get_network(_LENET).layer_titles
    return tuple(replace(row, name=name) for row, name in zip(rows, names, strict=True))


def register_run(run: TrainingRun, *, visitor: str) -> str:
    """Make a run's network, as it is now, one that every page of its visitor can open.

    Args:
        run: The run.
        visitor: Who sees it in lists of networks.

    Returns:
        Its key in the registry.
    """
    name, rows = name_network(run, visitor=visitor), name_as_lenet(run.rows)
    lenet = get_network(_LENET)
    accuracy = run.accuracy or 0.0
    register_trained(
        name,
        _write_weights(run, rows),
        partial(build_layers, rows),
        like=_LENET,
        classes=CLASSES,
        title=f"{run.title}, {run.step} steps ({run.id[:4]})",
        paper="Trained by a visitor on the page “Train a network”",
        idea=f"Trained for {run.step} steps: accuracy {100 * accuracy:.1f} % on held-out digits.",
        layer_titles=lenet.layer_titles if rows != run.rows else {},
        visitor=visitor,
    )
    return name
