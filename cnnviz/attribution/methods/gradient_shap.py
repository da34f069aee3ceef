"""GradientSHAP: integrated gradients at points drawn at random, of an image with noise."""

import torch
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.gradients import Report, choose_batch, ignore_progress
from cnnviz.attribution.options import Options
from cnnviz.networks.load import LoadedModel
from cnnviz.seeded import draw_seeded


def compute_gradient_shap(
    model: LoadedModel,
    x: Tensor,
    *,
    target: int,
    options: Options,
    report: Report = ignore_progress,
) -> Tensor:
    """Average the gradient at random points between a baseline and noisy images, times the way.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        options: Samples, noise as a share of the input's range, baseline, seed.
        report: Called with the share done.

    Returns:
        (C, H, W), signed; its sum is the difference of two logits on average over the draws.

    Source:
        Lundberg, Lee: A Unified Approach to Interpreting Model Predictions, NeurIPS 2017; the
        expected gradients of its library.
    """
    shap = import_captum().GradientShap(model.graph.traced)
    baseline = make_baseline(model, x, baseline=options.baseline)
    deviation = options.noise * float(x.max() - x.min())
    total, batch = torch.zeros_like(x), choose_batch(x)
    for first in range(0, options.samples, batch):
        count = min(batch, options.samples - first)
        with draw_seeded(options.seed + first):
            shares = shap.attribute(
                x.detach().clone(),
                baselines=baseline,
                n_samples=count,
                stdevs=deviation,
                target=target,
            )
        total += count * shares.detach()
        report((first + count) / options.samples)
    return total[0] / options.samples
