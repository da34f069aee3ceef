"""The lineage: the networks of the ILSVRC years at 64×64 pixels, trained by this project.

Each keeps its original's idea and is small enough to be trained on a laptop.
"""

from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.lineage.members import MEMBERS
from cnnviz.networks.zoo.registry import NetworkSpec, register

__all__ = ["MEMBERS", "get_member"]


def get_member(name: str) -> NetworkSpec:
    """Return a network of the lineage, trained or not.

    Raises:
        NetworkError: There is none of this name.
    """
    for spec in MEMBERS:
        if spec.name == name:
            return spec
    known = ", ".join(spec.name for spec in MEMBERS)
    raise NetworkError(f"The lineage has no network “{name}”; choose one of: {known}.")


for _spec in MEMBERS:
    register(_spec)
