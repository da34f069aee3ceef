"""Ink on photographs, screenshots and small drawings: LeNet-5 names what this project wrote."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from cnnviz.digits import mnist
from cnnviz.digits.answers import answer_digits
from cnnviz.images.image import read_image
from cnnviz.networks import user_networks
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.zoo import get_network, registry
from tests.made_pictures import saved

Grey = npt.NDArray[np.float64]
DIGITS = (0, 2, 3, 5, 8)  # those that are taken for an 8 where anything is left around them


def write(digit: int, *, pen: float = 0.09, side: int = 200) -> Grey:
    """A digit, dark on light paper."""
    ink = mnist.rasterize_strokes(mnist.sample_digits()[digit], pen=pen, side=side)
    return 235 - 205 * np.asarray(ink, dtype=float)


def lay_on_table(paper: Grey, *, angle: float = 0.0) -> Grey:
    table = Image.new("L", (400, 300), 45)
    sheet = Image.fromarray(paper.astype(np.uint8))
    mask = Image.new("L", sheet.size, 255).rotate(angle, expand=True)
    sheet = sheet.rotate(angle, expand=True)
    table.paste(sheet, ((400 - sheet.width) // 2, (300 - sheet.height) // 2), mask)
    grain = np.random.default_rng(1).normal(0, 4, (300, 400))
    return np.asarray(table, dtype=float) + grain


def light_from_a_side(paper: Grey) -> Grey:
    return paper * np.linspace(0.45, 1, paper.shape[1])


PHOTOGRAPHS: dict[str, Callable[[int], Grey]] = {
    "plain": write,
    "chalk on a board": lambda digit: 255 - write(digit),
    "thin pen": lambda digit: write(digit, pen=0.02),
    "black frame": lambda digit: np.pad(write(digit), 1),
    "wide frame": lambda digit: np.pad(write(digit), 15, constant_values=60),
    "on a dark table": lambda digit: lay_on_table(write(digit)),
    "askew on a table": lambda digit: lay_on_table(write(digit), angle=15),
    "in a corner of a table": lambda digit: np.pad(
        write(digit), ((0, 150), (0, 180)), constant_values=40
    ),
    "dark title bar": lambda digit: np.concatenate([np.full((28, 200), 30.0), write(digit)]),
    "framed title bar": lambda digit: np.pad(
        np.concatenate([np.full((28, 200), 30.0), write(digit)]), 2
    ),
    "uneven light": lambda digit: light_from_a_side(write(digit, pen=0.05)),
}


def to_pixels(grey: Grey) -> npt.NDArray[np.uint8]:
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def name_digit(pixels: npt.NDArray[np.uint8]) -> int:
    return predict(load_model("lenet5"), mnist.prepare_image(pixels)).ranking[0]


@pytest.mark.parametrize("kind", PHOTOGRAPHS)
def test_photographs_of_digits(kind: str) -> None:
    pictures = {digit: to_pixels(PHOTOGRAPHS[kind](digit)) for digit in DIGITS}

    assert {name_digit(pixels): digit for digit, pixels in pictures.items()} == {
        digit: digit for digit in DIGITS
    }
    assert all(mnist.find_fault(pixels) is None for pixels in pictures.values())


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_a_transparent_ground(ink: int) -> None:
    cover = mnist.rasterize_strokes(mnist.sample_digits()[3], pen=0.09)
    rgba = np.full((*cover.shape, 4), ink, dtype=np.uint8)
    rgba[:, :, 3] = np.asarray(cover * 255, dtype=np.uint8)

    image = read_image(saved(Image.fromarray(rgba), "PNG"))

    assert name_digit(image.pixels) == 3
    ground = "white" if ink == 0 else "black: on white, nothing of it is seen"
    assert image.notes == (f"Its transparent parts were put on {ground}.",)


BLANKS: dict[str, Grey] = {
    "white": np.full((80, 90), 255.0),
    "black": np.zeros((80, 90)),
    "grain": 225 + np.random.default_rng(2).normal(0, 4, (200, 300)),
    "light": light_from_a_side(np.full((200, 300), 230.0)),
    "on a table": lay_on_table(np.full((200, 200), 235.0)),
}


@pytest.mark.parametrize("kind", BLANKS)
def test_nothing_is_on_a_blank_sheet(kind: str) -> None:
    pixels = to_pixels(BLANKS[kind])

    sentence = get_network("lenet5").preprocessing.find_fault(pixels)

    assert sentence is not None
    assert sentence.startswith("There is no ink on this image")
    assert float(mnist.prepare_image(pixels).max()) == pytest.approx(mnist.PAPER_VALUE)


@pytest.mark.parametrize("side", [0.2, 0.25, 0.4, 0.7, 1.0])
@pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_samples_of_any_size_in_every_corner(side: float, corner: tuple[int, int]) -> None:
    bodies = [
        {"strokes": [list(map(list, stroke)) for stroke in move(strokes, side, corner)]}
        for strokes in mnist.sample_digits()
    ]

    guesses = [answer["guess"] for answer in answer_digits(bodies) if isinstance(answer, dict)]

    right = sum(guess == str(digit) for digit, guess in enumerate(guesses))
    assert right >= 9


def move(
    strokes: tuple[mnist.Stroke, ...], side: float, corner: tuple[int, int]
) -> tuple[mnist.Stroke, ...]:
    points = np.array([point for stroke in strokes for point in stroke])
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = side / size.max()
    start = np.array(corner) * (1 - size * scale)
    return tuple(
        tuple(tuple(((np.array(point) - low) * scale + start).clip(0, 1).tolist()) for point in one)
        for one in strokes
    )


def beside(*drawn: int) -> tuple[mnist.Stroke, ...]:
    """Digits next to each other, each a third of the pad wide at the most."""
    samples = mnist.sample_digits()
    return tuple(
        tuple((x / 3 + place * 0.4, y) for x, y in stroke)
        for place, digit in enumerate(drawn)
        for stroke in samples[digit]
    )


def test_two_digits_in_one_drawing_are_told_apart() -> None:
    samples = mnist.sample_digits()
    first = len(samples[4])

    groups = mnist.split_digits(beside(4, 7), pen=0.05)

    assert groups == (
        tuple(range(first)),
        tuple(range(first, first + len(samples[7]))),
    )


@pytest.mark.parametrize("digit", range(10))
def test_one_digit_is_one(digit: int) -> None:
    strokes = mnist.sample_digits()[digit]

    assert [sorted(group) for group in mnist.split_digits(strokes, pen=0.09)] == [
        list(range(len(strokes)))
    ]


def test_a_hat_that_stands_apart_belongs_to_its_digit() -> None:
    belly = ((0.3, 0.3), (0.3, 0.5), (0.5, 0.6), (0.3, 0.8))
    hat = ((0.7, 0.3), (0.8, 0.3))

    assert mnist.split_digits((belly, hat), pen=0.05) == ((0, 1),)
    assert mnist.split_digits((), pen=0.05) == ()


def test_the_answer_tells_of_two_digits() -> None:
    body = {"strokes": [list(map(list, stroke)) for stroke in beside(1, 1)], "pen": 0.05}

    (answer,) = answer_digits([body])

    assert isinstance(answer, dict)
    assert len(answer["digits"]) == 2


@pytest.mark.parametrize(("side", "mean", "std"), [(28, 0.1307, 0.3081), (32, 0.0, 1.0)])
def test_a_network_of_ones_own_gets_digits_as_mnist_made_them(
    side: int, mean: float, std: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    monkeypatch.setattr(user_networks, "_names", [])
    options = {"classes": tuple("0123456789"), "mean": mean, "std": std, "digits": True}

    user_networks.network(shape=(1, side, side), name="mine", **options)(object)  # type: ignore[arg-type]

    paper = write(3)
    preprocessing = get_network("mine").preprocessing
    x = preprocessing.prepare(to_pixels(paper))
    # LeNet-5's own input of the same image, from its scale to 0 to 1, in its margin of two pixels.
    theirs = mnist.prepare_image(to_pixels(paper))
    ink = (theirs - mnist.PAPER_VALUE) / (mnist.INK_VALUE - mnist.PAPER_VALUE)
    margin = (32 - side) // 2
    expected = (ink[:, :, margin : 32 - margin, margin : 32 - margin] - mean) / std
    assert x.shape == (1, 1, side, side)
    assert float((x - expected).abs().max()) < 1e-5
    assert preprocessing.find_fault(to_pixels(np.full((50, 50), 200.0))) is not None
