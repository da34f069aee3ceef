"""Small networks as people write them: a convolution, anything at all, then a linear layer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion, cover
from cnnviz.attribution.occlusion.fills import Fill, make_fill
from cnnviz.cache import SizedLRUCache
from cnnviz.networks import load, user_networks
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.zoo import registry

SHAPE = (3, 16, 16)
X = torch.randn(1, *SHAPE, generator=torch.Generator().manual_seed(0))
Middle = Callable[[Any, Tensor], Any]


class Net(nn.Module):
    """A convolution and a ReLU; `middle`, a function of the network and its maps, is the rest."""

    def __init__(self, middle: Middle, parts: dict[str, Any]) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 5)
        for name, part in parts.items():
            setattr(self, name, part)
        self.middle = middle

    def forward(self, x: Tensor) -> Any:
        return self.middle(self, functional.relu(self.conv(x)))


class Loader:
    """Registers networks as their authors would, each with a weight file, and loads them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def load(
        self,
        build: Callable[[], nn.Module],
        *,
        classes: int = 5,
        state: dict[str, Tensor] | None = None,
    ) -> LoadedModel:
        self.count += 1
        name = f"kind{self.count}"
        user_networks.network(
            shape=SHAPE, classes=[f"class {i}" for i in range(classes)], name=name
        )(build)
        torch.manual_seed(0)
        torch.save(build().state_dict() if state is None else state, self.folder / f"{name}.pth")
        return load_model(name)

    def load_middle(
        self, middle: Middle, parts: dict[str, Any] | None = None, *, classes: int = 5
    ) -> LoadedModel:
        torch.manual_seed(1)
        made = {name: make() for name, make in (parts or {}).items()}
        return self.load(lambda: Net(middle, made), classes=classes)


def average(x: Tensor) -> Tensor:
    """Mean over rows and columns, (N, C)."""
    return x.mean((2, 3))


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    monkeypatch.setattr(user_networks, "_names", [])
    monkeypatch.setattr(load, "_NETWORKS", SizedLRUCache[str, LoadedModel]())
    return Loader(tmp_path)


def head(m: Any, x: Tensor) -> Tensor:
    """Return the logits of averaged maps."""
    logits: Tensor = m.head(average(x))
    return logits


def check_occlusion(model: LoadedModel) -> None:
    """Compare with plain passes of the covered images."""
    made = compute_occlusion(model, X, options=OcclusionOptions(patch=4, stride=4))
    fill = make_fill(Fill.MEAN, X, preprocessing=model.spec.preprocessing, patch=4)
    with torch.no_grad():
        plain = torch.stack(
            [
                model.module(cover(X, made.find_square(index // 4, index % 4), fill))[0]
                for index in range(16)
            ]
        )
        change = float((plain - model.module(X)).abs().max())
    apart = float((made.logits.reshape(16, -1) - plain).abs().max())
    assert apart <= 0.01 * change + 1e-6
