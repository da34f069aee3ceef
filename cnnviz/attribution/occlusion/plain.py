"""A network computed whole for every change of an image, and when that is the only right way."""

from collections.abc import Sequence

import torch
from torch import Tensor

from cnnviz.attribution.occlusion.parts import LayerWork
from cnnviz.attribution.occlusion.spans import Span, Square
from cnnviz.attribution.occlusion.windows import ChangedNetwork
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_per_graph

# Between the two ways: the rounding of sums in another order.
_SHARE, _ROUNDING = 5e-3, 1e-4


class PlainNetwork:
    """A network and one image; each change of the image goes through all of it.

    Attributes:
        output: What the network says of the unchanged image, (N,).
        work: How much was computed, by layer, over all calls of `run`: everything.
    """

    def __init__(self, graph: Graph, x: Tensor) -> None:
        """Run the image once.

        Args:
            graph: The traced network.
            x: The image as its input, (1, C, H, W).
        """
        self._network, self._x = graph.traced, x
        self.work = {layer.name: LayerWork(layer.name, size=1, full=0) for layer in graph.layers}
        with torch.inference_mode():
            self.output: Tensor = self._network(x)[0]

    def run(self, squares: Sequence[Square], fill: Tensor) -> Tensor:
        """Return the outputs, (B, N), of the image with each square replaced.

        Args:
            squares: Where it is changed, one square an output.
            fill: What stands there instead, a whole input (1, C, H, W).
        """
        batch = self._x.repeat(len(squares), 1, 1, 1)
        for covered, square in zip(batch, squares, strict=True):
            rows = slice(square.rows.start, square.rows.end)
            columns = slice(square.columns.start, square.columns.end)
            covered[:, rows, columns] = fill[0, :, rows, columns]
        for work in self.work.values():
            work.changes += len(squares)
            work.cells += len(squares)
            work.computed += work.full * len(squares)
        with torch.inference_mode():
            outputs: Tensor = self._network(batch)
        return outputs

    def find_likeness(self, _square: Square) -> tuple[int, ...]:
        """Return the same for every change: each costs as much as any other."""
        return ()


@keep_per_graph
def can_compute_windows(graph: Graph) -> bool:
    """Try out whether a network may be computed only where a change reaches.

    Three squares of a random image are replaced, and both ways must agree.
    """
    shape = graph.find("input").shape
    generator = torch.Generator().manual_seed(0)
    x, fill = (torch.randn(1, *shape, generator=generator) for _ in range(2))
    squares = [
        Square(_cut(shape[1], *rows), _cut(shape[2], *columns))
        for rows, columns in (((0, 3), (0, 4)), ((3, 5), (4, 7)), ((6, 8), (5, 8)))
    ]
    plain = PlainNetwork(graph, x)
    wanted = plain.run(squares, fill)
    try:
        network = ChangedNetwork(graph, x)
        found = network.run(squares, fill)
    except (RuntimeError, ValueError, IndexError, TypeError, KeyError, AttributeError):
        return False  # an operation that takes no part of a map
    allowed = _SHARE * (wanted - plain.output).abs().max() + _ROUNDING * wanted.abs().max()
    return found.shape == wanted.shape and bool(((found - wanted).abs() <= allowed).all())


def _cut(size: int, first: int, last: int) -> Span:
    """Some eighths of an axis, at least one cell."""
    start = min(size - 1, size * first // 8)
    return Span(start, max(start + 1, size * last // 8))
