"""Results remembered for as long as their network is in memory, and no longer.

A cache by name would hold on to the modules of a network that has left to make room for another.
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from cnnviz.networks.graph.layers import Graph

T = TypeVar("T")


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
