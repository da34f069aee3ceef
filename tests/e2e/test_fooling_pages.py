"""The pages of “Fool it” in a real browser: the slider is live, and what is downloaded fools."""

import re
from pathlib import Path

from playwright.sync_api import expect

from cnnviz.attacks.pixel_space import read_back, score_pixels
from cnnviz.inference import load_model
from tests.e2e.conftest import OpenPage
from tests.running_app import wait_until_drawn


def test_the_slider_sweeps_and_the_downloaded_picture_fools(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("/adversarial?network=lenet5&epsilon=96", height=2000)
    expect(page.get_by_role("button", name="Adversarial picture as PNG")).to_be_visible()
    verdict = page.locator(".attack .verdict")
    expect(verdict).to_contain_text("Fooled")
    with page.expect_download() as download:
        page.get_by_role("button", name="Adversarial picture as PNG").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    model = load_model("lenet5")
    guess = int(score_pixels(model, read_back(model, path.read_bytes())).argmax())
    expect(verdict).to_contain_text(f"now called {model.spec.classes[guess]},")
    slider = page.get_by_role("slider", name="Strength of the attack")
    slider.focus()
    page.keyboard.press("Home")
    expect(verdict).to_contain_text("Still called")
    wait_until_drawn(page)
    expect(page).to_have_url(re.compile(r"epsilon=%CE%B5\+%3D\+0%2F255"))
    page.get_by_role("button", name="Another strength").click()
    expect(page.get_by_role("combobox", name="Strength")).to_have_value("ε = 0/255")


def test_a_downloaded_picture_fools_when_it_is_uploaded_on_another_page(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("/adversarial?network=alexnet64&epsilon=16", height=1600)
    # While it is computed in the server's line, the figure shows what there is so far.
    expect(page.get_by_role("button", name="Adversarial picture as PNG")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    # While the page is drawn again, an older figure may stand beside the new one.
    expect(page.locator(".attack output")).to_have_count(1)
    expect(page.locator(".attack output")).to_have_text("ε = 16/255")
    expect(page.locator(".attack .verdict")).to_contain_text("Fooled")
    wrong = page.locator(".attack .fooled-list .guess").first.locator("span").inner_text()
    share = page.locator(".attack .fooled-list .guess").first.locator("b").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Adversarial picture as PNG").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    other = open_page("/compare?networks=alexnet64", height=1600)
    other.get_by_role("radio", name="Upload").click()
    other.locator("input[type=file]").set_input_files(path)
    guess = other.locator(".compare article li").first
    expect(guess).to_contain_text(wrong)
    expect(guess).to_contain_text(share)


def test_the_linear_page_pushes_both_classifiers(open_page: OpenPage) -> None:
    page = open_page("/linear", width=390, height=900)
    first = page.locator(".attack").first
    slider = first.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(first.locator("output")).to_have_text("a = 0")
    page.keyboard.press("End")
    expect(first.locator(".verdict")).to_contain_text("Fooled")
    expect(page.locator(".attack")).to_have_count(2)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
