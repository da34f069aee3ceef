"""The page of the optimizers in a browser."""

import re

from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect


def test_steps_numbers_and_a_clicked_start(open_page: OpenPage) -> None:
    page = open_page("/optimizers?step=3&focus=adam")
    figure = page.locator(".descent")
    expect(figure.locator("output")).to_have_text("Step 3")
    figure.get_by_role("button", name="One step on").click()
    expect(figure.locator("output")).to_have_text("Step 4")
    expect(figure.locator(".rule").nth(3)).to_contain_text("0.9⁴")
    figure.get_by_role("button", name="SGD").click()
    expect(figure.locator(".rule")).to_have_count(2)
    expect(page).to_have_url(re.compile("focus=sgd"))
    expect(page).to_have_url(re.compile(r"start=-2\.6%7E1\.4"))
    figure.locator("canvas").click(position={"x": 300, "y": 40})
    expect(page).not_to_have_url(re.compile(r"start=-2\.6%7E1\.4"))
    figure.get_by_role("button", name="Pause").click()
    expect(figure.get_by_role("button", name="Play")).to_be_visible()
