"""Layer calculator: the output, parameters and multiply-adds of a layer."""

# %% Everything is computed by the package cnnviz.
from cnnviz.costs.calculator import LayerSetting, LayerType, count_layer, list_alternatives

# %% Change these values and run the program again.
TYPE = "convolution"  # or "separable", "transposed", "max_pooling", "linear", ...
CHANNELS = 3
SIZES = [32, 32]  # of the input along each axis
FILTERS = 10
KERNEL = 5
STRIDE = 1
PADDING = 2
DILATION = 1
GROUPS = 1
OUTPUT_PADDING = 0
BIAS = True

# %% Work the layer out.
setting = LayerSetting(
    type=LayerType(TYPE),
    channels=CHANNELS,
    sizes=tuple(SIZES),
    filters=FILTERS,
    kernel=KERNEL,
    stride=STRIDE,
    padding=PADDING,
    dilation=DILATION,
    groups=GROUPS,
    output_padding=OUTPUT_PADDING,
    bias=BIAS,
)
count = count_layer(setting)
print(f"input {count.input}, output {count.output}")
print(f"parameters {count.parameters:,}")
print(f"multiply-adds {count.multiply_adds:,}")

# %% Other layers on the same input.
for other in list_alternatives(setting):
    print(f"{other.setting.type}: {other.parameters:,} and {other.multiply_adds:,}")
