"""What one operation of a traced network costs: whole numbers, from shapes alone.

Multiply-adds are those of weights and of attention's products. What else an operation does is
counted apart, because papers and tools differ on whether to count it:

- a bias: one addition per output value;
- pooling: one operation per value that a window reads;
- normalisation: one multiply-add per value for batch normalisation (in use its mean and variance
  are fixed), four for layer and group normalisation (mean, variance, scaling, weight and bias),
  the number of neighbours and two more for local response normalisation;
- an activation, a sum, a product: one operation per value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import Tensor, nn

from cnnviz.costs.arithmetic import convolution_multiply_adds
from cnnviz.costs.flops import MultiplyAddCounter, has_matrices
from cnnviz.networks.graph.calls import resolve_padding

Shape = tuple[int, ...]
Pair = tuple[int, int]
_Windowed = nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d
_BATCH_NORM, _LAYER_NORM = 1, 4
_WITHOUT_WORK = (
    *(nn.Identity, nn.Dropout, nn.Flatten, nn.ChannelShuffle),
    *(nn.ConstantPad2d, nn.ConstantPad3d),
)


@dataclass(frozen=True, slots=True)
class WindowShape:
    """The sliding window of a convolution or pooling, (rows, columns)."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair = (1, 1)
    ceil_mode: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """What one operation costs for one image.

    Attributes:
        multiply_adds: Of weights, and of attention's products.
        bias_adds: Additions of a bias.
        extra: Further operations, counted as the module's text says.
        window: The sliding window; None where there is none.
        is_complete: Whether the multiply-adds are all; false where no formula is known.
    """

    multiply_adds: int = 0
    bias_adds: int = 0
    extra: int = 0
    window: WindowShape | None = None
    is_complete: bool = True


def find_window(operation: str, module: nn.Module | None, call: "Call") -> WindowShape | None:
    """Return the sliding window of a convolution or pooling that names its own, else None."""
    if isinstance(module, _Windowed):
        return WindowShape(
            kernel=_pair(module.kernel_size),
            stride=_pair(module.stride),
            padding=(resolve_padding(module)[0][0], resolve_padding(module)[1][0]),
            dilation=(1, 1) if isinstance(module, nn.AvgPool2d) else _pair(module.dilation),
            ceil_mode=not isinstance(module, nn.Conv2d) and module.ceil_mode,
        )
    if operation in ("max_pool2d", "avg_pool2d", "boolean_dispatch"):
        kernel = call.argument(1, "kernel_size", None)
        return WindowShape(
            kernel=_pair(kernel),
            stride=_pair(call.argument(2, "stride", None) or kernel),
            padding=_pair(call.argument(3, "padding", 0)),
        )
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One operation's arguments and result, batch axis included."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    result: Tensor

    def argument(self, place: int, name: str, default: Any) -> Any:
        """Return an argument given by place or by name."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    @property
    def read(self) -> Tensor:
        """The tensor that the operation reads first."""
        values = (*self.args, *self.kwargs.values())
        return next(value for value in values if isinstance(value, Tensor))


def count_module(module: nn.Module, call: Call, counter: MultiplyAddCounter) -> Counts:
    """Count what a module costs for one image.

    Args:
        module: The module.
        call: What it read and yielded.
        counter: What torch's formulas counted meanwhile, for modules without a rule.
    """
    values = call.result.numel()
    if isinstance(module, nn.Conv2d):
        return _count_convolution(module, call)
    if isinstance(module, nn.Linear):
        return Counts(
            multiply_adds=values * module.in_features,
            bias_adds=values if module.bias is not None else 0,
        )
    if isinstance(module, nn.MultiheadAttention):
        return _count_attention(module, call)
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        window = find_window("", module, call)
        return Counts(extra=values * prod(window.kernel) if window else 0, window=window)
    if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        return Counts(extra=_count_adaptive_reads(call))
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        return Counts(extra=values * _BATCH_NORM)
    if isinstance(module, nn.LayerNorm | nn.GroupNorm):
        return Counts(extra=values * _LAYER_NORM)
    if isinstance(module, nn.LocalResponseNorm):
        return Counts(extra=values * (module.size + 2))
    return Counts() if isinstance(module, _WITHOUT_WORK) else _count_other(module, values, counter)


def _count_other(module: nn.Module, values: int, counter: MultiplyAddCounter) -> Counts:
    """A module without a rule: what torch's formulas say, or nothing, and then told so."""
    is_table = isinstance(module, nn.Embedding | nn.EmbeddingBag)
    hides = has_matrices(module) and counter.multiply_adds == 0 and not is_table
    return Counts(
        multiply_adds=counter.multiply_adds,
        extra=values,
        is_complete=counter.is_complete and not hides,
    )


def count_function(operation: str, call: Call, counter: MultiplyAddCounter) -> Counts:
    """Count what a bare operation costs for one image, by its name in the graph.

    Args:
        operation: Its name.
        call: What it read and yielded.
        counter: What torch's formulas counted meanwhile, for operations without a rule.
    """
    values = call.result.numel()
    if operation in ("add", "iadd", "add_", "mul", "relu", "relu_", "sigmoid", "softmax"):
        return Counts(extra=values)
    if operation == "layer_norm":
        return Counts(extra=values * _LAYER_NORM)
    if operation in ("max_pool2d", "avg_pool2d", "boolean_dispatch"):
        window = find_window(operation, None, call)
        return Counts(extra=values * prod(window.kernel) if window else 0, window=window)
    if operation == "adaptive_avg_pool2d":
        return Counts(extra=_count_adaptive_reads(call))
    if operation == "mean":
        return Counts(extra=call.read.numel())
    if operation == "shifted_window_attention":
        return _count_window_attention(call)
    return Counts(multiply_adds=counter.multiply_adds, is_complete=counter.is_complete)


def _count_convolution(module: nn.Conv2d, call: Call) -> Counts:
    rows, columns = call.result.shape[-2:]
    return Counts(
        multiply_adds=convolution_multiply_adds(
            module.in_channels,
            module.out_channels,
            kernel=_pair(module.kernel_size),
            output=(rows, columns),
            groups=module.groups,
        ),
        bias_adds=call.result.numel() if module.bias is not None else 0,
        window=find_window("", module, call),
    )


def _count_attention(module: nn.MultiheadAttention, call: Call) -> Counts:
    """Three projections, the scores, the weighted sum and the output's projection."""
    places = ("query", "key", "value")
    query, key, value = (call.argument(place, name, None) for place, name in enumerate(places))
    axis = -2 if module.batch_first or query.dim() == 2 else 0
    tokens, read, width = query.shape[axis], key.shape[axis], module.embed_dim
    scores = tokens * read
    projected = 2 * tokens * width + read * (key.shape[-1] + value.shape[-1])
    return Counts(
        multiply_adds=projected * width + 2 * scores * width,
        bias_adds=2 * (tokens + read) * width if module.in_proj_bias is not None else 0,
        extra=scores * module.num_heads,
    )


def _count_window_attention(call: Call) -> Counts:
    """Swin's attention: the maps are padded to whole windows, each attends to itself."""
    _, height, width, channels = call.read.shape
    window = call.argument(4, "window_size", None)
    heads = call.argument(5, "num_heads", None)
    padded = [-(-side // step) * step for side, step in zip((height, width), window, strict=True)]
    tokens, scores = prod(padded), prod(padded) * prod(window)
    return Counts(
        multiply_adds=4 * tokens * channels * channels + 2 * scores * channels,
        bias_adds=4 * tokens * channels,
        extra=scores * heads,
    )


def _count_adaptive_reads(call: Call) -> int:
    """Values read by windows that share an axis out: where it does not divide, they overlap."""
    channels = call.result.shape[1]
    reads = channels
    for size_in, size_out in zip(call.read.shape[-2:], call.result.shape[-2:], strict=True):
        starts = (cell * size_in // size_out for cell in range(size_out))
        ends = (-(-(cell + 1) * size_in // size_out) for cell in range(size_out))
        reads *= sum(end - start for start, end in zip(starts, ends, strict=True))
    return reads


def _pair(value: Any) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
