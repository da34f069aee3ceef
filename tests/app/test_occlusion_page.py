"""The occlusion page, run without a browser: it fills in, answers controls, and bad addresses."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.opened import finish_job, open_page, text_of


def open_occlusion(**address: str) -> AppTest:
    return finish_job(open_page("occlusion", **address), "occlusion")


def test_the_page_opens_with_finished_maps() -> None:
    app = open_occlusion(network="lenet5", sample="digit-3")
    assert not app.exception
    assert not app.error
    text = text_of(app)
    assert r"p(x) - p(x_\text{covered})" in text
    assert r"\left\lceil\frac{32 - 8}{2}\right\rceil + 1 = 13" in text
    assert "Why this did not take longer" in [header.value for header in app.header]
    assert text.count("?") >= 3
    assert bool(app.session_state["occlusion"].result.done.all())


def test_a_control_changes_what_is_computed() -> None:
    app = open_occlusion(network="lenet5", sample="digit-3", fill="black")
    before = app.session_state["occlusion"].result
    app.select_slider(key="stride").set_value(4).run()
    after = finish_job(app, "occlusion").session_state["occlusion"].result
    assert (len(before.tops), len(after.tops)) == (13, 7)


def test_another_class_needs_no_new_work() -> None:
    app = open_occlusion(network="lenet5", sample="digit-3")
    job, before = app.session_state["occlusion"], text_of(app)
    app.selectbox(key="class").set_value("8").run()
    assert not app.exception
    after = text_of(app)
    assert after != before  # the formula is now of 8
    assert app.session_state["occlusion"] is job


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("patch", "1000", "There is no patch “1000”"),
        ("stride", "x", "There is no stride “x”"),
        ("fill", "gold", "There is no fill “gold”"),
        ("class", "whale", "There is no class “whale”"),
        ("square", "-5", "The square cannot be"),
    ],
)
def test_a_bad_address_is_told_and_the_page_works(name: str, value: str, said: str) -> None:
    app = open_page("occlusion", **{"network": "lenet5", "sample": "digit-3", name: value})
    told = [said in warning.value for warning in app.warning]
    if name == "square":  # its control is drawn with the finished maps
        app = finish_job(app, "occlusion")
    else:
        assert told == [True]
    assert not finish_job(app, "occlusion").exception
    assert bool(app.session_state["occlusion"].result.done.all())
