"""Attacks against captum's, against answers worked out by hand, and their bounds on any picture."""

import math
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import pytest
import torch
from captum.robust import FGSM, PGD
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from cnnviz.adversarial.craft import (
    AdversarialImage,
    AttackOptions,
    Method,
    attack_image,
    find_least_change,
    list_epsilons,
    order_coarse_first,
    sweep_epsilons,
)
from cnnviz.adversarial.gradient import Norm, attack_in_one_step, attack_in_steps
from cnnviz.adversarial.pixel_space import (
    make_logits,
    read_back,
    save_as_file,
    score_pixels,
    see_image,
    to_pixels,
    to_values,
)
from cnnviz.adversarial.rounding import measure_change, round_into_ball
from cnnviz.adversarial.smallest import find_smallest_epsilon
from cnnviz.adversarial.survival import measure_survival
from cnnviz.adversarial.transfer import measure_transfer
from cnnviz.errors import AttackError
from cnnviz.images.image import Pixels
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import BUNDLED, list_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.lineage import MEMBERS
from tests.home_made import chain
from tests.quick import each

T = TypeVar("T")
BUNDLED_NAMES = [name for name, file in list_weights().items() if file.path.parent == BUNDLED]
LINEAGE = [spec.name for spec in MEMBERS if spec.name in BUNDLED_NAMES]
# It warns at every step that it asks for a gradient.
QUIET_CAPTUM = pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require")
METHODS = [Method.FGSM, Method.PGD]


def last(run: Iterator[tuple[float, str, T]]) -> T:
    """The whole result of a run."""
    *_, (share, _step, result) = run
    assert share == 1
    return result


def see_sample(model: LoadedModel, key: str = "coffee") -> Pixels:
    return see_image(model, load_sample(key).pixels)


class SteepestL2(FGSM):  # type: ignore[misc]  # captum has no types
    """captum's step, along the gradient itself in place of its signs."""

    def _perturb(self, inputs, grads, epsilon, targeted, masks):  # type: ignore[no-untyped-def]
        sign = -1 if targeted else 1
        return tuple(
            x + sign * epsilon * grad / grad.norm() * mask
            for x, grad, mask in zip(inputs, grads, masks, strict=True)
        )


def make_captum(kind: type, logits_of: object) -> "FGSM | PGD":
    loss = nn.CrossEntropyLoss(reduction="none")
    attack = kind(logits_of, loss, lower_bound=0.0, upper_bound=1.0)
    (attack.fgsm if kind is PGD else attack).zero_thresh = -1.0  # signs of small gradients too
    return attack


@QUIET_CAPTUM
@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("name", each(BUNDLED_NAMES))
def test_one_step_is_captums(name: str, targeted: bool) -> None:
    model = load_model(name)
    logits_of, start = make_logits(model), to_values(see_sample(model))
    theirs = make_captum(FGSM, logits_of).perturb(
        start, epsilon=5 / 255, target=torch.tensor([3]), targeted=targeted
    )
    ours = attack_in_one_step(logits_of, start, epsilon=5 / 255, label=3, targeted=targeted)
    assert float((ours - theirs).abs().max()) <= 1e-6
    assert float((ours - start).abs().max()) > 0


@QUIET_CAPTUM
@pytest.mark.parametrize("norm", list(Norm))
@pytest.mark.parametrize("random_start", [False, True])
@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("name", each(BUNDLED_NAMES, ("lenet5", "squeezenet64")))
def test_many_steps_are_captums(name: str, targeted: bool, random_start: bool, norm: Norm) -> None:
    model = load_model(name)
    logits_of, start = make_logits(model), to_values(see_sample(model))
    epsilon = 4 / 255 if norm is Norm.LINF else 1.0
    captum = make_captum(PGD, logits_of)
    if norm is Norm.L2:
        captum.fgsm = make_captum(SteepestL2, logits_of)
    torch.manual_seed(5)
    theirs = captum.perturb(
        start,
        radius=epsilon,
        step_size=epsilon / 4,
        step_num=5,
        target=torch.tensor([3]),
        targeted=targeted,
        random_start=random_start,
        norm="Linf" if norm is Norm.LINF else "L2",
    )
    ours = attack_in_steps(
        logits_of,
        start,
        epsilon=epsilon,
        label=3,
        targeted=targeted,
        norm=norm,
        steps=5,
        step_size=epsilon / 4,
        random_start=random_start,
        seed=5,
    )
    assert float((ours - theirs).abs().max()) <= 1e-6


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    epsilon=st.floats(0, 80),
    norm=st.sampled_from(list(Norm)),
    method=st.sampled_from(METHODS),
    random_start=st.booleans(),
    targeted=st.booleans(),
)
def test_the_ball_and_the_box_hold_exactly(
    seed: int, epsilon: float, norm: Norm, method: Method, random_start: bool, targeted: bool
) -> None:
    model = load_model("lenet5")
    seen = np.zeros((32, 32), dtype=np.uint8)  # LeNet's input always has a border of paper
    seen[2:30, 2:30] = np.random.default_rng(seed).integers(0, 256, (28, 28), dtype=np.uint8)
    options = AttackOptions(
        method=method,
        norm=norm,
        steps=2,
        target=4 if targeted else None,
        random_start=random_start,
        seed=seed,
    )
    attacked = attack_image(model, seen, epsilon=epsilon, options=options)
    # Whole numbers: no rounding error can hide a value outside.
    change = attacked.pixels.astype(int) - seen.astype(int)
    size = abs(change).max() if norm is Norm.LINF else math.sqrt((change**2).sum())
    assert size <= epsilon
    assert attacked.pixels.dtype == np.uint8
    if epsilon == 0:
        assert np.array_equal(attacked.pixels, seen)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    epsilon=st.floats(0, 300),
    norm=st.sampled_from(list(Norm)),
)
def test_rounding_stays_in_the_ball(seed: int, epsilon: float, norm: Norm) -> None:
    numbers = np.random.default_rng(seed)
    original = numbers.integers(0, 256, (6, 5, 3), dtype=np.uint8)
    values = torch.from_numpy(numbers.random((1, 3, 6, 5)).astype(np.float32))
    rounded = round_into_ball(values, original, epsilon=epsilon, norm=norm)
    change = rounded.astype(int) - original.astype(int)
    size = abs(change).max() if norm is Norm.LINF else math.sqrt((change**2).sum())
    assert size <= epsilon


@pytest.mark.parametrize("norm", list(Norm))
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", each(BUNDLED_NAMES))
def test_an_epsilon_of_zero_changes_nothing(name: str, method: Method, norm: Norm) -> None:
    model = load_model(name)
    seen = see_sample(model)
    attacked = attack_image(
        model, seen, epsilon=0, options=AttackOptions(method=method, norm=norm, steps=3)
    )
    assert np.array_equal(attacked.pixels, seen)
    assert attacked.prediction.ranking == attacked.clean.ranking


def linear_model() -> LoadedModel:
    """Four classes, whose scores are plain sums over a 4×4 picture in three colours."""
    return chain(nn.Flatten(), nn.Linear(48, 4), shape=(3, 4, 4))


def test_one_step_against_a_linear_network_by_hand() -> None:
    """The gradient of the cross-entropy is Wᵀ(p − y); its signs are the step."""
    weight = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    start = torch.tensor([0.5, 0.5]).reshape(1, 1, 1, 2)

    def logits_of(x: Tensor) -> Tensor:
        return x.flatten(1) @ weight.T

    # Leaving class 1: p − y = (p0, −p0), so the gradient is p0·(w0 − w1) = p0·(0.5, −5).
    moved = attack_in_one_step(logits_of, start, epsilon=0.1, label=1)
    assert torch.allclose(moved.flatten(), torch.tensor([0.6, 0.4]))
    # In L2 the step has the gradient's direction: (0.5, −5)/√25.25.
    moved = attack_in_one_step(logits_of, start, epsilon=0.1, label=1, norm=Norm.L2)
    expected = torch.tensor([0.5 + 0.1 * 0.5 / 25.25**0.5, 0.5 - 0.1 * 5 / 25.25**0.5])
    assert torch.allclose(moved.flatten(), expected)


def test_bytes_become_values_and_bytes_again() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(to_pixels(to_values(every)), every)


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_a_saved_picture_is_seen_again_to_the_last_bit(name: str) -> None:
    model = load_model(name)
    shape = model.spec.preprocessing.shape
    for seed in range(3):
        noisy = np.random.default_rng(seed).integers(0, 100, (*shape[1:], 3), dtype=np.uint8)
        seen = noisy[:, :, 0] if shape[0] == 1 else noisy
        assert np.array_equal(read_back(model, save_as_file(model, seen)), seen)


@pytest.mark.parametrize("name", ["squeezenet1_0", "inception_v3", "efficientnet_b0"])
def test_a_saved_picture_passes_the_middle_that_torchvision_cuts_out(name: str) -> None:
    preprocessing = get_network(name).preprocessing
    _, height, width = preprocessing.shape
    seen = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = preprocessing.frame(seen)
    assert np.array_equal(preprocessing.view(preprocessing.prepare(file)), seen)


def test_lenet_takes_what_it_sees_as_it_is_and_centres_all_else() -> None:
    prepare = load_model("lenet5").spec.preprocessing.prepare
    ink = np.zeros((32, 32, 3), dtype=np.uint8)
    ink[3:20, 5:8] = 200
    x = prepare(ink)[0, 0]
    assert torch.allclose(x[3:20, 5:8], torch.tensor(200 / 255 * 1.275 - 0.1))
    assert torch.allclose(x[25:], torch.tensor(-0.1))
    # Dark ink on white paper is a photograph of a digit, whatever its size.
    assert float(prepare(255 - ink)[0, 0, 3:6, 5:8].max()) < 0


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_the_attack_sees_the_networks_own_answer(name: str) -> None:
    model = load_model(name)
    pixels = load_sample("coffee").pixels
    x = model.spec.preprocessing.prepare(pixels)
    with torch.no_grad():
        plain = model.module(x)
        through = make_logits(model)(to_values(see_image(model, pixels)))
    assert float((plain - through).abs().max()) < (0.2 if name == "lenet5" else 1e-3)


def test_a_network_without_known_scale_is_refused() -> None:
    model = linear_model()
    with pytest.raises(AttackError, match="does not tell its mean and std"):
        make_logits(model)


@pytest.mark.parametrize(
    ("epsilon", "steps", "said"),
    [(-1.0, 5, "epsilon is"), (math.nan, 5, "epsilon"), (1, 0, "steps")],
)
def test_numbers_that_make_no_attack_are_refused(epsilon: float, steps: int, said: str) -> None:
    model = load_model("lenet5")
    with pytest.raises(AttackError, match=said):
        attack_image(model, see_sample(model), epsilon=epsilon, options=AttackOptions(steps=steps))


def test_shared_networks_stay_as_they_are() -> None:
    model = load_model("lenet5")
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    attack_image(model, see_sample(model), epsilon=30, options=AttackOptions())
    assert all(
        torch.equal(before[name], value) for name, value in model.module.state_dict().items()
    )
    assert all(p.grad is None and not p.requires_grad for p in model.module.parameters())


def test_the_least_change_reaches_the_class_and_is_smaller_than_one_step() -> None:
    model = load_model("lenet5")
    seen = see_sample(model, "dot")
    options = AttackOptions(method=Method.LBFGS, steps=20)
    pictures = last(find_least_change(model, seen, options=options))
    least = next(one for one in pictures if one.fools)
    assert least.prediction.ranking[0] == least.clean.ranking[1]
    assert [one.l2 for one in pictures] == sorted(one.l2 for one in pictures)
    step = AttackOptions(method=Method.FGSM, target=least.prediction.ranking[0])
    epsilons = list_epsilons((1, 32, 32), norm=Norm.LINF)
    swept = last(sweep_epsilons(model, seen, options=step, epsilons=epsilons))
    assert tuple(one.epsilon for one in swept) == epsilons
    assert all(least.l2 < one.l2 for one in swept if one.fools)


@pytest.mark.parametrize("method", Method)
def test_the_second_result_is_there_after_a_few_steps(method: Method) -> None:
    """The first is the image itself; of a large network a whole attack takes many seconds."""
    model = load_model("lenet5")
    seen, options = see_sample(model, "dot"), AttackOptions(method=method, steps=20)
    if method is Method.LBFGS:
        run = find_least_change(model, seen, options=options)
    else:
        run = sweep_epsilons(model, seen, options=options, epsilons=(0, 32, 64, 96))
    share, _, (alone,) = next(run)
    assert (share, alone.linf) == (0.0 if method is Method.LBFGS else 0.25, 0)
    alike = (alone.clean, alone.unrounded, alone.prediction, alone.noise)
    expected = score_pixels(model, seen).softmax(dim=0)
    assert all(torch.allclose(said.probabilities, expected, atol=1e-6) for said in alike)
    _, step, (same, first) = next(run)
    assert same.linf == 0
    assert first.linf > 0
    few = {Method.PGD: "4 steps", Method.LBFGS: "2 iterations"}
    assert step.startswith(few.get(method, "ε ="))


def test_a_coarse_sweep_comes_first() -> None:
    assert order_coarse_first((0, 1, 2, 3, 4)) == (0, 4, 2, 1, 3)
    assert order_coarse_first((0, 2)) == (0, 2)
    assert order_coarse_first((7,)) == (7,)
    assert sorted(order_coarse_first(tuple(range(25)))) == list(range(25))


def test_the_smallest_epsilon_is_where_it_turns() -> None:
    model = load_model("lenet5")
    seen = see_sample(model, "dot")
    options = AttackOptions(method=Method.FGSM)
    found = last(find_smallest_epsilon(model, seen, options=options, most=96))
    assert found is not None
    assert found.valid is not None
    assert found.real is not None
    assert found.image is not None
    assert found.image.fools
    assert found.image.linf <= found.valid
    below = attack_image(model, seen, epsilon=found.real - found.step, options=options)
    assert not below.fooled_before_rounding


def make_fooling(model: LoadedModel) -> AdversarialImage:
    key = "coffee" if model.spec.preprocessing.shape[0] == 3 else "dot"
    return attack_image(model, see_sample(model, key), epsilon=90, options=AttackOptions())


@pytest.mark.parametrize("name", each(BUNDLED_NAMES, ("lenet5", "squeezenet64")))
def test_what_survives_begins_with_the_saved_picture(name: str) -> None:
    model = load_model(name)
    picture = make_fooling(model)
    answers = last(measure_survival(model, picture))
    assert answers[0].adversarial.ranking == picture.prediction.ranking
    assert answers[0].fools is picture.fools
    assert {one.group for one in answers} == {
        "as it is",
        "JPEG",
        "resizing",
        "noise",
        "rotation",
    }
    assert all(one.pixels.shape == picture.pixels.shape for one in answers)


def test_a_network_fools_itself_on_the_diagonal_and_noise_is_the_last_row() -> None:
    model = load_model(LINEAGE[0])
    seen = see_sample(model)
    matrix = last(measure_transfer([model], [seen], epsilon=8, options=AttackOptions())())
    assert matrix.sources == (model.spec.title, "random noise")
    alone = attack_image(model, seen, epsilon=8, options=AttackOptions())
    assert matrix.clean.tolist() == [alone.clean.ranking[0]]
    assert matrix.guesses[0, 0] == alone.prediction.ranking[0]
    assert matrix.fooled.tolist() == [[1], [0]]


def test_networks_of_unlike_input_do_not_share_a_matrix() -> None:
    models = [load_model("lenet5"), load_model(LINEAGE[0])]
    with pytest.raises(AttackError, match="one input size"):
        measure_transfer(models, [see_sample(models[0])], epsilon=8, options=AttackOptions())


def test_change_is_measured_in_levels() -> None:
    first = np.zeros((1, 2), dtype=np.uint8)
    other = np.array([[3, 4]], dtype=np.uint8)
    assert measure_change(other, first, norm=Norm.LINF) == 4
    assert measure_change(first, other, norm=Norm.L2) == 5
