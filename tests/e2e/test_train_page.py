"""Training in a real browser: curves that move, a pause, a second run, and its network."""

import re

from tests.e2e.conftest import OpenPage
from tests.e2e.patience import check_first_screen, expect

ADDRESS = "/train?layers=conv4k5s4, relu, flatten, fc10&batch=8&epochs=100&seed=5"


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    chart = page.locator(".training")
    expect(chart.locator(".accuracy .thick")).to_have_attribute("d", re.compile("L"))
    expect(chart.locator(".loss .thin")).to_have_attribute("d", re.compile("L"))
    check_first_screen(chart.locator(".curves"), top=200)

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("is paused")).to_be_visible()
    expect(page.get_by_role("button", name="Use on all pages")).to_be_visible()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("1")
    epochs.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    runs = chart.locator(".run")
    expect(runs).to_have_count(2)
    expect(runs.nth(1).locator(".state")).to_have_text(re.compile(r"^[\d.]+ %$"))
    expect(runs.nth(1)).to_have_attribute("aria-current", "true")

    page.get_by_role("button", name="Use on all pages").click()
    page.get_by_test_id("stMain").get_by_role("link", name="Activations and filters").click()
    expect(page.get_by_text("one channel of conv1")).to_be_visible()
    expect(page).to_have_url(re.compile("network=trained_"))
