"""Noise tunnels: a method's maps of many noisy copies of an image, drawn together."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.gradients import Report, ignore_progress
from cnnviz.attribution.options import Options, Tunnel
from cnnviz.seeded import draw_seeded

_KINDS = {
    Tunnel.SMOOTHGRAD: "smoothgrad",
    Tunnel.SQUARED: "smoothgrad_sq",
    Tunnel.VARGRAD: "vargrad",
}


def smooth(
    compute: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    options: Options,
    report: Report = ignore_progress,
) -> Tensor:
    """Draw a method's maps of noisy images together.

    captum draws the noise twice alike, and computes nothing meanwhile: first to show the images
    whose maps it wants, then to draw those maps together.

    Args:
        compute: From one image, (1, C, H, W), to its map, (C, H, W).
        x: Input, (1, C, H, W).
        options: Tunnel, samples, noise as a share of the input's range, seed.
        report: Called with the share done.

    Returns:
        (C, H, W).

    Source:
        Smilkov and others: SmoothGrad, 2017; Hooker and others: A Benchmark for Interpretability
        Methods in Deep Neural Networks, NeurIPS 2019 (squared); Adebayo and others: Local
        Explanation Methods for Deep Neural Networks Lack Sensitivity to Parameter Values, 2018
        (VarGrad).
    """
    wanted: list[Tensor] = []

    def note(images: Tensor) -> Tensor:
        wanted.append(images)
        return torch.zeros_like(images)

    _tunnel(x, options, note)
    images = torch.cat(wanted)
    maps = []
    for number, image in enumerate(images, start=1):
        maps.append(compute(image[None]))
        report(number / len(images))
    return _tunnel(x, options, lambda _: torch.stack(maps))[0]


def _tunnel(x: Tensor, options: Options, answer: Callable[[Tensor], Tensor]) -> Tensor:
    attr = import_captum()

    class Answers(attr.Attribution):  # type: ignore[misc, name-defined]  # captum is not typed
        """A method whose maps are known."""

        # The tunnel calls what captum's own decorator has wrapped.
        def attribute(self, inputs: Tensor, **_: Any) -> Tensor:
            return answer(inputs.detach())

        attribute.__wrapped__ = attribute  # type: ignore[attr-defined]

        def has_convergence_delta(self) -> bool:
            return False

        @property
        def multiplies_by_inputs(self) -> bool:
            return False

    with draw_seeded(options.seed):
        drawn: Tensor = attr.NoiseTunnel(Answers(answer)).attribute(
            x.detach().clone(),
            nt_type=_KINDS[options.tunnel],
            nt_samples=options.samples,
            stdevs=options.noise * float(x.max() - x.min()),
        )
    return drawn.detach()
