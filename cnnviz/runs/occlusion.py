"""Occlusion maps, as pages ask for them."""

from collections.abc import Iterator
from functools import partial

from torch import Tensor

from cnnviz.attribution.occlusion.cover import (
    Occlusion,
    OcclusionOptions,
    list_parts,
    merge_parts,
    refine_occlusion,
)
from cnnviz.attribution.occlusion.strongest import StrongestMap, follow_strongest_map
from cnnviz.jobs.heavy import Pieces, report_progress
from cnnviz.networks.load import LoadedModel


def follow_map(
    model: LoadedModel, x: Tensor, occlusion: Occlusion, layer: str
) -> Iterator[tuple[float, str, StrongestMap]]:
    """Follow the strongest map of a layer while the patch moves."""
    for share, result in follow_strongest_map(model, x, occlusion, layer=layer):
        count = result.sums.numel()
        yield share, f"{round(share * count)} of {count} positions", result


def refine_map(model: LoadedModel, x: Tensor, options: OcclusionOptions) -> Pieces[Occlusion]:
    """Compute an occlusion map, coarse first; a cluster computes its parts side by side."""
    parts = list_parts(model, x, options=options)
    return Pieces(
        items=parts,
        compute=partial(_cover_part, model, x, options),
        name=partial(_name_part, parts),
        gather=merge_parts,
        alone=partial(_follow_all, model, x, options),
    )


def _follow_all(
    model: LoadedModel, x: Tensor, options: OcclusionOptions, part: slice = slice(None)
) -> Iterator[tuple[float, str, Occlusion]]:
    for share, result in refine_occlusion(model, x, options=options, part=part):
        count = result.done.numel()
        yield share, f"{int(result.done.sum())} of {count} positions", result


def _cover_part(model: LoadedModel, x: Tensor, options: OcclusionOptions, part: slice) -> Occlusion:
    for share, step, result in _follow_all(model, x, options, part):  # noqa: B007  (the last is whole)
        report_progress(share, step)
    return result


def _name_part(parts: list[slice], part: slice) -> str:
    return f"part {parts.index(part) + 1} of {len(parts)}"
