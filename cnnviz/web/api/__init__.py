"""The routes that the server answers beside its pages."""

import streamlit as st
from starlette.routing import Route

from cnnviz.web.api import camera, classes, digit, files, jobs, openapi, thumbnails, training, votes


def list_routes(base_path: str) -> list[Route]:
    """List the routes, under the path where the pages are too and, for programs, at the root.

    Args:
        base_path: What Streamlit calls server.baseUrlPath; empty where the pages are at the root.
    """
    path = base_path.strip("/")
    parts = (camera, classes, digit, files, jobs, openapi, thumbnails, training, votes)
    own = [route for part in parts for route in part.routes]
    # Not as one Mount, which would answer for all of Streamlit's routes under the path too.
    under = [
        Route(f"/{path}{route.path}", route.endpoint, methods=list(route.methods or ()))
        for route in own
    ]
    return [*own, *under] if path else own


routes = list_routes(st.get_option("server.baseUrlPath") or "")
