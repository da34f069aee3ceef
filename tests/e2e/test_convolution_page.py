"""Convolution, step by step, in a real browser: play, point, keyboard, edit, a phone."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage

URL = "/convolution"
LECTURE = f"{URL}?kernel=1&numbers=1+1+2+4,+5+6+7+8,+3+2+1+0,+1+2+3+4"


def slide_of(page: Page) -> Locator:
    slide = page.locator(".slide")
    expect(slide).to_have_attribute("data-value", re.compile(r"\d"))
    return slide


def point(canvas: Locator, cell: tuple[float, float], size: int) -> None:
    wide, high = canvas.evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
    across, down = (cell[1] + 0.5) / size, (cell[0] + 0.5) / size
    canvas.hover(position={"x": wide * across, "y": high * down})


def test_the_lectures_pooling_is_worked_out(open_page: OpenPage) -> None:
    page = open_page(LECTURE)
    slide = slide_of(page)
    largest, average = slide.locator("canvas").nth(3), slide.locator("canvas").nth(4)
    point(largest, (0, 0), 2)
    expect(slide).to_have_attribute("data-value", "6")
    expect(slide.locator(".sum")).to_contain_text("max(1, 1, 5, 6)")
    point(average, (0, 1), 2)
    expect(slide).to_have_attribute("data-value", "5.25")
    expect(slide.locator(".sum")).to_contain_text("(2 + 4 + 7 + 8)")


def test_stepping_pointing_and_keys(open_page: OpenPage) -> None:
    page = open_page(URL)
    slide = slide_of(page)
    button = slide.get_by_role("button", name="One cell further")
    button.click()
    expect(slide).to_have_attribute("data-cell", "0 0")
    expect(slide).to_have_attribute("data-filled", "1")
    expect(slide.locator(".terms")).to_contain_text("9·(−1) = −9")
    button.click()
    expect(slide).to_have_attribute("data-value", "-18")
    slide.get_by_role("button", name="Show all").click()
    expect(slide).to_have_attribute("data-filled", "all")
    kept = slide.locator("canvas").nth(1)
    point(kept, (1, 1), 5)
    expect(slide).to_have_attribute("data-value", "45")
    page.mouse.down()
    page.mouse.up()
    kept.press("ArrowRight")
    expect(slide).to_have_attribute("data-value", "27")
    slide.get_by_label("Speed").select_option("fast")
    kept.press(" ")
    # The last of 25 + 25 + 4 + 4 cells: the mean of 0, 27, 27 and 45.
    expect(slide).to_have_attribute("data-filled", "58")
    expect(slide).to_have_attribute("data-grid", "Average pooling")
    expect(slide).to_have_attribute("data-value", "24.75")
    expect(slide.get_by_role("button", name="Play")).to_be_visible()


def test_an_edited_kernel_changes_the_map_and_the_address(open_page: OpenPage) -> None:
    page = open_page(URL)
    slide = slide_of(page)
    field = slide.get_by_label("Kernel, row 1, column 1")
    field.fill("9")
    field.press("Enter")
    # In the middle of the square: 9·9 − 8·9.
    expect(slide).to_have_attribute("data-value", "9")
    page.wait_for_url(re.compile(r"kernel=-1\+-1\+-1%2C\+-1\+9\+-1"))
    again = open_page(f"{URL}?{urlsplit(page.url).query}")
    expect(slide_of(again)).to_have_attribute("data-value", "9")


def test_a_drawn_digit_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?input=Picture&side=28&padding=1", width=390, dark=True, touch=True)
    slide = slide_of(page)
    for canvas in slide.locator("canvas").all():
        box = canvas.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
    slide.locator("canvas").nth(2).tap()
    expect(slide).to_have_attribute("data-grid", "After ReLU")
    expect(slide.locator(".sum")).to_contain_text("max(0, ")
    with page.expect_download() as download:
        slide.get_by_role("button", name="PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
