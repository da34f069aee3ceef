"""What a method costs: how often an image goes through the network, and a gradient back."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnviz.attribution.options import Options, Tunnel
from cnnviz.attribution.result import Method

# A gradient takes about as long as two passes forward.
_BACKWARD = 2


@dataclass(frozen=True, slots=True)
class Passes:
    """Passes of one image through the network."""

    forward: int
    backward: int

    @property
    def both_ways(self) -> float:
        """The same in passes forward and back."""
        return (self.forward + _BACKWARD * self.backward) / (1 + _BACKWARD)


def _count_single(_: Options) -> tuple[int, int]:
    return 1, 1


_COUNTED: dict[Method, Callable[[Options], tuple[int, int]]] = {
    Method.SMOOTHGRAD: lambda options: (options.samples, options.samples),
    Method.INTEGRATED_GRADIENTS: lambda options: (options.steps, options.steps),
    Method.GRADIENT_SHAP: lambda options: (options.samples, options.samples),
    Method.DEEPLIFT: lambda _: (2, 1),  # the baseline goes forward too
    Method.LRP: lambda _: (2, 1),  # captum goes forward twice
    Method.GUIDED_GRAD_CAM: lambda _: (2, 2),
    Method.LAYER_CONDUCTANCE: lambda options: (options.steps, options.steps),
    Method.INTERNAL_INFLUENCE: lambda options: (options.steps, options.steps),
    # First layer conductance, for the unit; then back from the logit and from the unit.
    Method.NEURON_CONDUCTANCE: lambda options: (2 * options.steps, 3 * options.steps),
    Method.FEATURE_ABLATION: lambda options: (options.segments + 1, 0),
    Method.SHAPLEY_SAMPLING: lambda options: (
        options.permutations * (options.segments - 1) + 2,
        0,
    ),
    Method.KERNEL_SHAP: lambda options: (options.covers, 0),
    Method.LIME: lambda options: (options.covers, 0),
}


def count_passes(method: Method, options: Options) -> Passes:
    """Return what a method costs; of superpixels about, since SLIC finds about so many."""
    forward, backward = _COUNTED.get(method, _count_single)(options)
    times = 1 if options.tunnel is Tunnel.NONE else options.samples
    return Passes(times * forward, times * backward)
