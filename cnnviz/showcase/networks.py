"""The home page's pictures of networks beside each other: what they cost, and what blocks save."""

from cnnviz.costs.table import measure_costs
from cnnviz.costs.tradeoffs import Quantity, list_bundled
from cnnviz.figures.format import format_percent
from cnnviz.figures.strip import Strip, pack_bars
from cnnviz.networks.zoo.block_pairs import get_pair


def draw_tradeoffs_card(_digit: int) -> Strip:
    """Accuracy and cost of the bundled networks, side by side."""
    networks = list_bundled()
    bars = (
        ("top-1", [one.top1 for one in networks]),
        ("multiply-adds", [one.costs[Quantity.MULTIPLY_ADDS] for one in networks]),
        ("parameters", [one.costs[Quantity.PARAMETERS] for one in networks]),
    )
    return Strip(
        tuple(pack_bars(values, note=name) for name, values in bars),
        label=(
            "Accuracy, multiply-adds and parameters of "
            f"{', '.join(one.title for one in networks)}, as bars."
        ),
    )


# On few channels and a small map: the shares are the same, and it takes no time.
_PAIR_CHANNELS, _PAIR_SIZE = 96, 7
_PAIRS = {"inception": "inception", "reduce": "5×5", "separable": "separable", "fire": "fire"}


def draw_architectures_card(_digit: int) -> Strip:
    """Multiply-adds of four blocks beside those of what they took the place of."""
    panels, told = [], []
    for name, title in _PAIRS.items():
        work = [
            measure_costs(
                side.build(_PAIR_CHANNELS).eval(), input_shape=(_PAIR_CHANNELS, *(_PAIR_SIZE,) * 2)
            ).multiply_adds
            for side in get_pair(name).sides
        ]
        panels.append(pack_bars(work, note=title))
        told.append(f"{title}: {format_percent(work[1] / work[0], digits=0)}")
    return Strip(
        panels,
        label=f"What is left of the multiply-adds with a cleverer block. {', '.join(told)}.",
    )
