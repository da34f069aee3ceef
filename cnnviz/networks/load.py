"""Networks in memory, shared by every visitor and never changed, and their predictions."""

import os
import re
import sys
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from cnnviz.cache import SizedLRUCache
from cnnviz.device import CPU, add_transfers, get_device
from cnnviz.errors import NetworkError, WeightsError
from cnnviz.networks.graph.layer_names import name_layers
from cnnviz.networks.graph.layers import Graph, make_example, trace_network
from cnnviz.networks.graph.places import describe_error
from cnnviz.networks.prepare import Prepared, prepare_network
from cnnviz.networks.weights.files import (
    ModelCard,
    describe_missing,
    fill_network,
    find_weights,
    is_weightless,
)
from cnnviz.networks.zoo.registry import NetworkSpec, build_network, get_network

MEMORY_VARIABLE = "CNNVIZ_MEMORY"
_DEFAULT_BYTES = 4 * 10**9
# How far logits on another device may be from the CPU's, as a share of the largest.
_MOST = 1e-3
_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>[kMGT]?B?)", re.IGNORECASE)
_UNITS = {
    prefix + byte: 1000**power
    for power, prefix in enumerate(("", "K", "M", "G", "T"))
    for byte in ("", "B")
}


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A trained network, read-only and safe to run from many threads at once.

    Attributes:
        spec: Its row in the registry.
        module: The network in evaluation mode, its parameters frozen.
        graph: Its layers.
        card: Its model card.
        notes: What was changed in it, or differs from what others would count, in sentences.
    """

    spec: NetworkSpec
    module: nn.Module
    graph: Graph
    card: ModelCard
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells its results from those of others, and of itself with other weights."""
        return f"{self.spec.name}:{self.card.sha256}"


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a network says of one image.

    Attributes:
        logits: (N,), any real number.
        probabilities: Softmax of the logits, (N,), sum 1.
        ranking: Class indices, most probable first.
    """

    logits: Tensor
    probabilities: Tensor
    ranking: tuple[int, ...]


_NETWORKS: SizedLRUCache[str, LoadedModel] = SizedLRUCache()


def load_model(name: str) -> LoadedModel:
    """Return a trained network; the first call loads it, later calls give the same object.

    All that are loaded take at most CNNVIZ_MEMORY together (4 GB unless set); the one that was
    used least recently leaves first.

    Raises:
        NetworkError: There is no such network, it cannot be built or traced, or it is too large.
        WeightsError: Its weights are missing or broken.
    """
    return _NETWORKS.get_or_load(name, lambda: _load(name))


def list_loaded() -> dict[str, int]:
    """Return the bytes of the networks in memory, by name, the least recently used first."""
    return _NETWORKS.list_kept()


def read_memory_limit() -> int:
    """Return the most bytes that loaded networks may take, from CNNVIZ_MEMORY.

    Raises:
        WeightsError: The variable is set and is no size.
    """
    text = os.environ.get(MEMORY_VARIABLE, "").strip()
    found = _SIZE.fullmatch(text)
    if not text:
        return _DEFAULT_BYTES
    if not found:
        raise WeightsError(
            f"{MEMORY_VARIABLE} is “{text}”; write a size such as 4GB or 500MB and start again."
        )
    return int(float(found["number"]) * _UNITS[found["unit"].upper()])


def count_bytes(module: nn.Module) -> int:
    """Count the bytes of a network's parameters and buffers, shared ones once."""
    tensors = {tensor.data_ptr(): tensor for tensor in (*module.parameters(), *module.buffers())}
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def _load(name: str) -> LoadedModel:
    spec = get_network(name)
    limit = read_memory_limit()
    has_file = find_weights(name) is not None
    if not (has_file or spec.is_own):
        raise WeightsError(describe_missing(name))
    try:
        module = build_network(spec, unfilled=True)
    except Exception as error:  # a visitor's own builder may raise anything
        raise NetworkError(f"{spec.title} cannot be built: {describe_error(error)}.") from error
    if not (has_file or is_weightless(module)):
        raise WeightsError(describe_missing(name))
    size = count_bytes(module)
    if size > limit:
        raise NetworkError(
            f"{spec.title} takes {size / 1e9:.1f} GB and all networks together may take "
            f"{limit / 1e9:.1f} GB; start the server with a larger {MEMORY_VARIABLE}."
        )
    _NETWORKS.make_room(name, size=size, limit=limit)
    card = fill_network(module, spec)
    if card.file is not None and card.file.published is not None:
        spec = replace(spec, preprocessing=card.file.published.preprocessing)
    prepared = prepare_network(module, spec) if spec.is_own else Prepared(_trace(module, spec))
    model = LoadedModel(
        spec=spec,
        module=prepared.graph.traced if prepared.is_changed else module,
        graph=prepared.graph,
        card=card,
        notes=prepared.notes,
    )
    if get_device().type != "cpu":
        _move_network(model, get_device())
    return model


def _move_network(model: LoadedModel, device: torch.device) -> None:
    """Let a network compute on another device; where that goes wrong it stays, and that is told."""
    runs = {model.module: None, model.graph.traced: None}
    parts = [*runs, *(layer.module for layer in model.graph.layers if layer.module is not None)]
    x = make_example(model.spec.preprocessing.shape)
    before = predict(model, x).logits
    try:
        for part in parts:
            part.to(device)
        with torch.no_grad():
            found = [run(x.to(device))[0].cpu() for run in runs]
        fault = "" if all(_is_close(one, before) for one in found) else "its logits differ"
    except RuntimeError as error:  # an operation that there is not, or no memory left
        fault = describe_error(error)
    if fault:
        for part in parts:
            part.to(CPU)
        sys.stderr.write(f"{model.spec.title} is computed on the CPU; on {device}: {fault}.\n")
        return
    for run in runs:
        add_transfers(run)


def _is_close(logits: Tensor, others: Tensor) -> bool:
    return bool((logits - others).abs().max() <= _MOST * others.abs().max())


def _trace(module: nn.Module, spec: NetworkSpec) -> Graph:
    graph = trace_network(module, input_shape=spec.preprocessing.shape, titles={})
    if graph.output.shape != (len(spec.classes),):
        raise NetworkError(
            f"{spec.title} yields {graph.output.shape} and has {len(spec.classes)} classes; "
            "its output must be one number a class."
        )
    return name_layers(graph, titles=spec.layer_titles)


def rank_logits(logits: Tensor) -> Prediction:
    """Turn one image's logits (N,) into probabilities and a ranking."""
    probabilities = logits.softmax(dim=0)
    ranking = tuple(probabilities.argsort(descending=True).tolist())
    return Prediction(logits=logits, probabilities=probabilities, ranking=ranking)


def predict(model: LoadedModel, x: Tensor) -> Prediction:
    """Run a network on one prepared image.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
    """
    with torch.no_grad():
        return rank_logits(model.module(x)[0])
