"""The occlusion page in a real browser: it fills in by itself, and its table comes as CSV."""

import csv
from pathlib import Path

from playwright.sync_api import Position, expect

from tests.e2e.conftest import PAGE_MILLISECONDS, OpenPage


def test_the_map_fills_in_and_comes_as_csv(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/occlusion?network=lenet5&sample=digit-3&stride=4")
    button = page.get_by_role("button", name="Maps as CSV")
    expect(button).to_be_visible(timeout=PAGE_MILLISECONDS)
    with page.expect_download() as download:
        button.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 49
    assert {row["most probable"] for row in rows} <= set("0123456789")


def test_the_square_under_the_pointer_is_laid_and_told_and_a_click_keeps_it(
    open_page: OpenPage,
) -> None:
    page = open_page("/occlusion?network=lenet5&sample=digit-3&stride=4")
    expect(page.get_by_role("button", name="Maps as CSV")).to_be_visible(timeout=PAGE_MILLISECONDS)
    canvases = page.locator(".occlusion canvas")
    expect(canvases).to_have_count(4)
    canvases.nth(2).scroll_into_view_if_needed()
    box = canvases.nth(2).bounding_box()
    assert box is not None
    corner: Position = {"x": box["width"] - 3, "y": 3}
    canvases.nth(2).hover(position=corner)
    told = page.locator(".occlusion .place")
    expect(told).to_contain_text("rows 0 to 7, columns 24 to 31")
    expect(page.locator(".occlusion .answers .share")).to_have_count(5)
    canvases.nth(2).click(position=corner)
    expect(page.get_by_label("Square, counted row by row")).to_have_value("6")
    assert "square=6" in page.url
    page.mouse.move(5, 5)
    expect(told).to_contain_text("rows 0 to 7, columns 24 to 31")


def test_a_phone_needs_no_sideways_scrolling(open_page: OpenPage) -> None:
    page = open_page("/occlusion?network=lenet5&sample=digit-3", width=390)
    button = page.get_by_role("button", name="Maps as CSV")
    expect(button).to_be_visible(timeout=PAGE_MILLISECONDS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
