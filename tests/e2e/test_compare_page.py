"""The comparison in a real browser: its stage, colors, an address that reopens it, and files."""

import csv
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.conftest import OpenPage, find_query
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_drawn, wait_until_it_fits

ADDRESS = "/compare?networks=alexnet64~lenet5&image=coffee"


def find_colors(page: Page) -> dict[str, str]:
    """Each class's color, by its name."""
    rows: list[list[str]] = page.locator(".compare li").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('span').textContent,"
        " getComputedStyle(row.querySelector('.bar')).backgroundColor])"
    )
    found = {(name, color) for name, color in rows}
    assert len(found) == len({name for name, _ in found})
    return dict(found)


def test_a_visit(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(ADDRESS)
    cards = page.locator(".compare article")
    expect(cards).to_have_count(2)
    check_first_screen(cards)
    # The coffee cup; the shipped AlexNet knows an espresso.
    alexnet = cards.filter(has_text="AlexNet")
    expect(alexnet.locator("li span").first).to_have_text("espresso")
    expect(alexnet.locator("img")).to_have_count(2)
    expect(alexnet.locator("li")).to_have_count(5)

    before = find_colors(page)
    slider = page.get_by_role("slider", name="Contrast lost")
    expect(page.get_by_test_id("stSlider").filter(has=slider)).to_be_in_viewport()
    slider.focus()
    slider.press("End")
    expect(alexnet.locator(".note")).to_contain_text("espresso")
    wait_until_drawn(page)
    after = find_colors(page)
    assert {name: after[name] for name in after.keys() & before.keys()} == {
        name: before[name] for name in after.keys() & before.keys()
    }
    query = find_query(page)
    assert (query["contrast"], query["networks"]) == ("100", "alexnet64~lenet5")

    page.reload()
    expect(page.get_by_role("slider", name="Contrast lost")).to_have_value("100")
    expect(cards).to_have_count(2)
    assert find_colors(page) == after
    with page.expect_download() as download:
        page.get_by_role("link", name="Table as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["Network"]: row for row in csv.DictReader(file)}
    (row,) = (row for name, row in rows.items() if name.startswith("AlexNet"))
    assert float(row["Multiply-adds M"]) == 67.084288

    page.set_viewport_size({"width": 390, "height": 844})
    main = page.get_by_test_id("stMain")
    main.evaluate("main => main.scrollTo(0, 0)")  # the file's button is far below
    expect(main.get_by_role("img").first).to_be_in_viewport(ratio=1)
    page.wait_for_function(
        "([first, second]) =>"
        " second.getBoundingClientRect().top >= first.getBoundingClientRect().bottom",
        arg=cards.element_handles(),
    )
    wait_until_it_fits(page)
