"""EfficientNet-Lite's three networks side by side: factors, what they make, and what that costs."""

from collections.abc import Sequence

from cnnviz.costs.table import CostTable
from cnnviz.figures.format import format_number, format_percent, format_quantity, format_setting
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS, count_blocks, predict_growth


def tabulate_scaling(tables: Sequence[CostTable]) -> dict[str, list[str]]:
    """Compare the networks, a column each, the first column saying what stands in a row.

    Args:
        tables: The costs of each network, computed, in the order of SCALINGS.
    """
    rows = {
        "Depth factor d": [format_setting(one.depth) for one in SCALINGS],
        "Blocks": [str(count_blocks(one)) for one in SCALINGS],
        "Width factor w": [format_setting(one.width) for one in SCALINGS],
        "Channels of the last block": [str(table.find("head").input_shape[0]) for table in tables],
        "Input": [f"{one.side}×{one.side}" for one in SCALINGS],
        "Resolution factor r": [format_number(one.side / SCALINGS[0].side) for one in SCALINGS],
        "Parameters": [format_quantity(table.parameters) for table in tables],
        "Multiply-adds": [format_quantity(table.multiply_adds) for table in tables],
        "of the first": [
            f"{format_number(table.multiply_adds / tables[0].multiply_adds)}×" for table in tables
        ],
        "d·w²·r²": [f"{format_number(predict_growth(one))}×" for one in SCALINGS],
        "Top-1 on ImageNet, published": [
            format_percent(one.weights.top1 / 100) for one in SCALINGS
        ],
    }
    columns = {"": list(rows)}
    return columns | {
        one.title: [cells[at] for cells in rows.values()] for at, one in enumerate(SCALINGS)
    }
