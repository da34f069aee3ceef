"""The receptive-field page in a real browser: play it, move the cell, edit a layer, read it off."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage

URL = "/receptive_fields"
PHONE = 390


def panel(page: Page, key: str = "stack") -> Locator:
    found = page.locator(f'.field .stack[data-stack="{key}"]')
    expect(found).to_have_attribute("data-field", re.compile(r"\d"))
    return found


def button(page: Page, name: str) -> Locator:
    return page.locator(".field").get_by_role("button", name=name)


def finish_step(page: Page, level: int) -> None:
    """Wait until the layer's cone has reached the input, when its numbers are told."""
    expect(page.locator(".field")).to_have_attribute("data-level", str(level))


# Three 3×3: 3, 5, 7. The 7×7 sees its 7 from the first step on.
def test_stepping_through_three_against_one(open_page: OpenPage) -> None:
    page = open_page(URL)
    stack, against = panel(page), panel(page, "against")
    expect(stack).to_have_attribute("data-field", "7")
    button(page, "One layer back").click()
    button(page, "One layer back").click()
    for level, field in ((1, 3), (2, 5), (3, 7)):
        finish_step(page, level)
        expect(stack).to_have_attribute("data-field", str(field))
        expect(stack).to_have_attribute("data-pixels", str(field * field))
        expect(stack.locator(".sees b")).to_have_text(f"{field}×{field} pixels")
        expect(against).to_have_attribute("data-pixels", "49")
        if level < 3:
            button(page, "One layer further").click()
    expect(button(page, "One layer further")).to_be_disabled()


def test_playing_runs_to_the_last_layer_and_stops_and_is_saved(open_page: OpenPage) -> None:
    page = open_page(URL, motion=True)
    panel(page)
    page.locator(".field").get_by_label("Speed").select_option("fast")
    button(page, "Play").click()
    expect(button(page, "Pause")).to_be_visible()
    finish_step(page, 3)
    expect(button(page, "Play")).to_be_visible()
    expect(panel(page)).to_have_attribute("data-field", "7")
    with page.expect_download() as download:
        button(page, "PNG").click()
    assert download.value.suggested_filename == "receptive-field.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_cell_moves_by_keyboard_and_by_mouse_and_meets_the_padding(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?stack=3p1,+3p1&against=&size=9")
    stack = panel(page)
    expect(stack).to_have_attribute("data-cell", "4 4")
    canvas = stack.locator("canvas")
    canvas.focus()
    canvas.press("ArrowLeft")
    canvas.press("ArrowUp")
    expect(stack).to_have_attribute("data-cell", "3 3")
    expect(stack).to_have_attribute("data-pixels", "25")
    for _ in range(5):
        canvas.press("ArrowLeft")
        canvas.press("ArrowUp")
    # In the corner 5×5 hangs over by two on each side: 3×3 pixels are left.
    expect(stack).to_have_attribute("data-cell", "0 0")
    expect(stack).to_have_attribute("data-pixels", "9")
    expect(stack.locator(".sees")).to_contain_text("It reads 9 of them")
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    expect(stack).to_have_attribute("data-cell", "8 8")


def test_holes_of_a_dilated_stack_are_not_counted(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?stack=3d2,+3d2&against=&size=15")
    # 9×9 are spanned, every second pixel is read: 5×5.
    expect(panel(page)).to_have_attribute("data-field", "9")
    expect(panel(page)).to_have_attribute("data-pixels", "25")


def test_an_edited_layer_changes_the_sums_and_the_address(open_page: OpenPage) -> None:
    page = open_page(URL)
    check_stride_of_zero(page)
    stack = panel(page)
    dilation = stack.get_by_label("dilation D of layer 2")
    dilation.fill("2")
    dilation.press("Enter")
    expect(stack).to_have_attribute("data-field", "9")
    expect(page.get_by_label("Stack", exact=True)).to_have_value("3, 3d2, 3")
    page.wait_for_url(re.compile(r"stack=3%2C\+3d2%2C\+3"))
    stack.get_by_role("button", name="Remove layer 3").click()
    expect(stack).to_have_attribute("data-field", "7")
    stack.get_by_role("button", name="Add a layer").click()
    expect(page.get_by_label("Stack", exact=True)).to_have_value("3, 3d2, 3d2")
    again = open_page(f"{URL}?{urlsplit(page.url).query}")
    expect(panel(again)).to_have_attribute("data-field", "11")


def check_stride_of_zero(page: Page) -> None:
    """It is told, and can be mended in place."""
    stack = panel(page)
    stride = stack.get_by_label("stride S of layer 1")
    stride.fill("0")
    stride.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("S = 0 cannot be put into")
    expect(stack.locator("tr.faulty")).to_have_count(1)
    stride = stack.get_by_label("stride S of layer 1")
    stride.fill("2")
    stride.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(stack).to_have_attribute("data-field", "11")  # 3 + 2·2 + 2·2
    stride = stack.get_by_label("stride S of layer 1")
    stride.fill("1")
    stride.press("Enter")
    expect(stack).to_have_attribute("data-field", "7")


def test_the_picture_is_painted_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(URL, width=PHONE, touch=True)
    canvas = panel(page).locator("canvas")
    colors = canvas.evaluate(
        "canvas => new Set(new Uint32Array(canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"
    )
    assert colors > 20
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] <= PHONE


def test_effective_fields_are_painted(open_page: OpenPage) -> None:
    page = open_page(URL)
    heat = page.locator(".heat .panel")
    expect(heat).to_have_count(2)
    expect(heat.locator("h4").first).to_have_text("Random weights")
    expect(heat.locator("p").last).to_contain_text("95% of the energy lies on")
    with page.expect_download() as download:
        page.locator(".heat").get_by_role("button", name="PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_cell_of_a_network_shows_its_patch_of_a_photograph(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?network=lenet5&layer=s2")
    patch = page.locator(".patch")
    expect(patch).to_have_attribute("data-cell", "7 7")
    cells = patch.locator("canvas.cells")
    size = cells.evaluate("cells => cells.clientWidth")
    # S2 has 14×14 cells; each sees 6×6 pixels, two further on: row 2 from 4, column 5 from 10.
    cells.click(position={"x": size * 5.5 / 14, "y": size * 2.5 / 14})
    expect(patch).to_have_attribute("data-cell", "2 5")
    expect(patch).to_have_attribute("data-patch", "4 9 10 15")
    expect(patch.locator("p")).to_contain_text("rows 0 + 2·2 = 4 to 9")
    page.wait_for_url(re.compile("row=2&column=5"))
    cells.hover(position={"x": 2, "y": 2})
    expect(patch).to_have_attribute("data-patch", "0 5 0 5")
    page.mouse.move(0, 0)
    expect(patch).to_have_attribute("data-cell", "2 5")  # the one that was clicked
    cells.press("ArrowDown")
    expect(patch).to_have_attribute("data-patch", "6 11 10 15")
    page.wait_for_url(re.compile("row=3"))
    again = open_page(f"{URL}?{urlsplit(page.url).query}")
    expect(again.locator(".patch")).to_have_attribute("data-cell", "3 5")
