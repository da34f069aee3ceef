"""Degradation: beyond some depth, more plain layers make even the training error worse.

The curves come from `python -m cnnviz.training.degradation`, which trained two plain and two
residual networks side by side on the same batches.

Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", section 4.2 and
figure 6.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from cnnviz.errors import WeightsError
from cnnviz.networks.zoo.cifar_resnet import CifarResNet
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES

CARD = Path(__file__).parent.parent.parent / "assets" / "degradation.json"
SIDE = 32  # height and width of the images
NETWORKS = ("plain20", "plain56", "resnet20", "resnet56")


def build_network(name: str) -> nn.Module:
    """Build one of the networks, (N, 3, 32, 32) in, (N, 100) out; its depth ends its name."""
    kind, depth = name[:-2], int(name[-2:])
    return CifarResNet(depth, classes=len(CLASS_NAMES), is_plain=kind == "plain")


@dataclass(frozen=True, slots=True)
class ErrorCurve:
    """The error of one network while it was trained.

    Attributes:
        depth: Its layers.
        is_plain: Whether it has no shortcuts.
        seen: Training images behind it at each point; the same image counts in each epoch.
        train: Top-1 error on some of the images it was trained on, in percent.
        test: Top-1 error on images that were held out, in percent.
    """

    depth: int
    is_plain: bool
    seen: tuple[int, ...]
    train: tuple[float, ...]
    test: tuple[float, ...]

    @property
    def title(self) -> str:
        """The network's name as people write it."""
        return f"{'Plain' if self.is_plain else 'ResNet'}-{self.depth}"


@dataclass(frozen=True, slots=True)
class Degradation:
    """What was measured while four networks were trained side by side.

    Attributes:
        curves: By the network's name.
        images: Different training images.
        measured: Images of each kind behind every point.
    """

    curves: dict[str, ErrorCurve]
    images: int
    measured: int

    @property
    def epochs(self) -> float:
        """How often each training image was seen, in the mean."""
        return next(iter(self.curves.values())).seen[-1] / self.images


def read_degradation(path: Path = CARD) -> Degradation:
    """Read the card of the four trainings.

    Raises:
        WeightsError: It is not there, or not whole.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        curves = {name: _read_curve(name, told["networks"][name]["curve"]) for name in NETWORKS}
        data = told["data"]
        return Degradation(curves, int(data["trained_on"]), int(data["measured_on"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"The curves in {path.name} cannot be read; install CNNViz anew, or measure them: "
            "python -m cnnviz.training.degradation --data DIR --minutes N."
        ) from error


def _read_curve(name: str, points: list[dict[str, float]]) -> ErrorCurve:
    if not points:
        raise ValueError(name)
    return ErrorCurve(
        depth=int(name[-2:]),
        is_plain=name.startswith("plain"),
        seen=tuple(int(point["images"]) for point in points),
        train=tuple(float(point["train_error"]) for point in points),
        test=tuple(float(point["test_error"]) for point in points),
    )
