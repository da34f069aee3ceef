"""SmoothGrad: gradient saliency averaged over noisy copies of the image."""

import torch
from torch import Tensor

from cnnviz.attribution.methods.gradients import (
    Report,
    choose_batch,
    differentiate_class,
    ignore_progress,
)
from cnnviz.attribution.options import Options
from cnnviz.networks.graph.layers import Graph


def compute_smoothgrad(
    graph: Graph, x: Tensor, *, target: int, options: Options, report: Report = ignore_progress
) -> Tensor:
    """Average the gradient of a class's logit over images with normal noise added.

    Args:
        graph: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        options: Number of samples, noise as a share of the input's range, seed.
        report: Called with the share done.

    Returns:
        (C, H, W), signed.

    Source:
        Smilkov et al.: SmoothGrad, 2017, section 3.
    """
    generator = torch.Generator().manual_seed(options.seed)
    deviation = options.noise * (x.max() - x.min())
    total = torch.zeros_like(x[0])
    batch = choose_batch(x)
    for first in range(0, options.samples, batch):
        count = min(batch, options.samples - first)
        noise = torch.randn(count, *x.shape[1:], generator=generator)
        noisy = x + deviation * noise
        total += differentiate_class(graph.traced, noisy, target=target).sum(dim=0)
        report((first + count) / options.samples)
    return total / options.samples
