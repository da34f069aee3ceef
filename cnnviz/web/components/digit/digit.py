"""The drawing pad with the whole of LeNet-5 beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.digits import INK_VALUE, PAPER_VALUE, Stroke
from cnnviz.inference import LoadedModel
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, pack


class Values(StrEnum):
    """Which of a layer's values are drawn."""

    RECTIFIED = "after ReLU"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Stage:
    """A layer as the digit page draws it.

    Attributes:
        layer: Name in the graph; a cell's arithmetic is asked of it.
        rectified: Name of the ReLU behind it, if there is one.
        title: Name in the picture.
        step: What computes it, for the line under the picture.
        reads: Whether a cell reads "all" maps below or only the "same" one.
        kind: How it is drawn: "ink", "maps", "vector" or "bars".
        across: Maps side by side in the tall, broad and phone arrangements.
        cell: Side of a cell in CSS pixels at scale 1.
        gap: CSS pixels between maps.
    """

    layer: str
    rectified: str | None
    title: str
    step: str
    reads: str
    kind: str
    across: tuple[int, int, int]
    cell: float
    gap: int


STAGES = (
    Stage("input", None, "Input", "what the network sees", "all", "ink", (1, 1, 1), 4, 0),
    Stage("c1", "relu1", "C1", "conv 5×5", "all", "maps", (1, 2, 3), 2, 6),
    Stage("s2", None, "S2", "mean 2×2", "same", "maps", (1, 2, 3), 2.8, 6),
    Stage("c3", "relu3", "C3", "conv 5×5", "all", "maps", (2, 4, 4), 3.1, 5),
    Stage("s4", None, "S4", "mean 2×2", "same", "maps", (2, 4, 8), 4.4, 5),
    Stage("c5", "relu5", "C5", "conv 5×5", "all", "vector", (4, 8, 20), 7, 1),
    Stage("f6", "relu6", "F6", "linear", "all", "vector", (3, 6, 21), 7, 1),
    Stage("output", None, "Output", "linear, softmax", "all", "bars", (1, 1, 1), 1, 0),
)
STAGE_TITLES = tuple(stage.title for stage in STAGES)


_digit = create_component("digit")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        drawing: The drawing's value in the address.
        serial: Number of the pad's last drawing that reached the page.
        strokes: The drawing, for a pad that has none yet, or one that was not drawn on it.
        pen: Diameter of the pen as a fraction of the pad's side.
        paper: The input's value of bare paper.
        ink: And of full ink.
        classes: Names of the classes.
        plan: The stages, see `_plan_stage`.
        colors: Colour scales.
    """

    drawing: str
    serial: int
    strokes: tuple[Stroke, ...]
    pen: float
    paper: float
    ink: float
    classes: tuple[str, ...]
    plan: list[dict[str, Any]]
    colors: dict[str, dict[str, str]]


def show_network(
    model: LoadedModel,
    *,
    drawing: str,
    strokes: tuple[Stroke, ...],
    pen: float,
    values: Values,
    titles: Sequence[str],
    on_draw: Callable[[], None],
    key: str,
) -> None:
    """Mount the pad with the network beside it.

    Args:
        model: LeNet-5.
        drawing: The drawing's value in the address. A new one that was not drawn on the pad
            replaces what is on it.
        strokes: The drawing.
        pen: Diameter of the pen as a fraction of the pad's side.
        values: Activations before or after each ReLU.
        titles: Titles of the stages to draw.
        on_draw: Called before the rerun that follows a finished stroke; see `read_drawn`.
        key: Key of the component.
    """
    _digit(
        key=key,
        data=pack(
            Payload(
                drawing=drawing,
                serial=_read_state(key).get("serial", 0),
                strokes=strokes,
                pen=pen,
                paper=PAPER_VALUE,
                ink=INK_VALUE,
                classes=model.spec.classes,
                plan=[_plan_stage(model, stage, values=values, titles=titles) for stage in STAGES],
                colors=color_tables(),
            )
        ),
        on_drawn_change=on_draw,
    )


def read_drawn(key: str) -> object:
    """Return the strokes that lie on the pad of this key, not checked yet."""
    return _read_state(key).get("strokes")


def _read_state(key: str) -> dict[str, Any]:
    state = st.session_state.get(key) or {}
    drawn = state.get("drawn")
    return drawn if isinstance(drawn, dict) else {}


def _plan_stage(
    model: LoadedModel, stage: Stage, *, values: Values, titles: Sequence[str]
) -> dict[str, Any]:
    maps, rows, columns = (*model.graph.find(stage.layer).shape, 1, 1)[:3]
    rectified = stage.rectified is not None and values is Values.RECTIFIED
    size = f"{rows}×{columns}" if rows > 1 else f"{maps} cells"
    lines = [f"{maps} maps", size] if maps > 1 and rows > 1 else [size]
    if stage.kind == "ink":
        lines = [f"{size}, cut to the ink’s box and centred"]
    tall, broad, phone = stage.across
    return {
        "stage": stage.layer,
        "layer": stage.rectified if rectified else stage.layer,
        "explain": stage.layer,
        "rectified": rectified,
        "title": stage.title,
        "note": "" if stage.kind == "bars" else "\n".join(lines),
        "step": stage.step,
        "spoken": (
            f"{stage.title}: {' '.join(lines)}. Arrow keys go from cell to cell, Enter pins a cell."
        ),
        "kind": stage.kind,
        "reads": stage.reads,
        "visible": stage.title in titles,
        "maps": maps,
        "rows": rows,
        "columns": columns,
        "across": {"tall": tall, "broad": broad, "phone": phone},
        "cell": stage.cell,
        "gap": stage.gap,
        "classes": model.spec.classes if stage.kind == "bars" else [],
    }
