"""Fooling images by evolution: patterns by hand, mutation by its law, and nothing good is lost."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.cppn import Cppn, Function, PatternGenomes, draw_cppn
from cnnviz.feature_visualization.direct import PixelGenomes, find_rate, mutate_polynomially
from cnnviz.feature_visualization.evolution import Evolution, evolve, measure_odds, read_saved
from cnnviz.figures.synthesis import write_cppn
from cnnviz.images.image import Pixels, read_image, to_png
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.weights.files import BUNDLED
from tests.home_made import Branchy, make_model, randomize

SHIPPED = sorted(path.stem for path in BUNDLED.glob("*.safetensors"))


def test_a_pattern_by_hand() -> None:
    # h1 = exp(−(2d − 1)²); grey = |0.5 h1 + 0.25 x|. At three columns of the middle row x is
    # −1, 0, 1 and d is 1, 0, 1, so that h1 is 1/e throughout.
    weights = np.array([[0, 0, 2, -1, 0, 0], [0.25, 0, 0, 0, 0.5, 0]], dtype=np.float32)
    cppn = Cppn(functions=(Function.GAUSSIAN, Function.LINEAR), weights=weights, channels=1)
    middle = draw_cppn(cppn, height=3, width=3)[1, :, 0].tolist()
    half = 0.5 / np.e
    expected = [abs(half - 0.25), half, half + 0.25]
    assert middle == [round(255 * value) for value in expected]
    assert cppn.connections == 4
    assert write_cppn(cppn) == ("h1 = exp(−(2.00·d −1.00)²)\ngrey = |(0.25·x +0.50·h1)|, at most 1")


@pytest.mark.parametrize(
    ("function", "value"),
    # Of ¼: sin(π/4), e^(−1/16), (1 − e^−1)/(1 + e^−1), ¼.
    [
        (Function.SINE, 0.70711),
        (Function.GAUSSIAN, 0.93941),
        (Function.SIGMOID, 0.46212),
        (Function.LINEAR, 0.25),
    ],
)
def test_the_functions_are_the_usual_ones(function: Function, value: float) -> None:
    weights = np.array([[0, 0, 0, 0.25, 0]], dtype=np.float32)
    cppn = Cppn(functions=(function,), weights=weights, channels=1)
    assert draw_cppn(cppn, height=1, width=1).item() == round(255 * value)


def test_a_pattern_is_the_same_picture_at_every_size() -> None:
    random = np.random.default_rng(4)
    cppn = PatternGenomes((3, 9, 9)).draw(random)
    small, large = draw_cppn(cppn, height=9, width=9), draw_cppn(cppn, height=17, width=17)
    assert (abs(large[::2, ::2].astype(int) - small) <= 1).all()


def test_mutated_patterns_stay_networks_without_a_circle() -> None:
    random = np.random.default_rng(1)
    genomes = PatternGenomes((3, 4, 4))
    cppn = genomes.draw(random)
    assert cppn.connections == 12  # each channel reads x, y, d and 1
    for generation in range(200):
        before, old = cppn, cppn.weights.copy()
        cppn = genomes.mutate(cppn, random, generation=generation)
        assert (before.weights == old).all()  # the parent stays as it is
        count = len(cppn.functions)
        assert cppn.weights.shape == (count, 4 + count)
        assert not np.triu(cppn.weights[:, 4:]).any()  # only earlier nodes are read
        assert not cppn.weights[:, 4 + count - 3 :].any()  # and no channel is
        assert genomes.render(cppn).shape == (4, 4, 3)
    assert count == 64  # it grows, and no further


def test_polynomial_mutation_by_hand() -> None:
    # η = 1: δ is √(2u) − 1 below ½ and 1 − √(2 − 2u) above; symmetric, and cut off at the ends.
    uniform = np.array([0.125, 0.5, 0.875, 0.0, 1.0])
    moved = mutate_polynomially(np.full(5, 0.6), uniform, strength=1.0)
    assert moved.tolist() == pytest.approx([0.1, 0.6, 1.0, 0.0, 1.0])


def test_polynomial_mutation_has_the_deviation_of_its_density() -> None:
    # p(δ) = (η + 1)/2 · (1 − |δ|)^η, whose second moment is 2 / ((η + 2)(η + 3)): here 1/153.
    uniform = np.random.default_rng(0).random(200_000)
    change = mutate_polynomially(np.full(200_000, 0.5), uniform, strength=15.0) - 0.5
    assert change.mean() == pytest.approx(0, abs=1e-3)
    assert (change**2).mean() == pytest.approx(1 / 153, rel=0.02)


def test_a_tenth_of_the_values_mutates_and_half_as_many_after_a_thousand_generations() -> None:
    random = np.random.default_rng(3)
    genomes = PixelGenomes((1, 200, 200))
    noise = genomes.draw(random)
    assert noise.mean() == pytest.approx(127.5, abs=2)
    for generation, rate in ((0, 0.1), (999, 0.1), (1000, 0.05), (3000, 0.0125)):
        assert find_rate(generation) == rate
        changed = genomes.mutate(noise, random, generation=generation) != noise
        # A chosen value that moves by less than half a level stays: one in 25 or so.
        assert changed.mean() == pytest.approx(rate * 0.96, rel=0.1)


class Counters:
    """Genomes that are their own number: each child differs, and the picture is that grey."""

    def draw(self, random: np.random.Generator) -> int:
        return int(random.integers(256))

    def mutate(self, genome: int, random: np.random.Generator, *, generation: int) -> int:
        return (genome + generation * int(random.integers(1, 99))) % 256

    def render(self, genome: int) -> Pixels:
        return np.full((48, 48, 3), genome, dtype=np.uint8)


def run(*, sure: float = 0.99, classes: tuple[int, ...] = (0, 1, 2)) -> list[Evolution[int]]:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    return list(evolve(model, Counters(), classes, generations=30, sure=sure, seed=5))


def test_the_best_is_never_lost() -> None:
    course = run()
    for before, after in pairwise(course):
        for old, new in zip(before.champions, after.champions, strict=True):
            assert new.odds >= old.odds
            assert new is old or new.odds > old.odds
    assert course[-1].champions[0].odds > course[0].champions[0].odds
    assert course[-1].evaluated == 31 * 16
    assert [one.generation for one in course] == list(range(31))
    assert [elite.odds for elite in course[-1].way] == [
        course[step].champions[0].odds for step in (0, 1, 2, 4, 8, 16, 30)
    ]


def test_a_champions_probability_is_the_networks_own() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    for elite in run()[-1].champions:
        said = predict(model, model.spec.preprocessing.prepare(elite.pixels))
        assert elite.probability == pytest.approx(float(said.probabilities[elite.index]), abs=1e-5)
        logits = said.logits.double()
        others = torch.cat([logits[: elite.index], logits[elite.index + 1 :]]).logsumexp(dim=0)
        assert elite.odds == pytest.approx(float(logits[elite.index] - others), abs=1e-4)


def test_it_ends_when_it_is_sure_and_tells_what_the_files_say() -> None:
    last = run(sure=1e-6, classes=(1,))[-1]
    assert last.is_over
    assert last.generation == 0
    assert last.share == 1
    assert last.saved == pytest.approx([last.champions[0].probability], abs=1e-5)


def test_the_same_seed_gives_the_same_course() -> None:
    assert run()[-1].curve == run()[-1].curve


@pytest.mark.parametrize(
    "numbers", [{"sure": 1.0}, {"generations": 0}, {"classes": ()}, {"classes": (7,)}]
)
def test_numbers_that_make_no_evolution_are_refused(numbers: dict[str, object]) -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    options = {"classes": (0,), "generations": 1, "sure": 0.9, **numbers}
    with pytest.raises(NetworkError):
        list(evolve(model, Counters(), **options))  # type: ignore[arg-type]


def test_lenet_is_fooled_either_way_and_by_the_file_too() -> None:
    model = load_model("lenet5")
    shape = model.spec.preprocessing.shape
    for run in (
        evolve(model, PatternGenomes(shape), (0,), seconds=60),
        evolve(model, PixelGenomes(shape), (0,), seconds=60),
    ):
        *_, last = run
        file = to_png(np.broadcast_to(last.champions[0].pixels, (32, 32, 3)))
        opened = read_image(file, name="it").pixels
        said = predict(model, model.spec.preprocessing.prepare(opened))
        assert float(said.probabilities[0]) >= 0.99
        assert last.saved[0] == pytest.approx(float(said.probabilities[0]), abs=1e-6)


@pytest.mark.parametrize("network", SHIPPED)
def test_what_is_evolved_is_what_the_file_holds(network: str) -> None:
    model = load_model(network)
    shape = model.spec.preprocessing.shape
    picture = PixelGenomes(shape).draw(np.random.default_rng(2))
    (odds,) = measure_odds(model, [picture])
    saved = read_saved(model, picture).probabilities.double()
    assert 1 / (1 + np.exp(-odds)) == pytest.approx(saved.numpy(), abs=1e-5)
