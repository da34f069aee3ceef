"""What happens once, when the server starts."""

import gc
import importlib
import os
import pkgutil
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import streamlit as st

import cnnviz.web
from cnnviz.cache import forget_elsewhere_with
from cnnviz.cluster.executor import RayExecutor
from cnnviz.cluster.settings import read_settings
from cnnviz.device import check_device, read_device
from cnnviz.errors import ClusterError, CNNVizError, WeightsError
from cnnviz.garbage import shorten_collections
from cnnviz.heavy import execute_with
from cnnviz.labs.trained_networks import carry_trained_on, pass_trained_on
from cnnviz.networks.load import load_model, read_memory_limit
from cnnviz.networks.runnable import PHOTOGRAPH_NETWORKS
from cnnviz.networks.user_networks import list_own_networks, list_own_problems, load_own_networks
from cnnviz.networks.weights.downloads import sweep_partials
from cnnviz.networks.weights.files import BUNDLED, check_folder, list_weights
from cnnviz.preload import preload_backend
from cnnviz.programs import list_constants, list_programs
from cnnviz.share import find_network_host
from cnnviz.web.connections import limit_server
from cnnviz.worker.process import ProcessExecutor

# Open answers have this long to come to their end.
_END_SECONDS = 1.5
# What the worker may take for itself beside the networks.
_WORK_BYTES = 2 * 10**9
# What a graphics card's driver may take there too.
_DRIVER_BYTES = 4 * 10**9
_EVERY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  (what Streamlit may be told to listen on)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Load what every visitor needs before the first one comes.

    Loading beside a server that already answers was no quicker: torch's import holds the
    interpreter, and the first page waited just as long behind it.
    """
    sweep_partials()
    _load_networks()
    import_page_modules()
    for page in list_programs():
        list_constants(page)  # parsed before there are two threads that could parse
    shorten_collections()
    gc.enable()  # app.py has switched it off
    preload_backend()
    limit_server()
    _announce()
    with compute_elsewhere() as executor, end_in_time(executor.close):
        yield


@contextmanager
def compute_elsewhere() -> Iterator[ProcessExecutor | RayExecutor]:
    """Have other processes compute heavy results; they are begun a while after the first page."""
    executor = _make_executor()
    before = execute_with(executor)
    try:
        with forget_elsewhere_with(executor.forget):
            yield executor
    finally:
        executor.close()
        execute_with(before)


def _make_executor() -> ProcessExecutor | RayExecutor:
    """The Ray cluster that the environment names, else a worker on this machine."""
    try:
        settings = read_settings()
    except ClusterError as error:
        sys.stderr.write(f"{error} Heavy results are computed on this machine alone.\n")
        settings = None
    if settings is not None:
        return RayExecutor(settings, prepare=carry_trained_on)
    try:
        memory = read_memory_limit()
    except WeightsError:  # told with the networks that cannot be loaded
        memory = 0
    if read_device().type != "cpu":
        memory += _DRIVER_BYTES
    return ProcessExecutor(prepare=pass_trained_on, max_bytes=memory + _WORK_BYTES)


def _load_networks() -> None:
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


def import_page_modules() -> None:
    """Import every module that pages call, so that no visitor waits for an import.

    Streamlit imports pandas with the first table. If another visitor's chart is drawn meanwhile,
    plotly looks for half-made types in it and fails; so it is whole before anyone comes.
    """
    importlib.import_module("pandas")
    for module in pkgutil.walk_packages(cnnviz.web.__path__, f"{cnnviz.web.__name__}."):
        importlib.import_module(module.name)


@contextmanager
def end_in_time(close: Callable[[], None]) -> Iterator[None]:
    """End the process soon and with status 0 once it is told to, whatever still runs.

    uvicorn waits for open answers, and then ends by the signal; torch's threads, torn down in the
    middle of a job, abort the process.

    Args:
        close: Ends what must not stay behind.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    told = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        if not told.is_set():
            told.set()
            timer = threading.Timer(_END_SECONDS, _end_now, (close,))
            timer.daemon = True
            timer.start()
        before = earlier[signal.Signals(number)]
        if callable(before):
            before(number, frame)

    numbers = (signal.SIGTERM, signal.SIGINT)
    earlier = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        if told.is_set():
            _end_now(close)


def _end_now(close: Callable[[], None]) -> None:
    close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _announce() -> None:
    """Print the addresses, and open the browser where there is a screen."""
    port = st.get_option("server.port")
    bound = st.get_option("server.address") or ""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    end = f"{port}/{path}/" if path else str(port)
    own = f"{scheme}://{'localhost' if bound in _EVERY_ADDRESS else bound}:{end}"
    lines = [f"CNNViz is open at {own}"]
    host = find_network_host()
    if host and bound in _EVERY_ADDRESS:
        lines.append(f"for the class:    {scheme}://{host}:{end}")
    sys.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n\n")
    sys.stdout.flush()
    if not st.get_option("server.headless"):
        # The server starts to listen only when this start-up code has returned.
        opener = threading.Timer(0.2, webbrowser.open, (own,))
        opener.daemon = True
        opener.start()
