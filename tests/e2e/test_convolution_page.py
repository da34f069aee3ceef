"""Convolution, step by step, in a real browser: play, point, pin, keyboard, edit, a phone."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from tests.e2e.conftest import OpenPage, find_query, go_to
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_it_fits

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


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page(URL)
    check_steps_and_an_edited_kernel(page)
    phone = open_page(f"{URL}?{urlsplit(page.url).query}", width=390, dark=True, touch=True)
    expect(slide_of(phone)).to_have_attribute("data-value", "9")
    check_an_image_on_a_phone(phone)
    check_an_example_is_one_step_of_the_history(page)
    check_channels_are_summed_and_a_cell_is_spread(page)


def check_steps_and_an_edited_kernel(page: Page) -> None:
    slide = slide_of(page)
    expect(slide.locator("canvas")).to_have_count(5)
    check_first_screen(slide.locator("canvas"), slide.locator(".sum"))

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
    page.wait_for_url("**cell=6*")
    kept.press("ArrowRight")
    page.wait_for_url("**cell=7*")
    expect(slide).to_have_attribute("data-value", "27")

    slide.get_by_label("Speed").select_option("fast")
    slide.locator("canvas").nth(1).press(" ")
    # The last of 25 + 25 + 4 + 4 cells: the mean of 0, 27, 27 and 45.
    expect(slide).to_have_attribute("data-filled", "58")
    expect(slide).to_have_attribute("data-grid", "Average pooling")
    expect(slide).to_have_attribute("data-value", "24.75")

    field = slide.get_by_label("Kernel, row 1, column 1")
    field.fill("9")
    field.press("Enter")
    # In the middle of the square: 9·9 − 8·9.
    expect(slide).to_have_attribute("data-value", "9")
    page.wait_for_url("**cell=middle*")
    assert find_query(page)["kernel"] == "-1 -1 -1, -1 9 -1, -1 -1 -1"


def check_an_example_is_one_step_of_the_history(page: Page) -> None:
    go_to(page, LECTURE)
    slide = slide_of(page)
    largest, average = slide.locator("canvas").nth(3), slide.locator("canvas").nth(4)
    point(largest, (0, 0), 2)
    expect(slide).to_have_attribute("data-value", "6")
    expect(slide.locator(".sum")).to_contain_text("max(1, 1, 5, 6)")
    point(average, (0, 1), 2)
    expect(slide).to_have_attribute("data-value", "5.25")
    expect(slide.locator(".sum")).to_contain_text("(2 + 4 + 7 + 8)")

    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="7×7, stride 3").click()
    page.wait_for_url("**stride=3*")
    page.go_back()
    page.wait_for_url("**stride=1*")
    assert find_query(page)["kernel"] == "1"
    expect(slide.locator("canvas")).to_have_count(5)
    point(largest, (0, 0), 2)
    expect(slide).to_have_attribute("data-value", "6")


def check_an_image_on_a_phone(page: Page) -> None:
    go_to(page, f"{URL}?source=Image&image=digit-3&side=28&padding=1")
    slide = slide_of(page)
    expect(slide.locator("canvas").first).to_be_in_viewport()
    wait_until_it_fits(page)
    slide.locator("canvas").nth(2).tap()
    expect(slide).to_have_attribute("data-grid", "After ReLU")
    expect(slide.locator(".sum")).to_contain_text("max(0, ")
    with page.expect_download() as download:
        slide.get_by_role("button", name="PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def check_channels_are_summed_and_a_cell_is_spread(page: Page) -> None:
    go_to(page, f"{URL}?mode=channels&channels=2&filter_count=1")
    volumes = page.locator(".volumes")
    expect(volumes).to_have_attribute("data-cell", "0 1 1")
    # −1·2 − 2·2 − 1·2 of the first channel; 2·1 + 1·1 of the second.
    expect(volumes).to_have_attribute("data-value", "-5")
    expect(volumes.locator(".sum")).to_contain_text("sum of 9 products")
    volumes.locator("canvas[tabindex]").press("ArrowLeft")
    expect(volumes).to_have_attribute("data-cell", "0 1 0")
    page.wait_for_url("**cell=3*")
    go_to(page, f"{URL}?mode=transposed&source=Numbers")
    expect(volumes.locator(".sum")).to_contain_text("added to map 0")
