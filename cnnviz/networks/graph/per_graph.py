"""Results remembered for as long as their network is in memory, and no longer.

A cache by name would hold on to the modules of a network that has left to make room for another.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from cnnviz.networks.graph.layers import Graph

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

_MAX_KEPT = 32  # of what depends on a key besides the graph, such as a layer


def keep_per_graph(compute: Callable[[Graph], T]) -> Callable[[Graph], T]:
    """Let a function of a graph compute once; its result must not refer to the graph itself."""
    kept: WeakKeyDictionary[Graph, T] = WeakKeyDictionary()
    lock = threading.Lock()

    @wraps(compute)
    def recall(graph: Graph) -> T:
        with lock:
            if graph not in kept:
                kept[graph] = compute(graph)
            return kept[graph]

    return recall


def keep_by_key_per_graph(compute: Callable[[Graph, K], T]) -> Callable[[Graph, K], T]:
    """Let a function of a graph and a key keep its newest results for each graph."""

    @keep_per_graph
    def list_kept(_graph: Graph) -> OrderedDict[K, T]:
        return OrderedDict()

    lock = threading.Lock()

    @wraps(compute)
    def recall(graph: Graph, key: K) -> T:
        kept = list_kept(graph)
        with lock:
            if key not in kept:
                kept[key] = compute(graph, key)
            kept.move_to_end(key)
            while len(kept) > _MAX_KEPT:
                kept.popitem(last=False)
            return kept[key]

    return recall
