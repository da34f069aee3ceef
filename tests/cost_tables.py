"""Cost tables for the tests, each computed once."""

from typing import Any

from cnnviz.costs.table import CostTable, compute_costs
from cnnviz.networks.zoo.architectures import get_architecture

_TABLES: dict[str, CostTable] = {}


def measure(name: str) -> CostTable:
    if name not in _TABLES:
        entry = get_architecture(name)
        size = entry.input_size
        _TABLES[name] = compute_costs(
            lambda: entry.build(size), input_shape=(entry.channels, size, size)
        )
    return _TABLES[name]


def measure_module(build: Any, *input_shape: int) -> CostTable:
    shape = (input_shape[0], input_shape[1], input_shape[2])
    return compute_costs(build, input_shape=shape)
