"""The attribution page in a real browser: the figure, a map chosen, a check run."""

import re

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PAGE_MILLISECONDS, OpenPage

URL = "/attribution?network=lenet5&sample=Written+7"
PHONE = 390
expect.set_options(timeout=PAGE_MILLISECONDS)


def figure_of(page: Page, *, at: int = 0) -> Locator:
    return page.locator(".overlay").nth(at)


def test_the_pointer_reads_all_maps_and_a_click_chooses_one(open_page: OpenPage) -> None:
    page = open_page(URL)
    figure = figure_of(page)
    # The picture and five methods, for two classes.
    expect(figure.locator("canvas")).to_have_count(12)
    cam = figure.locator(".cell", has_text="Grad-CAM").locator("canvas").first
    cam.scroll_into_view_if_needed()
    cam.hover(position={"x": 60, "y": 40})
    expect(figure.locator(".place")).to_contain_text(
        re.compile(r"Row \d+, column \d+ of the input")
    )
    expect(figure.locator(".caption.live")).to_have_count(10)
    figure.get_by_role("button", name=re.compile("^Guided backprop of 7")).click()
    expect(page.get_by_text("Sharp, and nearly the same for every class")).to_be_visible()
    assert "method=Guided" in page.url
    with page.expect_download() as download:
        figure.get_by_role("button", name="Figure as PNG").click()
    assert download.value.suggested_filename == "lenet5-attribution.png"
    with Image.open(download.value.path()) as sheet:
        assert min(sheet.size) > 300


def test_the_sanity_check_runs_and_its_maps_appear(open_page: OpenPage) -> None:
    page = open_page(URL)
    page.get_by_role("button", name="Take the weights away, layer by layer").click()
    expect(page.get_by_text("With 5 layers random:")).to_be_visible()
    expect(figure_of(page, at=3).locator("canvas")).to_have_count(10)


def test_a_phone_shows_the_page_without_sideways_scrolling(open_page: OpenPage) -> None:
    page = open_page(URL, width=PHONE, touch=True)
    expect(figure_of(page).locator("canvas")).to_have_count(12)
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= PHONE
