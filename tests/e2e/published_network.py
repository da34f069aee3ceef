"""A network whose weights are published, as torchvision's are, by a server of the tests."""

import hashlib
import io
from pathlib import Path

import torch
from torch import nn

from tests.download_server import FileServer

MODELS = """
from dataclasses import replace
from torch import nn
from cnnviz.networks.user_networks import network
from cnnviz.networks.weights import downloads
from cnnviz.networks.zoo import registry
from cnnviz.networks.zoo.reported import Reported

downloads._SILENCE_SECONDS = 300.0  # a busy machine opens the second page late

@network(shape=(3, 16, 16), classes=("ant", "bee"), title="Fetched", year=2001)
def fetched():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 2))

spec = registry._REGISTRY["fetched"]
reported = Reported("V1", 1682, 0.001, 50.0, 80.0, SIZE / 2**20, 16, "https://nowhere.invalid/FILE")
published = (registry.PublishedWeights(reported, spec.preprocessing),)
registry._REGISTRY["fetched"] = replace(spec, published=published)
"""


def publish_network(files: FileServer, folder: Path) -> dict[str, str]:
    """Put its weights on the server, and return the variables by which the app finds it there.

    Args:
        files: Where its weights are fetched from.
        folder: Where the app keeps fetched weights, in a folder "weights", and finds no others.
    """
    torch.manual_seed(1)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 2))
    content = io.BytesIO()
    torch.save(layers.state_dict(), content)
    data = content.getvalue()
    name = f"fetched-{hashlib.sha256(data).hexdigest()[:8]}.pth"
    files.files[name] = data
    models = folder / "models.py"
    models.write_text(MODELS.replace("FILE", name).replace("SIZE", str(len(data))))
    return {
        "CNNVIZ_MODELS": str(models),
        "CNNVIZ_WEIGHTS_URL": files.url,
        "CNNVIZ_WEIGHTS_DIR": str(folder / "weights"),
        "TORCH_HOME": str(folder / "torch"),
        "no_proxy": "127.0.0.1,localhost",
    }
