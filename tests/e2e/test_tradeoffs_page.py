"""The bubble charts in a real browser: a bubble answers a click, the numbers can be taken away."""

import csv
from itertools import combinations
from pathlib import Path

from tests.e2e.charts import find_chart, point_at
from tests.e2e.conftest import PAGE_MILLISECONDS, OpenPage
from tests.e2e.patience import expect
from tests.running_app import wait_until_drawn

ONLY_VGG = "/tradeoffs?families=VGG&weights=first+recipe"
BUBBLES = ".scatterlayer .points path"


def test_a_bubble_shows_its_card_leads_to_its_table_and_the_numbers_come_as_files(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{ONLY_VGG}&format=SVG")
    chart = find_chart(page, "tradeoffs.bubbles")
    expect(chart.locator(BUBBLES)).to_have_count(8, timeout=PAGE_MILLISECONDS)
    point_at(chart, BUBBLES, 0)
    names = chart.locator(".scatterlayer .text text").filter(visible=True).all()
    boxes = [box for one in names if (box := one.bounding_box()) and one.inner_html()]
    assert len(boxes) > 3
    for one, other in combinations(boxes, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or below
    page.mouse.move(*point_at(chart, BUBBLES, 5))
    expect(chart.locator(".hoverlayer")).to_contain_text("IMAGENET1K_V1 at 224×224")
    with page.expect_download() as download:
        page.locator(".modebar-btn").filter(visible=True).first.click()
    assert download.value.suggested_filename.endswith(".svg")
    assert Path(download.value.path()).read_bytes().startswith(b"<svg")
    with page.expect_download() as download:
        page.get_by_role("link", name="Table as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    # VGG-16's 138,357,544 parameters, as the lectures print them.
    assert float(rows["vgg16"]["parameters"]) == 138_357_544

    chosen = page.get_by_role("combobox", name="Network", exact=True)
    before = chosen.input_value()
    page.mouse.click(*point_at(chart, BUBBLES, 5))
    expect(chosen).not_to_have_value(before)
    wait_until_drawn(page)
    title = chosen.input_value().partition(" · ")[0]
    page.get_by_role("link", name="Layer by layer").click()
    architecture = page.get_by_role("combobox", name="Architecture")
    expect(architecture).to_have_value(f"{title} (torchvision)")
