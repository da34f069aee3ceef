"""Shape against texture: an image with the shape of one and the texture of another."""

# %% Everything is computed by the package cnnviz.
from dataclasses import replace
from pathlib import Path

from cnnviz.images.image import to_png
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model
from cnnviz.shape_texture.images import cut_square
from cnnviz.shape_texture.patchwork import PatchworkOptions, make_patchwork
from cnnviz.shape_texture.style import choose_style, transfer_style
from cnnviz.shape_texture.trials import see, view

# %% Change these values and run the program again.
SHAPE = "cat"  # a sample, or the path of a file
TEXTURE = "coffee"
METHOD = "style transfer"  # or "patches"
MAKER = "resnet64"  # the network whose features the style transfer uses
WEIGHT = 10.0  # of the style against the content
STEPS = 60
SIDE = 15  # of a patch, in percent of the image's side
NETWORKS = ["alexnet64", "vgg64", "resnet64"]  # which judge

# %% Make the cue conflict.
shape, texture = (cut_square(load_image(key).pixels) for key in (SHAPE, TEXTURE))
if METHOD == "patches":
    conflict = make_patchwork(shape, texture, options=PatchworkOptions(side=SIDE))
else:
    maker = load_model(MAKER)
    options = replace(choose_style(maker.graph), weight=WEIGHT, steps=STEPS)
    contents, styles = view(maker, shape)[None], view(maker, texture)[None]
    *_, made = transfer_style(maker, contents, styles, options=options)
    print(f"content loss {made.content[-1]:.4f}, style loss {made.style[-1]:.4f}")
    conflict = made.pixels[0]
Path("texture.png").write_bytes(to_png(conflict))

# %% What does each network go by?
for name in NETWORKS:
    model = load_model(name)
    by_shape, by_texture, guess = (see(model, one).ranking[0] for one in (shape, texture, conflict))
    decision = {by_texture: "texture", by_shape: "shape"}.get(guess, "neither")
    print(f"{model.spec.title}: {model.spec.classes[guess]} ({decision})")
