"""The bubble charts in a real browser: a bubble answers a click, the numbers can be taken away."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PAGE_MILLISECONDS, OpenPage
from tests.running_app import wait_until_drawn

ONLY_VGG = "/tradeoffs?families=VGG&weights=first+recipe"


def test_a_click_on_a_bubble_opens_its_card_and_the_card_its_table(open_page: OpenPage) -> None:
    page = open_page(ONLY_VGG, height=1600)
    bubbles = page.locator(".js-plotly-plot").first.locator(".scatterlayer .points path")
    expect(bubbles).to_have_count(8, timeout=PAGE_MILLISECONDS)
    # Any of the eight but the one that is chosen already.
    chosen = page.get_by_role("combobox", name="Network (or click a bubble)")
    before = chosen.input_value()
    box = bubbles.nth(5).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chosen).not_to_have_value(before)
    wait_until_drawn(page)
    assert "chosen=VGG-" in page.url
    title = chosen.input_value().partition(" · ")[0]
    page.get_by_role("link", name=f"Open {title} layer by layer").click()
    expect(page.get_by_role("heading", name=f"{title} (torchvision) at 224×224")).to_be_visible()


def test_a_bubble_shows_its_card_and_the_numbers_come_as_csv(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(ONLY_VGG, height=1600)
    chart = page.locator(".js-plotly-plot").first
    box = chart.locator(".scatterlayer .points path").nth(5).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chart.locator(".hoverlayer")).to_contain_text("IMAGENET1K_V1 at 224×224")
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    # VGG-16's 138,357,544 parameters, as the lectures print them.
    assert float(rows["vgg16"]["parameters"]) == 138_357_544


@pytest.mark.parametrize(("kind", "start"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_the_chart_is_saved(open_page: OpenPage, kind: str, start: bytes) -> None:
    page = open_page(f"{ONLY_VGG}&format={kind}", height=1600)
    page.locator(".js-plotly-plot").first.hover()
    with page.expect_download() as download:
        page.locator(".modebar-btn").filter(visible=True).first.click()
    assert download.value.suggested_filename.endswith(f".{kind.lower()}")
    assert Path(download.value.path()).read_bytes().startswith(start)


def test_a_bubble_of_ours_is_clicked_linked_and_opened(open_page: OpenPage) -> None:
    page = open_page("/tradeoffs?set=own&cost=Parameters", height=1600)
    bubbles = page.locator(".js-plotly-plot").first.locator(".scatterlayer .points path")
    chosen = page.get_by_role("combobox", name="Network (or click a bubble)")
    before = chosen.input_value()
    box = bubbles.last.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chosen).not_to_have_value(before)
    wait_until_drawn(page)
    assert "chosen=" in page.url
    title = chosen.input_value().partition(" · ")[0]
    page.get_by_role("link", name=f"Look inside {title}").click()
    expect(page.get_by_role("combobox", name="Network", exact=True)).to_have_value(title)
