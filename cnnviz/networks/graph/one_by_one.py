"""An operation that is run on one image of a batch after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

STACKED, WHOLE = -1, -2


@dataclass(frozen=True, slots=True)
class Batch:
    """Where a value's images lie.

    Attributes:
        axis: Along which axis; STACKED where one image has no axis for it and a batch has one in
            front, WHOLE where the value is the same for all images.
        size: How many entries along it each image has.
    """

    axis: int
    size: int = 1

    def split(self, value: Tensor, count: int) -> list[Tensor]:
        """Return the part of each image of a batch."""
        if self.axis == WHOLE:
            return [value] * count
        if self.axis == STACKED:
            return list(value.unbind(0))
        return list(torch.split(value, self.size, dim=self.axis))

    def count(self, value: Tensor) -> int:
        """Return how many images a value holds."""
        return value.shape[0] if self.axis == STACKED else value.shape[self.axis] // self.size


class OneByOne(nn.Module):
    """An operation that is run on one image of a batch after the other.

    Attributes:
        inner: The module that it calls; None for a function or method.
        title: Name of the function or method; empty for a module.
    """

    def __init__(self, inner: nn.Module | None, call: Callable[..., Any], sources: Any) -> None:
        """Keep the operation.

        Args:
            inner: The module that it calls; None for a function or method.
            call: The operation.
            sources: Its arguments by place and by name, tensors as `Batch`.
        """
        super().__init__()
        self.inner = inner
        self._call = None if inner is not None else call
        self._sources = sources
        self.title = "" if inner is not None else str(getattr(call, "__name__", ""))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the operation yields for each image, joined."""
        places: list[Batch] = _gather(self._sources, Batch)
        tensors: list[Tensor] = _gather((args, kwargs), Tensor)
        pairs = list(zip(places, tensors, strict=True))
        count = max(
            (place.count(value) for place, value in pairs if place.axis != WHOLE), default=1
        )
        call = self.inner if self._call is None else self._call
        results = []
        for image in zip(*(place.split(value, count) for place, value in pairs), strict=True):
            own_args, own_kwargs = _fill_in(self._sources, iter(image))
            results.append(call(*own_args, **own_kwargs))  # type: ignore[misc]
        return _join(results)


def _gather(value: Any, kind: type) -> list[Any]:
    found: list[Any] = []
    fx.node.map_aggregate(value, lambda part: found.append(part) if isinstance(part, kind) else 0)
    return found


def _fill_in(sources: Any, image: Iterator[Tensor]) -> Any:
    return fx.node.map_aggregate(
        sources, lambda part: next(image) if isinstance(part, Batch) else part
    )


def _join(results: list[Any]) -> Any:
    if isinstance(results[0], Tensor):
        has_axis = results[0].dim() > 0 and results[0].shape[0] == 1
        return torch.cat(results) if has_axis else torch.stack(results)
    if isinstance(results[0], tuple | list):
        return tuple(_join(list(parts)) for parts in zip(*results, strict=True))
    return results[0]
