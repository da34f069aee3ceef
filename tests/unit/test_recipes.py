"""Recipes, search and scaling: the papers' numbers, torch's gradients, and counts by hand."""

import json
from itertools import product
from pathlib import Path

import pytest
import torch

from cnnviz.errors import CNNVizError
from cnnviz.figures.recipes import (
    STEPS,
    Ingredient,
    draw_ladder,
    draw_policy,
    draw_search,
    sum_ladder,
    tabulate_recipes,
    write_own,
    write_published,
)
from cnnviz.labs.architecture_search import (
    DECISIONS,
    Controller,
    Search,
    Strategy,
    Trial,
    count_choices,
    lay_out_network,
    search_architectures,
    write_network,
)
from cnnviz.labs.compound_scaling import Growing, Growth, count_costs
from cnnviz.lessons import load_lesson
from cnnviz.networks.weights.files import read_cards
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS
from cnnviz.networks.zoo.published_recipes import PUBLISHED_RECIPES
from cnnviz.training.history import find_histories
from cnnviz.training.recipes import PHOTO_RECIPES
from cnnviz.web.pages.recipes.links import INGREDIENTS, STEP_LINKS
from cnnviz.web.sitemap import list_pages

LECTURES = json.loads((Path(__file__).parents[1] / "vectors" / "lectures.json").read_text())


def test_the_ladder_is_the_lectures() -> None:
    names = tuple(name for name, _ in LECTURES["resnet_rs_additive_top1"])
    assert ("ResNet-200", *STEPS) == names
    # Bello et al. 2021: 79.0 to 82.2 by training, to 83.4 by two changes of the architecture.
    assert sum_ladder() == {"training": pytest.approx(3.2), "architecture": pytest.approx(1.2)}
    (bars,) = draw_ladder("EMA").data
    tops = [base + change for base, change in zip(bars.base, bars.x, strict=True)]
    assert tops == pytest.approx([value for _, value in LECTURES["resnet_rs_additive_top1"][1:]])


def test_every_step_and_row_leads_to_a_page_and_is_explained() -> None:
    known = {page.url for page in list_pages()}
    assert tuple(STEP_LINKS) == STEPS
    assert tuple(INGREDIENTS) == tuple(Ingredient)
    assert {page for page, _ in (*STEP_LINKS.values(), *INGREDIENTS.values())} <= known
    assert set(STEPS) <= load_lesson("recipes").texts.keys()


def test_published_recipes_are_the_papers() -> None:
    """He et al. 3.4: 60·10⁴ steps; ResNet-RS: 350 epochs, its rate scaled by the batch."""
    alexnet, resnet, rs = PUBLISHED_RECIPES
    assert resnet.epochs == pytest.approx(600_000 * 256 / 1_281_167)
    # Its authors' settings have 109,200 steps.
    assert rs.epochs == pytest.approx(109_200 * 4096 / 1_281_167, rel=0.01)
    assert rs.rate / resnet.rate == pytest.approx(rs.batch / resnet.batch)
    assert alexnet.result.endswith(f"{LECTURES['alexnet_ensemble_top5_error']['seven_test']} %")


def test_our_recipes_come_out_of_the_cards() -> None:
    cards = read_cards()[0]
    histories = find_histories(cards)
    for name in ("resnet64", "alexnet64", "lenet5"):
        cells = write_own(get_network(name), histories[name], cards[name])
        recipe = cards[name]["recipe"]
        assert cells.keys() == set(Ingredient)
        assert cells[Ingredient.EPOCHS] == str(recipe["epochs"])
        assert cells[Ingredient.BATCH] == str(recipe["batch"])
        assert float(cells[Ingredient.DECAY]) == recipe["weight_decay"]
    told = write_own(get_network("resnet64"), histories["resnet64"], cards["resnet64"])
    assert told[Ingredient.NORMALIZATION] == "batch"
    assert told[Ingredient.AUGMENTATION] == "random part of at least 35 %, mirror, CutMix in 50 %"
    assert PHOTO_RECIPES["resnet64"].epochs == int(told[Ingredient.EPOCHS])
    table = tabulate_recipes({"ours": told, "ResNet": write_published(PUBLISHED_RECIPES[1])})
    assert [len(column) for column in table.values()] == [len(Ingredient)] * 3


def test_choices_become_a_network_by_hand() -> None:
    words = {"filters 1": "8", "kernel 1": "5", "normalization 1": "bn", "activation 1": "tanh"}
    words |= {"pooling 1": "avg2", "filters 2": "none", "filters 3": "4", "pooling 3": "stride 2"}
    choices = [one.options.index(words.get(one.name, one.options[0])) for one in DECISIONS]
    expected = "conv8k5p2, bn, tanh, avg2, conv4k3s2p1, relu, gap, flatten, fc10"
    assert write_network(choices) == expected
    rows = lay_out_network(expected)
    # 8·25 + 8, two a map of bn, 4·8·9 + 4, 4·10 + 10; maps of 16 and 8.
    assert [row.parameters for row in rows if row.parameters] == [208, 16, 292, 50]
    assert count_choices() == (4 * 2 * 2 * 3 * 3) ** 3 * 3


def test_the_largest_and_the_smallest_network_can_be_trained() -> None:
    ends = [(0, len(one.options) - 1) for one in DECISIONS]
    for head, filters in product(ends[-1], ends[0]):
        choices = [end[1] for end in ends]
        choices[-1] = head
        for block in range(3):
            choices[5 * block] = filters
        assert lay_out_network(write_network(choices))
    with pytest.raises(CNNVizError, match="flatten"):
        lay_out_network("fc10")


def test_a_step_of_the_controller_is_reinforce_by_torch() -> None:
    controller, dice = Controller(), torch.Generator().manual_seed(3)
    choices = controller.sample(dice)
    controller.learn(choices, 0.5, rate=2.0)  # no baseline yet: nothing to be better than
    assert all(not one.any() for one in controller.logits)
    assert controller.baseline == 0.5
    before = [one.clone().requires_grad_() for one in controller.logits]
    chosen = [one.log_softmax(0)[at] for one, at in zip(before, choices, strict=True)]
    gradients = torch.autograd.grad((0.9 - 0.5) * torch.stack(chosen).sum(), before)
    controller.learn(choices, 0.9, rate=2.0)
    for logits, gradient in zip(controller.logits, gradients, strict=True):
        torch.testing.assert_close(logits, 2.0 * gradient)
    assert controller.baseline == pytest.approx(0.8 * 0.5 + 0.2 * 0.9)
    shares = controller.find_probabilities()
    assert all(float(one[at]) > 1 / len(one) for one, at in zip(shares, choices, strict=True))


def test_a_controller_learns_which_option_is_rewarded() -> None:
    """A bandit: 1 for batch normalization in the first block, else 0."""
    controller, dice = Controller(), torch.Generator().manual_seed(0)
    for _ in range(200):
        choices = controller.sample(dice)
        controller.learn(choices, float(choices[2] == 1), rate=1.0)
    assert float(controller.find_probabilities()[2][1]) > 0.95


def test_both_searches_have_one_budget_and_a_seed_repeats_them() -> None:
    found = [
        [search for _, _, search in search_architectures(trials=2, updates=3, rate=3, seed=1)]
        for _ in range(2)
    ]
    assert len(found[0]) == 4
    first, again = found[0][-1], found[1][-1]
    assert first.trials == again.trials
    assert [len(first.list_of(one)) for one in Strategy] == [2, 2]
    (bars,) = draw_policy(first.probabilities).data
    assert len(bars.y) == len(DECISIONS)


def test_the_best_so_far_never_falls() -> None:
    accuracies = (0.3, 0.9, 0.2, 0.1, 0.5, 0.95)
    trials = tuple(
        Trial(place + 1, tuple(Strategy)[place % 2], "fc10", 1, accuracy, 0.0)
        for place, accuracy in enumerate(accuracies)
    )
    search = Search(trials, Controller().find_probabilities(), 0.0)
    assert search.list_best(Strategy.CONTROLLER) == [0.3, 0.3, 0.5]
    assert search.list_best(Strategy.RANDOM) == [0.9, 0.9, 0.95]
    figure = draw_search(search, trials=3, chosen=trials[5])
    assert [one[0] for one in figure.data[3].customdata] == [2, 4, 6]
    assert figure.data[3].marker.size[2] > figure.data[3].marker.size[1]


def test_scaling_promises_the_papers_two() -> None:
    growth = Growth(phi=1)
    assert growth.promise() == pytest.approx(1.2 * 1.1**2 * 1.15**2)
    assert Growth(phi=3).promise() == pytest.approx(growth.promise() ** 3)
    alone = [growth.promise(one) for one in (Growing.DEPTH, Growing.WIDTH, Growing.RESOLUTION)]
    assert torch.tensor(alone).prod().item() == pytest.approx(growth.promise())
    factors = Growth(phi=2).find_factors(Growing.WIDTH)
    assert (factors.depth, factors.side) == (1.0, 224)
    assert factors.width == pytest.approx(1.21)


def test_the_built_network_is_the_published_one_where_the_factors_are() -> None:
    first = count_costs(Growth(phi=0).find_factors())
    assert first.multiply_adds == SCALINGS[0].weights.multiply_adds
    assert count_costs(SCALINGS[2]).multiply_adds == SCALINGS[2].weights.multiply_adds
    deeper = count_costs(Growth(phi=1, beta=1, gamma=1).find_factors())
    assert 1 < deeper.multiply_adds / first.multiply_adds < 1.5
