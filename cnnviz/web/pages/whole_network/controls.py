"""What a visitor chooses on the page of the whole network."""

from dataclasses import dataclass
from typing import Any

from cnnviz.networks.graph.stages import find_part, fold_network
from cnnviz.web.controls import kinds
from cnnviz.web.state import PageState


def _find_first_part(at: Any) -> str:
    parts = fold_network(at.bench.model.graph)
    return parts[min(1, len(parts) - 1)].name


def _is_part(name: str, at: Any) -> bool:
    return find_part(fold_network(at.bench.model.graph), name) is not None


def _is_channel(channel: int | None, at: Any) -> bool:
    part = find_part(fold_network(at.bench.model.graph), at.part)
    if channel is None or part is None:
        return channel is None
    return bool(0 <= channel < at.bench.model.graph.find(part.shown).shape[0])


@dataclass(frozen=True)
class Controls:
    """All are set in the diagram: the chosen part, its map, and the parts that are open."""

    opened: tuple[str, ...] = kinds.coded(
        "Open parts",
        decode=lambda text: tuple(filter(None, text.split("~"))),
        encode="~".join,
        default=(),
        follows=("network",),
    )
    part: str = kinds.coded(
        "Part",
        decode=str,
        encode=str,
        is_valid=_is_part,
        default=_find_first_part,
        follows=("network",),
    )
    channel: int | None = kinds.coded(
        "Map",
        decode=lambda text: None if text == "none" else int(text),
        encode=lambda value: "none" if value is None else str(value),
        is_valid=_is_channel,
        follows=("network", "part"),
    )


Page = PageState[Controls]
