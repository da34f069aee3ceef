"""Evaluation on labelled images: counts by scikit-learn, calibration by hand, hostile folders."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import accuracy_score, confusion_matrix, top_k_accuracy_score
from torch import Tensor, nn

from cnnviz import evaluate
from cnnviz.errors import DataError
from cnnviz.evaluation.calibration import Bin, find_calibration_error, sort_into_bins
from cnnviz.evaluation.image_sets import (
    EvaluationImage,
    choose_images,
    list_set_titles,
    load_set,
    read_folder,
)
from cnnviz.evaluation.run import CORRUPTION_POINTS, evaluate_networks, measure_robustness
from cnnviz.evaluation.scores import (
    Confusion,
    Evaluation,
    NetworkScores,
    count_confusion,
    list_predictions,
    score_classes,
)
from cnnviz.evaluation.summary import describe_skipped, describe_unknown
from cnnviz.figures.evaluation import draw_confusion
from cnnviz.images.corruptions import Corruption, compress, corrupt
from cnnviz.images.image import CheckedImage, from_array
from cnnviz.networks.class_names import match_classes
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.imagenet_classes import IMAGENET_CLASSES, IMAGENET_WNIDS
from cnnviz.networks.zoo.lineage.classes import WNIDS
from tests.home_made import CLASSES, Branchy, make_model

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"


class Colors(nn.Module):
    """Logits of five classes: a fixed matrix times the mean colour."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(3, len(CLASSES))
        with torch.no_grad():
            self.head.weight.copy_(torch.randn(5, 3, generator=torch.Generator().manual_seed(5)))
            self.head.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.flatten(self.pool(x), 1))
        return logits


@pytest.fixture(scope="module")
def colors() -> LoadedModel:
    return make_model(Colors(), shape=(3, 8, 8))


def make_images(count: int = 60) -> list[EvaluationImage]:
    """Plain images of random colors and labels."""
    random = np.random.default_rng(4)

    found = []
    for number in range(count):
        color = random.integers(0, 256, 3, dtype=np.uint8)
        label = CLASSES[int(random.integers(0, 5))]
        pixels = np.broadcast_to(color, (8, 8, 3)).copy()
        found.append(EvaluationImage(str(number), label, partial(from_array, pixels, name="plain")))
    return found


def run_all(models: list[LoadedModel], images: list[EvaluationImage]) -> Evaluation:
    *_, (share, _, evaluation) = evaluate_networks(models, images)
    assert share == 1
    return evaluation


def probabilities(model: LoadedModel, images: list[EvaluationImage]) -> Tensor:
    x = torch.cat([model.spec.preprocessing.prepare(one.load().pixels) for one in images])
    with torch.no_grad():
        said: Tensor = model.module(x).softmax(dim=1)
    return said


def test_accuracies_and_the_confusion_matrix_are_scikit_learns(colors: LoadedModel) -> None:
    images = make_images()
    (scores,) = run_all([colors], images).networks
    truth = np.array([CLASSES.index(one.label) for one in images])
    said = probabilities(colors, images).numpy()
    right = accuracy_score(truth, said.argmax(axis=1))
    assert scores.top1.percent == pytest.approx(100 * right)
    assert 0 < scores.top1.correct < len(images)
    assert scores.top5.percent == 100  # of five classes
    top2 = top_k_accuracy_score(truth, said, k=2)
    hits = [not one.truth.isdisjoint(one.ranking[:2]) for one in scores.outcomes]
    assert np.mean(hits) == pytest.approx(top2)
    theirs = confusion_matrix(truth, said.argmax(axis=1), labels=range(5))
    ours = count_confusion(scores)
    assert ours.names == CLASSES  # sorted, as they are
    assert np.array_equal(ours.counts[:, :5], theirs)
    assert not ours.counts[:, 5].any()
    by_name = {one.name: one for one in score_classes(scores)}
    for place, name in enumerate(CLASSES):
        assert by_name[name].top1.correct == theirs[place, place]
        assert by_name[name].top1.total == theirs[place].sum()
        wrong = theirs[place].copy()
        wrong[place] = 0
        assert wrong[CLASSES.index(by_name[name].mistaken)] == wrong.max()


def test_mistakes_come_by_confidence_and_predictions_as_rows(colors: LoadedModel) -> None:
    images = make_images(20)
    (scores,) = run_all([colors], images).networks
    said = probabilities(colors, images)
    truth = torch.tensor([CLASSES.index(one.label) for one in images])
    confidence, first = said.max(dim=1)
    wrong = confidence[first != truth].sort(descending=True).values
    mistakes = scores.list_mistakes(3)
    assert [one.confidence for one in mistakes] == pytest.approx(wrong[:3].tolist())
    rows = list_predictions([scores])
    assert [row["label"] for row in rows] == [one.label for one in images]
    assert [row["top-1"] for row in rows] == [CLASSES[index] for index in first.tolist()]


def test_calibration_is_that_worked_out_by_hand() -> None:
    """Four images at 0.70 (bin 11), of which two are right, and six at 0.95 (bin 15), all right."""
    confidence = torch.tensor([0.70] * 4 + [0.95] * 6, dtype=torch.float64)
    correct = torch.tensor([True, True, False, False] + [True] * 6)
    low, high = sort_into_bins(confidence, correct)
    assert (low.count, low.accuracy, high.count, high.accuracy) == (4, 0.5, 6, 1.0)
    assert (low.low, low.high) == pytest.approx((10 / 15, 11 / 15))
    assert (low.confidence, high.confidence) == pytest.approx((0.70, 0.95))
    assert find_calibration_error((low, high)) == pytest.approx(0.4 * 0.20 + 0.6 * 0.05)
    assert find_calibration_error((Bin(0, 1, 3, 0.5, 0.5),)) == 0


def test_a_large_matrix_keeps_what_is_confused_most_and_every_image() -> None:
    counts = np.array([[5, 0, 0, 0], [1, 2, 2, 0], [0, 3, 1, 1]])
    kept = Confusion(("a", "b", "c"), counts).select(2)
    assert kept.names == ("b", "c")
    assert kept.counts.tolist() == [[2, 2, 1], [3, 1, 1]]
    assert Confusion(("a", "b", "c"), counts).select(3).counts is counts


def test_digits_are_categories_on_the_axes_of_the_matrix() -> None:
    figure = draw_confusion(Confusion(("1", "2"), np.array([[3, 0, 0], [1, 1, 1]])))
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("category", "category")
    assert list(figure.data[0].x) == ["1", "2", "other classes"]


# What folders hold


def put_image(path: Path, color: tuple[int, int, int] = (9, 99, 199)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (30, 20), color).save(path)


def test_a_folder_of_classes_with_broken_huge_foreign_and_linked_files(
    tmp_path: Path, colors: LoadedModel
) -> None:
    folder, outside = tmp_path / "data", tmp_path / "outside"
    for name in ("ant/1.png", "ant/deep/2.png", "Bee/1.jpg", "unicorn/1.png"):
        put_image(folder / name)
    put_image(folder / "cat_3.png")
    put_image(folder / ".hidden" / "1.png")
    put_image(outside / "secret.png")
    (folder / "ant" / "notes.txt").write_text("no image")
    (folder / "ant" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (folder / "ant" / "huge.jpg").write_bytes(bytes(20 * 2**20 + 1))
    (folder / "ant" / "link.png").symlink_to(outside / "secret.png")
    (folder / "ant" / "inside.png").symlink_to(folder / "Bee" / "1.jpg")
    (folder / "ant" / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "dog").symlink_to(outside)
    found = read_folder(folder)
    assert {(one.name, one.label) for one in found.images} == {
        ("ant/1.png", "ant"),
        ("ant/deep/2.png", "ant"),
        ("ant/broken.png", "ant"),
        ("ant/huge.jpg", "ant"),
        ("ant/inside.png", "ant"),
        ("Bee/1.jpg", "Bee"),
        ("unicorn/1.png", "unicorn"),
        ("cat_3.png", "cat_3"),
    }
    assert {one.name: one.reason for one in found.skipped} == {
        "ant/notes.txt": "no image file",
        "ant/link.png": "a link that leaves the folder",
        "ant/gone.png": "no regular file",
        "dog": "a link that leaves the folder",
    }
    *_, (_, _, evaluation) = evaluate_networks([colors], found.images, skipped=found.skipped)
    (scores,) = evaluation.networks
    assert len(scores.outcomes) == 5
    assert "1 label names no class" in describe_unknown(scores)
    assert "unicorn" in describe_unknown(scores)
    assert "6 files are left out" in describe_skipped(evaluation.skipped)
    reasons = {one.name: one.reason for one in evaluation.skipped}
    assert "20 MB" in reasons["ant/huge.jpg"]
    assert "ant/broken.png" in reasons


@pytest.mark.parametrize("make", [True, False])
def test_a_folder_without_images_or_none_at_all_is_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "data"
    if make:
        folder.mkdir()
    with pytest.raises(DataError, match="holds no images" if make else "is no folder"):
        read_folder(folder)


def test_the_named_folder_is_listed_anew_when_an_image_joins_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CNNVIZ_CLASSES", raising=False)
    assert "folder" not in list_set_titles()
    put_image(tmp_path / "ant" / "1.png")
    monkeypatch.setenv("CNNVIZ_CLASSES", str(tmp_path))
    assert next(iter(list_set_titles())) == "folder"
    first = load_set("folder")
    assert load_set("folder") is first
    put_image(tmp_path / "bee" / "1.png")
    second = load_set("folder")
    assert len(second.images) == 2
    assert second.key != first.key


def test_images_are_chosen_by_turns() -> None:
    images = [EvaluationImage(name, name[0], list) for name in ("a1", "a2", "a3", "b1", "c1", "c2")]  # type: ignore[arg-type]
    assert [one.name for one in choose_images(images, 4)] == ["a1", "b1", "c1", "a2"]
    assert len(choose_images(images, 99)) == 6


def test_labels_name_imagenets_classes_by_number_and_word() -> None:
    spec = get_network("efficientnet_lite0")
    assert list(IMAGENET_WNIDS) == sorted(set(IMAGENET_WNIDS))
    assert len(IMAGENET_WNIDS) == len(IMAGENET_CLASSES) == 1000
    assert set(WNIDS) <= set(IMAGENET_WNIDS)
    # Of the public list: 0 tench, 9 ostrich, 291 lion, 970 alp, 999 toilet tissue.
    public = {"n01440764": 0, "n01518878": 9, "n02129165": 291, "n09193705": 970, "n15075141": 999}
    for wnid, index in public.items():
        assert match_classes(spec, wnid) == {index}
    assert match_classes(spec, "Red_Panda") == match_classes(spec, "lesser panda") != frozenset()
    assert match_classes(get_network("lenet5"), "7") == {7}
    assert match_classes(spec, "7") == frozenset()


# Whole runs


def test_lenet_on_the_digits_is_as_good_as_its_card_says() -> None:
    images = list(load_set("digits").images)
    model = load_model("lenet5")
    (scores,) = run_all([model], images).networks
    card = model.card.facts["accuracy"]["load_digits"]
    assert scores.top1.total == card["total"] == 1797
    assert scores.top1.correct == pytest.approx(card["correct"], abs=3)  # ink of eight bits


def test_the_samples_are_known_to_networks_that_read_photographs() -> None:
    (scores,) = run_all([load_model("resnet64")], list(load_set("samples").images)).networks
    assert len(scores.outcomes) >= 3
    assert not any("|" in scores.name_label(one.image.label, one.truth) for one in scores.outcomes)


def test_robustness_counts_each_strength(colors: LoadedModel) -> None:
    """Blur and JPEG leave a plain image's mean alone; strength 0 is the plain evaluation."""
    images = make_images(12)
    (scores,) = run_all([colors], images).networks
    *_, (share, _, (curve,)) = measure_robustness([colors], images, Corruption.BLUR)
    assert share == 1
    assert curve.total == 12
    assert curve.correct == (scores.top1.correct,) * len(CORRUPTION_POINTS[Corruption.BLUR])


def test_robustness_opens_each_image_once_and_tells_what_is_done(colors: LoadedModel) -> None:
    opened: list[str] = []

    def load(one: EvaluationImage) -> CheckedImage:
        opened.append(one.name)
        return one.load()

    images = [replace(one, load=partial(load, one)) for one in make_images(3)]
    told = list(measure_robustness([colors], images, Corruption.NOISE))
    assert opened == [one.name for one in images]
    assert [share for share, _, _ in told] == pytest.approx([1 / 3, 2 / 3, 1])
    assert [curves[0].total for _, _, curves in told] == [1, 2, 3]
    assert all(len(curves[0].correct) == 6 for _, _, curves in told)


def test_jpeg_is_pillows() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.array_equal(corrupt(pixels, {Corruption.JPEG: 90}), compress(pixels, 10))
    loss = [
        np.abs(corrupt(pixels, {Corruption.JPEG: one}).astype(int) - pixels).mean()
        for one in (5, 50, 99)
    ]
    assert loss == sorted(loss)


def test_no_network_or_image_is_refused(colors: LoadedModel) -> None:
    for models, images in (([], make_images(1)), ([colors], [])):
        with pytest.raises(DataError, match="Choose a network"):
            next(evaluate_networks(models, images))
        with pytest.raises(DataError, match="Choose a network"):
            next(measure_robustness(models, images, Corruption.BLUR))


def test_a_network_that_knows_nothing_says_so() -> None:
    model = make_model(Branchy(), shape=(3, 48, 48))
    black = np.zeros((4, 4), dtype=np.uint8)
    images = [EvaluationImage("x", "unicorn", partial(from_array, black, name="x"))]
    (scores,) = run_all([model], images).networks
    assert "knows none of the classes: unicorn" in describe_unknown(scores)
    assert isinstance(scores, NetworkScores)


def test_the_command_prints_the_accuracy_of_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = load_set("digits").images
    for number, one in enumerate(digits[:20]):
        path = tmp_path / "data" / one.label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(one.load().pixels).save(path)
    table = tmp_path / "said.csv"
    words = ["lenet5", "--data", str(tmp_path / "data"), "--csv", str(table), "--threads", "1"]
    assert evaluate.main(words) == 0
    said = capsys.readouterr().out
    rows = table.read_text(encoding="utf-8").splitlines()
    assert len(rows) == 21
    right = sum(row.split(",")[-2] == "True" for row in rows[1:])
    assert f"Top-1 accuracy: {5 * right:.1f} % ({right} of 20)" in said


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="needs photographs that are not in the repository")
def test_photographs_named_by_their_class_are_a_folder_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert evaluate.main(["resnet64", "--data", str(PHOTOS), "--threads", "1"]) == 0
    assert "no class of ResNet-34" in capsys.readouterr().out
