"""Pictures by optimisation: by hand, against numpy, or on networks with a known optimum."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz.activations.read import read_activations
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization import regularizers
from cnnviz.feature_visualization.ascent import ascend, draw_start
from cnnviz.feature_visualization.canvas import Parametrization, make_canvas
from cnnviz.feature_visualization.colors import describe_colors, measure_colors
from cnnviz.feature_visualization.growth import grow, predict_pixels
from cnnviz.feature_visualization.pixel_scale import find_pixel_scale, from_pixels, to_pixels
from cnnviz.feature_visualization.regularizers import PRESETS, Preset, Settings, transform_randomly
from cnnviz.feature_visualization.targets import Target, TargetKind, measure_likeness, target_class
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo.lineage.photographs import DEVIATION, MEAN
from tests.home_made import Branchy, chain, make_model, randomize
from tests.quick import each

SHIPPED = sorted(path.stem for path in BUNDLED.glob("*.safetensors"))
SHAPE = (3, 12, 9)


def noise(*shape: int, seed: int = 5) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# The canvas


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 12, 9), (1, 7, 10), (1, 5, 5)])
@pytest.mark.parametrize("parametrization", list(Parametrization))
def test_parameters_and_latent_picture_turn_into_each_other(
    shape: tuple[int, int, int], parametrization: Parametrization
) -> None:
    canvas = make_canvas(parametrization, shape=shape, decorrelate=False)
    latent = noise(2, *shape)
    assert torch.allclose(canvas.to_latent(canvas.from_latent(latent)), latent, atol=1e-5)


def test_the_fourier_canvas_is_numpys_inverse_transform_of_the_weighted_spectrum() -> None:
    canvas = make_canvas(Parametrization.FOURIER, shape=(1, 6, 8), decorrelate=False)
    parameters = canvas.start(count=1, seed=1, contrast=1.0)
    spectrum = np.asarray(parameters[0, 0, ..., 0]) + 1j * np.asarray(parameters[0, 0, ..., 1])
    frequency = np.sqrt(np.fft.fftfreq(6)[:, None] ** 2 + np.fft.rfftfreq(8)[None] ** 2)
    weight = 1 / np.maximum(frequency, 1 / 8)
    expected = np.fft.irfft2(spectrum * weight, s=(6, 8), norm="ortho")
    made = canvas.to_latent(parameters)[0, 0].numpy()
    # The same but for one factor, the weights' normalisation.
    factor = (made * expected).sum() / (expected * expected).sum()
    assert np.allclose(made, factor * expected, atol=1e-5)


@pytest.mark.parametrize("parametrization", list(Parametrization))
def test_a_start_has_the_asked_contrast_on_either_canvas(parametrization: Parametrization) -> None:
    canvas = make_canvas(parametrization, shape=(3, 32, 32), decorrelate=False)
    latent = canvas.to_latent(canvas.start(count=40, seed=0, contrast=0.5))
    assert float(latent.square().mean().sqrt()) == pytest.approx(0.5, rel=0.1)


def test_a_picture_becomes_a_latent_picture_and_comes_back() -> None:
    canvas = make_canvas(Parametrization.PIXELS, shape=SHAPE, decorrelate=True)
    picture = torch.rand((2, *SHAPE), generator=torch.Generator().manual_seed(3))
    back = canvas.to_image(canvas.from_image(picture))
    assert float((back - picture).abs().max()) < 1 / 255


def test_the_colour_basis_makes_the_photographs_colours_independent_and_of_variance_one() -> None:
    colors = measure_colors()
    inverse = np.linalg.inv(colors.basis.numpy().astype(np.float64))
    whitened = inverse @ colors.covariance.numpy().astype(np.float64) @ inverse.T
    assert np.allclose(whitened, np.eye(3), atol=1e-3)


def test_colour_statistics_of_one_picture_are_numpys() -> None:
    picture = np.asarray(load_sample("coffee").pixels)
    colors = describe_colors([picture], names=("Coffee cup",))
    flat = picture.reshape(-1, 3) / 255
    assert np.allclose(colors.mean.numpy(), flat.mean(axis=0), atol=1e-5)
    assert np.allclose(colors.covariance.numpy(), np.cov(flat.T, bias=True), atol=1e-5)
    # The strongest direction of a photograph is light against dark: all channels together.
    assert bool((colors.basis[:, 0] > 0).all())


# Between pictures and inputs


def test_the_scale_of_the_lineage_is_its_mean_and_deviation() -> None:
    scale = find_pixel_scale(load_model("alexnet64"))
    for channel in range(3):
        assert float(scale.black[channel]) == pytest.approx(
            -MEAN[channel] / DEVIATION[channel], abs=1e-4
        )
        assert float(scale.white[channel]) == pytest.approx(
            (1 - MEAN[channel]) / DEVIATION[channel], abs=1e-4
        )


def test_the_scale_of_lenet_is_the_papers_paper_and_ink() -> None:
    # LeCun 1998, section II B: white −0.1, black 1.175.
    scale = find_pixel_scale(load_model("lenet5"))
    assert float(scale.black) == pytest.approx(-0.1, abs=1e-3)
    assert float(scale.white) == pytest.approx(1.175, abs=1e-3)


@pytest.mark.parametrize("network", SHIPPED)
def test_a_made_picture_is_shown_as_the_networks_own_view_shows_it(network: str) -> None:
    preprocessing = load_model(network).spec.preprocessing
    pixels = np.random.default_rng(4).integers(0, 256, (1, *preprocessing.shape[1:], 3), np.uint8)
    channels = preprocessing.shape[0]
    picture = from_pixels(pixels, channels=channels)
    view = np.asarray(preprocessing.view(find_pixel_scale(load_model(network)).to_input(picture)))
    assert (
        np.abs(
            view.reshape(*view.shape[:2], channels) - pixels[0, ..., :channels].astype(int)
        ).max()
        <= 1
    )
    assert (to_pixels(picture)[0, ..., 0] == pixels[0, ..., 0]).all()


# The regularisers


def test_decay_takes_its_share_away() -> None:
    latent = torch.tensor([[[[2.0, -4.0]]]])
    assert regularizers.decay_latent(latent, share=0.25).tolist() == [[[[1.5, -3.0]]]]


def test_a_blurred_dot_is_the_gaussian_and_a_flat_picture_stays() -> None:
    latent = torch.zeros(1, 1, 15, 15)
    latent[0, 0, 7, 7] = 1.0
    blurred = regularizers.blur_latent(latent, deviation=1.0)[0, 0]
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-5)
    assert float(blurred[7, 8] / blurred[7, 7]) == pytest.approx(math.exp(-0.5), rel=1e-5)
    assert float(blurred[9, 8] / blurred[7, 7]) == pytest.approx(math.exp(-2.5), rel=1e-4)
    flat = torch.full((1, 3, 9, 9), 0.7)
    assert torch.allclose(regularizers.blur_latent(flat, deviation=0.8), flat, atol=1e-6)


def test_the_faintest_pixels_become_grey_in_all_channels() -> None:
    latent = torch.tensor([[[[3.0, 0.1], [1.0, 2.0]], [[0.0, 0.1], [0.5, 9.0]]]])
    norm = latent.square().sum(1).sqrt()
    clipped = regularizers.clip_smallest(latent, by=norm, share=0.5)
    assert clipped.tolist() == [[[[3.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [0.0, 9.0]]]]
    assert regularizers.clip_smallest(latent, by=norm, share=0.1) is latent


def test_pixels_that_matter_little_to_the_score_become_grey() -> None:
    # z · gradient summed over channels: 3 − 3 = 0 at the left, −1 at the right.
    latent = torch.tensor([[[[3.0, 1.0]], [[3.0, 0.0]]]])
    gradient = torch.tensor([[[[1.0, -1.0]], [[-1.0, 0.0]]]])
    done = regularizers.regularize_latent(
        latent, gradient=gradient, step=1, settings=Settings(clip_contribution=0.5)
    )
    assert done.tolist() == [[[[0.0, 1.0]], [[0.0, 0.0]]]]


def test_the_blur_waits_for_its_step() -> None:
    settings = Settings(blur=1.0, blur_every=4)
    latent = noise(1, 1, 9, 9)
    same = regularizers.regularize_latent(latent, gradient=latent, step=3, settings=settings)
    other = regularizers.regularize_latent(latent, gradient=latent, step=4, settings=settings)
    assert same is latent
    assert not torch.allclose(other, latent)


def test_jitter_moves_by_whole_pixels() -> None:
    picture = torch.rand((6, 1, 16, 20), generator=torch.Generator().manual_seed(2))
    moved = transform_randomly(
        picture, settings=Settings(jitter=3), generator=torch.Generator().manual_seed(0)
    )
    for before, after in zip(picture[:, 0], moved[:, 0], strict=True):
        middle = after[4:-4, 4:-4]
        fits = [
            torch.allclose(middle, before[4 + dy : 12 + dy, 4 + dx : 16 + dx], atol=1e-4)
            for dy in range(-3, 4)
            for dx in range(-3, 4)
        ]
        assert sum(fits) == 1


def test_a_turn_keeps_the_middle_and_moves_the_edge() -> None:
    picture = torch.zeros(1, 1, 31, 31)
    picture[0, 0, 15, 15] = 1.0
    picture[0, 0, 15, 28] = 1.0
    turned = transform_randomly(
        picture, settings=Settings(rotate=40.0), generator=torch.Generator().manual_seed(1)
    )
    assert float(turned[0, 0, 15, 15]) == pytest.approx(1.0, abs=1e-3)
    rows, columns = np.nonzero(turned[0, 0].numpy() > 0.2)
    far = [math.hypot(y - 15, x - 15) for y, x in zip(rows, columns, strict=True)]
    assert max(far) == pytest.approx(13, abs=1.0)


def test_with_nothing_on_the_picture_is_shown_as_it_is() -> None:
    picture = noise(1, 3, 8, 8)
    shown = transform_randomly(picture, settings=Settings(), generator=torch.Generator())
    assert shown is picture


# The ascent


def linear_model() -> LoadedModel:
    """One convolution as large as the picture: its score is a dot product with its weights."""
    return chain(nn.Conv2d(3, 4, 6), nn.Flatten(), nn.Linear(4, 5), shape=(3, 6, 6))


def test_the_picture_that_excites_a_dot_product_most_has_its_weights_signs() -> None:
    model = linear_model()
    target = Target(kind=TargetKind.CHANNEL, layer="layer_0", channel=2)
    *_, last = ascend(model, target, settings=Settings(step_size=0.3), steps=200)
    weight = model.module.get_parameter("layer_0.weight")[2]
    white, black = last.images[0] > 0.9, last.images[0] < 0.1
    assert bool((white == (weight > 0)).all())
    assert bool((black == (weight < 0)).all())


def test_the_negative_of_a_target_is_the_opposite_picture() -> None:
    model = linear_model()
    target = Target(kind=TargetKind.CHANNEL, layer="layer_0", channel=2, negative=True)
    *_, last = ascend(model, target, settings=Settings(step_size=0.3), steps=200)
    weight = model.module.get_parameter("layer_0.weight")[2]
    assert bool(((last.images[0] < 0.5) == (weight > 0)).all())
    assert float(last.scores) < 0


def test_a_direction_is_climbed_along_its_mixture_of_channels() -> None:
    model = linear_model()
    direction = torch.tensor([0.0, 3.0, 0.0, -4.0])
    target = Target(kind=TargetKind.DIRECTION, layer="layer_0", direction=direction)
    *_, last = ascend(model, target, settings=Settings(step_size=0.3), steps=200)
    weight = model.module.get_parameter("layer_0.weight")
    mixed = 0.6 * weight[1] - 0.8 * weight[3]
    assert bool(((last.images[0] > 0.5) == (mixed > 0)).all())


def test_a_neuron_changes_only_the_pixels_that_it_sees() -> None:
    model = chain(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 5), shape=(3, 8, 8))
    target = Target(kind=TargetKind.NEURON, layer="layer_0", channel=1, place=(2, 4))
    first, *_, last = ascend(model, target, settings=Settings(), steps=20)
    changed = (last.images != first.images).any(dim=1)[0]
    expected = torch.zeros(8, 8, dtype=torch.bool)
    expected[2:5, 4:7] = True
    assert bool((changed == expected).all())


def test_seeds_reproduce_a_picture_and_another_seed_another() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    target = target_class(model.graph, 1)
    made = [
        list(ascend(model, target, settings=PRESETS[Preset.OLAH], steps=6, seed=seed))[-1].images
        for seed in (4, 4, 5)
    ]
    assert torch.equal(made[0], made[1])
    assert not torch.allclose(made[0], made[2])


def test_the_shared_network_is_untouched() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    list(ascend(model, target_class(model.graph, 0), settings=PRESETS[Preset.OLAH], steps=5))
    assert all(
        torch.equal(value, before[name]) for name, value in model.module.state_dict().items()
    )
    assert all(parameter.grad is None for parameter in model.module.parameters())
    assert not any(module._forward_hooks for module in model.module.modules())


@pytest.mark.parametrize("preset", list(Preset))
def test_every_preset_raises_the_score(preset: Preset) -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    target = target_class(model.graph, 2)
    first, *between, last = grow(model, target, settings=PRESETS[preset], steps=32)
    assert [one.last.step for one in (first, *between[:5])] == [0, 1, 2, 3, 4, 8]
    assert last.last.scores[0] > first.last.scores[0]
    assert len(last.curve) == 32


@pytest.mark.parametrize("preset", list(Preset))
def test_the_start_that_is_shown_is_the_start_of_the_ascent(preset: Preset) -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    target, settings = target_class(model.graph, 2), PRESETS[preset]
    first = next(ascend(model, target, settings=settings, seed=5, count=2))
    start = draw_start((3, 48, 48), settings=settings, seed=5, count=2)
    assert torch.equal(start, first.images)


def test_an_ascent_can_be_ended_at_each_step() -> None:
    """Who left its page waited for four."""
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    target, told = target_class(model.graph, 2), list[int]()
    made = list(grow(model, target, settings=Settings(), steps=16, report=told.append))
    assert sorted(told + [one.last.step for one in made]) == list(range(17))
    assert told


def test_a_silent_channel_is_woken_by_a_random_walk() -> None:
    module = nn.Sequential(nn.Conv2d(3, 1, 3), nn.ReLU(), nn.Flatten(), nn.Linear(36, 5))
    model = make_model(randomize(module, seed=2), shape=(3, 8, 8))
    with torch.no_grad():
        kernel = torch.tensor([[-1.0, 2, -1], [2, -4, 2], [-1, 2, -1]])
        model.module.get_parameter("0.weight").copy_(kernel.expand(1, 3, 3, 3))
        model.module.get_parameter("0.bias").fill_(-2.0)
    target = Target(kind=TargetKind.CHANNEL, layer="_1", channel=0)
    first, *_, last = ascend(model, target, settings=Settings(step_size=0.1), steps=200)
    assert float(first.scores) == 0
    assert float(last.scores) > 0


def test_diversity_makes_pictures_less_alike() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    target = Target(kind=TargetKind.CHANNEL, layer="second", channel=3)
    likeness = []
    for weight in (0.0, 2.0):
        *_, last = ascend(
            model, target, settings=Settings(), steps=40, count=3, diversity=weight, seed=1
        )
        x = find_pixel_scale(model).to_input(last.images)
        values = read_activations(model, x, layers=("second",))["second"]
        likeness.append(float(measure_likeness(values)))
    assert likeness[1] < likeness[0]


def test_likeness_by_hand() -> None:
    # Gram matrices of (1, 0), (1, 0) and (0, 1): equal, and without anything in common.
    values = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert float(measure_likeness(values[:2])) == pytest.approx(1.0)
    assert float(measure_likeness(values)) == pytest.approx(1 / 3)


def test_the_log_odds_are_those_of_the_softmax() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    target = target_class(model.graph, 1, probability=True)
    last = list(grow(model, target, settings=Settings(), steps=4))[-1].last
    said = predict_pixels(model, last.pixels)[0]
    assert last.scores[0] == pytest.approx(float(said.probabilities[1]), abs=1e-5)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(TargetKind.CHANNEL, "stem", channel=8), "8 channels"),
        (Target(TargetKind.CHANNEL, "input"), "The input computes nothing"),
        (Target(TargetKind.NEURON, "stem", place=(24, 0)), "24×24 cells"),
        (Target(TargetKind.LOGIT, "stem"), "holds no classes"),
        (Target(TargetKind.DIRECTION, "stem", direction=torch.ones(3)), "8 numbers"),
        (Target(TargetKind.LOGIT, "head", channel=5), "5 channels"),
        (Target(TargetKind.CHANNEL, "nowhere"), "no layer “nowhere”"),
    ],
)
def test_a_target_that_is_not_there_is_refused(target: Target, words: str) -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    with pytest.raises(NetworkError, match=words):
        list(ascend(model, target, settings=Settings(), steps=1))


@pytest.mark.parametrize("network", each(SHIPPED, ("lenet5", "squeezenet64")))
def test_a_shipped_network_is_sure_of_the_pictures_made_for_it(network: str) -> None:
    model = load_model(network)
    index = len(model.spec.classes) // 2
    target = target_class(model.graph, index, probability=True)
    *_, last = grow(model, target, settings=PRESETS[Preset.OLAH])
    assert float(last.last.predictions[0].probabilities[index]) >= 0.99
