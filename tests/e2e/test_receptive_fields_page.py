"""The receptive-field page in a real browser: a cell's patch, a stack played and edited."""

import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.e2e.conftest import OpenPage, go_to
from tests.e2e.patience import expect

URL = "/receptive_fields"
STACK = f"{URL}?network=lenet5&view=stack"
PHONE, SCREEN = 390, 800


def panel(page: Page, key: str = "stack") -> Locator:
    found = page.locator(f'.field .stack[data-stack="{key}"]')
    expect(found).to_have_attribute("data-field", re.compile(r"\d"))
    return found


def button(page: Page, name: str) -> Locator:
    return page.locator(".field").get_by_role("button", name=name)


def expect_address(page: Page, part: str) -> None:
    """Wait until the address holds this value."""
    page.wait_for_function(
        "part => decodeURIComponent(location.search).replaceAll('+', ' ')"
        ".split(/[?&]/).includes(part)",
        arg=part,
    )


def test_a_visit(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{URL}?network=lenet5&layer=s2")
    check_a_cell_shows_its_patch_and_the_fields_are_measured(page)
    check_an_upload_goes_along_and_back_and_forth_keep_each_page(page, tmp_path)
    check_a_stack_is_stepped_through_edited_and_saved(page)
    phone = open_page(f"{STACK}&stack=3p1,+3p1&against=&size=9", width=PHONE, touch=True)
    check_the_cell_moves_by_keyboard_and_meets_the_padding_on_a_phone(phone)


def check_a_cell_shows_its_patch_and_the_fields_are_measured(page: Page) -> None:
    patch = page.locator(".patch")
    expect(patch).to_have_attribute("data-cell", "7 7")
    box = patch.bounding_box()
    assert box is not None
    assert box["y"] <= 160
    assert box["y"] + box["height"] <= SCREEN
    cells = patch.locator("canvas.cells")
    size = cells.evaluate("cells => cells.clientWidth")
    # S2 has 14×14 cells; each sees 6×6 pixels, two further on: row 2 from 4, column 5 from 10.
    cells.click(position={"x": size * 5.5 / 14, "y": size * 2.5 / 14})
    expect(patch).to_have_attribute("data-cell", "2 5")
    expect(patch).to_have_attribute("data-patch", "4 9 10 15")
    expect_address(page, "cell=2.5")
    cells.hover(position={"x": 2, "y": 2})
    expect(patch).to_have_attribute("data-patch", "0 5 0 5")
    page.mouse.move(0, 0)
    expect(patch).to_have_attribute("data-cell", "2 5")  # the one that was clicked
    heat = page.locator(".heat .panel")
    expect(heat).to_have_count(2)
    expect(heat.locator("h4").first).to_have_text("Trained weights")


def check_an_upload_goes_along_and_back_and_forth_keep_each_page(
    page: Page, tmp_path: Path
) -> None:
    go_to(page, "/activations?network=lenet5")
    page.locator(".st-key-bench-image-window").get_by_role("button").click()
    page.mouse.move(640, 790)  # the button's help would lie over the window
    page.get_by_role("radio", name="Upload").click()
    written = np.full((60, 50, 3), 255, dtype=np.uint8)
    written[15:45, 22:28] = 0  # a 1
    Image.fromarray(written).save(tmp_path / "one.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "one.png")
    page.wait_for_function("location.search.includes('image=upload.')")
    page.keyboard.press("Escape")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Receptive fields").click()
    expect(page.locator(".patch")).to_be_visible()
    page.wait_for_function("location.search.includes('image=upload.')")
    page.get_by_role("radio", name="Stack of layers").click()
    expect_address(page, "view=stack")
    page.locator(".st-key-stage").get_by_role("button", name="Presets").click()
    page.get_by_role("button", name="two 3×3 or 5×5").click()
    expect_address(page, "stack=3, 3")
    page.go_back()  # one step for the whole preset
    expect_address(page, "stack=3, 3, 3")
    expect(panel(page)).to_have_attribute("data-field", "7")
    page.go_back()
    expect(page.locator(".maps").first).to_be_visible()
    page.go_forward()
    expect(panel(page)).to_have_attribute("data-field", "7")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def check_a_stack_is_stepped_through_edited_and_saved(page: Page) -> None:
    go_to(page, STACK)
    stack, against = panel(page), panel(page, "against")
    expect(stack).to_have_attribute("data-field", "7")
    button(page, "One layer back").click()
    button(page, "One layer back").click()
    # Three 3×3: 3, 5, 7. The 7×7 sees its 7 from the first step on.
    for level, field in ((1, 3), (2, 5), (3, 7)):
        expect(page.locator(".field")).to_have_attribute("data-level", str(level))
        expect(stack).to_have_attribute("data-pixels", str(field * field))
        expect(against).to_have_attribute("data-pixels", "49")
        if level < 3:
            button(page, "One layer further").click()
    expect(button(page, "One layer further")).to_be_disabled()
    check_stride_of_zero(page)
    dilation = stack.get_by_label("dilation D of layer 2")
    dilation.fill("2")
    dilation.press("Enter")
    expect(stack).to_have_attribute("data-field", "9")
    expect_address(page, "stack=3, 3d2, 3")
    stack.get_by_role("button", name="Remove layer 3").click()
    expect(stack).to_have_attribute("data-field", "7")
    expect_address(page, "stack=3, 3d2")
    with page.expect_download() as download:
        button(page, "PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def check_stride_of_zero(page: Page) -> None:
    """It is told, and can be mended in place."""
    stack = panel(page)
    stride = stack.get_by_label("stride S of layer 1")
    stride.fill("0")
    stride.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("S = 0 cannot be put into")
    expect(stack.locator("tr.faulty")).to_have_count(1)
    stride = stack.get_by_label("stride S of layer 1")
    stride.fill("1")
    stride.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(stack).to_have_attribute("data-field", "7")


def check_the_cell_moves_by_keyboard_and_meets_the_padding_on_a_phone(page: Page) -> None:
    stack = panel(page)
    expect(stack).to_have_attribute("data-cell", "4 4")
    canvas = stack.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] <= PHONE
    canvas.focus()
    for _ in range(6):
        canvas.press("ArrowLeft")
        canvas.press("ArrowUp")
    # In the corner 5×5 hangs over by two on each side: 3×3 pixels are left.
    expect(stack).to_have_attribute("data-cell", "0 0")
    expect(stack).to_have_attribute("data-pixels", "9")
    go_to(page, f"{STACK}&stack=3p1,+3p1&against=&size=11")
    expect(stack).to_have_attribute("data-cell", "5 5")  # in the middle of another input
