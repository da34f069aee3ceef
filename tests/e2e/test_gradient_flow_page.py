"""The page about gradient flow and shortcuts in a browser."""

import re

from playwright.sync_api import expect

from tests.e2e.charts import find_chart, point_at
from tests.e2e.conftest import OpenPage


def test_a_click_on_a_bar_switches_its_block_off(open_page: OpenPage) -> None:
    page = open_page("/gradient_flow?part=lesions&off=&image=coffee")
    expect(page.get_by_text("ResNet-34: 100 % of the answers kept")).to_be_visible()
    chart = find_chart(page, "gradient_flow.probability")
    page.mouse.click(*point_at(chart, ".bars .point", 4))
    expect(page).to_have_url(re.compile(r"off=conv3\.b"))
    expect(page.get_by_text("Plain-34: 100 % of the answers kept")).to_have_count(0)
