"""The page about regularization and augmentation, run without a browser."""

import pytest

from cnnviz.labs import augmentation, dropout, hyperparameter_search, overfitting
from tests.app.opened import finish_result, open_page, text_of


@pytest.fixture(autouse=True)
def _short_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the trainings find is tested with the labs."""
    monkeypatch.setattr(dropout, "LESION_STEPS", 40)
    monkeypatch.setattr(overfitting, "STEPS", 60)
    monkeypatch.setattr(overfitting, "SIZE_STEPS", 40)
    monkeypatch.setattr(augmentation, "RACE_STEPS", 20)
    monkeypatch.setattr(hyperparameter_search, "_STEPS", 4)


def test_it_opens_on_the_mask_and_measures_what_is_left_without_units() -> None:
    app = open_page("regularization")
    app = finish_result(app, slot="regularization.co_adaptation")
    assert "Mean absolute correlation" in text_of(app)
    assert r"0.5 \cdot" in text_of(app)  # of the units, half is kept
    app.selectbox(key="regularization.scaling").set_value("original").run()
    assert not app.exception
    assert r"= (1-p)\,a" in text_of(app)
    app.number_input(key="regularization.question.networks").set_value(1024).run()
    assert app.success[0].value.startswith("Yes")


@pytest.mark.parametrize(
    ("part", "slot", "told"),
    [
        ("stopping", "stopping", "0.9995\\,w"),  # 1 − 0.05·0.01
        ("size", "sizes", "points with 1437"),
        ("search", "search", "Best accuracy after 9 trials: Grid"),
    ],
)
def test_a_part_trains_by_itself(part: str, slot: str, told: str) -> None:
    app = open_page("regularization", part=part, trials="9")
    app = finish_result(app, slot=f"regularization.{slot}")
    assert told in text_of(app)


def test_a_digit_is_transformed_and_two_networks_are_raced_on_a_click() -> None:
    app = open_page(
        "regularization", part="augmentation", network="lenet5", image="digit-3", kinds="flip"
    )
    assert "of 8 results keep the top-1 class 3" in text_of(app)
    app.slider(key="regularization.strength").set_value(0.0).run()
    assert "6 of 6 keep the top-1 class 3" in text_of(app)  # turned by no degree
    app.button(key="job_start:regularization.race").click().run()
    app = finish_result(app, slot="regularization.race")
    assert "Accuracy on other writers' digits after 20 steps" in text_of(app)


def test_a_wrong_address_is_told_and_no_augmentation_too() -> None:
    app = open_page(
        "regularization",
        part="augmentation",
        network="lenet5",
        image="digit-3",
        partner="nobody",
        kinds="",
    )
    assert len(app.warning) == 1
    assert any("at least one augmentation" in one.value for one in app.info)
