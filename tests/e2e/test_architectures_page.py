"""The architecture page in a real browser: timeline, boxes, sliders, downloads, both themes."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.running_app import wait_until_drawn, wait_until_it_fits

URL = "/architectures"


def test_a_link_reopens_block_box_and_comparison(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?block=MobileNet-v1&channels=64&pair=fire")
    expect(page.get_by_role("heading", name="MobileNet-v1, 2017")).to_be_visible()
    expect(page.locator(".card.selected")).to_have_attribute("data-block", "mobilenet")
    expect(page.locator(".blocks").first).to_contain_text("64×56×56")


def test_a_click_on_the_timeline_and_on_a_box(open_page: OpenPage) -> None:
    page = open_page(URL)
    page.locator('.card[data-block="residual"]').click()
    expect(page.get_by_role("heading", name="ResNet-34, 2015")).to_be_visible()
    wait_until_drawn(page)
    assert "block=ResNet-34" in page.url
    drawing = page.locator(".blocks").first
    expect(drawing.locator(".tie.round")).to_have_count(1)
    drawing.locator(".box.sign").click()
    expect(page.get_by_role("combobox", name="Box (or click one)")).to_have_value("sum")
    expect(page.get_by_text("Additions")).to_be_visible()


def test_keys_move_along_the_timeline_and_a_slider_recomputes_the_drawing(
    open_page: OpenPage,
) -> None:
    page = open_page(URL)
    check_saving(page)
    check_a_slider(page)
    page.locator('.card[data-block="inception"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ResNet-34, 2015")).to_be_visible()


def check_a_slider(page: Page) -> None:
    drawing = page.locator(".blocks").first
    expect(drawing).to_contain_text("480×28×28")
    page.get_by_role("slider", name="Channels C of the input").press("ArrowLeft")
    # 192 channels: 96 + 144 + 72 + 48.
    expect(drawing).to_contain_text("360×28×28")
    assert "channels=192" in page.url


def check_saving(page: Page) -> None:
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Drawing as {kind}").first.click()
        assert download.value.suggested_filename == f"inception-256-28.{kind.lower()}"


@pytest.mark.parametrize("block", ["inception", "dense", "inception4"])
def test_a_phone_shows_a_wide_block_without_scrolling_sideways(
    open_page: OpenPage, block: str
) -> None:
    page = open_page(f"{URL}?block={block}", width=390, touch=True)
    wait_until_it_fits(page)
    expect(page.locator(".blocks .box").first).to_be_visible()
