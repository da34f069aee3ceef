"""Gradient flow and shortcuts: gradients by block, and a network without some of its blocks."""

# %% Everything is computed by the package cnnviz.
from cnnviz.images.names import load_named
from cnnviz.labs.gradient_flow import Norm, Shortcut, send_flow
from cnnviz.labs.lesions import NETWORKS, chain_network, find_shares
from cnnviz.labs.signal import Activation, Initialization
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
FUNCTION = "relu"  # or "sigmoid", "tanh", "leaky_relu", "gelu", "silu"
INITIALIZATION = "xavier"  # or "zero", "small", "he", "large"
NORM = "none"  # or "batch", "layer"
BLOCKS = 25  # of two layers each
IMAGE = "cat"
OFF = ["conv4.c"]  # blocks that are left out of the trained networks
INSERTED = 2  # blocks with zero weights behind each stage

# %% The gradient of the first block's weights over that of the last one's.
for shortcut in Shortcut:
    flow = send_flow(
        shortcut,
        function=Activation(FUNCTION),
        initialization=Initialization(INITIALIZATION),
        norm=Norm(NORM),
        blocks=BLOCKS,
    )
    first, last = flow.gradients[[0, -1]].tolist()
    print(f"{shortcut}: gradient {first:.3g} in block 1, {last:.3g} in block {BLOCKS}")

# %% The same image with whole and with changed networks.
for network in NETWORKS:
    model = load_model(network)
    x = model.spec.preprocessing.prepare(load_named(IMAGE).pixels)
    changes = {
        "whole": chain_network(model),
        f"without {', '.join(OFF)}": chain_network(model, off=OFF),
        f"{INSERTED} zero blocks a stage": chain_network(model, inserted=INSERTED),
    }
    for change, changed in changes.items():
        share, index = find_shares(changed, x)[0].max(dim=0)
        print(f"{network}, {change}: {model.spec.classes[int(index)]}, {share:.1%}")
