"""Weights fetched in a real browser: a click, the bar, the stop button, the network at work."""

import re
from pathlib import Path

from tests.download_server import FileServer
from tests.e2e.conftest import OpenPage, choose, go_to
from tests.e2e.patience import expect
from tests.running_app import wait_until_drawn

# The head of the page leaves this much for what comes before the table.
TOP = 160
# The middle of the oldest network's row, below the head of the table.
FIRST_ROW = 52


def test_a_visitor_fetches_a_network_stops_starts_again_and_opens_it(
    open_page: OpenPage, files: FileServer, weights: Path
) -> None:
    files.status = 404
    page = open_page("/networks?network=fetched")
    fetch = page.get_by_role("button", name="Download Fetched")
    fetch.click()
    expect(page.get_by_role("alert")).to_contain_text("The server has no file fetched-")
    wait_until_drawn(page)
    files.status = 200
    files.hold_after = 2000
    fetch.click()
    expect(page.get_by_text(re.compile("^Fetched: .+ of "))).to_be_visible()
    other = open_page("/networks")
    # Streamlit's own bar has a button of the same name while a script runs.
    stop = other.get_by_test_id("stMain").get_by_role("button", name="Stop")
    stop.click()
    expect(stop).to_be_disabled()
    expect(page.get_by_text("Fetched: is being stopped")).to_be_visible()
    # A bar that is left behind does not disturb the next page.
    other.get_by_test_id("stSidebarNav").get_by_role("link", name="The whole network").click()
    expect(other).to_have_title("The whole network · CNNViz")
    files.go_on.set()
    expect(page.get_by_text("The download was stopped; nothing of it was kept.")).to_be_visible()
    assert list(weights.iterdir()) == []
    files.hold_after = None

    # The window of the workbench stays open when its list has one network less.
    wait_until_drawn(other)
    other.get_by_test_id("stPopover").get_by_role("button", name="More", exact=True).click()
    choose(other, "Network without weights", "Fetched")
    other.get_by_role("button", name="Download Fetched").click()
    expect(other.get_by_role("button", name="Download Fetched")).to_have_count(0)
    wait_until_drawn(other)
    expect(other.get_by_role("combobox", name="Network without weights")).to_be_visible()
    assert [path.name for path in weights.iterdir()] == ["fetched.pth"]

    go_to(page, "/networks?network=fetched")
    table = page.get_by_test_id("stDataFrame").first
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible()
    wait_until_drawn(page)
    box = table.bounding_box()
    assert box is not None
    assert box["y"] < TOP
    page.mouse.click(box["x"] + 150, box["y"] + FIRST_ROW)
    page.wait_for_url("**network=lenet5*")
    go_to(page, "/networks?network=fetched")
    page.get_by_role("button", name="Use on all pages").click()
    expect(page.get_by_role("button", name="Used on all pages")).to_be_disabled()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="The whole network").click()
    page.wait_for_url("**/whole_network?*network=fetched*")
