"""Networks against networks: a cell for each pair, coloured by how much it holds."""

from collections.abc import Sequence

import plotly.graph_objects as go

_NONE, _ALL, _INK = "#F3E9DC", "#D96721", "#1D2433"


def draw_matrix(
    shares: Sequence[Sequence[float | None]],
    *,
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    says: Sequence[Sequence[str]],
) -> go.Figure:
    """Draw what networks (columns) say of pictures made for others (rows).

    Args:
        shares: Of each cell, 0 to 1; None where nothing is known.
        texts: In each cell.
        rows: What the pictures were made for.
        columns: Who was shown them.
        says: What each cell means, for the pointer.
    """
    return go.Figure(
        go.Heatmap(
            z=[list(row) for row in shares],
            x=list(columns),
            y=list(rows),
            text=[list(row) for row in texts],
            texttemplate="%{text}",
            zmin=0,
            zmax=1,
            colorscale=[[0, _NONE], [1, _ALL]],
            textfont={"color": _INK},
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            customdata=[list(row) for row in says],
            hovertemplate="made for %{y}<br>shown to %{x}<br>%{customdata}<extra></extra>",
        ),
        layout={
            "height": 110 + 38 * len(rows),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": {
                "title": {"text": "shown to"},
                "side": "top",
                "tickangle": -60,
                "automargin": True,
                "showgrid": False,
            },
            "yaxis": {"autorange": "reversed", "automargin": True, "showgrid": False},
            # Over the rows' names: a title beside them would take width that a phone hasn't got.
            "annotations": [
                {
                    "text": "made for",
                    "xref": "paper",
                    "yref": "paper",
                    "x": 0,
                    "y": 1,
                    "xanchor": "right",
                    "yanchor": "bottom",
                    "xshift": -6,
                    "showarrow": False,
                    "font": {"size": 14},
                }
            ],
        },
    )


def shorten_titles(titles: Sequence[str]) -> list[str]:
    """Leave out what follows the first bracket where all titles end in the same, "(64 px)"."""
    endings = {title[title.find("(") :] if "(" in title else "" for title in titles}
    if len(endings) != 1:
        return list(titles)
    return [title.removesuffix(ending).strip() for title in titles for ending in endings]
