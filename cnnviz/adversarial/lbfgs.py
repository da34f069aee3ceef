"""The first attack: the smallest change that reaches a class, by L-BFGS within the box.

Source: Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow and Fergus 2014, "Intriguing
properties of neural networks", section 4.1. The penalty is the square of the change's length, which
has a gradient everywhere.
"""

import os

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.adversarial.pixel_space import Logits
from cnnviz.errors import AttackError

Vector = npt.NDArray[np.float64]


def attack_by_lbfgs(
    logits_of: Logits, start: Tensor, *, target: int, weight: float, iterations: int
) -> Tensor:
    """Minimise weight · |change|² plus the cross-entropy of the target, within 0 and 1.

    Args:
        logits_of: The network.
        start: One image, (1, C, H, W), 0 to 1.
        target: The class to reach.
        weight: What a change costs, 0 or more; the larger, the smaller the change.
        iterations: The most that L-BFGS makes, 1 or more.

    Returns:
        (1, C, H, W), 0 to 1.

    Raises:
        AttackError: `weight` is negative or `iterations` below 1.
    """
    if not weight >= 0 or iterations < 1:
        raise AttackError(
            f"weight is {weight} and iterations {iterations}; give 0 or more, and at least 1."
        )
    # The vectors are short: a second thread takes seven times as long, and the server needs it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Here, because it takes half a second and only this attack needs it.
    from scipy.optimize import Bounds, minimize

    origin = start.double().flatten().numpy()
    labels = torch.tensor([target])

    def measure(point: Vector) -> tuple[float, Vector]:
        values = torch.from_numpy(point).to(start.dtype).reshape(start.shape).requires_grad_()
        with torch.enable_grad():
            loss = functional.cross_entropy(logits_of(values), labels)
            (gradient,) = torch.autograd.grad(loss, values)
        change = point - origin
        total = float(loss.detach()) + weight * float(change @ change)
        return total, gradient.flatten().double().numpy() + 2 * weight * change

    found = minimize(
        measure,
        origin,
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(0.0, 1.0),
        options={"maxiter": iterations, "maxfun": 2 * iterations},
    )
    return torch.from_numpy(found.x).to(start.dtype).reshape(start.shape).clamp(0, 1)
