"""The attribution page in a real browser: its stage, a map chosen, the address, a check."""

import re

from PIL import Image
from playwright.sync_api import Page

from tests.e2e.conftest import OpenPage, find_query
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_drawn, wait_until_it_fits

URL = "/attribution?network=lenet5&image=digit-7&target=1&second=3"


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page(URL)
    figure = page.locator(".overlay").first
    # The input and three methods, for two classes.
    expect(figure.locator("canvas")).to_have_count(8)
    check_first_screen(figure.locator("canvas"))

    figure.locator("canvas").nth(2).hover(position={"x": 60, "y": 40})
    place = figure.locator(".place")
    expect(place).to_contain_text(re.compile(r"Row \d+, column \d+ of the input"))
    expect(figure.locator(".caption.live")).to_have_count(6)
    figure.get_by_role("button", name=re.compile("^Guided backprop of 3")).click()
    page.wait_for_url(re.compile(r"method=Guided\+backprop&row=second"))
    method = page.get_by_role("combobox", name="Method", exact=True)
    expect(method).to_have_value(re.compile("Guided backprop$"))
    with page.expect_download() as download:
        figure.get_by_role("button", name="Figure as PNG").click()
    assert download.value.suggested_filename == "lenet5-attribution.png"
    with Image.open(download.value.path()) as sheet:
        assert min(sheet.size) > 300

    check_back_and_forward(page)
    page.get_by_role("radio", name="Sanity check").click()
    page.wait_for_url(re.compile(r"section=Sanity\+check"))
    expect(page.get_by_role("link", name="Correlations as CSV")).to_be_visible()
    expect(page.locator(".overlay").nth(1).locator("canvas")).to_have_count(6)

    page.set_viewport_size({"width": 390, "height": 844})
    expect(figure.locator("canvas")).to_have_count(8)
    wait_until_it_fits(page)
    expect(figure.locator("canvas").first).to_be_in_viewport()


def check_back_and_forward(page: Page) -> None:
    """The class of the workbench and the page's own values return with Back and Forward."""
    address = find_query(page)
    assert (address["target"], address["second"]) == ("1", "3")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Occlusion").click()
    page.wait_for_url(re.compile(r"/occlusion\?.*square="))
    assert find_query(page)["target"] == "1"
    page.go_back()
    page.wait_for_url(re.compile(r"/attribution\?"))
    expect(page.locator(".overlay canvas").first).to_be_visible()
    assert find_query(page) == address
    entries = page.evaluate("window.history.length")
    page.go_forward()
    page.wait_for_url(re.compile(r"/occlusion\?.*square="))
    expect(page.locator(".occlusion canvas").first).to_be_visible()
    page.wait_for_function("document.documentElement.dataset.cnnvizPath === 'occlusion'")
    wait_until_drawn(page)
    page.go_back()
    expect(page.locator(".overlay canvas").first).to_be_visible()
    assert page.evaluate("window.history.length") == entries
