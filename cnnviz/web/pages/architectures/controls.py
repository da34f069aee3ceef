"""What a visitor chooses on the page of architectures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.errors import CNNVizError
from cnnviz.figures.block_text import choose_heaviest, list_titles
from cnnviz.figures.blocks import Drawn, get_drawn
from cnnviz.networks.zoo.block_pairs import PAIRS, get_pair
from cnnviz.networks.zoo.blocks import BLOCKS, get_block
from cnnviz.networks.zoo.findings import FINDINGS
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.state import PageState

_SIZES = (3, 7, 14, 28, 56, 112)


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


def _slider(options: Any, label: str, default: Callable[[Any], int], *follows: str) -> Any:
    """Declare a whole number on a slider, which a choice holds as text."""
    usual = lambda at: str(default(at))  # noqa: E731
    return choice(options, label, default=usual, look="slider", follows=follows)


@dataclass(frozen=True)
class ArchitectureControls:
    """The block with its input and one of its boxes, and what stands below."""

    block: str = choice(
        {block.name: block.label for block in BLOCKS},
        "Architecture",
        default="inception",
        look="list",
    )
    channels: str = _slider(
        _list_channels, "Input channels C", lambda at: get_block(at.block).channels, "block"
    )
    size: str = _slider(
        lambda at: _write_sizes(get_block(at.block).size),
        "Input size",
        lambda at: get_block(at.block).size,
        "block",
    )
    box: str = choice(_list_boxes, "Layer", default=_find_heaviest, look="list", follows=("block",))
    pair: str = choice(
        {pair.name: pair.title for pair in PAIRS},
        "Comparison",
        default=lambda at: get_block(at.block).pair,
        look="list",
        follows=("block",),
    )
    pair_channels: str = _slider(
        lambda at: [str(channels) for channels in get_pair(at.pair).choices],
        "Input channels C",
        lambda at: get_pair(at.pair).channels,
        "block",
        "pair",
    )
    pair_size: str = _slider(
        lambda at: _write_sizes(get_pair(at.pair).size),
        "Input size",
        lambda at: get_pair(at.pair).size,
        "block",
        "pair",
    )
    finding: str = choice({one.name: one.title for one in FINDINGS}, "Result", look="list")
    c: int = number("Channels C", 1, 4096, default=64, look="box")
    h: int = number("Size H = W", 1, 512, default=56, look="box")


Page = PageState[ArchitectureControls]
