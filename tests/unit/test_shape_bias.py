"""Shape bias and robustness, against tables made by hand and scipy's intervals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import binomtest

from cnnviz.errors import NetworkError
from cnnviz.images.corruptions import Corruption
from cnnviz.images.samples import load_sample
from cnnviz.networks.class_names import match_classes
from cnnviz.networks.load import load_model, rank_logits
from cnnviz.shape_texture.bias import (
    Decision,
    Naming,
    Rule,
    Tally,
    choose_pairs,
    decide,
    find_cue,
    find_interval,
    tally_decisions,
)
from cnnviz.shape_texture.images import (
    SIDE,
    LabelledImage,
    cut_square,
    list_images,
)
from cnnviz.shape_texture.patchwork import PatchworkOptions
from cnnviz.shape_texture.style import choose_style
from cnnviz.shape_texture.trials import (
    Making,
    follow_distortion,
    list_points,
    measure_bias,
    see,
)
from tests.home_made import Branchy, make_model, randomize

SHAPE, TEXTURE = frozenset({0, 1}), frozenset({2})


@pytest.mark.parametrize(
    ("shares", "first", "likelier"),
    [
        ((0.1, 0.5, 0.3, 0.1), Decision.SHAPE, Decision.SHAPE),
        ((0.2, 0.2, 0.5, 0.1), Decision.TEXTURE, Decision.TEXTURE),
        ((0.2, 0.2, 0.35, 0.25), Decision.TEXTURE, Decision.SHAPE),
        ((0.1, 0.1, 0.3, 0.5), Decision.NEITHER, Decision.TEXTURE),
    ],
)
def test_decisions_by_hand(shares: tuple[float, ...], first: Decision, likelier: Decision) -> None:
    said = torch.tensor(shares)
    assert decide(said, shape=SHAPE, texture=TEXTURE, rule=Rule.FIRST) is first
    assert decide(said, shape=SHAPE, texture=TEXTURE, rule=Rule.LIKELIER) is likelier


def test_the_bias_of_a_table_made_by_hand() -> None:
    """Four pictures; the third serves as no cue, and the first and last are of one class."""
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    cues = (frozenset({0}), frozenset({1}), frozenset[int](), frozenset({0}))
    judged = [
        ((0, 1), torch.tensor([0.9, 0.1, 0.0])),  # shape
        ((1, 0), torch.tensor([0.2, 0.8, 0.0])),  # shape
        ((1, 3), torch.tensor([0.6, 0.3, 0.1])),  # texture
        ((3, 1), torch.tensor([0.3, 0.1, 0.6])),  # neither
        ((0, 2), torch.tensor([0.9, 0.1, 0.0])),  # no cue
        ((0, 3), torch.tensor([0.9, 0.1, 0.0])),  # no conflict
    ]
    tally = tally_decisions(model, cues, judged, rule=Rule.FIRST)
    assert (tally.images, tally.pairs) == (3, 4)
    assert (tally.shape, tally.texture, tally.neither) == (2, 1, 1)
    assert tally.bias == pytest.approx(2 / 3)
    likelier = tally_decisions(model, cues, judged, rule=Rule.LIKELIER)
    assert (likelier.shape, likelier.texture, likelier.neither) == (3, 1, 0)


def test_without_a_decision_there_is_no_bias() -> None:
    tally = Tally(network="n", title="N", images=2, shape=0, texture=0, neither=2)
    assert tally.bias is None
    assert tally.interval == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "count"), [(8, 10), (0, 5), (13, 13), (221, 1000)])
def test_the_interval_is_scipys(hits: int, count: int) -> None:
    expected = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert find_interval(hits, count) == pytest.approx((expected.low, expected.high), abs=1e-3)


def test_pairs_are_conflicts_for_some_network_and_bounded() -> None:
    one = [frozenset({0}), frozenset({0}), frozenset[int]()]
    other = [frozenset({3}), frozenset[int](), frozenset({4})]
    assert sorted(choose_pairs([one, other], most=99)) == [(0, 2), (2, 0)]
    many = [[frozenset({number}) for number in range(6)]]
    assert len(choose_pairs(many, most=99)) == 30
    few = choose_pairs(many, most=7)
    assert len(set(few)) == 7
    assert few == choose_pairs(many, most=7)
    assert choose_pairs([], most=5) == ()


# What pictures show


def names_of(network: str, truth: str) -> set[str]:
    spec = load_model(network).spec
    return {spec.classes[index] for index in match_classes(spec, truth)}


@pytest.mark.parametrize(
    ("truth", "names"),
    [
        ("tabby|Egyptian cat|tiger cat", {"tabby cat", "Egyptian cat"}),
        ("espresso|cup", {"espresso"}),
        ("n02509815_lesser_panda", {"red panda"}),
        ("n02509815", {"red panda"}),
        ("school_bus", {"school bus"}),
        ("Red Panda 2", {"red panda"}),
        ("station-wagon", {"station wagon"}),
        ("n02391049_zebra", set()),
        ("", set()),
        ("holiday 17", set()),
    ],
)
def test_a_files_name_tells_the_class(truth: str, names: set[str]) -> None:
    assert names_of("alexnet64", truth) == names


def test_the_owners_photographs_and_folders_join_the_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {one.digest for one in list_images()}
    photos, classes = tmp_path / "photos", tmp_path / "classes"
    (classes / "n02129165").mkdir(parents=True)
    photos.mkdir()
    for number in range(6):
        color = np.full((30, 50, 3), 30 * number, dtype=np.uint8)
        Image.fromarray(color).save(classes / "n02129165" / f"{number}.png")
    Image.fromarray(np.full((50, 30, 3), 222, dtype=np.uint8)).save(photos / "koala_3.png")
    (photos / "broken.png").write_bytes(b"no picture")
    monkeypatch.setenv("CNNVIZ_PHOTOS", str(photos))
    monkeypatch.setenv("CNNVIZ_CLASSES", str(classes))
    added = [one for one in list_images() if one.digest not in plain]
    truths = [names_of("alexnet64", one.truth) for one in added]
    assert truths == [{"koala"}, {"lion"}, {"lion"}, {"lion"}, {"lion"}]
    assert all(one.pixels.shape == (SIDE, SIDE, 3) for one in added)


def test_the_square_is_the_middle() -> None:
    pixels = np.zeros((SIDE, 3 * SIDE, 3), dtype=np.uint8)
    pixels[:, SIDE : 2 * SIDE] = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3))
    assert np.array_equal(cut_square(pixels), pixels[:, SIDE : 2 * SIDE])


# Whole measurements


def make_set() -> tuple[LabelledImage, ...]:
    """Photographs, of which no two show one thing."""
    keys = ("cat", "coffee", "rocket", "motorcycle")
    return tuple(
        LabelledImage(key, key, cut_square(load_sample(key).pixels), truth="") for key in keys
    )


def test_a_measurement_makes_and_judges_every_pair() -> None:
    models = [load_model(name) for name in ("alexnet64", "resnet64")]
    pictures = make_set()
    styles = tuple((model, replace(choose_style(model.graph), steps=2)) for model in models)
    for makers in ((), styles):
        making = Making(makers, PatchworkOptions())
        measure = measure_bias(models, pictures, making=making, naming=Naming.OWN, most=6)
        *_, (share, _, run) = measure()
        assert share == 1.0
        assert run.wanted == len(run.stimuli) == 6
        for model in models:
            name = model.spec.name
            firsts = [see(model, one.pixels).ranking[0] for one in pictures]
            assert run.cues[name] == tuple(frozenset({first}) for first in firsts)
            for one, said in zip(run.stimuli, run.answers[name], strict=True):
                assert torch.equal(said, see(model, one.pixels).probabilities)
    # Two batches of at most four pairs, so each network has made some.
    assert [one.maker for one in run.stimuli] == ["alexnet64"] * 4 + ["resnet64"] * 2


def test_only_rightly_named_pictures_serve_where_the_truth_is_asked_for() -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    picture = LabelledImage("a bee", "0", make_set()[0].pixels, truth="bee|cat")
    right = rank_logits(torch.tensor([0.0, 2.0, 1.0, 0.0, 0.0]))
    wrong = rank_logits(torch.tensor([3.0, 2.0, 1.0, 0.0, 0.0]))
    assert find_cue(model, picture, right, naming=Naming.TRUTH) == {1, 2}
    assert find_cue(model, picture, wrong, naming=Naming.TRUTH) == frozenset()
    assert find_cue(model, picture, wrong, naming=Naming.OWN) == {0}


def test_undistorted_all_is_named_as_before_and_counts_are_the_networks_own() -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    pictures = make_set()
    *_, (share, (curve,)) = follow_distortion([model], pictures, Corruption.GRAY, naming=Naming.OWN)
    points = list_points(Corruption.GRAY)
    assert share == 1.0
    assert (points[0], points[-1]) == (0, 100)
    assert (curve.total, curve.kept[0], len(curve.kept)) == (4, 4, len(points))
    grey = [one.pixels.astype(float) @ [0.299, 0.587, 0.114] for one in pictures]
    same = 0
    for one, luma in zip(pictures, grey, strict=True):
        flat = np.rint(luma)[..., None].repeat(3, axis=2).astype(np.uint8)
        same += see(model, flat).ranking[0] == see(model, one.pixels).ranking[0]
    assert curve.kept[-1] == same


def test_a_measurement_needs_pictures() -> None:
    with pytest.raises(NetworkError, match="a network and an image"):
        next(follow_distortion([], (), Corruption.GRAY, naming=Naming.OWN))
