"""The drawings of the blocks that networks are known for, packed for the browser."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cnnviz.costs.table import CostTable, compute_costs
from cnnviz.figures.block_layout import BlockLayout, lay_out_block
from cnnviz.figures.block_text import describe_box, write_box
from cnnviz.networks.zoo.block import Block
from cnnviz.networks.zoo.block_pairs import get_pair
from cnnviz.networks.zoo.blocks import BLOCKS, get_block
from cnnviz.networks.zoo.ilsvrc import list_winners

# Years that few networks share a column.
_LATE = 2018


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A module with its costs and its drawing.

    Attributes:
        table: Its costs.
        layout: Where its layers stand.
    """

    table: CostTable
    layout: BlockLayout


@lru_cache(maxsize=256)
def get_drawn(name: str, channels: int, size: int) -> Drawn:
    """Return a block at these channels and size.

    Raises:
        CNNVizError: A kernel does not fit.
    """
    block = get_block(name)
    table = compute_costs(lambda: block.build(channels), input_shape=(channels, size, size))
    return Drawn(table=table, layout=lay_out_block(table))


@lru_cache(maxsize=256)
def get_side(name: str, place: int, channels: int, size: int) -> Drawn:
    """Return one side of a comparison at these channels and size."""
    side = get_pair(name).sides[place]
    table = compute_costs(lambda: side.build(channels), input_shape=(channels, size, size))
    return Drawn(table=table, layout=lay_out_block(table))


def pack_drawn(drawn: Drawn) -> dict[str, Any]:
    """Pack a module's drawing."""
    layout = drawn.layout
    return {
        "boxes": [
            {
                "name": box.name,
                "title": box.title,
                "form": box.form,
                "color": box.color,
                "sign": box.sign,
                "lane": box.lane,
                "lines": write_box(box, table=drawn.table),
                "tell": describe_box(box, table=drawn.table),
            }
            for box in layout.boxes
        ],
        "ties": [(tie.source, tie.target, tie.around) for tie in layout.ties],
        "lanes": layout.lanes,
        "arounds": layout.arounds,
    }


def pack_years() -> list[dict[str, Any]]:
    """Pack the years of the timeline, each with its challenge's winner and its blocks."""
    winners = {result.year: result for result in list_winners()}
    years = sorted({*winners, *(min(block.network.year, _LATE) for block in BLOCKS)})
    return [
        {
            "name": f"{year} on" if year == _LATE else str(year),
            "error": winners[year].top5_error if year in winners else None,
            "won": f"{winners[year].entry}, {winners[year].team}" if year in winners else "",
            "blocks": [
                _pack_block(block) for block in BLOCKS if min(block.network.year, _LATE) == year
            ],
        }
        for year in years
    ]


def _pack_block(block: Block) -> dict[str, Any]:
    return {
        "name": block.name,
        "label": block.label,
        "title": block.title,
        "year": block.network.year,
        "idea": block.network.idea,
        "plan": pack_drawn(get_drawn(block.name, block.channels, block.size)),
    }
