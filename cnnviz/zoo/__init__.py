"""The registry of every network that the app can open, and the definitions torchvision lacks."""

from cnnviz.zoo import lenet, lineage  # noqa: F401  (register their networks; need the registry)
from cnnviz.zoo.registry import NetworkSpec, Preprocessing, get_network, list_networks, register

__all__ = ["NetworkSpec", "Preprocessing", "get_network", "list_networks", "register"]
