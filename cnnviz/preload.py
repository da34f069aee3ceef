"""What pages will need: networks before the first visitor, the rest while that one still reads."""

import gc
import importlib
import sys
import threading
import time

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.costs.table import compute_costs
from cnnviz.costs.tradeoffs import list_reported
from cnnviz.device import check_device
from cnnviz.digits.answers import find_rest
from cnnviz.errors import CNNVizError
from cnnviz.images.names import make_thumbnail
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.networks.load import load_model
from cnnviz.networks.runnable import PHOTOGRAPH_NETWORKS
from cnnviz.networks.user_networks import list_own_networks, list_own_problems, load_own_networks
from cnnviz.networks.weights.files import BUNDLED, check_folder, list_weights
from cnnviz.networks.zoo import list_networks
from cnnviz.networks.zoo.architectures import get_architecture

# The server has begun to answer by then; the first visitor's browser loads scripts for seconds.
_SOON_SECONDS = 0.5
# The home page has drawn its cards by then.
_LATER_SECONDS = 8.0
# Imports hold the interpreter, and pens that move wait for it: so they wait, though not for ever.
_REST_SECONDS, _PATIENCE_SECONDS = 2.0, 300.0


def load_first_networks() -> None:
    """Load what pages begin with and what the owner added; others wait to be opened."""
    load_own_networks()
    for problem in filter(None, (check_device(), check_folder(), *list_own_problems())):
        sys.stderr.write(f"{problem}\n")
    wanted = {*list_own_networks(), *PHOTOGRAPH_NETWORKS}
    for file in list_weights().values():
        if file.path.parent != BUNDLED and file.name not in wanted:
            continue
        try:
            load_model(file.name)
        except CNNVizError as error:
            # The app stays useful for the other networks; a page that needs this one says so.
            sys.stderr.write(f"{error}\n")


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
