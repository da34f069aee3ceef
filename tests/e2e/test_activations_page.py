"""The activations page in a real browser: pictures in, layers and maps chosen, cells pinned."""

import csv
import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from cnnviz.activations import read_activations
from cnnviz.digits import rasterize_strokes, sample_digits, to_input
from cnnviz.inference import load_model
from tests.e2e.conftest import OpenPage, choose
from tests.running_app import wait_until_drawn

URL = "/activations"
PHONE = 390


def heading(page: Page, text: str) -> Locator:
    return page.get_by_role("heading", name=text, exact=True)


def open_layer(open_page: OpenPage, query: str = "", *, layer: str = "C1", **options: bool) -> Page:
    """Open the page and wait until the layer's maps are painted."""
    page = open_page(f"{URL}{query}", **options)
    expect(heading(page, layer)).to_be_visible()
    page.locator(".maps[data-tiles]").first.wait_for()
    return page


def tiles(page: Page) -> Locator:
    return page.locator("button.tile[aria-label^='Map ']")


def query(page: Page) -> str:
    found: str = page.evaluate("decodeURIComponent(location.search).replaceAll('+', ' ')")
    return found


def test_a_layer_is_chosen_by_mouse_list_and_keyboard(open_page: OpenPage) -> None:
    page = open_layer(open_page)
    check_facts_at_the_pointer(page)
    expect(tiles(page)).to_have_count(6)
    page.locator(".block[data-layer='c3']").click()
    expect(heading(page, "C3")).to_be_visible()
    expect(tiles(page)).to_have_count(16)
    expect(page.get_by_role("combobox", name="Layer")).to_have_value("C3")
    expect(page.locator(".block[data-layer='c3']")).to_have_attribute("aria-selected", "true")
    assert "layer=C3" in query(page)
    page.go_back()  # from the new layer's strongest map,
    page.go_back()  # and from the layer
    expect(heading(page, "C1")).to_be_visible()
    expect(page.locator(".block[data-layer='c1']")).to_have_attribute("aria-selected", "true")
    choose(page, "Layer", "S4")
    expect(heading(page, "S4")).to_be_visible()
    expect(page.locator(".block[data-layer='s4']")).to_have_class(re.compile("selected"))
    page.locator(".block[data-layer='c1']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".block[data-layer='s2']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(heading(page, "S2")).to_be_visible()


def check_facts_at_the_pointer(page: Page) -> None:
    block = page.locator(".block[data-layer='c3']")
    block.hover()
    tip = page.locator(".graph .tip")
    expect(tip).to_contain_text("16 maps of 10×10")
    expect(tip).to_contain_text("2\u202f416 parameters")
    expect(tip).to_contain_text("14×14")  # 5 + 2·(2 − 1) + (5 − 1)·2
    label = block.get_attribute("aria-label")
    assert label is not None
    assert label.startswith("C3, convolution, 16 maps of 10×10")


def test_a_map_is_chosen_by_mouse_and_by_keyboard(open_page: OpenPage) -> None:
    page = open_layer(open_page, "?layer=C3", layer="C3")
    tiles(page).nth(9).click()
    expect(heading(page, "Map 9 of C3")).to_be_visible()
    expect(tiles(page).nth(9)).to_have_attribute("aria-pressed", "true")
    assert "channel=9" in query(page)
    tiles(page).nth(9).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(heading(page, "Map 10 of C3")).to_be_visible()


def test_values_at_the_pointer_are_the_networks(open_page: OpenPage) -> None:
    """Of a sample that is chosen by its thumbnail."""
    page = open_layer(open_page)
    page.get_by_role("option", name="Written 7").click()
    expect(page.get_by_alt_text("The picture Written 7", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Sample")).to_have_value("Written 7")
    assert "sample=Written 7" in query(page)
    wait_until_drawn(page)
    page.locator(".maps canvas").first.scroll_into_view_if_needed()
    tiles(page).nth(4).hover(position={"x": 60, "y": 60})
    tip = page.locator(".maps .tip").first
    expect(tip).to_be_visible()
    found = re.fullmatch(r"map 4, row (\d+), column (\d+): (−?[\d.]+)", tip.inner_text())
    assert found is not None, tip.inner_text()
    row, column = int(found[1]), int(found[2])
    model = load_model("lenet5")
    ink = rasterize_strokes(sample_digits()[7], pen=0.08, side=160)
    # The page's way from a picture to the input: dark ink on white, in eight bits.
    pixels = np.repeat((255 * (1 - ink)).round().astype(np.uint8)[:, :, None], 3, axis=2)
    x = model.spec.preprocessing.prepare(pixels)
    values = read_activations(model, x, layers=("c1",))["c1"][0, 4]
    step = float(values.abs().max()) / 127
    shown = float(found[3].replace("−", "-"))
    assert abs(shown - float(values[row, column])) <= step / 2 + 0.0006
    assert to_input(ink).shape == x.shape


def test_maps_are_sorted_and_the_range_changes(open_page: OpenPage) -> None:
    page = open_layer(open_page, "?layer=C3+after+ReLU", layer="C3 after ReLU")
    page.get_by_role("radio", name="maximum").click()
    expect(tiles(page).first).not_to_have_attribute("data-channel", "0")
    labels = [tile.get_attribute("aria-label") or "" for tile in tiles(page).all()]
    maxima = [float(label.rsplit(" ", 1)[1].replace("−", "-")) for label in labels]
    assert maxima == sorted(maxima, reverse=True)
    page.get_by_role("radio", name="each map").click()
    expect(page.locator(".maps .scale").first).to_contain_text("of each map")


def test_a_tap_pins_a_cell_and_its_numbers_add_up(open_page: OpenPage) -> None:
    page = open_layer(open_page, "?layer=C3&channel=2", layer="C3")
    frame = page.locator(".cell .map .frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    frame.click(position={"x": box["width"] * 0.35, "y": box["height"] * 0.65})
    expect(page.locator(".cell .sum h4")).to_have_text("C3, map 2, row 6, column 3")
    expect(page.get_by_role("spinbutton", name="Row")).to_have_value("6")
    assert "row=6" in query(page)
    assert "column=3" in query(page)
    numbers = page.locator(".cell .sum .line")
    totals = [read_number(text) for text in numbers.locator(".part b").all_inner_texts()]
    assert len(totals) == 6
    bias = read_number(numbers.locator(".term", has_text="bias").locator("b").inner_text())
    if numbers.locator(".sign", has_text="−").count():
        bias = -bias
    value = read_number(numbers.locator(".result b").inner_text())
    assert sum(totals) + bias == pytest.approx(value, abs=0.01)
    page.locator(".cell .place").get_by_role("button", name="Unpin").click()
    expect(page.get_by_role("spinbutton", name="Row")).to_have_value("")
    assert "row=" not in query(page)


def read_number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def test_cells_are_walked_by_keyboard_and_spoken(open_page: OpenPage) -> None:
    page = open_layer(open_page, "?layer=S2&row=3&column=3", layer="S2")
    frame = page.locator(".cell .map .frame")
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    spoken = page.locator(".cell .spoken")
    expect(spoken).to_contain_text("row 4, column 4")
    # A cell of S2 reads 2×2 cells of C1, each 5×5 pixels: 6 pixels from twice its index on.
    expect(spoken).to_contain_text("sees rows 8–13, columns 8–13")
    page.keyboard.press("Enter")
    expect(page.locator(".cell .sum h4")).to_have_text("S2, map 0, row 4, column 4")


def test_a_picture_is_uploaded_and_a_bad_file_clears_it(
    open_page: OpenPage, tmp_path: Path
) -> None:
    picture = tmp_path / "seven.png"
    pixels = np.full((60, 50, 3), 255, dtype=np.uint8)
    pixels[10:16, 10:40] = 0
    pixels[16:50, 32:40] = 0
    Image.fromarray(pixels).save(picture)
    bad = tmp_path / "notes.png"
    bad.write_text("no picture")
    page = open_page(URL)
    page.get_by_role("radio", name="Upload").click()
    expect(page.get_by_text("Choose a picture; what the network sees")).to_be_visible()
    page.locator("input[type=file]").set_input_files(picture)
    expect(heading(page, "Map 0 of C1")).to_be_visible()
    expect(page.get_by_text("50×60")).to_be_visible()
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_role("alert")).to_contain_text("notes.png")
    expect(heading(page, "Map 0 of C1")).to_be_hidden()
    expect(heading(page, "Try this")).to_be_visible()
    page.get_by_role("radio", name="Sample").click()
    expect(heading(page, "Map 0 of C1")).to_be_visible()


def test_one_is_drawn(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?picture=Draw&layer=Output")
    board = page.locator("canvas.pad")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    for stroke in sample_digits()[1]:
        spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*spots[0])
        page.mouse.down()
        for spot in spots[1:]:
            page.mouse.move(*spot)
        page.mouse.up()
        # The stroke is reported when the pen is lifted.
        expect(page.get_by_alt_text("The picture drawing", exact=True)).to_be_visible()
    expect(heading(page, "Output")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Choose a picture; what the network sees")).to_be_visible()


def test_files_are_downloaded(open_page: OpenPage) -> None:
    page = open_layer(open_page, "?layer=C3&channel=2", layer="C3")
    with page.expect_download() as png:
        page.get_by_role("button", name="Maps as PNG").click()
    assert png.value.suggested_filename == "lenet5-c3-maps.png"
    with Image.open(png.value.path()) as sheet:
        assert sheet.format == "PNG"
        assert min(sheet.size) > 300
    with page.expect_download() as kernels:
        page.get_by_role("button", name="Kernels of 2 as CSV").click()
    rows = list(csv.reader(io.StringIO(kernels.value.path().read_text())))
    assert rows[0][:3] == ["input", "row", "column 0"]
    assert len(rows) == 1 + 6 * 5
    with page.expect_download() as whole:
        page.get_by_role("button", name=re.compile("Whole layer as CSV")).click()
    assert len(whole.value.path().read_text().splitlines()) == 1 + 16 * 10


def test_a_phone_shows_the_page_without_sideways_scrolling(open_page: OpenPage) -> None:
    page = open_page(f"{URL}?layer=C3", width=PHONE, touch=True)
    expect(heading(page, "C3")).to_be_visible()
    tiles(page).nth(5).tap()
    expect(heading(page, "Map 5 of C3")).to_be_visible()
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= PHONE
    assert ground_of_maps(page) > 200
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(18, 21, 28)")
    wait_until_drawn(page)
    deadline = time.monotonic() + 10
    while ground_of_maps(page) >= 60:
        assert time.monotonic() < deadline, "the maps kept the colours of the light theme"


def ground_of_maps(page: Page) -> float:
    """Mean brightness of what is painted for zero: the scale's middle."""
    bar = page.locator(".maps .scale .bar").first
    picture = Image.open(io.BytesIO(bar.screenshot())).convert("L")
    width, height = picture.size
    return float(picture.getpixel((width // 2, height // 2)))  # type: ignore[arg-type]
