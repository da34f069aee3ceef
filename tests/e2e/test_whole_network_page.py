"""The whole network in a real browser: one walk from ResNet's blocks to LeNet under the pen."""

import re

from playwright.sync_api import Locator, Page

from cnnviz.digits.mnist import sample_digits
from cnnviz.web.sitemap import find_page
from tests.e2e.conftest import OpenPage
from tests.e2e.digit_pad import draw
from tests.e2e.patience import expect
from tests.running_app import wait_until_drawn


def view(page: Page) -> Locator:
    return page.locator(".network-view")


def canvas(page: Page) -> Locator:
    return page.locator("canvas.network")


def point_at(page: Page, title: str) -> tuple[float, float]:
    """Find where the part of this title is drawn, by its tip; the pointer stays there."""
    box = canvas(page).bounding_box()
    assert box is not None
    tip = page.locator(".network-view .tip")
    for row in (0.25, 0.75):
        for step in range(4, 100, 2):
            x, y = box["x"] + box["width"] * step / 100, box["y"] + box["height"] * row
            page.mouse.move(x, y)
            if tip.is_visible() and tip.locator("b").inner_text() == title:
                return x, y
    raise AssertionError(f"{title} is not drawn.")


def test_a_walk_through_the_whole_network(open_page: OpenPage) -> None:
    page = open_page("/whole_network?network=resnet64&image=cat", motion=True)
    expect(view(page)).to_have_attribute("data-parts", "11")
    box = canvas(page).bounding_box()
    assert box is not None
    assert box["y"] <= 200
    assert box["y"] + box["height"] <= 800
    # A block is chosen with the mouse and opened by key; the address and a reload keep both.
    x, y = point_at(page, "Block 2a–2c")
    page.mouse.click(x, y)
    expect(page).to_have_url(re.compile(r"part=repeat\.conv2_a_conv1"))
    expect(page.get_by_role("heading", name="Block 2a–2c")).to_be_visible()
    page.keyboard.press("Enter")
    expect(view(page)).to_have_attribute("data-parts", "13")
    expect(page).to_have_url(re.compile(r"opened=repeat\.conv2_a_conv1"))
    page.reload()
    expect(view(page)).to_have_attribute("data-parts", "13")
    expect(view(page)).to_have_attribute("data-selected", "repeat.conv2_a_conv1")
    # Zoom by key and button, and back.
    fitted = view(page).get_attribute("data-scale")
    canvas(page).focus()
    page.keyboard.press("+")
    page.get_by_role("button", name="Zoom in").click()
    assert float(view(page).get_attribute("data-scale") or 0) > 1.4 * float(fitted or 1)
    page.get_by_role("button", name="Fit").click()
    expect(view(page)).to_have_attribute("data-scale", str(fitted))
    # The signal runs and arrives.
    page.get_by_role("button", name="Play").click()
    expect(view(page)).to_have_attribute("data-playing", "true")
    expect(view(page)).to_have_attribute("data-playing", "false")
    # A layer is entered: its page, with that layer.
    x, y = point_at(page, "Conv1")
    page.mouse.dblclick(x, y)
    expect(page).to_have_url(re.compile(r"/activations\?.*layer=relu1"))
    # Who comes back and enters a layer at once is there, and is not sent back again.
    wait_until_drawn(page)
    page.go_back()
    expect(view(page)).to_have_attribute("data-parts", "13")
    page.mouse.dblclick(x, y)
    expect(page).to_have_url(re.compile(r"/activations\?.*layer=relu1"))
    page.wait_for_timeout(1500)
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(find_page("activations").title)


def test_lenet_follows_the_pen(open_page: OpenPage) -> None:
    page = open_page("/whole_network?network=lenet5&image=digit-3", width=390, height=844)
    expect(view(page)).to_have_attribute("data-guess", "3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".network-view button.clear").click()
    expect(view(page)).to_have_attribute("data-guess", "")
    draw(page, sample_digits()[7])
    expect(view(page)).to_have_attribute("data-guess", "7")
    expect(page).to_have_url(re.compile(r"image=drawing\."))
