"""The one way to show a chart, and a table of numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

_NOTHING: Mapping[str, str] = {}
_MEASURED: Mapping[str, int] = {}
_ROW, _HEAD = 35, 38  # pixels


def show_chart(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    file: str | None = None,
    on_pick: Callable[[Any], None] | None = None,
    **rest: Any,
) -> None:
    """Show a chart.

    Args:
        figure: What is drawn.
        key: Key of the chart.
        alt: All of it in words, for screen readers.
        file: Name of the image that its toolbar offers, with or without ending; None for no
            toolbar.
        on_pick: Called with the first item of the `customdata` of a mark that is clicked.
        rest: Further arguments of `st.plotly_chart`.
    """
    config: dict[str, Any] = {"displayModeBar": False}
    if file is not None:
        name, _, kind = file.lower().replace(" ", "-").partition(".")
        options = {"filename": name, "format": kind or "png", "scale": 2}
        config = {"displaylogo": False, "toImageButtonOptions": options}

    def pick() -> None:
        held = st.session_state.get(key)  # None where its page was left meanwhile
        points = held["selection"]["points"] if held is not None else []
        if on_pick is not None and points and "customdata" in points[0]:
            on_pick(points[0]["customdata"][0])

    if figure.layout.height is not None:  # its room is kept while its script is on the way
        rest.setdefault("height", int(figure.layout.height))
    if on_pick is not None:
        rest |= {"on_select": pick, "selection_mode": "points"}
    st.plotly_chart(figure, key=key, config=config, alt=alt, **rest)


def show_table(
    cells: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]],
    *,
    formats: Mapping[str, str] = _NOTHING,
    helps: Mapping[str, str] = _NOTHING,
    percent: Sequence[str] = (),
    pinned: str | None = None,
    widths: Mapping[str, int] = _MEASURED,
    max_height: int | None = None,
    **look: Any,
) -> None:
    """Show a table of numbers.

    Args:
        cells: Columns by their title, or rows.
        formats: How numbers are written, by column.
        helps: What is said at the pointer, by column.
        percent: Columns of percentages, which have a bar.
        pinned: The column that stays when the others are scrolled.
        widths: Of columns, in pixels; the browser measures the others once, so that they depend on
            what was there before.
        max_height: In pixels; a longer table scrolls.
        look: Further arguments of `st.dataframe`, such as key or alt.
    """
    config: dict[str, Any] = {
        name: st.column_config.Column(help=helps.get(name), width=widths.get(name))
        for name in (*helps, *widths)
    }
    for name, text in formats.items():
        config[name] = st.column_config.NumberColumn(
            format=text, help=helps.get(name), width=widths.get(name)
        )
    for name in percent:
        config[name] = st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=100)
    if pinned is not None:
        config[pinned] = st.column_config.TextColumn(pinned=True, width=widths.get(pinned))
    if max_height is not None:
        rows = len(next(iter(cells.values())) if isinstance(cells, Mapping) else cells)
        look["height"] = min(_ROW * rows + _HEAD, max_height)
    st.dataframe(cells, hide_index=True, column_config=config, placeholder="–", **look)
