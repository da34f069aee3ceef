"""The page of evaluation in a browser: accuracy, the matrix, another set, curves and their file."""

import csv
import io
import re

from playwright.sync_api import Page

from tests.e2e.conftest import OpenPage, choose
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_drawn

ADDRESS = "/evaluation?images=digits&networks=lenet5&most=50&show=Accuracy"


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    accuracy = page.locator(".st-key-evaluation-accuracy")
    expect(accuracy.locator(".bars path").first).to_be_visible()
    check_first_screen(accuracy, top=200)
    expect(page.get_by_role("heading", name="Classes of LeNet-5")).to_be_visible()

    page.get_by_role("radio", name="Confusion matrix").click()
    matrix = page.locator(".st-key-evaluation-confusion")
    expect(matrix.locator(".heatmaplayer image, .heatmaplayer path").first).to_be_attached()
    expect(page).to_have_url(re.compile("show=Confusion"))
    check_curves(page)

    choose(page, "Images", "Drawn objects")
    expect(page.get_by_text("those that EfficientNet-Lite0 names").first).to_be_visible()
    expect(page).to_have_url(re.compile("images=drawn"))


def check_curves(page: Page) -> None:
    """The curve of a corruption is computed on a click and comes as a file."""
    page.get_by_role("radio", name="Robustness").click()
    page.get_by_role("button", name="Compute the curves").click()
    curves = page.locator(".st-key-evaluation-robustness")
    expect(curves.locator(".scatterlayer .points path")).to_have_count(6)
    # While the curves grow, each part of them has a file of its own.
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    wait_until_drawn(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Curves as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [row["strength"] for row in rows] == ["0", "0.5", "1", "2", "4", "8"]
