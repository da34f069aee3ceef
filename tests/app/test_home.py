"""The home page and the frame around every page, run without a browser."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.errors import WeightsError
from cnnviz.showcase.flow import compute_flow
from cnnviz.web import chrome
from cnnviz.web.sitemap import GROUPS
from tests.app.opened import open_page


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.header])


@pytest.fixture
def no_weights(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(name: str) -> None:
        raise WeightsError(f"There are no trained weights of {name} here.")

    compute_flow.cache_clear()
    monkeypatch.setattr("cnnviz.showcase.flow.load_model", refuse)
    yield
    compute_flow.cache_clear()


def test_home_shows_a_network_at_work_and_a_card_for_each_page() -> None:
    app = open_page("router")
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.title] == ["Look inside a network while it runs"]
    titles = [entry.title for entries in GROUPS.values() for entry in entries]
    links = [link.proto.label.strip("*") for link in app.get("page_link")]
    assert links == titles


def test_another_digit_changes_what_is_computed_and_comes_from_the_url() -> None:
    app = open_page("home", sample="3")
    assert not app.exception
    assert "A drawn 3 on its way" in text_of(app)
    app.segmented_control(key="home.sample").set_value("8").run()
    assert "A drawn 8 on its way" in text_of(app)


def test_a_digit_that_does_not_exist_is_told() -> None:
    app = open_page("home", sample="11")
    (warning,) = app.warning
    assert "11" in warning.value
    assert "A drawn 7 on its way" in text_of(app)


@pytest.mark.usefixtures("no_weights")
def test_a_network_without_weights_gets_its_sentence_and_the_page_keeps_its_frame() -> None:
    app = open_page("router")
    assert not app.exception
    assert [error.value for error in app.error] == ["There are no trained weights of lenet5 here."]
    assert "CNNViz" in app.caption[-1].value


@pytest.mark.parametrize(
    ("host", "sentence"),
    [("192.168.1.20", "`http://192.168.1.20`"), (None, "This machine is in no network.")],
)
def test_the_address_for_the_class(
    monkeypatch: pytest.MonkeyPatch, host: str | None, sentence: str
) -> None:
    monkeypatch.setattr("cnnviz.web.qr.find_network_host", lambda: host)
    assert sentence in text_of(open_page("router"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WeightsError("Put the file back."), "Put the file back."),
        (KeyError("secret"), "reason that nobody foresaw"),
    ],
)
def test_what_slips_through_a_page_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("streamlit.error", lambda message, **_: shown.append(message))
    assert chrome.show_script_error(error)
    assert len(shown) == 1
    assert words in shown[0]
    assert "secret" not in shown[0]
