"""How LeNet-5 or a network like it is drawn beside the pad: layers, kinds, sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.load import LoadedModel


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


def plan_stages(
    model: LoadedModel, *, values: Values, titles: Sequence[str]
) -> list[dict[str, Any]]:
    """Plan the drawing of a network with LeNet-5's layers; stages of these titles are visible."""
    return [_plan(model, stage, values) | {"visible": stage.title in titles} for stage in STAGES]


def _plan(model: LoadedModel, stage: Stage, values: Values) -> dict[str, Any]:
    layer = model.graph.find(stage.layer)
    maps, rows, columns = (*layer.shape, 1, 1)[:3]
    rectified = stage.rectified is not None and values is Values.RECTIFIED
    size = f"{rows}×{columns}" if rows > 1 else f"{maps} cells"
    lines = [f"{maps} maps", size] if maps > 1 and rows > 1 else [size]
    if stage.kind == "ink":
        lines = [f"{size}, cut to the ink’s box and centered"]
    return {
        "stage": stage.layer,
        "layer": stage.rectified if rectified else stage.layer,
        "explain": stage.layer,
        "rectified": rectified,
        "title": stage.title,
        "note": "" if stage.kind == "bars" else "\n".join(lines),
        "step": "max 2×2" if layer.kind is LayerKind.MAX_POOLING else stage.step,
        "spoken": (
            f"{stage.title}: {' '.join(lines)}. Arrow keys go from cell to cell, Enter pins a cell."
        ),
        "kind": stage.kind,
        "reads": stage.reads,
        "maps": maps,
        "rows": rows,
        "columns": columns,
        "across": dict(zip(("tall", "broad", "phone"), stage.across, strict=True)),
        "cell": stage.cell,
        "gap": stage.gap,
        "classes": model.spec.classes if stage.kind == "bars" else (),
    }
