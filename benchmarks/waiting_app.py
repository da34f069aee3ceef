"""The app with one more page, `?job=N&steps=S`: a heavy result, other for each number.

With `&thread=1` it is computed in a thread of the server instead of the worker.
"""

# ruff: noqa: E402  (the collector is switched off before torch is imported)
import gc

gc.disable()

from pathlib import Path

import streamlit as st
import torch

from cnnviz.web.api import routes
from cnnviz.web.chrome import show_script_error
from cnnviz.web.startup import lifespan

torch.set_num_threads(1)

app = st.App(
    Path(__file__).parent / "waiting_router.py",
    lifespan=lifespan,
    routes=routes,
    on_script_error=show_script_error,
)
