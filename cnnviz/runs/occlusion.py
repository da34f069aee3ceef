"""Occlusion maps, as pages ask for them."""

from collections.abc import Iterator

from torch import Tensor

from cnnviz.attribution.occlusion.cover import Occlusion, OcclusionOptions, refine_occlusion
from cnnviz.attribution.occlusion.strongest import StrongestMap, follow_strongest_map
from cnnviz.networks.load import LoadedModel


def follow_map(
    model: LoadedModel, x: Tensor, occlusion: Occlusion, layer: str
) -> Iterator[tuple[float, str, StrongestMap]]:
    """Follow the strongest map of a layer while the patch moves."""
    for share, result in follow_strongest_map(model, x, occlusion, layer=layer):
        count = result.sums.numel()
        yield share, f"{round(share * count)} of {count} positions", result


def refine_map(
    model: LoadedModel, x: Tensor, options: OcclusionOptions
) -> Iterator[tuple[float, str, Occlusion]]:
    """Compute an occlusion map, coarse first."""
    for share, result in refine_occlusion(model, x, options=options):
        count = result.done.numel()
        yield share, f"{round(share * count)} of {count} positions", result
