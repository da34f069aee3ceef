"""Receptive fields: what a cell of a stack or of a network sees of the input."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.figures.maps import draw_sheet
from cnnviz.networks.load import load_model
from cnnviz.receptive_fields.effective import (
    WeightSource,
    compute_effective_field,
    count_pixels_holding,
)
from cnnviz.receptive_fields.stacks import grow_stack, parse_stack
from cnnviz.receptive_fields.theoretical import compute_fields

# %% Change these values and run the program again.
STACK = "3, 3, 3"  # kernels; m2 is max pooling, s2 a stride, p1 a padding, d2 a dilation
SIZE = 13
CHANNELS = 64
NETWORK: str | None = "resnet64"  # None for the stack alone
LAYER: str | None = None  # a layer with maps; None for the last one
WEIGHTS = "trained"  # or "random"
SAMPLES = 16

# %% The stack, worked out layer by layer.
for below in grow_stack(parse_stack(STACK), size=SIZE, channels=CHANNELS):
    print(
        f"{below.layer.title}: {below.size}×{below.size} cells, field {below.field}, "
        f"jump {below.jump}, {below.parameters:,} parameters"
    )

# %% The theoretical and the effective receptive field of a network's layer.
if NETWORK is not None:
    model = load_model(NETWORK)
    fields = compute_fields(model.graph)
    maps = [one.name for one in model.graph.layers if one.name in fields and one.is_spatial]
    layer = LAYER or next(name for name in reversed(maps) if model.graph.find(name).shape[1] > 1)
    effective = compute_effective_field(
        model, layer=layer, weights=WeightSource(WEIGHTS), samples=SAMPLES
    )
    holding = count_pixels_holding(effective.energy, share=0.95)
    print(f"{layer}: field {fields[layer].size[0]}×{fields[layer].size[1]} pixels")
    print(f"{holding} of {effective.area} pixels hold 95% of the gradient")
    energy = effective.energy[None].float().sqrt().numpy()
    sheet = draw_sheet(energy, limits=energy.max(axis=(1, 2)), captions=[layer], title=NETWORK)
    Path("receptive_fields.png").write_bytes(sheet)
