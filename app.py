"""CNNViz: `streamlit run app.py` starts the server."""

# ruff: noqa: E402  (the collector is switched off before torch is imported)
import gc
import sys

# Imports only make objects. Looking for garbage among them takes half a second of the start; the
# lifespan looks once and switches the collector on again.
gc.disable()

from cnnviz.garbage import share_heaps

share_heaps()

import streamlit as st
import torch
from starlette.middleware import Middleware

from cnnviz.web.api import routes
from cnnviz.web.chrome import show_script_error
from cnnviz.web.document import CompleteDocument
from cnnviz.web.hosts import KnownHosts
from cnnviz.web.startup import lifespan

# One thread a network: many visitors at once are served quicker so than by two threads each.
torch.set_num_threads(1)
# What answers requests waits so long at most for a thread that computes; 5 ms is Python's own.
sys.setswitchinterval(0.001)

app = st.App(
    "pages/router.py",
    lifespan=lifespan,
    routes=routes,
    middleware=[Middleware(KnownHosts), Middleware(CompleteDocument)],
    on_script_error=show_script_error,
)
