"""Open-set recognition: scores worked by hand, AUROC by counting pairs, and what the cards say."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz.errors import DataError, WeightsError
from cnnviz.images.image import read_image
from cnnviz.networks.load import load_model, predict, rank_logits
from cnnviz.networks.open_set import (
    ClassFit,
    PhotographCounts,
    Score,
    Separation,
    describe_fit,
    measure_energy,
    read_calibration,
    score_logits,
    write_calibration,
)
from cnnviz.networks.weights.files import ModelCard, WeightsFile, WeightsOrigin, read_card
from cnnviz.networks.zoo.lineage import MEMBERS
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.training.open_set import (
    PhotographLogits,
    calibrate_open_set,
    find_threshold,
    main,
    measure_auroc,
    read_photographs,
)
from tests.home_made import chain

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"
HALF = Separation(
    threshold=0.5,
    kept=0.9,
    kept_correct=0.95,
    left_out_auroc=0.8,
    left_out_detected=0.6,
    photographs=PhotographCounts(known=10, kept=9, unknown=20, detected=6, auroc=0.7),
)


def make_logits(*, classes: int = 4, images: int = 40) -> tuple[Tensor, Tensor]:
    """Random logits that favour each image's class."""
    generator = torch.Generator().manual_seed(4)
    labels = torch.arange(images) % classes
    logits = torch.randn(images, classes, generator=generator)
    return logits + 2 * nn.functional.one_hot(labels, classes), labels


def test_both_scores_by_hand() -> None:
    # exp(log 2) + exp(log 6) = 8, of which the second is 3/4.
    logits = torch.tensor([[math.log(2), math.log(6)]], dtype=torch.float64)
    assert float(measure_energy(logits)) == pytest.approx(-math.log(8))
    assert float(score_logits(logits, Score.ENERGY)) == pytest.approx(math.log(8))
    assert float(score_logits(logits, Score.MAX_PROBABILITY)) == pytest.approx(3 / 4)


def test_a_constant_moves_the_energy_alone() -> None:
    logits, _ = make_logits()
    moved = logits + 3
    probabilities = [score_logits(x, Score.MAX_PROBABILITY) for x in (logits, moved)]
    torch.testing.assert_close(*probabilities)
    torch.testing.assert_close(measure_energy(moved), measure_energy(logits) - 3)


@pytest.mark.parametrize("score", list(Score))
def test_a_larger_first_logit_scores_higher(score: Score) -> None:
    steps = torch.linspace(1, 9, 20)
    values = score_logits(torch.stack([steps, torch.ones(20)], dim=1), score)
    assert bool((values.diff() > 0).all())


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    generator = torch.Generator().manual_seed(1)
    known = torch.randint(0, 9, (30,), generator=generator).double()
    unknown = torch.randint(0, 7, (20,), generator=generator).double()
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high in known.tolist()
        for low in unknown.tolist()
    ]
    assert measure_auroc(known, unknown) == pytest.approx(sum(pairs) / len(pairs))


def test_nine_in_ten_reach_the_threshold() -> None:
    values = torch.arange(100, dtype=torch.float64)
    assert int((values >= find_threshold(values)).sum()) == 90


def test_a_left_out_class_is_found_where_nothing_else_fires() -> None:
    """Each image has a large logit for its own class and none for any other."""
    labels = torch.arange(40) % 4
    logits = 10 * nn.functional.one_hot(labels, 4).float()
    found = calibrate_open_set(logits, labels, folds=2)
    for separation in found.separations.values():
        assert separation.left_out_auroc == 1
        assert separation.left_out_detected == 1
        assert separation.kept == separation.kept_correct == 1


def test_photographs_are_counted_by_the_threshold() -> None:
    labels = torch.arange(40) % 4
    logits = 10 * nn.functional.one_hot(labels, 4).float()
    sure, unsure = [20.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]
    photographs = PhotographLogits(
        logits=torch.tensor([sure, unsure, unsure, sure, unsure]),
        is_known=torch.tensor([True, True, False, False, False]),
    )
    found = calibrate_open_set(logits, labels, photographs=photographs, folds=2)
    counts = found.separations[Score.ENERGY].photographs
    # The unsure two score below all of forty images, the sure one above all.
    assert counts == PhotographCounts(known=2, kept=1, unknown=3, detected=2, auroc=0.6667)


def test_too_many_folds_and_missing_images_are_refused() -> None:
    logits, labels = make_logits()
    with pytest.raises(DataError, match="2 to 2"):
        calibrate_open_set(logits, labels, folds=3)
    with pytest.raises(DataError, match="fold"):
        calibrate_open_set(logits, torch.zeros(40, dtype=torch.long), folds=2)


def test_below_the_threshold_none_may_fit() -> None:
    fit = ClassFit(score=Score.MAX_PROBABILITY, value=0.5, separation=HALF, classes=4)
    assert not fit.none_may_fit
    assert replace(fit, value=0.49).none_may_fit
    assert fit.detected == pytest.approx(6 / 20)
    # Of 100 known and 100 unknown images 10 and 30 are flagged.
    assert fit.precision == pytest.approx(30 / 40)
    unmeasured = replace(fit, separation=replace(HALF, photographs=None))
    assert unmeasured.detected is None
    assert unmeasured.precision is None


def test_a_calibration_goes_into_the_card_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "made.json"
    path.write_text(json.dumps({"name": "made", "sha256": "0"}), encoding="utf-8")
    file = WeightsFile("made", path.with_suffix(".safetensors"), WeightsOrigin.FOLDER)
    card = ModelCard(name="made", sha256="0", facts={}, file=file)
    assert read_calibration(card) is None
    found = calibrate_open_set(*make_logits(), folds=2)
    assert write_calibration(card, found, measured="how", command="again") == path
    again = read_calibration(read_card("made", folder=tmp_path))
    assert again == found
    with pytest.raises(WeightsError, match="no model card"):
        write_calibration(replace(card, file=None), found, measured="", command="")


@pytest.mark.parametrize("told", [None, [], {}, {"score": "smell"}, {"score": "energy"}])
def test_a_broken_card_claims_nothing(told: object) -> None:
    assert read_calibration(ModelCard(name="made", sha256="", facts={"open_set": told})) is None


def test_a_network_without_a_calibration_claims_nothing() -> None:
    made = chain(nn.Flatten(), nn.Linear(12, 5), shape=(3, 2, 2))
    assert describe_fit(made, rank_logits(torch.zeros(5))) is None
    assert describe_fit(load_model("lenet5"), rank_logits(torch.zeros(10))) is None


@pytest.mark.parametrize("name", [spec.name for spec in MEMBERS])
def test_every_network_of_the_lineage_is_calibrated(name: str) -> None:
    card = read_card(name)
    calibration = read_calibration(card)
    assert calibration is not None
    assert calibration.images == card.facts["accuracy"]["top1"]["total"]
    first, second = calibration.separations.values()
    assert calibration.separations[calibration.score].left_out_auroc == max(
        first.left_out_auroc, second.left_out_auroc
    )
    for separation in (first, second):
        assert separation.kept == pytest.approx(0.9, abs=0.01)
        assert separation.kept_correct > separation.kept
        counts = separation.photographs
        assert counts is not None
        assert counts.unknown == 31
        assert counts.detected / counts.unknown > 1 - separation.kept  # better than chance


def test_the_readme_says_what_the_cards_say() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    calibrations = [read_calibration(read_card(spec.name)) for spec in MEMBERS]
    used = [found.separations[found.score] for found in calibrations if found]
    counts = [one.photographs.detected for one in used if one.photographs]
    correct = [round(100 * one.kept_correct) for one in used]
    assert f"{min(correct)} to {max(correct)} % of those whose top-1" in text
    assert f"between {min(counts)} (SqueezeNet) and {max(counts)} (VGG) of 31" in text
    assert f"{sum(counts) / (31 * len(MEMBERS)):.0%}".replace("%", " % over all networks") in text


def test_equal_logits_fit_no_class_and_a_large_one_fits() -> None:
    model = load_model("resnet64")
    blank = describe_fit(model, rank_logits(torch.zeros(100)))
    sure = describe_fit(model, rank_logits(20 * torch.eye(100)[3]))
    assert blank is not None
    assert sure is not None
    assert blank.none_may_fit
    assert not sure.none_may_fit
    assert blank.classes == 100


def test_the_photographs_counts_hold() -> None:
    """At least the thirteen of the card's photographs that lie here, and its known ones."""
    if not PHOTOS.is_dir():
        pytest.skip("there are no photographs")
    model = load_model("alexnet64")
    flagged = {True: 0, False: 0}
    for path in PHOTOS.glob("*.jpg"):
        x = model.spec.preprocessing.prepare(read_image(path.read_bytes(), name=path.name).pixels)
        fit = describe_fit(model, predict(model, x))
        assert fit is not None
        flagged[path.name[:9] in WNIDS] += fit.none_may_fit
    calibration = read_calibration(model.card)
    assert calibration is not None
    counts = calibration.separations[calibration.score].photographs
    assert counts is not None
    assert flagged[False] <= counts.detected <= flagged[False] + counts.unknown - 13
    assert flagged[True] <= counts.known - counts.kept <= flagged[True] + counts.known - 27


def test_photographs_are_known_by_the_number_in_their_names(tmp_path: Path) -> None:
    model = load_model("squeezenet64")
    picture = Image.new("RGB", (80, 64), "orange")
    picture.save(tmp_path / "n07747607_orange.jpg")
    with pytest.raises(DataError, match="other classes"):
        read_photographs(model, tmp_path)
    picture.save(tmp_path / "n02391049_zebra.jpg")
    found = read_photographs(model, tmp_path)
    assert found.is_known.tolist() == [False, True]
    assert found.logits.shape == (2, 100)
    torch.testing.assert_close(found.logits[0], found.logits[1])


def test_the_command_refuses_other_networks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lenet5", "--data", str(tmp_path)]) == 2
    assert "lenet5" in capsys.readouterr().err
