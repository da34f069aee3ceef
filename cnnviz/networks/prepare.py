"""A network that somebody else wrote, made ready for the pages or refused in a sentence."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from cnnviz.costs.flops import count_products
from cnnviz.costs.table import measure_costs
from cnnviz.errors import NetworkError
from cnnviz.networks.graph.batches import separate_images
from cnnviz.networks.graph.heads import choose_head, record_values
from cnnviz.networks.graph.layer_names import name_layers
from cnnviz.networks.graph.layers import (
    Graph,
    list_tensors,
    make_example,
    record_graph,
    trace_safely,
)
from cnnviz.networks.graph.places import PLACE, describe_error, describe_place, find_line
from cnnviz.networks.graph.trace import trace_module
from cnnviz.networks.zoo.meta_build import copy_to_meta
from cnnviz.networks.zoo.registry import NetworkSpec


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A network ready for the pages.

    Attributes:
        graph: Its layers; it returns logits, (N, classes).
        notes: What was changed, and what of its costs is not sure, in sentences.
        is_changed: Whether the graph computes something else than the network.
    """

    graph: Graph
    notes: tuple[str, ...] = ()
    is_changed: bool = False


def prepare_network(module: nn.Module, spec: NetworkSpec) -> Prepared:
    """Trace a person's network, let it return logits, and keep the images of a batch apart.

    Args:
        module: The network with its weights, in evaluation mode.
        spec: What is known of it.

    Raises:
        NetworkError: It does not run, has no fixed graph, answers by chance, or its output is not
            one number a class.
    """
    shape, title = spec.preprocessing.shape, spec.title
    x = make_example(shape)
    returned = _run(module, x, title=title)
    if not _is_equal(returned, _run(module, x, title=title)):
        raise NetworkError(_describe_chance(module, x, title=title))
    try:
        traced = trace_safely(module, shape)
        changes = choose_head(traced, classes=len(spec.classes), input_shape=shape, title=title)
        changes += separate_images(traced, input_shape=shape, title=title)
        graph = record_graph(traced, input_shape=shape, titles={})
        graph = name_layers(graph, titles=spec.layer_titles)
    except NetworkError:
        raise
    except Exception as error:  # somebody else's layers may do anything
        place = describe_place(find_line(error.__traceback__))
        raise NetworkError(f"{title} cannot be shown{place}: {describe_error(error)}.") from error
    counted = compare_counts(module, shape, title=title)
    is_plain = isinstance(returned, Tensor) and returned.shape == (1, len(spec.classes))
    return Prepared(graph, changes + counted, is_changed=bool(changes) or not is_plain)


def compare_counts(
    module: nn.Module, shape: tuple[int, int, int], *, title: str
) -> tuple[str, ...]:
    """Count a network's multiply-adds in two ways, and say where they are not sure.

    Args:
        module: The network.
        shape: One image, (C, H, W).
        title: The network's name, for sentences.

    Returns:
        The layers that are not counted, and a count that differs; none where all is well.
    """
    twin, x = copy_to_meta(module), torch.zeros(1, *shape, device="meta")
    try:
        table, whole = measure_costs(twin, input_shape=shape), count_products(twin, x)
    except Exception:  # noqa: BLE001  (somebody else's layers may need numbers)
        table = measure_costs(module, input_shape=shape)
        whole = count_products(module, make_example(shape))
    notes = []
    if table.uncounted:
        names = ", ".join(f"“{name}”" for name in table.uncounted)
        notes.append(
            f"The multiply-adds of {names} in {title} are not counted; the total is at least "
            f"{table.multiply_adds:,}."
        )
    if whole != table.multiply_adds:
        notes.append(
            f"{title} takes {table.multiply_adds:,} multiply-adds by its layers and {whole:,} by "
            "torch's formulas for all that it runs."
        )
    return tuple(notes)


def _run(module: nn.Module, x: Tensor, *, title: str) -> Any:
    try:
        with torch.no_grad():
            return module(x.clone())
    except Exception as error:  # as may its forward
        place = describe_place(find_line(error.__traceback__))
        raise NetworkError(
            f"{title} cannot take an input of {tuple(x.shape[1:])}{place}: {describe_error(error)}."
        ) from error


def _is_equal(first: Any, second: Any) -> bool:
    pairs = zip(list_tensors(first), list_tensors(second), strict=True)
    return all(torch.allclose(one, other, equal_nan=True) for one, other in pairs)


def _describe_chance(module: nn.Module, x: Tensor, *, title: str) -> str:
    """Say where a network's answer is up to chance, although it is in use."""
    node = _find_chance(trace_module(module, input_shape=(x.shape[1], x.shape[2], x.shape[3])), x)
    place = describe_place(node.meta.get(PLACE)) if node is not None else ""
    mend = "take the chance out of its forward"
    if node is not None and "dropout" in f"{node.name} {node.target}".lower():
        mend = "write F.dropout(x, training=self.training), or make an nn.Dropout in __init__"
    return f"{title} gives the same image another answer each time{place}; {mend}."


def _find_chance(traced: fx.GraphModule, x: Tensor) -> fx.Node | None:
    first, second = record_values(traced, x), record_values(traced, x)
    for node, value in first.items():
        if node.op != "output" and not _is_equal(value, second[node]):
            return node
    return None
