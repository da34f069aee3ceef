"""Integrated gradients: each pixel's share of what an image adds to one that says nothing."""

from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.gradients import Report, choose_batch, ignore_progress
from cnnviz.attribution.options import Options
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel


def compute_integrated_gradients(
    model: LoadedModel,
    x: Tensor,
    *,
    target: int,
    options: Options,
    report: Report = ignore_progress,
) -> Tensor:
    """Average the gradient along the straight path from a baseline, times the way gone.

    The points on the path and their weights are those of Gauss and Legendre.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        options: Number of steps, baseline.
        report: Called with the share done.

    Returns:
        (C, H, W), signed; its sum is nearly the logit less the baseline's.

    Source:
        Sundararajan, Taly, Yan: Axiomatic Attribution for Deep Networks, 2017, equations 1 and 3.
    """
    done = 0

    def run(points: Tensor) -> Tensor:
        nonlocal done
        logits: Tensor = model.graph.traced(points)
        if not logits.requires_grad:
            raise AttributionError("Nothing leads from the input to this class; choose another.")
        done += len(points)
        report(min(1.0, done / options.steps))
        return logits

    shares: Tensor = (
        import_captum()
        .IntegratedGradients(run)
        .attribute(
            x.detach().clone(),
            baselines=make_baseline(model, x, baseline=options.baseline),
            target=target,
            n_steps=options.steps,
            method="gausslegendre",
            internal_batch_size=choose_batch(x),
        )
    )
    return shares[0].detach()
