"""Networks in memory, shared by every visitor and never changed, and their predictions."""

import threading
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from cnnviz.graph import Graph, trace_network
from cnnviz.weights import ModelCard, load_weights
from cnnviz.zoo.registry import NetworkSpec, build_network, get_network


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A trained network, read-only and safe to run from many threads at once.

    Attributes:
        spec: Its row in the registry.
        module: The network in evaluation mode, its parameters frozen.
        graph: Its layers.
        card: Its model card.
    """

    spec: NetworkSpec
    module: nn.Module
    graph: Graph
    card: ModelCard


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


_LOADING = threading.Lock()


def load_model(name: str) -> LoadedModel:
    """Return a trained network; the first call loads it, later calls give the same object.

    Raises:
        NetworkError: There is no such network.
        WeightsError: Its weights are missing or broken.
    """
    with _LOADING:
        return _load_model(name)


@lru_cache(maxsize=16)
def _load_model(name: str) -> LoadedModel:
    spec = get_network(name)
    module = build_network(spec)
    card = load_weights(module, name)
    graph = trace_network(module, input_shape=spec.preprocessing.shape, titles=spec.layer_titles)
    return LoadedModel(spec=spec, module=module, graph=graph, card=card)


def rank_logits(logits: Tensor) -> Prediction:
    """Turn one image's logits (N,) into probabilities and a ranking."""
    probabilities = logits.softmax(dim=0)
    ranking = tuple(int(index) for index in probabilities.argsort(descending=True))
    return Prediction(logits=logits, probabilities=probabilities, ranking=ranking)


def predict(model: LoadedModel, x: Tensor) -> Prediction:
    """Run a network on one prepared image.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
    """
    with torch.no_grad():
        return rank_logits(model.module(x)[0])
