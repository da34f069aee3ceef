"""Which cells of a layer a change below it can reach, along one axis, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from cnnviz.receptive_fields.theoretical import Window


@dataclass(frozen=True, slots=True)
class Span:
    """Cells along one axis, the last one excluded; empty where `end` is not above `start`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Square:
    """Where an image is changed, in pixels of the network's input."""

    rows: Span
    columns: Span


def reach_up(span: Span, window: Window, *, size: int) -> Span:
    """Return the cells of a layer, `size` along this axis, that read any cell of a span below.

    Output i reads the inputs i·s − p to i·s − p + d·(k − 1). What lies between a dilated
    window's taps is counted as read: too many cells are computed then, never too few.
    """
    if span.end <= span.start:
        return Span(0, 0)
    extent = window.dilation * (window.kernel - 1)
    first = -((extent - window.padding - span.start) // window.stride)
    last = (span.end - 1 + window.padding) // window.stride
    start, end = max(0, first), min(size, last + 1)
    return Span(start, end) if end > start else Span(0, 0)


def reach_down(length: int, window: Window) -> int:
    """Return how many cells below a run of `length` cells reads."""
    return (length - 1) * window.stride + window.dilation * (window.kernel - 1) + 1


def join(spans: Sequence[Span]) -> Span:
    """Return the smallest span that holds all; empty ones ask for nothing."""
    filled = [span for span in spans if span.end > span.start]
    if not filled:
        return Span(0, 0)
    return Span(min(span.start for span in filled), max(span.end for span in filled))


def place_windows(spans: Sequence[Span], *, size: int) -> tuple[int, tuple[int, ...]]:
    """Return one length that holds each span, at least 1, and where each begins inside the map."""
    length = max(1, *(span.end - span.start for span in spans))
    return length, tuple(min(span.start, size - length) for span in spans)


def lay(maps: Tensor, origin: tuple[int, int], part: Tensor, place: tuple[int, int]) -> None:
    """Write what of a part lies within maps over them.

    Args:
        maps: (..., H, W), written to.
        origin: Row and column of the layer at which the maps begin.
        part: (..., h, w).
        place: Row and column of the layer at which the part begins.
    """
    height, width = part.shape[-2:]
    top, left = place[0] - origin[0], place[1] - origin[1]
    bottom, right = min(maps.shape[-2], top + height), min(maps.shape[-1], left + width)
    skip, cut = max(0, -top), max(0, -left)
    if bottom > top + skip and right > left + cut:
        maps[..., top + skip : bottom, left + cut : right] = part[
            ..., skip : bottom - top, cut : right - left
        ]
