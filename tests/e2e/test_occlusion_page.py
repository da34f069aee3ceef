"""The occlusion page in a real browser: it fills in by itself, and its table comes as CSV."""

import csv
from pathlib import Path

from playwright.sync_api import expect

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


def test_a_phone_needs_no_sideways_scrolling(open_page: OpenPage) -> None:
    page = open_page("/occlusion?network=lenet5&sample=digit-3", width=390)
    button = page.get_by_role("button", name="Maps as CSV")
    expect(button).to_be_visible(timeout=PAGE_MILLISECONDS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
