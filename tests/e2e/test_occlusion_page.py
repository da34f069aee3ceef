"""The occlusion page in a real browser: its stage, a position pinned, the address, and files."""

import csv
from pathlib import Path

from playwright.sync_api import Position

from tests.e2e.conftest import OpenPage, find_query
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_it_fits

URL = "/occlusion?network=lenet5&image=digit-3&stride=4"


def test_a_visit(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(URL)
    button = page.get_by_role("link", name="Maps as CSV")
    expect(button).to_be_visible()
    canvases = page.locator(".occlusion canvas")
    expect(canvases).to_have_count(4)
    check_first_screen(canvases)

    # The last position of the first row: 7 positions, the square has 8 pixels.
    box = canvases.nth(2).bounding_box()
    assert box is not None
    corner: Position = {"x": box["width"] - 3, "y": 3}
    canvases.nth(2).hover(position=corner)
    place = page.locator(".occlusion .place")
    expect(place).to_contain_text("rows 0 to 7, columns 24 to 31")
    expect(page.locator(".occlusion .answers .share")).to_have_count(5)
    canvases.nth(2).click(position=corner)
    page.wait_for_url("**square=0.6*")
    page.mouse.move(5, 5)
    expect(place).to_contain_text("Pinned: rows 0 to 7, columns 24 to 31")
    query = find_query(page)
    assert query == {
        "network": "lenet5",
        "image": "digit-3",
        "target": "guess",
        "size": "8",
        "stride": "4",
        "fill": "mean color",
        "layer": "relu3",
        "square": "0.6",
    }
    with page.expect_download() as download:
        button.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 49
    assert {row["most probable"] for row in rows} <= set("0123456789")

    page.get_by_role("slider", name="Stride").press("ArrowLeft")
    page.wait_for_url("**stride=3*square=none*")
    page.reload()
    expect(button).to_be_visible()
    assert find_query(page)["stride"] == "3"

    page.set_viewport_size({"width": 390, "height": 844})
    expect(button).to_be_visible()
    wait_until_it_fits(page)
    expect(canvases.first).to_be_in_viewport()
