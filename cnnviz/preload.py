"""What the next page will need, got while the visitor still reads the first one."""

import gc
import importlib
import threading
import time

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.costs.table import compute_costs
from cnnviz.costs.tradeoffs import list_reported
from cnnviz.digits.answers import find_rest
from cnnviz.images.names import make_thumbnail
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.networks.zoo import list_networks
from cnnviz.networks.zoo.architectures import get_architecture

# The server has begun to answer by then; the first visitor's browser loads scripts for seconds.
_SOON_SECONDS = 0.5
# The home page has drawn its cards by then.
_LATER_SECONDS = 8.0
# Imports hold the interpreter, and pens that move wait for it: so they wait, though not for ever.
_REST_SECONDS, _PATIENCE_SECONDS = 2.0, 300.0


def preload_backend() -> None:
    """Do, a little after the start, what the first visitor of a page would wait for.

    What counts multiply-adds brings in 1,000 modules of torch in two seconds, and the home page
    waits for it; captum takes a second, what L-BFGS imports and the samples' thumbnails half of
    one each, torchvision's metadata another one.
    """
    for seconds, prepare in ((_SOON_SECONDS, _prepare_first), (_LATER_SECONDS, _prepare_rest)):
        timer = threading.Timer(seconds, prepare)
        timer.daemon = True
        timer.start()


def _wait_for_rest() -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while find_rest() < _REST_SECONDS and time.monotonic() < deadline:
        time.sleep(_REST_SECONDS / 4)


def _prepare_first() -> None:
    _wait_for_rest()
    lenet = get_architecture("lenet5")
    compute_costs(
        lambda: lenet.build(lenet.input_size),
        input_shape=(lenet.channels, lenet.input_size, lenet.input_size),
    )
    _wait_for_rest()
    import_captum()


def _prepare_rest() -> None:
    _wait_for_rest()
    importlib.import_module("scipy.optimize")
    _wait_for_rest()
    for sample in list_samples():
        if sample.kind is not SampleKind.DRAWN:  # drawn when somebody looks at them
            make_thumbnail(sample.key)
    _wait_for_rest()
    list_reported()
    list_networks()
    # As after the start: what is there for good need not be looked through after every rerun.
    gc.collect()
    gc.freeze()
