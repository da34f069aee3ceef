"""Whether a map has handed out all that there was: the sum that some methods promise."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.options import Tunnel
from cnnviz.attribution.result import Attribution, Method
from cnnviz.networks.load import LoadedModel

# These share out the logit less the baseline's; relevance propagation the logit itself.
_FROM_BASELINE = (
    Method.INTEGRATED_GRADIENTS,
    Method.GRADIENT_SHAP,
    Method.DEEPLIFT,
    Method.LAYER_CONDUCTANCE,
    Method.SHAPLEY_SAMPLING,
    Method.KERNEL_SHAP,
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a map has handed out beside what there was.

    Attributes:
        handed_out: Sum of all shares, in logits.
        difference: Logit of the image less that of the baseline; for relevance propagation the
            logit of the image.
        from_baseline: Whether a baseline's logit was taken off.
    """

    handed_out: float
    difference: float
    from_baseline: bool = True

    @property
    def gap(self) -> float:
        """What is missing or too much, as a share of the difference; 0 is complete."""
        apart = abs(self.handed_out - self.difference)
        return apart / abs(self.difference) if self.difference else apart


def adds_up(attribution: Attribution) -> bool:
    """Say whether a map's method promises a sum."""
    known = attribution.method in (*_FROM_BASELINE, Method.LRP)
    return known and attribution.options.tunnel is Tunnel.NONE


def check_completeness(model: LoadedModel, x: Tensor, attribution: Attribution) -> Completeness:
    """Compare the sum of a map with what it should be.

    Args:
        model: The network.
        x: The input, (1, C, H, W).
        attribution: Its map, by a method that adds up.

    Source:
        Sundararajan, Taly, Yan 2017, section 3, proposition 1 (completeness); of Shapley values
        this is efficiency, of relevance propagation conservation.
    """
    baseline = make_baseline(model, x, baseline=attribution.options.baseline)
    with torch.no_grad():
        logits = model.graph.traced(torch.cat([x, baseline]))[:, attribution.target].double()
    is_share = attribution.method in _FROM_BASELINE
    return Completeness(
        handed_out=_add_up(attribution),
        difference=float(logits[0] - logits[1]) if is_share else float(logits[0]),
        from_baseline=is_share,
    )


def _add_up(attribution: Attribution) -> float:
    """The sum over pixels, units or superpixels."""
    values, found = attribution.values.double(), attribution.superpixels
    if found is None:
        return float(values.sum())
    sizes = torch.bincount(found.segments.flatten()).double()
    return float((values / sizes[found.segments]).sum())
