"""How a training is read from a model card and told: expected values are worked by hand."""

from dataclasses import replace
from typing import Any

import pytest

from cnnviz.figures.training import (
    draw_histories,
    tabulate_histories,
    write_degradation,
    write_histories_csv,
    write_pasting,
    write_refitting,
    write_result,
    write_sizes,
)
from cnnviz.training.history import History, read_history


def make_card(
    *, train: float = 60.5, held_out: float = 52.24, early: bool = False, pasted: float = 0
) -> dict[str, Any]:
    recipe: dict[str, Any] = {
        "batch": 64,
        "optimizer": "SGD",
        "learning_rate": 0.05,
        "weight_decay": 0.0005,
        "label_smoothing": 0.1,
    }
    if pasted:
        recipe["pasted"] = pasted
    if early:
        recipe["cropping"] = {"area": 0.5, "early": [[8, 32], [6, 48]]}
    return {
        "recipe": recipe,
        "data": {"trained_on": "45,000 photographs", "measured_on": "5,000 photographs"},
        "curve": [
            {"epoch": 1, "loss": 4.5, "train_accuracy": 5.0, "accuracy": 2.5},
            {"epoch": 2, "loss": 2.25, "train_accuracy": train, "accuracy": held_out},
        ],
        "accuracy": {"top1": {"percent": held_out}, "top5": {"percent": 99.0}},
        "seconds": 90.0,
        "machine": "2 processor cores",
        "precision": "float32",
        "command": "python -m cnnviz.training x",
    }


def read(**told: Any) -> History:
    history = read_history(make_card(**told))
    assert history is not None
    return history


def test_accuracies_become_errors() -> None:
    first, last = read().epochs
    assert (first.train_error, first.held_out_error) == (95.0, 97.5)
    assert (last.number, last.loss, last.train_error, last.held_out_error) == (2, 2.25, 39.5, 47.76)
    assert read().minutes == 1.5
    assert read().early == ()
    assert (read().temperature, read().calibration_error) == (1, None)


def test_what_was_done_about_the_confidence_is_read() -> None:
    history = read_history(make_card() | {"calibration": {"temperature": 0.8, "error": 2.5}})
    assert history is not None
    assert (history.temperature, history.calibration_error) == (0.8, 2.5)
    table = tabulate_histories({"A": read(), "B": history})
    assert table["Temperature"] == [1, 0.8]
    assert table["Calibration error, %"] == [None, 2.5]


@pytest.mark.parametrize(
    ("part", "value"),
    [("recipe", None), ("data", {}), ("curve", []), ("curve", [{"epoch": 1}]), ("seconds", "long")],
)
def test_a_card_without_a_whole_training_tells_of_none(part: str, value: object) -> None:
    assert read_history(make_card() | {part: value}) is None


def test_each_network_has_two_curves_of_one_colour() -> None:
    figure = draw_histories({"A": read(), "B": read(train=80.0)})
    assert [trace.name for trace in figure.data] == ["A", "A", "B", "B"]
    assert [trace.showlegend for trace in figure.data] == [True, False] * 2
    colors = [trace.line.color for trace in figure.data]
    assert colors[0] == colors[1] != colors[2] == colors[3]
    assert [trace.line.dash for trace in figure.data] == ["solid", "dot"] * 2
    assert list(figure.data[3].y) == [95.0, 20.0]


def test_the_table_and_the_file_have_every_network() -> None:
    told = {"A": read(), "B, late": read(held_out=40.0)}
    table = tabulate_histories(told)
    assert table["Network"] == ["A", "B, late"]
    assert table["Held-out error, %"] == [47.76, 60.0]
    assert write_histories_csv(told).decode().splitlines() == [
        "network,epoch,loss,train_error_percent,held_out_error_percent",
        "A,1,4.5,95,97.5",
        "A,2,2.25,39.5,47.76",
        '"B, late",1,4.5,95,97.5',
        '"B, late",2,2.25,39.5,60',
    ]


def test_the_result_is_of_the_last_epoch() -> None:
    assert write_result(read()) == (
        "Trained for 2 epochs on 45,000 photographs. Top-1 accuracy: 52.2 % on 5,000 photographs."
    )


def test_smaller_pictures_at_first_are_told() -> None:
    assert write_sizes({"A": read()}) == ""
    told = write_sizes({"A": read(), "B": read(early=True)})
    assert told.startswith(
        "B learned from images of 32×32 pixels up to epoch 8 and 48×48 pixels up to epoch 14"
    )
    both = write_sizes({"B": read(early=True), "C": replace(read(), early=((2, 16),))})
    assert "C learned from images of 16×16 pixels up to epoch 2" in both
    assert both.count("held-out") == 1


def test_the_degradation_is_told_only_where_it_shows() -> None:
    worse = write_degradation(("Res", "Plain"), read(), read(train=50.0, held_out=45.0))
    assert "50.0 % errors on the images it was trained on, against 39.5 %" in worse
    assert "with 55.0 % against 47.8 % on the others" in worse
    assert "does not overfit" in worse
    same = write_degradation(("Res", "Plain"), read(), read(train=70.0))
    assert "no easier" in same
    assert "overfit" not in same


def test_pasted_patches_are_told_of_where_there_were_any() -> None:
    assert write_pasting({"A": read()}) == ""
    said = write_pasting({"A": read(), "B": read(pasted=0.5), "C": read(pasted=0.5)})
    assert said.startswith("B, C had a patch of another image pasted into 50 % of their")


def test_the_accuracy_is_that_of_the_weights_that_ship() -> None:
    """A curve is measured in the training's precision; the weights are stored in half of it."""
    card = make_card()
    card["accuracy"]["top1"]["percent"] = 52.2
    history = read_history(card)
    assert history is not None
    assert tabulate_histories({"A": history})["Held-out error, %"] == [47.8]
    assert "Top-1 accuracy: 52.2 % on" in write_result(history)
    assert write_refitting({"A": history}) == ""


def test_a_new_fit_of_the_last_layer_has_the_last_word() -> None:
    card = make_card(pasted=0.5)
    card["recipe"]["refit"] = 0.001
    card["accuracy"] = {"top1": {"percent": 54.0}}
    history = read_history(card)
    assert history is not None
    assert history.final_error == 46.0
    assert "Top-1 accuracy: 54.0 % on" in write_result(history)
    told = {"A": read(), "B": history}
    assert tabulate_histories(told)["Held-out error, %"] == [47.76, 46.0]
    assert write_refitting({"A": read()}) == ""
    assert write_refitting(told).endswith("on images never seen: B from 47.8 % to 46.0 %.")
