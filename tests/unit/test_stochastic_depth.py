"""Stochastic depth against torchvision's, and drop-path against means worked by hand."""

import pytest
import torch
from torch import nn

from cnnviz.labs.stochastic_depth import (
    BLOCKS,
    JOINS,
    DropPath,
    Dropping,
    StochasticDepth,
    build_network,
    choose_column,
    list_survival,
    race_depth,
)
from cnnviz.networks.zoo.fractal import FractalBlock
from cnnviz.networks.zoo.torchvision_import import import_torchvision

X = torch.rand(5, 64, generator=torch.Generator().manual_seed(0))


def test_survival_falls_linearly_to_the_papers_half() -> None:
    survival = list_survival(0.5)
    assert survival[0] == pytest.approx(1 - 0.5 / 12)
    assert survival[-1] == 0.5
    # L − rate·(L + 1)/2, by hand.
    assert sum(survival) == pytest.approx(12 - 0.5 * 13 / 2)


def test_blocks_are_dropped_as_torchvision_drops_them() -> None:
    stochastic_depth = import_torchvision("ops").stochastic_depth
    network = build_network(Dropping.STOCHASTIC_DEPTH, 0.8, seed=4)
    assert isinstance(network, StochasticDepth)
    with torch.no_grad(), torch.random.fork_rng(devices=()):
        for _ in range(3):
            torch.set_rng_state(network.dice.get_state())
            expected = torch.relu(network.stem(X))
            for place, block in enumerate(network.blocks, start=1):
                branch = stochastic_depth(block(expected), 0.8 * place / BLOCKS, mode="batch")
                expected = torch.relu(expected + branch)
            torch.testing.assert_close(network(X), network.last(expected))
            assert 0 < int(network.kept.sum()) < BLOCKS


def test_all_blocks_are_on_at_test_time_and_without_a_rate() -> None:
    dropped, whole = (build_network(Dropping.STOCHASTIC_DEPTH, rate) for rate in (0.5, 0.0))
    dropped.eval()
    with torch.no_grad():
        torch.testing.assert_close(dropped(X), whole(X))


def test_the_whole_fractal_is_the_architectures_fractal() -> None:
    network = build_network(Dropping.LOCAL, 0.0)
    assert isinstance(network, DropPath)
    block = FractalBlock(64, 64, columns=4)
    for column, layers in enumerate(network.columns):
        assert isinstance(layers, nn.ModuleList)
        for number, layer in enumerate(layers):
            name = f"column{column + 1}_{number + 1}"
            block.set_submodule(name, nn.Sequential(layer, nn.ReLU()))
    with torch.no_grad():
        expected = network.last(block(torch.relu(network.stem(X))))
        torch.testing.assert_close(network(X), expected)


@pytest.mark.parametrize("column", range(4))
def test_one_column_alone_is_a_stack_of_its_layers(column: int) -> None:
    network = build_network(Dropping.GLOBAL, 0.5)
    assert isinstance(network, DropPath)
    layers = network.columns[column]
    assert isinstance(layers, nn.ModuleList)
    with torch.no_grad():
        expected = torch.relu(network.stem(X))
        for layer in layers:
            expected = torch.relu(layer(expected))
        torch.testing.assert_close(network.run(X, choose_column(column)), network.last(expected))


def test_each_join_keeps_a_path_and_drops_about_as_many_as_it_is_to() -> None:
    network, ends = build_network(Dropping.LOCAL, 0.9), [len(join) for join in JOINS]
    kept = []
    with torch.no_grad():
        for _ in range(200):
            network(X)
            kept.append(network.kept.clone())
    for part in torch.split(torch.stack(kept), ends, dim=1):
        assert bool((part.sum(dim=1) >= 1).all())
    # Of two paths, one stays where none would: 0.1 + 0.81/2 each.
    assert float(torch.stack(kept)[:, 0].mean()) == pytest.approx(0.505, abs=0.11)


@pytest.mark.parametrize("dropping", [Dropping.STOCHASTIC_DEPTH, Dropping.GLOBAL])
def test_parts_of_a_network_with_switches_know_more(
    dropping: Dropping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnviz.labs.stochastic_depth._LOOKS", 100)
    *_, (share, _, race) = race_depth(dropping, rate=0.5)
    assert share == 1
    assert race.switches.shape == (200, 12 if dropping is Dropping.STOCHASTIC_DEPTH else 4)
    if dropping is Dropping.GLOBAL:
        assert bool((race.switches.sum(dim=1) == 1).all())
    assert min(one[-1] for one in race.accuracies) > 0.7
    name = "first 2" if dropping is Dropping.STOCHASTIC_DEPTH else "column of 8"
    plain, dropped = race.parts[name]
    assert dropped > plain + 0.03
