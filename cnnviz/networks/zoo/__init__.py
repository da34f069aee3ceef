"""The registry of every network that the app can open, and the definitions torchvision lacks."""

from cnnviz.networks.zoo import (  # noqa: F401  (register their networks; need the registry)
    efficientnet_lite,
    lenet,
    lineage,
)
from cnnviz.networks.zoo.registry import (
    Listing,
    NetworkSpec,
    Preprocessing,
    get_network,
    list_names,
    list_networks,
    register,
)
from cnnviz.networks.zoo.torchvision_networks import register_torchvision

__all__ = [
    "Listing",
    "NetworkSpec",
    "Preprocessing",
    "get_network",
    "list_names",
    "list_networks",
    "register",
]

register_torchvision()
