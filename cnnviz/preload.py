"""What the next page will need, got while the visitor still reads the first one."""

import gc
import importlib
import threading

from cnnviz.costs.table import compute_costs
from cnnviz.costs.tradeoffs import list_reported
from cnnviz.images.names import make_thumbnail
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.networks.zoo import list_networks
from cnnviz.networks.zoo.architectures import get_architecture

_REST_SECONDS = 3.0


def preload_backend() -> None:
    """Do, a little after the start, what the first visitor of a page would wait for.

    Shapes on the meta device bring in 1,000 modules in a second, torchvision's metadata another
    one in two; the samples' thumbnails take a third of one, what L-BFGS imports half of one.
    """
    timer = threading.Timer(_REST_SECONDS, _prepare)
    timer.daemon = True
    timer.start()


def _prepare() -> None:
    for sample in list_samples():
        if sample.kind is not SampleKind.DRAWN:  # drawn when somebody looks at them
            make_thumbnail(sample.key)
    importlib.import_module("scipy.optimize")
    list_reported()
    list_networks()
    lenet = get_architecture("lenet5")
    compute_costs(
        lambda: lenet.build(lenet.input_size),
        input_shape=(lenet.channels, lenet.input_size, lenet.input_size),
    )
    # As after the start: what is there for good need not be looked through after every rerun.
    gc.collect()
    gc.freeze()
