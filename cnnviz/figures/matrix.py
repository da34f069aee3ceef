"""Networks against networks: a cell for each pair, coloured by how much it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

_NONE, _ALL, _INK = "#F3E9DC", "#D96721", "#1D2433"


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one network says of the images made for another.

    Attributes:
        share: That colours it, 0 to 1.
        text: In it.
        says: What that means, for the pointer.
    """

    share: float
    text: str
    says: str


def draw_matrix(
    cells: Sequence[Sequence[MatrixCell | None]], *, rows: Sequence[str], columns: Sequence[str]
) -> go.Figure:
    """Draw what networks (columns) say of images made for others (rows).

    Args:
        cells: Row by row; None where nothing is known.
        rows: What the images were made for.
        columns: Who was shown them.
    """
    return go.Figure(
        go.Heatmap(
            z=[[cell and cell.share for cell in row] for row in cells],
            x=list(columns),
            y=list(rows),
            text=[["" if cell is None else cell.text for cell in row] for row in cells],
            texttemplate="%{text}",
            zmin=0,
            zmax=1,
            colorscale=[[0, _NONE], [1, _ALL]],
            textfont={"color": _INK},
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            customdata=[["" if cell is None else cell.says for cell in row] for row in cells],
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
    """Leave out what follows the first bracket where all titles end in the same."""
    parts = [title.partition(" (") for title in titles]
    endings = {ending for _, _, ending in parts}
    return list(titles) if len(endings) > 1 else [name for name, _, _ in parts]
