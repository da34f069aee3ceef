"""Activation functions and initialization: what survives many layers."""

# %% Everything is computed by the package cnnviz.
from cnnviz.labs.signal import Activation, Initialization, Scaling, send_signal

# %% Change these values and run the program again.
FUNCTION = "sigmoid"  # or "tanh", "relu", "leaky_relu", "gelu", "silu"
INITIALIZATION = "xavier"  # or "zero", "small", "he", "large"
SCALING = "standardized"  # or "raw", "centered"
DEPTH = 10  # hidden layers

# %% Send digits through, and the gradient back.
signal = send_signal(
    function=Activation(FUNCTION),
    initialization=Initialization(INITIALIZATION),
    scaling=Scaling(SCALING),
    depth=DEPTH,
)

# %% One line for each layer.
deviations, norms = signal.find_deviations(), signal.find_gradient_norms()
for layer, (deviation, norm, saturated) in enumerate(
    zip(deviations.tolist(), norms.tolist(), signal.find_saturated().tolist(), strict=True), start=1
):
    print(f"layer {layer}: std {deviation:.3g}, gradient {norm:.3g}, saturated {saturated:.0%}")
