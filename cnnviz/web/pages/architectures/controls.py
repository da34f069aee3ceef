"""What a visitor chooses on the page of architectures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.errors import CNNVizError
from cnnviz.figures.block_text import choose_heaviest, list_titles
from cnnviz.figures.blocks import Drawn, get_drawn
from cnnviz.web.controls.kinds import choice, number
from cnnviz.zoo.block_pairs import PAIRS, get_pair
from cnnviz.zoo.blocks import BLOCKS, get_block
from cnnviz.zoo.findings import FINDINGS

_SIZES = (3, 7, 14, 28, 56, 112)
_MAX_CHANNELS, _MAX_SIZE = 4096, 512
Options = Callable[[Any], list[str]]


def _write_sizes(usual: int) -> list[str]:
    return [str(size) for size in sorted({*_SIZES, usual})]


def _list_channels(at: Any) -> list[str]:
    block = get_block(at.block)
    return [str(channels) for channels in block.choices or (block.channels,)]


def draw_block(at: Any) -> Drawn:
    """Return the chosen block with the chosen input.

    Raises:
        CNNVizError: A kernel does not fit.
    """
    return get_drawn(at.block, int(at.channels), int(at.size))


def _list_boxes(at: Any) -> dict[str, str]:
    try:
        return list_titles(draw_block(at).layout)
    except CNNVizError:
        return {"": "–"}


def _find_heaviest(at: Any) -> str:
    return choose_heaviest(draw_block(at).layout) if "" not in _list_boxes(at) else ""


@dataclass(frozen=True)
class ArchitectureControls:
    """The block with its input and one of its boxes, and what stands below."""

    block: str = choice(
        [block.name for block in BLOCKS],
        "Architecture",
        titles={block.name: block.label for block in BLOCKS},
        default="inception",
        look="list",
        help="Or click it in the timeline.",
    )
    channels: str = choice(
        _list_channels,
        "Input channels C",
        default=lambda at: str(get_block(at.block).channels),
        look="slider",
        follows=("block",),
    )
    size: str = choice(
        lambda at: _write_sizes(get_block(at.block).size),
        "Input size",
        default=lambda at: str(get_block(at.block).size),
        look="slider",
        follows=("block",),
        help="Height and width of the block's input.",
    )
    box: str = choice(
        lambda at: list(_list_boxes(at)),
        "Layer",
        titles=_list_boxes,
        default=_find_heaviest,
        look="list",
        follows=("block",),
        help="Or click a box.",
    )
    pair: str = choice(
        [pair.name for pair in PAIRS],
        "Comparison",
        titles={pair.name: pair.title for pair in PAIRS},
        default=lambda at: get_block(at.block).pair,
        look="list",
        follows=("block",),
    )
    pair_channels: str = choice(
        lambda at: [str(channels) for channels in get_pair(at.pair).choices],
        "Input channels C",
        default=lambda at: str(get_pair(at.pair).channels),
        look="slider",
        follows=("block", "pair"),
    )
    pair_size: str = choice(
        lambda at: _write_sizes(get_pair(at.pair).size),
        "Input size",
        default=lambda at: str(get_pair(at.pair).size),
        look="slider",
        follows=("block", "pair"),
    )
    finding: str = choice(
        [finding.name for finding in FINDINGS],
        "Result",
        titles={finding.name: finding.title for finding in FINDINGS},
        look="list",
    )
    c: int = number("Channels C", 1, _MAX_CHANNELS, default=64, look="box")
    h: int = number("Size H = W", 1, _MAX_SIZE, default=56, look="box")
