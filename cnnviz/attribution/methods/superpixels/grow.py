"""A map of superpixels that grows with the covered images that are known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.methods.superpixels.coalitions import (
    Ask,
    Coalitions,
    name_sets,
    read_sets,
)
from cnnviz.attribution.methods.superpixels.feature_ablation import ablate_features
from cnnviz.attribution.methods.superpixels.kernel_shap import fit_kernel_shap
from cnnviz.attribution.methods.superpixels.lime import fit_lime
from cnnviz.attribution.methods.superpixels.segments import find_superpixels
from cnnviz.attribution.methods.superpixels.shapley_sampling import sample_shapley_values
from cnnviz.attribution.options import Options
from cnnviz.attribution.result import Method, Superpixels
from cnnviz.networks.load import LoadedModel
from cnnviz.seeded import draw_seeded

_PARTS = 12  # times that a map is drawn while it grows


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """How a method is computed.

    Attributes:
        explain: From the logits to a value for each superpixel.
        count_draws: How often it draws, by options.
        per_draw: Sets that a draw needs, by the number of superpixels; 0 where it draws nothing.
    """

    explain: Callable[[Ask, int, int], Tensor]
    count_draws: Callable[[Options], int]
    per_draw: Callable[[int], int]


_PLANS = {
    Method.FEATURE_ABLATION: _Plan(ablate_features, lambda _: 1, lambda _: 0),
    Method.SHAPLEY_SAMPLING: _Plan(
        sample_shapley_values, lambda options: options.permutations, lambda count: count
    ),
    Method.KERNEL_SHAP: _Plan(fit_kernel_shap, lambda options: options.covers, lambda _: 1),
    Method.LIME: _Plan(fit_lime, lambda options: options.covers, lambda _: 1),
}


def grow_map(
    model: LoadedModel, x: Tensor, *, method: Method, target: int, options: Options
) -> Iterator[tuple[float, Tensor, Superpixels]]:
    """Cover superpixels and work out what each is worth, again and again while more is known.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        method: One that covers superpixels.
        target: Index of the class.
        options: Baseline, superpixels, draws and seed.

    Yields:
        The share done; the value of each pixel's superpixel, (H, W), as far as it is known; and
        the superpixels.

    Raises:
        AttributionError: The image is a single superpixel.
    """
    plan = _PLANS[method]
    segments = find_superpixels(model.spec.preprocessing.view(x), count=options.segments)
    baseline = make_baseline(model, x, baseline=options.baseline)
    sets = Coalitions(model.graph, x, baseline, segments, target)
    order = _list_wanted(plan, sets, options)
    fresh = list(dict.fromkeys(order))
    begun = 0
    for done in sets.evaluate(fresh):
        is_last = done == len(fresh)
        if not is_last and done - begun < len(fresh) / _PARTS:
            continue
        begun = done
        shown = read_sets([fresh[done - 1]])
        now = Superpixels(
            segments=segments,
            shown=shown[0],
            logit=sets.known[fresh[done - 1]],
            done=done,
            wanted=len(fresh),
            covered=sets.cover(shown),
        )
        yield done / len(fresh), _work_out(plan, sets, order, options)[segments], now


def _list_wanted(plan: _Plan, sets: Coalitions, options: Options) -> list[bytes]:
    """The sets that captum asks for, in its order."""
    order: list[bytes] = []

    def note(shown: Tensor) -> Tensor:
        order.extend(name_sets(shown))
        return torch.arange(len(shown), dtype=torch.float32)

    with draw_seeded(options.seed):
        plan.explain(note, sets.count, plan.count_draws(options))
    return order


def _work_out(plan: _Plan, sets: Coalitions, order: list[bytes], options: Options) -> Tensor:
    """What each superpixel is worth by the sets that are known, (n,)."""
    known = next((at for at, key in enumerate(order) if key not in sets.known), len(order))
    draws, each = plan.count_draws(options), plan.per_draw(sets.count)
    if known < len(order) and each:
        # Before the first draw captum asks for the empty image, where it asks beyond the draws.
        draws = min(draws, (known - (len(order) - draws * each)) // each)
    if draws < 1 or known < 2:
        return torch.zeros(sets.count)
    whole = sets.known.get(bytes([1] * sets.count), 0.0)

    def answer(shown: Tensor) -> Tensor:
        if not each:  # nothing is known yet of what is missing: no effect
            return torch.tensor([sets.known.get(key, whole) for key in name_sets(shown)])
        return sets.ask(shown)

    with draw_seeded(options.seed):
        return plan.explain(answer, sets.count, draws)
