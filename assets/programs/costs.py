"""Costs: shapes, memory, parameters and multiply-adds of a network, layer by layer."""

# %% Everything is computed by the package cnnviz.
from cnnviz.costs.rows import Convention, Fold, fold_rows, sum_operations
from cnnviz.costs.table import compute_costs
from cnnviz.networks.zoo.architectures import get_architecture

# %% Change these values and run the program again.
NETWORK = "alexnet_2012"
SIZE: int | None = None  # height and width of the input; None for the network's own
FOLD = "Layers"  # or "Stages", "Every operation"
TWICE = False  # whether a multiply-add counts as two operations
BIASES = False  # whether these count too
NORMALIZATION = False
ELEMENTWISE = False
POOLING = False

# %% The network is built without weights: its shapes are enough.
network = get_architecture(NETWORK)
size = SIZE or network.input_size
table = compute_costs(lambda: network.build(size), input_shape=(network.channels, size, size))
convention = Convention(TWICE, BIASES, NORMALIZATION, ELEMENTWISE, POOLING)

# %% One line for each layer.
for row in fold_rows(table, fold=Fold(FOLD), convention=convention):
    output = "×".join(map(str, row.output_shape))
    print(
        f"{row.title:24} {row.kind:16} {output:>14} {row.memory_bytes / 1024:>10,.1f} KB "
        f"{row.parameters:>12,} {row.operations:>15,}"
    )

# %% The whole network.
print(f"{network.title} at {size}×{size}")
print(f"parameters: {table.parameters:,}")
print(f"multiply-adds: {sum_operations(table, convention):,}")
print(f"memory: {table.memory_bytes:,} bytes of activations")
