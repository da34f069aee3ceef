"""Training in a real browser: curves that move, a pause, a second run, and its network."""

import json
import re

from playwright.sync_api import Page, Request

from tests.e2e.conftest import OpenPage, find_query
from tests.e2e.digit_pad import stage
from tests.e2e.patience import check_first_screen, expect

ADDRESS = "/train?batch=8&epochs=100&seed=5"  # LeNet-5, with maxima in its pooling


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
    check_each_click_changes_the_learning_rate(page)
    epochs.fill("1")
    epochs.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    runs = chart.locator(".run")
    expect(runs).to_have_count(2)
    expect(runs.nth(1).locator(".state")).to_have_text(re.compile(r"^[\d.]+ %$"))
    expect(runs.nth(1)).to_have_attribute("aria-current", "true")

    page.get_by_role("button", name="Use on all pages").click()
    page.get_by_test_id("stMain").get_by_role("link", name="Activations and filters").click()
    expect(page.get_by_text("one channel of C1")).to_be_visible()
    expect(page).to_have_url(re.compile("network=trained_"))
    check_the_pad_takes_the_network(page)


def check_each_click_changes_the_learning_rate(page: Page) -> None:
    """Clicks may come faster than the server tells of the rate."""
    page.get_by_role("button", name="Train", exact=True).click()
    runs = page.locator(".training .run")
    rate = runs.nth(1).locator(".value")
    expect(rate).to_have_text("0.0060")
    halve = runs.nth(1).get_by_role("button", name="Halve the learning rate")
    halve.evaluate("button => { button.click(); button.click(); }")
    expect(rate).to_have_text("0.0015")
    runs.nth(1).get_by_role("button", name=re.compile("^Remove")).click()
    expect(runs).to_have_count(1)


def read_network(request: Request) -> object:
    """The network that a drawing is sent for."""
    return json.loads(request.post_data or "{}")["network"]


def check_the_pad_takes_the_network(page: Page) -> None:
    """And so does the arithmetic of the cell that is pointed at."""
    with page.expect_request(re.compile("/api/digit$")) as asked:
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Draw a digit").click()
    expect(page).to_have_url(re.compile("network=trained_"))  # written later on a busy machine
    name = find_query(page)["network"]
    assert read_network(asked.value) == name
    expect(page.get_by_text("Every layer of Own network")).to_be_visible()
    with page.expect_request(re.compile("/api/digit/cell$")) as asked:
        stage(page, "s2").hover(position={"x": 21, "y": 21})
    assert read_network(asked.value) == name
    expect(page.locator(".inspector h3")).to_contain_text("S2")
    told = page.locator(".inspector .grids .term b").all_inner_texts()
    *patch, value = (float(number.replace("−", "-")) for number in told)
    assert (len(patch), value) == (4, max(patch))
