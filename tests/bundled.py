"""The networks whose weights are files of this repository: small, and here on every machine."""

from cnnviz.networks.weights.files import BUNDLED, list_weights

BUNDLED_NETWORKS = tuple(
    name for name, file in list_weights().items() if file.path.parent == BUNDLED
)
