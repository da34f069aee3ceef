"""The cost page in a real browser: links, bars that answer a click, the table as CSV."""

import csv
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.running_app import wait_until_drawn


def test_a_link_reopens_networks_size_and_layer(open_page: OpenPage) -> None:
    page = open_page("/costs?network=vgg16_d&size=256&layer=conv3_3")
    expect(page.get_by_role("heading", name="VGG-16 (D) at 256×256")).to_be_visible()
    expect(page.get_by_role("combobox", name="Layer (or click a bar)")).to_have_value("conv3_3")


def test_a_click_on_a_bar_works_its_layer_out_and_the_table_comes_as_csv(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("/costs", height=1200)
    bar = page.locator(".js-plotly-plot .bars .point").first
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("combobox", name="Layer (or click a bar)")).to_have_value("conv1")
    wait_until_drawn(page)
    assert "layer=conv1" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "alexnet_2012-227.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["Parameters"]) for row in rows) == 60_965_224
    assert sum(int(row["Operations"]) for row in rows) == 724_406_816


def find_stop(page: Page) -> Locator:
    """The page's button; Streamlit's own bar has one of the same name while a script runs."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop")


def test_a_network_is_measured_while_the_page_stays_in_use(open_page: OpenPage) -> None:
    page = open_page("/costs?network=resnet20_cifar")
    page.get_by_role("button", name="Measure ResNet-20 (CIFAR-10) at 32×32").click()
    expect(find_stop(page)).to_be_visible()
    page.get_by_text("each as two", exact=True).click()
    expect(page.get_by_text("81.1 M", exact=True)).to_be_visible()
    expect(page.get_by_text("40.6 M multiply-adds")).to_be_visible()
    expect(page.get_by_text("the median of")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Times as CSV").click()
    assert download.value.suggested_filename == "times-resnet20_cifar-32.csv"


def test_a_measurement_is_stopped(open_page: OpenPage) -> None:
    page = open_page("/costs?network=vgg19_e")
    page.get_by_role("button", name="Measure VGG-19 (E) at 224×224").click()
    find_stop(page).click()
    expect(page.get_by_text("at 224×224 was stopped.")).to_be_visible()


def test_a_link_with_nonsense_is_answered_and_the_page_works(open_page: OpenPage) -> None:
    page = open_page("/costs?network=resnet51&size=9")
    expect(page.get_by_text("There is no architecture “resnet51”")).to_be_visible()
    expect(page.get_by_text("N = 9", exact=False).first).to_be_visible()
    page.get_by_role("spinbutton", name="Input size").fill("227")
    page.get_by_role("spinbutton", name="Input size").press("Enter")
    expect(
        page.get_by_role("heading", name="AlexNet (2012, two groups) at 227×227")
    ).to_be_visible()
