"""Adversarial and linear page in a real browser: the slider is live, and what is saved fools."""

import re
from pathlib import Path

from playwright.sync_api import Page

from cnnviz.adversarial.pixel_space import read_back, score_pixels
from cnnviz.images.image import read_image
from cnnviz.networks.load import load_model
from cnnviz.uploads import DIGEST
from tests.e2e.conftest import OpenPage, choose, go_to
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_drawn, wait_until_it_fits

CUT_OFF = """[...document.querySelectorAll('.katex-html')].filter((one) =>
    one.getBoundingClientRect().right >
    one.closest('[data-testid=stMarkdownContainer]').getBoundingClientRect().right + 1
).map((one) => one.textContent)"""


def wait_for_result(page: Page) -> None:
    """Until the result is whole: the files of it are offered then."""
    expect(page.get_by_role("link", name="Adversarial example as PNG")).to_be_visible()
    wait_until_drawn(page)


def save_example(page: Page, folder: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="Adversarial example as PNG").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_bytes()


def test_a_visit(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/adversarial?network=lenet5&image=digit-3")
    check_an_attack_by_the_slider_and_by_another_method(page, tmp_path)
    check_an_adversarial_example_is_opened_on_another_page(page, tmp_path)
    check_the_linear_page_moves_a_face_and_a_digit_on_a_phone(page)


def check_an_attack_by_the_slider_and_by_another_method(page: Page, tmp_path: Path) -> None:
    wait_for_result(page)
    verdict, strength = page.locator(".attack .verdict"), page.locator(".attack output")
    expect(verdict).to_contain_text("Fooled")
    check_first_screen(page.locator(".attack .pictures"), page.locator(".attack .lists"))
    model = load_model("lenet5")
    guess = int(score_pixels(model, read_back(model, save_example(page, tmp_path))).argmax())
    expect(verdict).to_contain_text(f"3 is now {model.spec.classes[guess]} with")

    page.get_by_role("slider", name="Strength of the attack").focus()
    page.keyboard.press("Home")
    expect(verdict).to_contain_text("Not fooled")
    expect(page).to_have_url(re.compile("epsilon=0(&|$)"))
    page.reload()
    wait_for_result(page)
    expect(strength).to_have_text("ε = 0/255")

    page.get_by_role("radio", name="L-BFGS").click()
    expect(page).to_have_url(re.compile("method=L-BFGS"))
    wait_for_result(page)
    page.wait_for_function(f"{CUT_OFF}.length === 0")


def check_an_adversarial_example_is_opened_on_another_page(page: Page, folder: Path) -> None:
    go_to(page, "/adversarial?network=alexnet64&image=grace-hopper&method=FGSM&epsilon=16")
    wait_for_result(page)
    slider = page.get_by_role("slider", name="Strength of the attack")
    slider.press("ArrowLeft")
    expect(page).not_to_have_url(re.compile("epsilon=16(&|$)"))
    expect(page.locator('a[download*="-16.png"]')).to_have_count(0)
    weaker = read_image(save_example(page, folder), name="file").digest
    wrong = page.locator(".attack .fooled-list .guess span").first.inner_text()
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("epsilon=16(&|$)"))
    # Neither what the page still computes further down, and draws twice a second, nor a slider that
    # has just been moved leads elsewhere.
    slider.press("ArrowLeft")
    page.get_by_role("button", name="Occlusion").click()
    expect(page).to_have_url(re.compile(f"/occlusion.*image=upload.{weaker[:DIGEST]}"))
    expect(page.get_by_test_id("stMain")).to_contain_text(wrong)


def check_the_linear_page_moves_a_face_and_a_digit_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    go_to(page, "/linear")
    verdict, amount = page.locator(".attack .verdict"), page.locator(".attack output")
    expect(verdict).to_contain_text("Fooled")
    check_first_screen(page.locator(".attack .pictures"), top=844, bottom=845)
    page.get_by_role("slider", name="a, how much of w is added").focus()
    page.keyboard.press("Home")
    expect(amount).to_have_text("a = 0")
    page.keyboard.press("End")
    expect(verdict).to_contain_text("Fooled")
    expect(page).to_have_url(re.compile(r"amount=[0-9.]+"))
    wait_until_it_fits(page)
    choose(page, "Classifier", "LeNet-5, digits")
    expect(page).to_have_url(re.compile("classifier=lenet5.*amount=smallest"))
    expect(page.get_by_role("link", name="Open in adversarial examples")).to_be_visible()
    page.wait_for_function(f"{CUT_OFF}.length === 0")
