"""The page of activation functions and initialization, run without a browser."""

from streamlit.testing.v1 import AppTest

from tests.app.opened import finish_result, open_page, text_of


def read(app: AppTest, title: str) -> str:
    return str(next(one.value for one in app.metric if one.label == title))


def test_it_opens_on_sigmoids_whose_inputs_are_all_positive() -> None:
    app = open_page("signal")
    assert read(app, "One-sided") == "100 %"
    assert read(app, "Dead units") == "0 %"


def test_large_weights_saturate_tanh() -> None:
    app = open_page("signal", function="tanh", initialization="large", depth="20", layer="3")
    assert int(read(app, "Saturated").split()[0]) > 70


def test_zero_weights_are_dead_behind_relu_and_the_page_is_whole() -> None:
    app = open_page("signal", function="relu", initialization="zero")
    assert read(app, "Dead units") == "100 %"
    assert "condition number" in text_of(app)


def test_fewer_layers_choose_the_last_one_that_is_there() -> None:
    app = open_page("signal", depth="12", layer="11")
    app.slider(key="signal.depth").set_value(4).run()
    assert not app.exception
    assert app.slider(key="signal.layer").value == 4


def test_the_networks_are_trained_on_a_click() -> None:
    app = open_page("signal", function="relu", depth="2")
    app.button(key="job_start:signal.race").click().run()
    app = finish_result(app, slot="signal.race")
    assert not app.exception


def test_a_wrong_address_is_told_and_the_page_stays_usable() -> None:
    app = open_page("signal", function="step", depth="500")
    assert len(app.warning) == 2
    assert read(app, "One-sided") == "100 %"
