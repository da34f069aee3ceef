"""What happens once, when the server starts."""

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

_loaded = threading.Event()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Load the bundled networks beside the server, so that it answers at once."""
    threading.Thread(target=_load, name="start-up", daemon=True).start()
    yield


def wait_until_loaded(*, timeout: float) -> bool:
    """Wait for the networks; tell whether they are there."""
    return _loaded.wait(timeout)


def _load() -> None:
    from cnnviz.errors import WeightsError
    from cnnviz.inference import load_model
    from cnnviz.zoo import list_networks

    try:
        for spec in list_networks():
            load_model(spec.name)
    except WeightsError:
        pass
    gc.collect()
    gc.freeze()
    _loaded.set()
