"""Accuracy against cost, on networks made up by hand and on the papers' own."""

import csv
import io
from dataclasses import replace

import pytest

from cnnviz.costs.tradeoffs import (
    Candidate,
    Quantity,
    Recipe,
    Score,
    choose_best,
    choose_weights,
    find_front,
    fits,
    list_reported,
    read_card_candidate,
)
from cnnviz.figures.tradeoffs import draw_bubbles, draw_memory, write_csv


def make(name: str, *, top1: float, cost: float, weights: str = "V1") -> Candidate:
    return Candidate(
        name=name,
        title=name.upper(),
        family="F",
        year=2012,
        weights=weights,
        input_size=224,
        top1=top1,
        top5=None,
        costs={Quantity.MULTIPLY_ADDS: cost, Quantity.PARAMETERS: 2e6},
    )


def names(candidates: tuple[Candidate, ...]) -> str:
    return "".join(candidate.name for candidate in candidates)


# Drawn on paper: b costs more than a and is worse; d is dearer than c and no better.
A = make("a", top1=50, cost=1)
B = make("b", top1=40, cost=2)
C = make("c", top1=70, cost=3)
D = make("d", top1=70, cost=4)
E = make("e", top1=90, cost=9)
ALL = (E, D, C, B, A)


def test_the_front_holds_what_nothing_cheaper_beats() -> None:
    assert names(find_front(ALL, cost=Quantity.MULTIPLY_ADDS, score=Score.TOP1)) == "ace"


def test_of_two_at_one_cost_the_front_holds_the_better() -> None:
    twin = make("t", top1=60, cost=1)
    assert names(find_front((A, twin), cost=Quantity.MULTIPLY_ADDS, score=Score.TOP1)) == "t"


def test_networks_without_the_cost_or_score_are_not_on_the_front() -> None:
    assert find_front(ALL, cost=Quantity.TIME, score=Score.TOP1) == ()
    assert find_front(ALL, cost=Quantity.MULTIPLY_ADDS, score=Score.TOP5) == ()


def test_the_most_accurate_within_the_budget_is_chosen() -> None:
    assert choose_best(ALL, budget={Quantity.MULTIPLY_ADDS: 2}) is A
    assert choose_best(ALL, budget={}) is E
    assert choose_best(ALL, budget={Quantity.MULTIPLY_ADDS: 0.5}) is None


def test_a_cost_that_is_not_known_fits_no_budget() -> None:
    assert fits(A, {})
    assert not fits(A, {Quantity.TIME: 1e9})


def test_best_first_or_all_weights() -> None:
    better, worse = make("a", top1=80, cost=1, weights="V2"), make("a", top1=45, cost=1)
    every = (A, better, worse)
    assert choose_weights(every, Recipe.ALL) == every
    assert choose_weights(every, Recipe.FIRST) == (A,)
    assert choose_weights(every, Recipe.BEST) == (better,)


def test_torchvision_reports_what_its_documentation_prints() -> None:
    # The table of weights in torchvision's documentation.
    found = {one.key: one for one in list_reported()}
    old, new = found["resnet50:IMAGENET1K_V1"], found["resnet50:IMAGENET1K_V2"]
    assert (old.top1, old.top5) == (76.13, 92.862)
    assert (new.top1, new.top5) == (80.858, 95.434)
    assert old.costs[Quantity.PARAMETERS] == new.costs[Quantity.PARAMETERS] == 25_557_032
    assert old.costs[Quantity.MULTIPLY_ADDS] == pytest.approx(4.089e9, rel=1e-12)


def test_accuracy_density_is_points_per_million_parameters() -> None:
    alexnet = next(one for one in list_reported() if one.name == "alexnet")
    # 56.522 points and 61.100840 million parameters.
    assert alexnet.score(Score.DENSITY) == pytest.approx(0.925061, abs=1e-6)


def read_card(card: dict[str, object]) -> Candidate | None:
    about = {"multiply_adds": 1, "parameters": 2}
    return read_card_candidate(
        name="n", title="N", family="N", year=2012, input_size=64, card={**about, **card}
    )


def test_a_card_without_a_top1_is_no_candidate() -> None:
    assert read_card({"accuracy": {"mnist_test": {"percent": 99.0}}}) is None
    found = read_card({"accuracy": {"top1": {"percent": 46.5}, "top5": {"percent": 72.0}}})
    assert found is not None
    assert (found.top1, found.top5, found.costs[Quantity.PARAMETERS]) == (46.5, 72.0, 2)


def test_bubbles_over_the_budget_are_faint_and_small_ones_lie_on_top() -> None:
    large, small = make("l", top1=50, cost=5), make("s", top1=60, cost=1)
    large = Candidate(
        **{field: getattr(large, field) for field in Candidate.__slots__ if field != "costs"},
        costs={Quantity.MULTIPLY_ADDS: 5e9, Quantity.PARAMETERS: 9e6},
    )
    figure = draw_bubbles(
        (small, large),
        cost=Quantity.MULTIPLY_ADDS,
        score=Score.TOP1,
        area=Quantity.PARAMETERS,
        budget={Quantity.MULTIPLY_ADDS: 1e9},
        logarithmic=True,
        selected=None,
        families=("F",),
    )
    bubbles = figure.data[1]
    assert [entry[0] for entry in bubbles.customdata] == ["l:V1", "s:V1"]
    assert list(bubbles.x) == [5, 1e-9]
    assert bubbles.marker.opacity[0] < bubbles.marker.opacity[1]


def test_the_csv_holds_every_number() -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv(ALL, budget={Quantity.MULTIPLY_ADDS: 3}))))
    assert [row["name"] for row in rows] == ["e", "d", "c", "b", "a"]
    assert [row["fits_budget"] for row in rows] == ["False", "False", "True", "True", "True"]
    assert rows[0]["top1"] == "90"
    assert rows[0]["top5"] == rows[0]["time_measured_here"] == ""


def test_memory_against_parameters_is_a_line_where_activations_grow_alike() -> None:
    """1, 2 and 3 million weights of four bytes, and as many bytes of activations."""
    some = [
        replace(
            A,
            costs={Quantity.PARAMETERS: count * 1e6, Quantity.MEMORY: 4e6 * count},
        )
        for count in (1, 2, 3)
    ]
    figure, correlation = draw_memory(some)
    assert correlation == pytest.approx(1)
    assert list(figure.data[0].y) == pytest.approx([8e6 * count / 2**20 for count in (1, 2, 3)])
