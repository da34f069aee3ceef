"""One network for all visitors: what threads read beside each other is what each reads alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from cnnviz.activations.cells import CellExplanation, explain_cell
from cnnviz.activations.read import read_activations
from cnnviz.networks.load import LoadedModel
from tests.home_made import Branchy, make_model, randomize

THREADS = 8
ROUNDS = 40
LAYERS = ("stem", "relu", "cat", "add", "relu_", "pool", "head")


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))


def picture(number: int) -> torch.Tensor:
    return torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(number))


def work(model: LoadedModel, number: int) -> tuple[dict[str, torch.Tensor], CellExplanation]:
    """Layers and one cell, each number its own choice of both."""
    layers = LAYERS[number % 3 :]
    x = picture(number)
    values = read_activations(model, x, layers=layers)
    cell = explain_cell(model, x, layer="second", channel=number % 16, row=number % 24, column=3)
    return values, cell


def test_eight_threads_read_what_one_reads(model: LoadedModel) -> None:
    expected = [work(model, number) for number in range(ROUNDS)]
    # A second copy: nothing is cached yet when the threads begin.
    shared = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    barrier = threading.Barrier(THREADS)

    def start(thread: int) -> list[tuple[int, tuple[dict[str, torch.Tensor], CellExplanation]]]:
        barrier.wait()
        numbers = [(thread * 5 + step) % ROUNDS for step in range(ROUNDS)]
        return [(number, work(shared, number)) for number in numbers]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [answer for run in pool.map(start, range(THREADS)) for answer in run]
    assert len(answers) == THREADS * ROUNDS
    for number, (values, cell) in answers:
        values_alone, cell_alone = expected[number]
        assert values.keys() == values_alone.keys()
        assert all(torch.equal(values[name], values_alone[name]) for name in values)
        assert cell.value == cell_alone.value
        assert torch.equal(cell.inputs, cell_alone.inputs)
        assert cell.patches == cell_alone.patches
