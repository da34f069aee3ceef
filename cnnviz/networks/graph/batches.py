"""Networks that mix the images of a batch, mended so that each image goes through alone.

Batch normalization without running statistics takes its mean over all images that go through
together, and `x.reshape(1, -1)` joins them: a network of such layers says something else of an
image in a batch than alone. Here those operations are found, by running two images alone and
together, and are made to take one image after the other; all others keep their batches.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.heads import record_values
from cnnviz.networks.graph.one_by_one import STACKED, WHOLE, Batch, OneByOne
from cnnviz.networks.graph.places import PLACE, describe_place


def separate_images(
    traced: fx.GraphModule, *, input_shape: tuple[int, int, int], title: str
) -> tuple[str, ...]:
    """Let a network say the same of an image alone and in a batch.

    Args:
        traced: The network, which returns (N, classes); changed in place.
        input_shape: One image, (C, H, W).
        title: The network's name, for sentences.

    Returns:
        What was changed, in sentences; none where nothing mixes images.

    Raises:
        NetworkError: It mixes them in a way that cannot be undone.
    """
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, *input_shape, generator=generator)
    with torch.no_grad():
        alone = torch.cat([traced(x[:1]), traced(x[1:])])
    if _is_same_in_batch(traced, x, alone):
        return ()
    first, second = record_values(traced, x[:1]), record_values(traced, x[1:])
    mixing = _Separation(traced, first, second, x).run()
    place = describe_place(mixing[0].meta.get(PLACE)) if mixing else ""
    name = mixing[0].name if mixing else "its forward"
    if not _is_same_in_batch(traced, x, alone):
        raise NetworkError(
            f"{title} mixes the images of a batch (“{name}”{place}); let each image go through "
            "by itself, with the batch along the first axis."
        )
    note = (
        f"“{name}”{place} mixes the images of a batch; here each image goes through it alone, "
        "which takes longer."
    )
    return (note,)


def _is_same_in_batch(traced: fx.GraphModule, x: Tensor, alone: Tensor) -> bool:
    try:
        with torch.no_grad():
            together = traced(x)
    except (RuntimeError, ValueError, IndexError, TypeError):  # two images do not fit
        return False
    return _is_close(together, alone)


def _is_close(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if not one.is_floating_point():
            return torch.equal(one, other)
        scale = float(other.abs().max()) if other.numel() else 0.0
        return torch.allclose(one, other, rtol=1e-4, atol=1e-5 * max(1.0, scale), equal_nan=True)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_is_close, one, other))
    return type(one) is type(other) and bool(one == other)


class _Separation:
    """Goes through a network with two images together, and mends what mixes them."""

    def __init__(
        self,
        traced: fx.GraphModule,
        first: dict[fx.Node, Any],
        second: dict[fx.Node, Any],
        x: Tensor,
    ) -> None:
        self._traced, self._first, self._second, self._x = traced, first, second, x
        self._values: dict[fx.Node, Any] = {}
        self._batches: dict[fx.Node, Any] = {}  # of one value, or a tuple of them
        self._runner = fx.Interpreter(traced)

    def run(self) -> list[fx.Node]:
        """Mend the graph, and return the nodes that mixed images."""
        mixing = []
        with torch.no_grad():
            for node in list(self._traced.graph.nodes):
                if node.op == "output":
                    continue
                if node.op == "placeholder":
                    self._values[node] = self._x
                elif not self._keeps_apart(node):
                    mixing.append(node)
                    self._separate(node)
                self._batches[node] = self._find_batch(node)
        self._traced.graph.lint()
        self._traced.recompile()
        return mixing

    def _keeps_apart(self, node: fx.Node) -> bool:
        """Run a node on both images; whether its answer is that of each alone."""
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), self._values.__getitem__)
        try:
            self._values[node] = getattr(self._runner, node.op)(node.target, args, kwargs)
        except (RuntimeError, ValueError, IndexError, TypeError):
            return False
        return self._find_batch(node) is not None

    def _find_batch(self, node: fx.Node) -> Any:
        return _find_batches(self._values[node], self._first[node], self._second[node])

    def _separate(self, node: fx.Node) -> None:
        """Replace an operation by one that takes one image at a time."""
        inner = None
        if node.op == "call_module":
            inner = self._traced.get_submodule(str(node.target))
        call = inner or (
            _call_method(str(node.target)) if node.op == "call_method" else node.target
        )
        sources = fx.node.map_arg((node.args, node.kwargs), self._describe_source)
        module = OneByOne(inner, call, sources)  # type: ignore[arg-type]
        given = fx.node.map_arg((node.args, node.kwargs), self._keep_tensor)
        # A module keeps its path; another call of the same module has its own.
        path = str(node.target) if inner is not None and _is_called_once(node) else node.name
        while inner is None and hasattr(self._traced, path):
            path += "_each"
        self._traced.add_submodule(path, module)
        node.op, node.target = "call_module", path
        node.args, node.kwargs = given
        args, kwargs = fx.node.map_arg(given, self._values.__getitem__)
        self._values[node] = module(*args, **kwargs)

    def _describe_source(self, source: fx.Node) -> Any:
        """What of a source one image gets: its own part, or what is the same for both."""
        if self._batches[source] != ():
            return self._batches[source]
        value = self._first[source]
        return Batch(WHOLE) if isinstance(value, Tensor) else value

    def _keep_tensor(self, source: fx.Node) -> Any:
        """A source as it is handed in; sizes, the same for every image, stay in the module."""
        is_tensor = self._batches[source] != () or isinstance(self._first[source], Tensor)
        return source if is_tensor else None


def _is_called_once(node: fx.Node) -> bool:
    return [other.target for other in node.graph.nodes].count(node.target) == 1


def _call_method(name: str) -> Callable[..., Any]:
    def call(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(tensor, name)(*args, **kwargs)

    call.__name__ = name
    return call


def _find_batches(together: Any, first: Any, second: Any) -> Any:
    """Where the images of a value lie; () where it is the same for both, None where neither.

    A size of the batch itself, 2 for both and 1 for one, counts as the same.
    """
    if isinstance(together, tuple | list) and not isinstance(together, torch.Size):
        if not (isinstance(first, tuple | list) and len(first) == len(together)):
            return None
        found = [_find_batches(*each) for each in zip(together, first, second, strict=True)]
        if any(each is None for each in found):
            return None
        return () if all(each == () for each in found) else type(together)(found)
    if not isinstance(together, Tensor):
        return ()
    if not isinstance(first, Tensor):
        return None
    for axis in range(together.dim() if first.dim() == together.dim() else 0):
        if together.shape[axis] == 2 * first.shape[axis] and _is_close(
            together, torch.cat([first, second], dim=axis)
        ):
            return Batch(axis, first.shape[axis])
    if _is_close(together, torch.stack([first, second])):
        return Batch(STACKED)
    return () if _is_close(together, first) and _is_close(first, second) else None
