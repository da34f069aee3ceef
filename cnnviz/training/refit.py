"""The last layer fitted anew, to whole images and whole labels.

Patches pasted into images and smoothed labels teach good features, and a last layer that hedges.
With the features kept, what the last layer says is a softmax regression, whose best weights are
found in seconds.

Source: Kang and others 2020, "Decoupling representation and classifier for long-tailed
recognition", section 4.1, classifier re-training.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.training.labelled import LabelledImages

_BATCH = 250
_ITERATIONS = 200
_FAINT = 1e-6


def find_last_layer(module: nn.Module) -> nn.Conv2d | nn.Linear:
    """Return the layer of a network of the lineage after which nothing follows but averages."""
    *_, last = (part for part in module.modules() if isinstance(part, nn.Conv2d | nn.Linear))
    return last


def refit_last_layer(
    module: nn.Module,
    photos: LabelledImages,
    *,
    to_input: Callable[[Tensor], Tensor],
    decay: float,
) -> None:
    """Fit a network's last layer to images that it has learned from, the other layers kept.

    Args:
        module: The network, on the CPU; left in evaluation mode, its last layer changed.
        photos: The images and their classes.
        to_input: A batch of images to inputs of the network.
        decay: Half of it, times the sum of the squared weights of features scaled to a standard
            deviation of 1, is added to the mean cross-entropy.
    """
    last = find_last_layer(module)
    features = _read_features(module, last, photos.images, to_input=to_input)
    scale = features.std(dim=0).clamp(min=_FAINT)  # (channels,)
    scaled = features / scale
    with torch.no_grad():
        weight = last.weight.flatten(1) * scale  # (classes, channels)
        bias = None if last.bias is None else last.bias.clone()
    regress_softmax(scaled, photos.labels, weight, bias, decay=decay)
    with torch.no_grad():
        last.weight.copy_((weight / scale).reshape(last.weight.shape))
        if last.bias is not None and bias is not None:
            last.bias.copy_(bias)


def _read_features(
    module: nn.Module, last: nn.Module, images: Tensor, *, to_input: Callable[[Tensor], Tensor]
) -> Tensor:
    """Return what the last layer is shown of each image, averaged over places, (N, channels)."""
    module.eval()
    found: list[Tensor] = []
    hook = last.register_forward_pre_hook(
        lambda _, given: found.append(
            given[0].flatten(2).mean(2) if given[0].ndim == 4 else given[0]
        )
    )
    try:
        with torch.no_grad():
            for batch in torch.split(images, _BATCH):
                module(to_input(batch).contiguous(memory_format=torch.channels_last))
    finally:
        hook.remove()
    return torch.cat(found)


def regress_softmax(
    features: Tensor, labels: Tensor, weight: Tensor, bias: Tensor | None, *, decay: float
) -> None:
    """Change weights (classes, channels) and bias until the loss is least.

    Args:
        features: (N, channels).
        labels: (N,).
        weight: Where it starts, (classes, channels); changed in place.
        bias: (classes,), changed in place; None for none.
        decay: Half of it, times the sum of the squared weights, is added to the mean
            cross-entropy.
    """
    optimizer = torch.optim.LBFGS(
        [one.requires_grad_() for one in (weight, bias) if one is not None],
        max_iter=_ITERATIONS,
        history_size=20,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )

    def lose() -> float:
        optimizer.zero_grad()
        loss = functional.cross_entropy(functional.linear(features, weight, bias), labels)
        loss = loss + decay / 2 * (weight**2).sum()
        torch.autograd.backward(loss)
        return float(loss.detach())

    optimizer.step(lose)  # type: ignore[no-untyped-call]
