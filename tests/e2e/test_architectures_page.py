"""The page of architectures in a real browser: timeline, boxes, sliders, downloads, a phone."""

from playwright.sync_api import Page

from tests.e2e.conftest import OpenPage
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_drawn, wait_until_it_fits

URL = "/architectures"


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page(URL, touch=True)
    drawing = page.locator(".blocks").first
    expect(drawing).to_contain_text("480×28×28")
    check_first_screen(page.locator(".timeline"), drawing)
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Drawing as {kind}").first.click()
        assert download.value.suggested_filename == f"inception-256-28.{kind.lower()}"

    page.get_by_role("slider", name="Input channels C").first.press("ArrowLeft")
    # 192 channels: 96 + 144 + 72 + 48.
    expect(drawing).to_contain_text("360×28×28")
    page.wait_for_url("**channels=192*")

    page.locator('.card[data-block="inception"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**block=residual*")
    expect(drawing.locator(".tie.round")).to_have_count(1)
    expect(page.locator(".card.selected")).to_have_attribute("data-block", "residual")
    # What was clicked is seen without scrolling.
    expect(drawing.locator(".box").nth(1)).to_be_in_viewport()
    wait_until_drawn(page)
    drawing.locator(".box.sign").click()
    page.wait_for_url("**box=add*")
    page.go_back()
    page.wait_for_url("**block=inception*")
    expect(drawing).to_contain_text("360×28×28")
    check_a_phone_shows_wide_blocks_without_scrolling_sideways(page)


def check_a_phone_shows_wide_blocks_without_scrolling_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    check_phone(page, "inception")
    for block in ("dense", "inception4"):
        page.locator(f'.card[data-block="{block}"]').tap()
        check_phone(page, block)


def check_phone(page: Page, block: str) -> None:
    expect(page.locator(".card.selected")).to_have_attribute("data-block", block)
    page.wait_for_url(f"**block={block}&*")
    wait_until_drawn(page)
    wait_until_it_fits(page)
    expect(page.locator(".blocks .box").first).to_be_in_viewport()
    expect(page.locator(".card.selected")).to_be_in_viewport()
