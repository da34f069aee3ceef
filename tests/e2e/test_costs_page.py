"""The cost page in a real browser: bars that answer a click, and the table as a file."""

import csv
from pathlib import Path

from tests.e2e.charts import find_chart, point_at
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect
from tests.running_app import wait_until_drawn


def test_a_bar_is_worked_out_and_the_table_saved(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/costs")
    page.mouse.click(*point_at(find_chart(page, "costs.bars"), ".bars .point", 0))
    expect(page.get_by_role("combobox", name="Layer")).to_have_value("conv1")
    wait_until_drawn(page)
    page.wait_for_function("location.search.includes('layer=conv1')")
    with page.expect_download() as download:
        page.get_by_role("link", name="Table as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "alexnet_2012-227.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["Parameters"]) for row in rows) == 60_965_224
    assert sum(int(row["Operations"]) for row in rows) == 724_406_816
