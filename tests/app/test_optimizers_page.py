"""The page of the optimizers, run without a browser."""

import pytest

from tests.app.opened import finish_result, open_page, text_of


def test_it_opens_and_every_surface_too() -> None:
    app = open_page("optimizers")
    assert app.slider(key="optimizers.condition").value == 19
    app.segmented_control(key="optimizers.surface").set_value("rosenbrock").run()
    assert not app.exception
    assert app.select_slider(key="optimizers.rate").value == "0.001"
    assert "noise scale" in text_of(app)


def test_answers_follow_the_condition_number() -> None:
    app = open_page("optimizers", condition="4")
    app.number_input(key="optimizers.question.limit").set_value(0.5).run()
    assert app.success[0].value == "Yes: 0.5."
    app.number_input(key="optimizers.question.best").set_value(0.4).run()
    assert len(app.success) == 2


def test_a_start_outside_is_told_and_no_optimizer_too() -> None:
    app = open_page("optimizers", start="9~9", focus="adam")
    assert len(app.warning) == 1
    app = open_page("optimizers", racers="")
    assert any("at least one optimizer" in one.value for one in app.info)


def test_the_network_is_trained_on_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.labs.optimizer_race.RACE_STEPS", 30)
    app = open_page("optimizers")
    app.button(key="job_start:optimizers.race").click().run()
    app = finish_result(app, slot="optimizers.race")
    assert not app.exception
