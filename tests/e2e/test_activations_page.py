"""The activations page in a real browser: images in, layers and maps chosen, cells pinned."""

import csv
import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page

from cnnviz.activations.read import read_activations
from cnnviz.digits.mnist import rasterize_strokes, sample_digits
from cnnviz.networks.load import load_model
from tests.e2e.conftest import OpenPage, choose, go_to
from tests.e2e.digit_pad import draw
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_drawn, wait_until_it_fits

LENET = "/activations?network=lenet5"
PHONE = 390


def tiles(page: Page) -> Locator:
    return page.locator(".maps button.tile[aria-label^='Map ']")


def query(page: Page) -> str:
    found: str = page.evaluate("decodeURIComponent(location.search).replaceAll('+', ' ')")
    return found


def expect_address(page: Page, *parts: str) -> None:
    """Wait until the address holds these values."""
    for part in parts:
        page.wait_for_function(
            "part => decodeURIComponent(location.search).replaceAll('+', ' ')"
            ".split(/[?&]/).includes(part)",
            arg=part,
        )


def read_number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def test_a_visit(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(LENET)
    check_layers_maps_and_cells_are_chosen_and_stay_on_the_first_screen(page)
    drawn = check_images_come_as_samples_uploads_and_drawings(page, tmp_path)
    facts = tiles(page).first.get_attribute("aria-label")
    phone = open_page(f"/activations{drawn}", width=PHONE, touch=True)
    tiles(phone).first.wait_for()
    assert tiles(phone).first.get_attribute("aria-label") == facts
    assert query(phone) == drawn
    check_a_photograph_on_a_phone_comes_first_in_both_themes(phone)


def check_layers_maps_and_cells_are_chosen_and_stay_on_the_first_screen(page: Page) -> None:
    tiles(page).first.wait_for()
    check_stage(page)
    check_facts_at_the_pointer(page)
    page.locator(".block[data-layer='c3']").click()
    expect(tiles(page)).to_have_count(16)
    expect_address(page, "layer=c3")
    expect(page.locator(".block[data-layer='c3']")).to_have_attribute("aria-selected", "true")
    check_stage(page)
    tiles(page).nth(2).click()
    expect(tiles(page).nth(2)).to_have_attribute("aria-pressed", "true")
    expect_address(page, "channel=2")
    check_arithmetic(page)
    page.locator(".cell .place").get_by_role("button", name="Unpin").click()
    expect_address(page, "cell=none")
    tiles(page).nth(2).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect_address(page, "channel=3")
    check_files(page)
    choose(page, "Layer", "S4")
    expect(page.locator(".block[data-layer='s4']")).to_have_class(re.compile("selected"))
    page.locator(".block[data-layer='c1']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect_address(page, "layer=s2")


def check_stage(page: Page) -> None:
    """The maps begin near the top, and what a click changes is on the screen."""
    wait_until_drawn(page)
    shown = page.locator(".st-key-stage")
    check_first_screen(
        shown.locator(".maps canvas").first,
        shown.locator(".cell .map .frame").first,
        shown.locator(".graph svg").first,
    )


def check_facts_at_the_pointer(page: Page) -> None:
    block = page.locator(".block[data-layer='c3']")
    block.hover()
    tip = page.locator(".graph .tip")
    expect(tip).to_contain_text("16 maps of 10×10")
    expect(tip).to_contain_text(re.compile(r"2[\u202f,]416 parameters"))
    expect(tip).to_contain_text("14×14")  # 5 + 2·(2 − 1) + (5 − 1)·2


def check_arithmetic(page: Page) -> None:
    frame = page.locator(".cell .map .frame")
    box = frame.bounding_box()
    assert box is not None
    frame.click(position={"x": box["width"] * 0.35, "y": box["height"] * 0.65})
    expect_address(page, "cell=6.3")
    expect(page.locator(".cell .sum h4")).to_have_text("C3, map 2, row 6, column 3")
    numbers = page.locator(".cell .sum .line")
    totals = [read_number(text) for text in numbers.locator(".part b").all_inner_texts()]
    assert len(totals) == 6
    bias = read_number(numbers.locator(".term", has_text="bias").locator("b").inner_text())
    if numbers.locator(".sign", has_text="−").count():
        bias = -bias
    value = read_number(numbers.locator(".result b").inner_text())
    assert sum(totals) + bias == pytest.approx(value, abs=0.01)


def check_files(page: Page) -> None:
    with page.expect_download() as png:
        page.get_by_role("link", name="Maps as PNG").click()
    assert png.value.suggested_filename == "lenet5-c3-maps.png"
    with Image.open(png.value.path()) as sheet:
        assert sheet.format == "PNG"
        assert min(sheet.size) > 300
    with page.expect_download() as kernels:
        page.get_by_role("link", name="Kernels of 3 as CSV").click()
    rows = list(csv.reader(io.StringIO(kernels.value.path().read_text())))
    assert rows[0][:3] == ["input", "row", "column 0"]
    assert len(rows) == 1 + 6 * 5
    with page.expect_download() as whole:
        page.get_by_role("link", name=re.compile("Whole layer as CSV")).click()
    assert len(whole.value.path().read_text().splitlines()) == 1 + 16 * 10


def check_images_come_as_samples_uploads_and_drawings(page: Page, tmp_path: Path) -> str:
    """Return the query of the last one's address."""
    go_to(page, f"{LENET}&layer=c1")
    open_chooser(page)
    page.get_by_role("searchbox", name="Search samples").fill("written 7")
    expect(page.locator(".gallery").get_by_role("option")).to_have_count(1)
    page.get_by_role("option", name="Written 7").click()
    expect_address(page, "image=digit-7")
    page.keyboard.press("Escape")
    check_value_at_the_pointer(page)

    open_chooser(page)
    page.get_by_role("radio", name="Upload").click()
    file = tmp_path / "notes.png"
    file.write_bytes(b"not an image")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stAlert")).to_contain_text("notes.png")
    expect(tiles(page).first).to_be_attached()
    written = np.full((60, 50, 3), 255, dtype=np.uint8)
    written[15:45, 22:28] = 0  # a 1
    Image.fromarray(written).save(tmp_path / "one.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "one.png")
    page.wait_for_function("location.search.includes('image=upload.')")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)

    open_chooser(page)  # it closed when the button got the upload's name
    page.get_by_role("radio", name="Draw").click()
    draw(page, sample_digits()[1][:1])
    page.wait_for_function("location.search.includes('image=drawing.')")
    wait_until_drawn(page)
    drawn = query(page)
    facts = tiles(page).first.get_attribute("aria-label")
    page.reload()
    tiles(page).first.wait_for()
    assert tiles(page).first.get_attribute("aria-label") == facts
    return drawn


def open_chooser(page: Page) -> None:
    wait_until_drawn(page)
    page.locator(".st-key-bench-image-window").get_by_role("button").click()
    page.mouse.move(640, 790)  # the button's help would lie over the window
    expect(page.get_by_role("radio", name="Samples")).to_be_visible()


def check_value_at_the_pointer(page: Page) -> None:
    """What the pointer tells of map 4 of C1 is what the network computes for the digit."""
    wait_until_drawn(page)
    tiles(page).nth(4).hover(position={"x": 40, "y": 40})
    tip = page.locator(".maps .tip").first
    expect(tip).to_be_visible()
    found = re.fullmatch(r"map 4, row (\d+), column (\d+): (−?[\d.]+)", tip.inner_text())
    assert found is not None, tip.inner_text()
    row, column = int(found[1]), int(found[2])
    model = load_model("lenet5")
    ink = rasterize_strokes(sample_digits()[7], pen=0.08, side=160)
    # The page's way from an image to the input: dark ink on white, in eight bits.
    pixels = np.repeat((255 * (1 - ink)).round().astype(np.uint8)[:, :, None], 3, axis=2)
    x = model.spec.preprocessing.prepare(pixels)
    values = read_activations(model, x, layers=("c1",))["c1"][0, 4]
    step = float(values.abs().max()) / 127
    assert abs(read_number(found[3]) - float(values[row, column])) <= step / 2 + 0.0006


def check_a_photograph_on_a_phone_comes_first_in_both_themes(page: Page) -> None:
    go_to(page, "/activations?network=resnet64&image=cat&layer=conv1")
    tiles(page).nth(5).wait_for()
    box = page.locator(".maps canvas").first.bounding_box()
    assert box is not None
    assert box["y"] <= 200
    tiles(page).nth(5).tap()
    expect_address(page, "channel=5")
    expect(page.locator(".cell .part").first).to_have_text(re.compile("red$"))
    labels = page.locator(".tile[aria-label^='Kernel for ']").all()
    names = [(label.get_attribute("aria-label") or "").split()[2] for label in labels]
    assert names == ["red,", "green,", "blue,"]
    for formula in page.locator(".st-key-stage .katex-display").all():
        assert formula.evaluate("one => one.scrollWidth <= one.clientWidth + 4")
    wait_until_it_fits(page)
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
