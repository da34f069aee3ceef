"""How many photographs twenty steps of 8/255 flip, sample photographs and held-out ones."""

import os
from pathlib import Path

import pytest

from cnnviz.adversarial.craft import AttackOptions, Method, attack_image
from cnnviz.adversarial.gradient import Norm
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.training.photos import load_for_measuring
from tests.quick import each
from tests.unit.test_attacks import LINEAGE, see_sample

BAR = AttackOptions(method=Method.PGD, norm=Norm.LINF, steps=20)


@pytest.mark.parametrize("name", each(LINEAGE, ("alexnet64",)))
def test_twenty_steps_of_eight_levels_flip_the_sample_photographs(name: str) -> None:
    model = load_model(name)
    keys = [one.key for one in list_samples() if one.kind is SampleKind.PHOTOGRAPH]
    flipped = [
        attack_image(model, see_sample(model, key), epsilon=8, options=BAR).fools for key in keys
    ]
    assert sum(flipped) >= 0.95 * len(flipped), list(zip(keys, flipped, strict=True))


@pytest.mark.parametrize("name", LINEAGE)
def test_and_held_out_photographs_that_are_named_rightly(name: str) -> None:
    folder = os.environ.get("CNNVIZ_DATA")
    if not folder or not list(Path(folder).glob("tiny-imagenet*.zip")):
        pytest.skip("CNNVIZ_DATA does not name a folder with Tiny ImageNet")
    model = load_model(name)
    pictures = load_for_measuring(Path(folder), wnids=WNIDS)
    flipped = []
    for image, label in zip(pictures.images[::25], pictures.labels[::25], strict=True):
        seen = image.permute(1, 2, 0).contiguous().numpy()  # (3, 64, 64) -> (64, 64, 3)
        attacked = attack_image(model, seen, epsilon=8, options=BAR)
        if attacked.label == int(label):
            flipped.append(attacked.fools)
    print(f"{name}: {sum(flipped)} of {len(flipped)} flipped")  # noqa: T201
    assert sum(flipped) >= 0.95 * len(flipped)
