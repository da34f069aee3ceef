"""Architectures: the block that a network is known for, layer by layer, and its alternative."""

# %% Everything is computed by the package cnnviz.
from functools import partial

from cnnviz.costs.table import CostTable, compute_costs
from cnnviz.networks.zoo.block_pairs import get_pair
from cnnviz.networks.zoo.blocks import get_block

# %% Change these values and run the program again.
BLOCK = "residual"
CHANNELS: int | None = None  # of the block's input; None for the published ones
SIZE: int | None = None  # height and width of the block's input
PAIR: str | None = None  # which two modules to compare; None for the block's own pair


# %% Costs are counted without computing anything: shapes are enough.
def write_totals(name: str, table: CostTable) -> None:
    """Print what a module costs."""
    print(f"{name}: {table.parameters:,} parameters, {table.multiply_adds:,} multiply-adds")


# %% The block's layers.
block = get_block(BLOCK)
channels, size = CHANNELS or block.channels, SIZE or block.size
table = compute_costs(lambda: block.build(channels), input_shape=(channels, size, size))
for layer in table.layers:
    output = "×".join(map(str, layer.output_shape))
    print(f"{layer.title:28} {layer.operation:16} {output:>12} {layer.parameters:>10,}")
write_totals(f"{block.title} ({block.network.title}, {block.network.year})", table)

# %% The same job done in two ways.
pair = get_pair(PAIR or block.pair)
for side in pair.sides:
    costs = compute_costs(
        partial(side.build, pair.channels),
        input_shape=(pair.channels, pair.size, pair.size),
    )
    write_totals(side.title, costs)
