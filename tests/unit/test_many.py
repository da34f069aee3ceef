"""Many images moved to one class: within the bound, and measured on what is saved."""

import numpy as np
import torch

from cnnviz.adversarial.many import choose_target, lay_side_by_side, move_many
from cnnviz.adversarial.pixel_space import see_image
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import load_model


def test_every_photograph_becomes_the_target_within_eight_levels() -> None:
    model = load_model("alexnet64")
    target = model.spec.classes.index("goose")
    seen = [see_image(model, load_sample(key).pixels) for key in ("cat", "coffee", "rocket")]
    *_, (share, _, moved) = move_many(model, seen, target=target)()
    assert (share, moved.wanted, len(moved.images)) == (1, 3, 3)
    right = 0
    for image, original in zip(moved.images, seen, strict=True):
        change = image.pixels.astype(int) - original
        assert np.abs(change).max() <= 8
        with torch.no_grad():
            logits = model.module(model.spec.preprocessing.prepare(image.pixels))[0]
        right += int(logits.argmax()) == target
        shown = lay_side_by_side(image)
        assert shown.shape == (64, 192, 3)
        assert np.array_equal(shown[:, :64], original)
        assert np.array_equal(shown[:, 128:], image.pixels)
    assert moved.reached == right >= 2


def test_the_ostrich_is_the_target_where_it_is_known() -> None:
    lite, small = load_model("efficientnet_lite0"), load_model("alexnet64")
    assert lite.spec.classes[choose_target(lite, None)] == "ostrich"
    assert choose_target(small, None) == 99
    assert choose_target(small, 3) == 3
