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
from pathlib import Path
from types import FrameType

import streamlit as st

import cnnviz.web
from cnnviz.garbage import shorten_collections
from cnnviz.jobs.executors import compute_elsewhere
from cnnviz.networks.weights.downloads import sweep_partials
from cnnviz.preload import load_first_networks, preload_backend
from cnnviz.programs import list_constants, list_programs
from cnnviz.share import list_addresses
from cnnviz.web.connections import limit_server

_PAGES = str(Path(__file__).resolve().parents[2] / "pages")
# Open answers have this long to come to their end.
_END_SECONDS = 1.5


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Load what every visitor needs before the first one comes.

    Loading beside a server that already answers was no quicker: torch's import holds the
    interpreter, and the first page waited just as long behind it.
    """
    sweep_partials()
    load_first_networks()
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


def import_page_modules() -> None:
    """Import every module that pages call, so that no visitor waits for an import.

    Streamlit imports pandas with the first table. If another visitor's chart is drawn meanwhile,
    plotly looks for half-made types in it and fails; so it is whole before anyone comes.

    Streamlit also puts the folder of the pages in front of `sys.path` for each run of a page. A
    thread that goes over the folders while it is taken away again leaves one out, and an installed
    package is not found. So the folder stays there, and last: no page hides a module of its name.
    """
    if _PAGES not in sys.path:
        sys.path.append(_PAGES)
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
    own, shared = list_addresses(
        bound=st.get_option("server.address") or "",
        port=st.get_option("server.port"),
        scheme="https" if st.get_option("server.sslCertFile") else "http",
        base_path=st.get_option("server.baseUrlPath") or "",
    )
    lines = [f"CNNViz is open at {own}", *([f"for the class:    {shared}"] if shared else [])]
    sys.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n\n")
    sys.stdout.flush()
    if not st.get_option("server.headless"):
        # The server starts to listen only when this start-up code has returned.
        opener = threading.Timer(0.2, webbrowser.open, (own,))
        opener.daemon = True
        opener.start()
