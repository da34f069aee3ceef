"""The live camera in a real browser, which has a camera of its own that shows a moving shape."""

import re

from tests.e2e.conftest import OpenPage, find_query
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_it_fits

# Every camera that the page was lent stays known, so that its end can be seen.
WATCH = """
window.lent = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.lent.push(...stream.getTracks());
  return stream;
};
"""
STATES = "() => window.lent.map((track) => track.readyState).join()"
SEVERAL = re.compile(r"^([3-9]|\d\d+)$")


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page("/camera?network=alexnet64&image=coffee", script=WATCH)
    figure = page.locator(".camera")
    check_first_screen(figure)
    # Without a camera it shows the image; the shipped AlexNet knows an espresso.
    expect(figure.locator("li span").first).to_have_text("espresso")
    assert page.evaluate(STATES) == ""

    page.get_by_role("button", name="Start camera").click()
    expect(figure).to_have_attribute("data-frames", SEVERAL)
    expect(figure.locator(".sign")).to_contain_text("Camera on")
    assert page.evaluate(STATES) == "live"
    page.get_by_role("button", name="Freeze").click()
    page.get_by_role("button", name="Use on other pages").click()
    expect(page.locator(".st-key-workbench-image")).to_contain_text("camera")

    page.get_by_role("button", name="Stop camera").click()
    expect(figure).to_have_attribute("data-state", "off")
    assert page.evaluate(STATES) == "ended"
    page.get_by_role("button", name="Start camera").click()
    expect(figure).to_have_attribute("data-state", "live")
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until_it_fits(page)
    page.get_by_test_id("stMain").get_by_role("link", name="Activations").click()
    expect(page).to_have_title("Activations and filters · CNNViz")
    page.wait_for_function(f"({STATES})() === 'ended,ended'")
    assert find_query(page)["image"].startswith("upload.")
