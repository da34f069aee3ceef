"""The home page's figures: computed now, and one for each page."""

import pytest

from cnnviz.showcase.cards import compute_card
from cnnviz.showcase.flow import compute_flow
from cnnviz.web.sitemap import PageEntry, list_pages


@pytest.mark.parametrize("digit", range(10))
def test_the_adversarial_card_shows_an_attack_that_succeeded(digit: int) -> None:
    before, _, after = compute_card("adversarial", digit).panels
    assert before.note != after.note


@pytest.mark.parametrize("digit", range(10))
def test_the_flow_ends_with_the_finished_drawing(digit: int) -> None:
    flow = compute_flow(digit)
    moments = {len(panel.frames) for panel in flow.panels} | {len(flow.probabilities)}
    assert len(moments) == 1
    last = flow.probabilities[-1]
    assert sum(last) == pytest.approx(1, abs=1e-5)
    assert last.index(max(last)) == digit


@pytest.mark.parametrize("entry", list_pages()[1:], ids=lambda entry: entry.url)
def test_every_page_has_a_card(entry: PageEntry) -> None:
    strip = compute_card(entry.url, 7)
    assert strip.panels
    assert strip.label.endswith(".")
