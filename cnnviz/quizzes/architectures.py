"""Questions on the architectures: what their layers give and cost, and what they are known for."""

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from cnnviz.cached import get_architecture_costs, get_costs
from cnnviz.costs.rows import Convention, CostRow, Fold, Share, fold_rows
from cnnviz.costs.table import CostTable, measure_costs
from cnnviz.figures.format import (
    format_bytes,
    format_percent,
    format_quantity,
    format_shape,
    write_table,
)
from cnnviz.labs.compound_scaling import Growth
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.block_pairs import get_pair
from cnnviz.networks.zoo.blocks import BLOCKS
from cnnviz.quizzes.question import (
    Draft,
    Generate,
    Picture,
    draft_choice,
    draft_number,
)

_CHAINS = ("lenet5", "alexnet_2012", "zfnet", "vgg11_a", "vgg16_d", "nin_imagenet")
_WHOLE = " The kernel of {} covers its whole input, so it has as many weights as such a layer."
_WITH_HEADS = ("lenet5", "alexnet_2012", "zfnet", "vgg11_a", "vgg16_d", "vgg19_e")
_DATED = (
    "lenet5",
    "alexnet_2012",
    "zfnet",
    "vgg16_d",
    "resnet50_paper",
    "densenet121",
    "mobilenet_v1",
    "mobilenet_v2",
    "efficientnet_b0",
    "convnext_tiny",
)
# Their graphs differ at a glance, and are small enough to be read.
_DRAWN = (
    "vgg",
    "inception",
    "residual",
    "bottleneck",
    "fire",
    "dense",
    "se",
    "mobilenet",
    "inverted",
)
_MILLION = 1e6


def _get_table(name: str) -> CostTable:
    return get_architecture_costs(name)


def _fold(name: str) -> tuple[CostRow, ...]:
    return fold_rows(_get_table(name), fold=Fold.LAYERS, convention=Convention())


def _link(name: str, row: CostRow | None = None) -> dict[str, Any]:
    """The page of the costs of an architecture, and the layer that is worked out there."""
    values = {"architecture": name} | ({} if row is None else {"layer": row.title})
    return {"page": "costs", "values": values, "network": get_architecture(name).title}


def layer_shape(dice: Random) -> Draft:
    """The output shape of a layer in its network."""
    name = dice.choice(_CHAINS)
    row, window = dice.choice([(row, row.window) for row in _fold(name) if row.window])
    channels, side, _ = row.output_shape
    below = row.input_shape
    wrong = ((below[0], side, side), (channels, *below[1:]), (channels, side + 2, side + 2))
    return draft_choice(
        dice,
        format_shape(row.output_shape),
        map(format_shape, (*wrong, (channels, side // 2, side // 2))),
        layer=row.title,
        kind=row.kind,
        kernel=window.kernel[0],
        stride=window.stride[0],
        padding=window.padding[0],
        rounding="rounded up" if window.ceil_mode else "rounded down",
        filters="" if row.filters is None else f"It has {channels} filters. ",
        below=format_shape(below),
        size=below[1],
        out=side,
        **_link(name, row),
    )


def _draft_largest(
    dice: Random,
    name: str,
    measure: Callable[[CostRow], float],
    write: Callable[[float], str],
    what: str,
) -> Draft:
    """Which of four layers has most of something."""
    rows = [row for row in _fold(name) if row.share is not Share.OTHER and measure(row)]
    best = max(rows, key=measure)
    sees_all = best.window is not None and best.output_shape[1:] == (1, 1)
    others = dice.sample([row for row in rows if measure(row) < measure(best)], 3)
    shown = sorted((best, *others), key=rows.index)
    table = [(row.title, row.kind, format_shape(row.output_shape)) for row in shown]
    solved = [(row.title, write(measure(row))) for row in sorted(shown, key=measure, reverse=True)]
    return draft_choice(
        dice,
        best.title,
        (row.title for row in others),
        table=write_table(("layer", "kind", "output"), table),
        solved=write_table(("layer", what), solved),
        whole=_WHOLE.format(f"`{best.title}`") if sees_all else "",
        **_link(name, best),
    )


def costliest_layer(dice: Random) -> Draft:
    """Which layer has the most multiply-adds."""
    name = dice.choice(_WITH_HEADS)
    return _draft_largest(
        dice, name, lambda row: row.operations, format_quantity, what="multiply-adds"
    )


def heaviest_layer(dice: Random) -> Draft:
    """Which layer has the most parameters."""
    name = dice.choice(_WITH_HEADS)
    return _draft_largest(
        dice, name, lambda row: row.parameters, format_quantity, what="parameters"
    )


def largest_activation(dice: Random) -> Draft:
    """Which layer's output takes most memory."""
    name = dice.choice(_CHAINS)
    return _draft_largest(dice, name, lambda row: row.memory_bytes, format_bytes, what="memory")


def linear_share(dice: Random) -> Draft:
    """What share of the parameters is in fully connected layers."""
    name = dice.choice(_WITH_HEADS)
    rows = _fold(name)
    linear = sum(row.parameters for row in rows if row.share is Share.LINEAR)
    total = sum(row.parameters for row in rows)
    share = linear / total
    wrong = (1 - share, share / 2, share / 10, (1 + share) / 2)
    return draft_choice(
        dice,
        format_percent(share),
        map(format_percent, wrong),
        linear=format_quantity(linear),
        total=format_quantity(total),
        **_link(name),
    )


@lru_cache(maxsize=64)
def _measure_side(name: str, place: int, channels: int, size: int) -> CostTable:
    """The costs of one side of a comparison, measured on a network with weights.

    To follow shapes alone, torch first imports for seconds.
    """
    module = get_pair(name).sides[place].build(channels).eval()
    return measure_costs(module, input_shape=(channels, size, size))


def bottleneck_work(dice: Random) -> Draft:
    """Multiply-adds of a bottleneck block."""
    channels, size = dice.choice((64, 128, 256)), dice.choice((7, 14))
    table = _measure_side("bottleneck", 1, channels, size)
    weighted = [row for row in table.layers if row.counts.multiply_adds]
    terms = " + ".join(
        f"{size}^2 \\cdot {row.input_shape[0]} \\cdot {row.output_shape[0]} \\cdot "
        f"{row.counts.window.kernel[0] if row.counts.window else 1}^2"
        for row in weighted
    )
    return draft_number(
        table.multiply_adds / _MILLION,
        unit="million multiply-adds",
        page="architectures",
        values={"block": "bottleneck", "pair": "bottleneck", "pair_channels": channels}
        | {"pair_size": size},
        channels=channels,
        narrow=weighted[0].output_shape[0],
        size=size,
        terms=terms,
    )


_PAIRS = ("two_small", "three_small", "separable", "reduce", "bottleneck")


def cheaper_block(dice: Random) -> Draft:
    """How much cheaper the second block of a pair is."""
    name = dice.choice(_PAIRS)
    pair, size = get_pair(name), 7
    channels = dice.choice(tuple(each for each in pair.choices if each <= 256))
    dear, cheap = (_measure_side(name, place, channels, size).multiply_adds for place in (0, 1))
    share = cheap / dear
    wrong = (share / 2, (1 + share) / 2, share * 0.7, 1 - share)
    return draft_choice(
        dice,
        format_percent(share, digits=0),
        (format_percent(each, digits=0) for each in wrong if 0.02 < each < 1),
        page="architectures",
        values={"block": "bottleneck", "pair": name, "pair_channels": channels, "pair_size": size},
        first=pair.sides[0].title,
        second=pair.sides[1].title,
        title=pair.title,
        channels=channels,
        size=size,
        dear=format_quantity(dear),
        cheap=format_quantity(cheap),
    )


def joined_channels(dice: Random) -> Draft:
    """Channels behind an inception module."""
    table = _get_table("googlenet_2014")
    joins = [row for row in table.layers if row.kind is LayerKind.CONCATENATION]
    row = dice.choice(joins)
    widths = [table.find(name).output_shape[0] for name in row.inputs]
    return draft_number(
        row.output_shape[0],
        unit="channels",
        page="architectures",
        values={"block": "inception"},
        widths=", ".join(map(str, widths)),
        terms=" + ".join(map(str, widths)),
        side=row.output_shape[1],
    )


def dense_channels(dice: Random) -> Draft:
    """Channels within a dense block."""
    table = get_costs("densenet64")
    joins = {row.name: row for row in table.layers if row.kind is LayerKind.CONCATENATION}
    row = dice.choice(list(joins.values()))
    added, way = [], row.name
    while way in joins:  # down to what the block reads
        way, layer = joins[way].inputs
        added.append(table.find(layer).output_shape[0])
    return draft_number(
        row.output_shape[0],
        unit="channels",
        page="architectures",
        values={"block": "dense"},
        first=table.find(way).output_shape[0],
        growth=added[0],
        count=len(added),
    )


def block_of(dice: Random) -> Draft:
    """Which architecture a graph belongs to."""
    blocks = [block for block in BLOCKS if block.name in _DRAWN]
    block, *others = dice.sample(blocks, 4)
    return draft_choice(
        dice,
        block.label,
        (other.label for other in others),
        picture=Picture("The graph of a block.", block=block.name),
        page="architectures",
        values={"block": block.name},
        look=block.look,
        title=block.title,
        year=str(block.network.year),
    )


def oldest_architecture(dice: Random) -> Draft:
    """Which architecture was published first."""
    networks = [get_architecture(name) for name in dice.sample(_DATED, 4)]
    while len({one.year for one in networks}) < len(networks):
        networks = [get_architecture(name) for name in dice.sample(_DATED, 4)]
    first, *others = sorted(networks, key=lambda one: one.year)
    return draft_choice(
        dice,
        first.title,
        (one.title for one in others),
        years=", ".join(f"{one.title} {one.year}" for one in (first, *others)),
        idea=first.idea,
        page="architectures",
    )


def compound_scaling(dice: Random) -> Draft:
    """How many times the multiply-adds grow with EfficientNet's rule."""
    phi = dice.choice((1.0, 2.0, 3.0))
    alpha, beta, gamma = dice.choice(((1.2, 1.1, 1.15), (1.1, 1.2, 1.15), (1.3, 1.1, 1.1)))
    growth = Growth(phi=phi, alpha=alpha, beta=beta, gamma=gamma)
    factors = {"phi": phi, "alpha": alpha, "beta": beta, "gamma": gamma}
    words: dict[str, Any] = {name: f"{value:g}" for name, value in factors.items()}
    return draft_number(
        round(growth.promise(), 6),
        unit="times",
        page="recipes",
        values={"part": "scaling", **factors},
        **words,
    )


GENERATORS: tuple[Generate, ...] = (
    layer_shape,
    costliest_layer,
    heaviest_layer,
    largest_activation,
    linear_share,
    joined_channels,
    bottleneck_work,
    cheaper_block,
    dense_channels,
    block_of,
    oldest_architecture,
    compound_scaling,
)
