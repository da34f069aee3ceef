"""Which networks a page can offer: those whose weights are on this machine."""

from cnnviz.weights import list_weights
from cnnviz.zoo import Listing, list_names

# What pages about photographs begin with, the first that has its weights here.
PHOTOGRAPH_NETWORKS = ("resnet64", "alexnet64")


def list_runnable() -> tuple[Listing, ...]:
    """Return the networks that can run now, oldest first."""
    here = list_weights()
    return tuple(listing for listing in list_names() if listing.name in here)
