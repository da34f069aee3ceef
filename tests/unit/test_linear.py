"""The linear classifier: scikit-learn's own answers, and sums worked out by hand."""

import base64
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from skimage.data import lfw_subset
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from cnnviz.adversarial.linear.data import (
    PixelRows,
    load_faces,
    load_photographs,
    load_sample_parts,
    load_written_digits,
)
from cnnviz.adversarial.linear.perturb import perturb_image, perturb_row
from cnnviz.adversarial.linear.regression import LinearClassifier, train_classifier
from cnnviz.adversarial.pixel_space import see_image
from cnnviz.errors import AttackError, DataError
from cnnviz.figures.linear import find_turn, pack_perturbation
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import load_model


def test_the_digits_are_scikit_learns() -> None:
    ours, theirs = load_written_digits(), load_digits()
    held_out = np.arange(1797) % 5 == 0
    assert np.array_equal(ours.test.numpy() * 16, theirs.data[held_out].astype(np.float32))
    assert np.array_equal(ours.train_labels.numpy(), theirs.target[~held_out])


def test_the_faces_are_scikit_images() -> None:
    ours = load_faces()
    theirs = lfw_subset().astype(np.float32)  # type: ignore[no-untyped-call]
    held_out = np.arange(200) % 5 == 0
    assert np.array_equal(ours.test.numpy().reshape(-1, 25, 25), theirs[held_out])
    assert ours.test_labels.tolist() == [0] * 20 + [1] * 20
    # Pixels alone tell a face from no face: half of the answers would be right by chance.
    assert train_classifier(ours, steps=100, decay=0.0).curve[-1].test >= 0.9


def test_training_ends_at_the_weights_that_scikit_learn_finds() -> None:
    data, decay = load_written_digits(), 0.01
    ours = train_classifier(data, steps=3000, decay=decay)
    # Its penalty is |w|²/2 on the sum of losses, whose weight is C.
    theirs = LogisticRegression(C=1 / (decay * len(data.train)), tol=1e-8, max_iter=5000)
    theirs.fit(data.train.numpy(), data.train_labels.numpy())
    assert np.abs(ours.weights.numpy() - theirs.coef_).max() < 2e-3
    assert ours.curve[-1].test == pytest.approx(
        theirs.score(data.test.numpy(), data.test_labels.numpy()), abs=1e-6
    )


def test_the_loss_falls_from_the_logarithm_of_ten() -> None:
    curve = train_classifier(load_written_digits(), steps=200, decay=0.0).curve
    assert curve[0].loss == pytest.approx(np.log(10), abs=1e-5)
    assert curve[-1].loss < 0.2
    assert curve[-1].test > 0.94


@given(
    values=st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    weights=st.lists(st.floats(-3, 3), min_size=8, max_size=8),
)
def test_the_score_grows_by_a_times_the_square(values: list[float], weights: list[float]) -> None:
    table = torch.tensor(weights).reshape(2, 4)
    classifier = LinearClassifier(table, torch.tensor([0.5, -0.5]), rate=1.0, curve=())
    assume(float(table[1].double().square().sum()) > 1e-6)
    push = perturb_row(classifier, torch.tensor(values), target=1)
    square = sum(float(weight) ** 2 for weight in table[1])
    start = sum(float(w) * float(x) for w, x in zip(table[1], torch.tensor(values), strict=True))
    for one in push.images:
        expected = start - 0.5 + one.amount * square
        assert one.score == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert one.predicted == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_pushed_digit_is_called_what_it_is_pushed_to() -> None:
    data = load_written_digits()
    classifier = train_classifier(data, steps=100, decay=0.0)
    for target in range(10):
        last = perturb_row(classifier, data.test[3], target=target).images[-1]
        assert last.prediction.ranking[0] == target


@pytest.mark.parametrize("item", [0, 4, 9, 30])
def test_fooled_is_said_of_the_saved_image_only(item: int) -> None:
    data = load_written_digits()
    classifier = train_classifier(data, steps=100, decay=0.0)
    weights, bias = classifier.weights.numpy(), classifier.bias.numpy()
    before = int((weights @ data.test[item].numpy() + bias).argmax())
    for target in range(10):
        push = perturb_row(classifier, data.test[item], target=target)
        frames = pack_perturbation(push, shape=data.shape, classes=data.classes)
        for frame in frames:
            saved = np.frombuffer(base64.b64decode(frame.pixels), dtype=np.uint8) / 255
            guess = int((weights @ saved + bias).argmax())
            assert frame.fooled is (guess == target != before)
            assert frame.top[0][0] == str(guess)
            assert frame.verdict.startswith("Fooled") is frame.fooled
        assert any(one.fooled for one in frames) is frames[find_turn(push)].fooled


def test_lenet_is_linear_nearby() -> None:
    model = load_model("lenet5")
    seen = see_image(model, load_sample("dot").pixels)
    push = perturb_image(model, seen, target=3)
    near = push.images[1]
    small = near.amount * push.square
    assert near.score - push.score == pytest.approx(small, rel=0.2)


def test_a_class_without_a_template_cannot_be_pushed_to() -> None:
    classifier = LinearClassifier(torch.zeros(3, 4), torch.zeros(3), rate=1.0, curve=())
    with pytest.raises(AttackError, match="No pixel moves"):
        perturb_row(classifier, torch.ones(4), target=0)
    with pytest.raises(AttackError, match="target is 3"):
        perturb_row(classifier, torch.ones(4), target=3)


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="two or more folders"):
        load_photographs(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        load_photographs(tmp_path / "nowhere")


def test_negative_numbers_are_refused() -> None:
    data: PixelRows = load_written_digits()
    with pytest.raises(DataError, match="give 0 or more"):
        train_classifier(data, steps=-1, decay=0.0)


def test_parts_of_samples_make_templates_that_resemble_their_photographs() -> None:
    data = load_sample_parts()
    assert len(data.classes) >= 10
    assert data.shape == (32, 32, 3)
    assert len(data.train) == 4 * len(data.test)
    assert 0 <= float(data.train.min()) <= float(data.train.max()) <= 1
    classifier = train_classifier(data, steps=20, decay=0.1)
    assert classifier.curve[-1].test > 0.9
    middle = data.train.mean(dim=0)
    for label in range(len(data.classes)):
        own = data.train[data.train_labels == label].mean(dim=0) - middle
        likeness = torch.cosine_similarity(classifier.weights, own[None], dim=1)
        assert int(likeness.argmax()) == label
