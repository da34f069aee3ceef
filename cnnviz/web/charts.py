"""The one way to show a chart."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st


def show_chart(
    figure: go.Figure, *, key: str, alt: str, file: str | None = None, **rest: Any
) -> None:
    """Show a chart.

    Args:
        figure: What is drawn.
        key: Key of the chart.
        alt: All of it in words, for screen readers.
        file: Name of the image that its toolbar offers, without ending; None for no toolbar.
        rest: Further arguments of `st.plotly_chart`.
    """
    config: dict[str, Any] = {"displayModeBar": False}
    if file is not None:
        config = {"displaylogo": False, "toImageButtonOptions": {"filename": file}}
    st.plotly_chart(figure, key=key, config=config, alt=alt, **rest)
