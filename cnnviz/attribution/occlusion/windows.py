"""A network computed for many changes of one image, in each layer only where they reach.

The image goes through once and every activation that is needed is kept. For a changed square,
each layer computes the rectangle of cells that the square can reach: its inputs are the rectangle
below, laid into the kept activations. Where the rectangles cover most of a map, and where an
operation needs the whole map, all of it is computed. The result is exact.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional

from cnnviz.attribution.occlusion.operations import Operation, Reach, list_operations
from cnnviz.attribution.occlusion.parts import LayerWork, Part, Whole, lay_all, make_maps, size_of
from cnnviz.attribution.occlusion.spans import (
    Span,
    Square,
    join,
    lay,
    place_windows,
    reach_down,
    reach_up,
)
from cnnviz.device import find_device
from cnnviz.networks.graph.layers import Graph

# What copying a number costs, in multiply-adds of a convolution: a rough figure that decides only
# where the windows give way to the whole map, never what comes out.
_COPY_COST = 24


class ChangedNetwork:
    """A network and one image, ready to compute what changes of the image do to its output.

    Attributes:
        output: What the network says of the unchanged image, (N,).
        work: How much was computed, by layer, over all calls of `run`.
    """

    def __init__(self, graph: Graph, x: Tensor) -> None:
        """Run the image once.

        Args:
            graph: The traced network.
            x: The image as its input, (1, C, H, W).
        """
        self._operations = _list_up_to_output(graph)
        self._ends = _find_last_uses(self._operations)
        needed = _find_needed(self._operations)
        self._kept: dict[fx.Node, Any] = {}
        self._padded: dict[tuple[fx.Node, tuple[int, ...], float], Tensor] = {}
        self._spans: dict[tuple[int, Span], dict[fx.Node, Span]] = {}
        self._shapes: dict[fx.Node, torch.Size] = {}
        self._x = x.to(find_device(graph.traced)).contiguous(memory_format=torch.channels_last)
        self.work = {
            operation.name: LayerWork(
                operation.name,
                size=_count_cells(operation),
                full=_count_cells(operation) * operation.cell_cost,
            )
            for operation in self._operations
            if operation.name
        }
        values: dict[fx.Node, Any] = {}
        with torch.inference_mode():
            for operation, last in zip(self._operations, self._ends, strict=True):
                node = operation.node
                values[node] = self._run_clean(operation, values)
                if isinstance(values[node], Tensor):
                    self._shapes[node] = values[node].shape
                if node in needed:
                    self._kept[node] = values[node]
                for done in last:
                    del values[done]
        self.output: Tensor = values[self._operations[-1].node][0].cpu()

    def _run_clean(self, operation: Operation, values: dict[fx.Node, Any]) -> Any:
        node = operation.node
        if node.op == "placeholder":
            return self._x
        if node.op == "get_attr":
            return operation.run()
        args, kwargs = _fill(node, values)
        return operation.run(*args, **kwargs)

    def run(self, squares: Sequence[Square], fill: Tensor) -> Tensor:
        """Return the outputs, (B, N), of the image with each square replaced.

        Args:
            squares: Where it is changed, one square an output.
            fill: What stands there instead, a whole input (1, C, H, W).
        """
        values: dict[fx.Node, Any] = {}
        fill = fill.to(self._x.device)
        with torch.inference_mode():
            for operation, last in zip(self._operations, self._ends, strict=True):
                node = operation.node
                if node.op == "placeholder":
                    values[node] = self._occlude(squares, fill)
                elif node.op == "get_attr":
                    values[node] = operation.run()
                else:
                    values[node] = self._run_one(operation, values, squares)
                self._count(operation, values[node], len(squares))
                for done in last:
                    del values[done]
            output: Tensor = self._make_whole(
                self._operations[-1].node, values[self._operations[-1].node]
            ).values
        return output.cpu()

    def _occlude(self, squares: Sequence[Square], fill: Tensor) -> Part:
        height, tops = place_windows([square.rows for square in squares], size=self._x.shape[2])
        width, lefts = place_windows([square.columns for square in squares], size=self._x.shape[3])
        values = make_maps(self._x, len(squares), height, width)
        for index, (square, top, left) in enumerate(zip(squares, tops, lefts, strict=True)):
            values[index] = self._x[0, :, top : top + height, left : left + width]
            rows, columns = square.rows, square.columns
            values[
                index,
                :,
                rows.start - top : rows.end - top,
                columns.start - left : columns.end - left,
            ] = fill[0, :, rows.start : rows.end, columns.start : columns.end]
        return Part(values, tops, lefts)

    def _run_one(
        self, operation: Operation, values: dict[fx.Node, Any], squares: Sequence[Square]
    ) -> Any:
        node = operation.node
        sources = [source for source in node.all_input_nodes if isinstance(values[source], Part)]
        others = [source for source in node.all_input_nodes if isinstance(values[source], Whole)]
        if operation.is_size:
            return self._read_sizes(operation, values, len(squares))
        if sources and not others and operation.reach is Reach.SLIDING:
            part = self._slide(operation, sources[0], values[sources[0]], squares)
            if part is not None:
                return part
        elif (
            operation.reach is Reach.CELL
            and sources
            and not others
            and not any(_has_places(values[source]) for source in node.all_input_nodes)
        ):
            return self._run_cells(operation, values, sources, squares)
        for source in sources:
            values[source] = self._make_whole(source, values[source])
        args, kwargs = _fill(node, values)
        result = operation.run(*args, **kwargs)
        return Whole(result) if sources or others else result

    def _read_sizes(self, operation: Operation, values: dict[fx.Node, Any], changes: int) -> Any:
        """Sizes are those of the whole maps, not of the rectangles that are computed."""
        whole = dict(values)
        for source in operation.node.all_input_nodes:
            if isinstance(values[source], Part) and source in self._shapes:
                whole[source] = torch.zeros(()).expand(changes, *self._shapes[source][1:])
        args, kwargs = _fill(operation.node, whole)
        return operation.run(*args, **kwargs)

    def _slide(
        self, operation: Operation, source: fx.Node, below: Part, squares: Sequence[Square]
    ) -> Part | None:
        """Compute the changed rectangle, or None where the whole map costs less."""
        if operation.shape is None or operation.slide is None:
            return None
        (height, tops), (width, lefts) = self._place(operation, squares)
        rows, columns = operation.windows
        tall, wide = reach_down(height, rows), reach_down(width, columns)
        kept = self._kept[source]
        channels = kept.shape[1]
        whole = prod(operation.shape[1:]) * _cost_of(operation) + _COPY_COST * kept.numel()
        if height * width * _cost_of(operation) + _COPY_COST * channels * tall * wide >= whole:
            return None
        padded, margins = self._pad(operation, source)
        values = make_maps(kept, len(squares), tall, wide)
        for index in range(len(squares)):
            # Where the input rectangle begins, in cells of the layer below; outside is padding.
            first = (
                tops[index] * rows.stride - rows.padding,
                lefts[index] * columns.stride - columns.padding,
            )
            top, left = first[0] + margins[0], first[1] + margins[1]
            values[index] = padded[0, :, top : top + tall, left : left + wide]
            lay(values[index], first, below.values[index], (below.tops[index], below.lefts[index]))
        return Part(operation.slide(values), tops, lefts)

    def _pad(self, operation: Operation, source: fx.Node) -> tuple[Tensor, tuple[int, int]]:
        """The kept activation with an edge wide enough for every window, and the edge's width."""
        kept = self._kept[source]
        if operation.shape is None:
            return kept, (0, 0)
        edges = []
        for size, cells, window in zip(
            operation.shape[1:], kept.shape[2:], operation.windows, strict=True
        ):
            beyond = reach_down(size, window) - window.padding - cells
            edges.append((window.padding, max(0, beyond)))
        (top, bottom), (left, right) = edges
        if not (top or bottom or left or right):
            return kept, (0, 0)
        key = (source, (top, bottom, left, right), operation.edge)
        if key not in self._padded:
            self._padded[key] = functional.pad(
                kept, (left, right, top, bottom), value=operation.edge
            )
        return self._padded[key], (top, left)

    def _run_cells(
        self,
        operation: Operation,
        values: dict[fx.Node, Any],
        sources: list[fx.Node],
        squares: Sequence[Square],
    ) -> Any:
        parts: list[Part] = [values[source] for source in sources]
        tops, lefts = parts[0].tops, parts[0].lefts
        same = all(
            part.tops == tops and part.lefts == lefts and size_of(part) == size_of(parts[0])
            for part in parts
        )
        plain = dict(values)
        if not same:
            (height, tops), (width, lefts) = self._place(operation, squares)
            for source, part in zip(sources, parts, strict=True):
                plain[source] = self._widen(source, part, tops, lefts, (height, width))
        args, kwargs = _fill(operation.node, plain)
        result = operation.run(*args, **kwargs)
        if isinstance(result, Tensor | tuple) and not isinstance(result, torch.Size):
            return Part(result, tops, lefts)
        return result

    def _widen(
        self,
        source: fx.Node,
        part: Part,
        tops: tuple[int, ...],
        lefts: tuple[int, ...],
        size: tuple[int, int],
    ) -> Part:
        """The same changes in larger rectangles, what is new being unchanged."""
        if part.tops == tops and part.lefts == lefts and size_of(part) == size:
            return part
        kept = self._kept[source]
        values = make_maps(kept, len(tops), *size)
        for index, (top, left) in enumerate(zip(tops, lefts, strict=True)):
            values[index] = kept[0, :, top : top + size[0], left : left + size[1]]
            lay(
                values[index],
                (top, left),
                part.values[index],
                (part.tops[index], part.lefts[index]),
            )
        return Part(values, tops, lefts)

    def _make_whole(self, source: fx.Node, value: Any) -> Whole:
        if isinstance(value, Whole):
            return value
        kept = self._kept[source]
        if isinstance(kept, tuple | list):
            parts = zip(kept, value.values, strict=True)
            return Whole(
                tuple(lay_all(each, Part(v, value.tops, value.lefts)) for each, v in parts)
            )
        return Whole(lay_all(kept, value))

    def _place(
        self, operation: Operation, squares: Sequence[Square]
    ) -> tuple[tuple[int, tuple[int, ...]], tuple[int, tuple[int, ...]]]:
        shape = operation.shape or (1, 1)
        rows = [self._find_spans(0, square.rows)[operation.node] for square in squares]
        columns = [self._find_spans(1, square.columns)[operation.node] for square in squares]
        return place_windows(rows, size=shape[-2]), place_windows(columns, size=shape[-1])

    def find_likeness(self, square: Square) -> tuple[int, ...]:
        """Return the sizes of what a change reaches: changes of like sizes cost least together."""
        rows, columns = self._find_spans(0, square.rows), self._find_spans(1, square.columns)
        return tuple(span.end - span.start for spans in (rows, columns) for span in spans.values())

    def _find_spans(self, axis: int, square: Span) -> dict[fx.Node, Span]:
        """Which cells of each operation a change reaches along one axis."""
        key = (axis, square)
        if key in self._spans:
            return self._spans[key]
        spans: dict[fx.Node, Span] = {}
        for operation in self._operations:
            node, shape = operation.node, operation.shape
            below = [spans[source] for source in node.all_input_nodes if source in spans]
            if node.op == "placeholder":
                spans[node] = square
            elif operation.reach is Reach.SLIDING and shape is not None and below:
                spans[node] = reach_up(below[0], operation.windows[axis], size=shape[1 + axis])
            elif operation.reach is Reach.CELL and below:
                spans[node] = join(below)
        self._spans[key] = spans
        return spans

    def _count(self, operation: Operation, value: Any, changes: int) -> None:
        if not operation.name:
            return
        work = self.work[operation.name]
        work.changes += changes
        cells = prod(size_of(value)) if isinstance(value, Part) else work.size
        work.cells += cells * changes
        work.computed += cells * changes * operation.cell_cost


def _list_up_to_output(graph: Graph) -> list[Operation]:
    """The operations up to the one that the network returns."""
    operations, output = list_operations(graph), graph.output.name
    end = next(index for index, each in enumerate(operations) if each.name == output)
    return operations[: end + 1]


def _has_places(value: Any) -> bool:
    """Whether a tensor that no change reaches has a value of its own for each row or column."""
    return isinstance(value, Tensor) and any(size > 1 for size in value.shape[-2:])


def _cost_of(operation: Operation) -> int:
    """Multiply-adds a cell; a pooling reads each channel's window."""
    if operation.cell_cost:
        return operation.cell_cost
    channels = operation.shape[0] if operation.shape else 1
    return channels * prod(window.kernel for window in operation.windows)


def _count_cells(operation: Operation) -> int:
    return prod(operation.shape[-2:]) if operation.shape and len(operation.shape) > 2 else 1


def _fill(node: fx.Node, values: dict[fx.Node, Any]) -> tuple[Any, Any]:
    """A node's arguments with the values in their places."""

    def take(source: fx.Node) -> Any:
        value = values[source]
        return value.values if isinstance(value, Part | Whole) else value

    return fx.node.map_arg(node.args, take), fx.node.map_arg(node.kwargs, take)


def _find_last_uses(operations: list[Operation]) -> list[list[fx.Node]]:
    """For each operation, the nodes that nothing reads after it."""
    last: dict[fx.Node, int] = {}
    for index, operation in enumerate(operations):
        last[operation.node] = index
        for source in operation.node.all_input_nodes:
            last[source] = index
    ends: list[list[fx.Node]] = [[] for _ in operations]
    for node, index in last.items():
        if index < len(operations) - 1:
            ends[index].append(node)
    return ends


def _find_needed(operations: list[Operation]) -> set[fx.Node]:
    """Nodes whose unchanged output some operation lays its changes into."""
    needed: set[fx.Node] = {operations[-1].node}
    for operation in operations:
        node = operation.node
        if operation.reach is not Reach.CELL or len(node.all_input_nodes) > 1:
            needed.update(node.all_input_nodes)
    return needed
