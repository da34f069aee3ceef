"""Style transfer and patchworks, against answers worked out by hand or by numpy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz.activations.read import read_activations
from cnnviz.errors import ImageError, NetworkError
from cnnviz.feature_visualization.pixel_scale import find_pixel_scale, from_pixels
from cnnviz.figures.texture import describe_losses
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo import get_network
from cnnviz.shape_texture.patchwork import PatchworkOptions, make_patchwork, pave
from cnnviz.shape_texture.style import (
    MAX_STEPS,
    StyleObjective,
    StyleOptions,
    StyleTransfer,
    choose_style,
    list_style_layers,
    measure_distance,
    measure_gram,
    read_gram,
    transfer_style,
)
from tests.home_made import Branchy, chain, make_model, randomize
from tests.quick import each

COLORED = sorted(
    path.stem
    for path in BUNDLED.glob("*.safetensors")
    if get_network(path.stem).preprocessing.shape[0] == 3
)


def noise(*shape: int, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_the_gram_matrix_by_hand() -> None:
    maps = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])  # two channels of two places
    # (1·1 + 2·2)/2, (1·3 + 2·4)/2 and (3·3 + 4·4)/2.
    assert measure_gram(maps).tolist() == [[[2.5, 5.5], [5.5, 12.5]]]


def test_a_gram_matrix_knows_no_places() -> None:
    maps = torch.randn(1, 3, 4, 5, generator=torch.Generator().manual_seed(1))
    moved = maps.flatten(2)[:, :, torch.randperm(20, generator=torch.Generator().manual_seed(2))]
    assert torch.allclose(measure_gram(moved.reshape(1, 3, 4, 5)), measure_gram(maps), atol=1e-6)


def test_the_distance_by_hand() -> None:
    wanted = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    values = torch.tensor([[3.0, 1.0], [0.0, 0.0]])
    assert measure_distance(values, wanted).tolist() == pytest.approx([9 / 25, 0.0])


def test_the_style_loss_has_the_papers_gradient() -> None:
    """Gatys et al., equation 6, in our scale: 4 (G − A) F / (M ‖A‖²), worked out with numpy."""
    generator = torch.Generator().manual_seed(3)
    maps = torch.randn(1, 3, 2, 4, generator=generator, dtype=torch.float64).requires_grad_()
    wanted = measure_gram(torch.randn(1, 3, 2, 4, generator=generator, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(measure_distance(measure_gram(maps), wanted).sum(), maps)
    flat, target = maps.detach().numpy().reshape(3, 8), wanted.numpy()[0]
    gram = flat @ flat.T / 8
    expected = 4 * (gram - target) @ flat / (8 * (target**2).sum())
    assert np.allclose(gradient.numpy().reshape(3, 8), expected)


def test_the_objective_has_the_gradient_that_differences_find() -> None:
    model = chain(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.Tanh(),
        nn.Conv2d(4, 5, 3),
        nn.Flatten(),
        nn.Linear(180, 5),
        shape=(3, 8, 8),
    )
    options = StyleOptions(style=("layer_0", "layer_2"), content="layer_2", weight=3.0)
    contents, styles = (from_pixels(noise(2, 8, 8, 3, seed=seed), channels=3) for seed in (1, 2))
    objective = StyleObjective(model, contents, styles, options)
    picture = from_pixels(noise(2, 8, 8, 3, seed=3), channels=3).requires_grad_()
    value, scores = objective.score(picture)
    assert float(value.detach()) == pytest.approx(float(scores.sum()), rel=1e-5)
    (gradient,) = torch.autograd.grad(value, picture)
    for place in ((0, 0, 1, 2), (1, 2, 7, 7), (0, 1, 4, 4)):
        step = torch.zeros_like(picture)
        step[place] = 1e-2
        with torch.no_grad():
            rise = objective.score(picture + step)[0] - objective.score(picture - step)[0]
        assert float(gradient[place]) == pytest.approx(float(rise) / 2e-2, rel=0.05, abs=1e-4)
    losses = objective.losses
    expected = -(losses.content + 3.0 * losses.style.mean(dim=1))
    assert torch.allclose(objective.score(picture - step)[1], expected)


def test_the_losses_are_zero_on_the_pictures_themselves() -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    pictures = from_pixels(noise(1, 48, 48, 3), channels=3)
    objective = StyleObjective(model, pictures, pictures, choose_style(model.graph))
    objective.score(pictures)
    assert float(objective.losses.content) < 1e-9
    assert float(objective.losses.style.max()) < 1e-9


def test_the_objectives_gram_is_that_of_the_layer() -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    pixels = noise(48, 48, 3)
    x = find_pixel_scale(model).to_input(from_pixels(pixels[None], channels=3))
    maps: Tensor = read_activations(model, x, layers=("relu",))["relu"][0]
    flat = maps.numpy().reshape(8, -1).astype(np.float64)
    assert np.allclose(read_gram(model, pixels, layer="relu"), flat @ flat.T / 576, rtol=1e-4)


@pytest.mark.parametrize("network", each(COLORED, ("alexnet64", "squeezenet64")))
def test_a_shipped_network_gives_a_picture_another_texture(network: str) -> None:
    model = load_model(network)
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    side = model.spec.preprocessing.shape[1]
    rows, columns = np.indices((side, side))
    disc = (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < (side / 3) ** 2
    shape = np.where(disc[..., None], (220, 220, 210), (40, 60, 90)).astype(np.uint8)
    texture = np.where(((rows // 4 + columns // 4) % 2)[..., None], (200, 90, 30), (20, 20, 20))
    options = choose_style(model.graph)
    first, *_, last = transfer_style(
        model, shape[None], texture[None].astype(np.uint8), options=options
    )
    assert np.abs(first.pixels[0].astype(int) - shape).max() <= 1
    assert (first.step, last.step, len(last.style)) == (0, 60, 60)
    assert last.style[-1] < 0.75 * last.style[0]
    now = model.module.state_dict()
    assert all(torch.equal(value, now[name]) for name, value in before.items())
    assert all(not parameter.requires_grad for parameter in model.module.parameters())


@pytest.mark.parametrize("network", COLORED)
def test_layers_are_chosen_for_any_network(network: str) -> None:
    graph = load_model(network).graph
    options = choose_style(graph)
    allowed = [layer.name for layer in list_style_layers(graph)]
    assert len(options.style) == len(set(options.style)) == 5
    assert options.style[0] == allowed[0]
    assert {*options.style, options.content} <= set(allowed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"style": ()}, "at least one layer"),
        ({"style": ("head",)}, "is no layer of maps"),
        ({"content": "nowhere"}, "is no layer of maps"),
        ({"steps": 0}, "Give 1 to"),
        ({"steps": MAX_STEPS + 1}, "Give 1 to"),
        ({"weight": -1.0}, "Give 1 to"),
    ],
)
def test_what_no_transfer_can_be_made_of_is_refused(change: dict[str, object], words: str) -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    options = replace(choose_style(model.graph), **change)  # type: ignore[arg-type]
    pixels = noise(1, 48, 48, 3)
    with pytest.raises(NetworkError, match=words):
        next(transfer_style(model, pixels, pixels, options=options))
    with pytest.raises(NetworkError, match="takes images of 48×48"):
        next(transfer_style(model, noise(1, 20, 20, 3), noise(1, 20, 20, 3), options=options))


# Patchworks


def disc_and_stripes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A white disc on blue, stripes of red and green, and where the disc is."""
    rows, columns = np.indices((96, 96))
    inside = (rows - 48) ** 2 + (columns - 48) ** 2 < 28**2
    shape = np.where(inside[..., None], 245, (30, 40, 120)).astype(np.uint8)
    stripes = np.where((columns // 3 % 2)[..., None], (210, 20, 20), (20, 180, 20))
    return shape, stripes.astype(np.uint8), inside


def test_a_silhouette_is_filled_with_the_textures_own_pixels() -> None:
    shape, stripes, inside = disc_and_stripes()
    made = make_patchwork(shape, stripes, options=PatchworkOptions(edges=0))
    core = (np.indices((96, 96))[0] - 48) ** 2 + (np.indices((96, 96))[1] - 48) ** 2 < 24**2
    assert {tuple(color) for color in made[core].tolist()} == {(210, 20, 20), (20, 180, 20)}
    assert {tuple(color) for color in made[:8].reshape(-1, 3).tolist()} == {(200, 200, 200)}
    grounded = make_patchwork(shape, stripes, options=PatchworkOptions(edges=0, ground=True))
    assert np.array_equal(grounded[:8], shape[:8])
    lined = make_patchwork(shape, stripes, options=PatchworkOptions(edges=100))
    black = (lined == 0).all(axis=2)
    assert black.any()
    assert not (black & ~inside & (made == 200).all(axis=2)).any()


def test_patches_are_whole_pieces_of_the_picture_and_come_from_inside() -> None:
    picture = noise(12, 12, 3)
    inside = np.zeros((12, 12), dtype=bool)
    inside[2:10, 2:10] = True
    paved = pave(picture, side=4, inside=inside, seed=3)
    pieces = {
        picture[row : row + 4, column : column + 4].tobytes(): (row, column)
        for row in range(9)
        for column in range(9)
    }
    for row in range(0, 12, 4):
        for column in range(0, 12, 4):
            place = pieces[paved[row : row + 4, column : column + 4].tobytes()]
            assert 2 <= min(place) <= max(place) <= 6


def test_a_patchwork_is_refused_without_a_silhouette_or_with_wrong_numbers() -> None:
    shape, stripes, _ = disc_and_stripes()
    with pytest.raises(ImageError, match="choose another shape"):
        make_patchwork(np.full_like(shape, 90), stripes, options=PatchworkOptions())
    with pytest.raises(ImageError, match="choose 2 to 50"):
        make_patchwork(shape, stripes, options=PatchworkOptions(side=60))
    with pytest.raises(ImageError, match="equal sizes"):
        make_patchwork(shape, stripes[:50], options=PatchworkOptions())


def test_a_loss_that_rises_is_said_to_rise() -> None:
    images = np.zeros((1, 2, 2, 3), dtype=np.uint8)
    found = StyleTransfer(2, 2, content=(0.114, 0.429), style=(0.9, 0.1), pixels=images)
    assert describe_losses(found) == (
        "The style loss falls from 0.900 to 0.100. The content loss rises from 0.114 to 0.429."
    )
