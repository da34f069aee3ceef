"""A heavy result in a real browser: it grows, waits without a rerun, is stopped, and is left."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.waiting import start_waiting_server
from cnnviz.web.sitemap import find_page
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect

SECONDS = 60_000

# What the server sends is seen this many milliseconds late, as on a busy machine.
LATE = """() => {
  const add = WebSocket.prototype.addEventListener;
  WebSocket.prototype.addEventListener = function (type, listener, ...rest) {
    const late = (event) => {
      if (window.lateBy) setTimeout(() => listener.call(this, event), window.lateBy);
      else listener.call(this, event);
    };
    return add.call(this, type, type === "message" ? late : listener, ...rest);
  };
}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with start_waiting_server() as server:
        yield server.url


def open_job(browser: Browser, url: str, number: int, *, steps: int = 16) -> tuple[Page, list[int]]:
    """A page whose job has this number, and the sizes of what its websocket has sent."""
    page = browser.new_page()
    sent: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))),
    )
    page.goto(f"{url}/?job={number}&steps={steps}")
    return page, sent


def test_a_result_grows_until_it_is_whole(browser: Browser, url: str) -> None:
    page, _ = open_job(browser, url, 1, steps=100_000)
    expect(page.get_by_text(re.compile(r"^Step \d+$"))).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.close()
    page, _ = open_job(browser, url, 2)
    expect(page.get_by_text("finished")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.close()


def test_who_waits_costs_no_rerun_and_a_closed_tab_gives_its_place_away(
    browser: Browser, url: str
) -> None:
    first, _ = open_job(browser, url, 1000, steps=100_000)
    expect(first.get_by_role("progressbar")).to_be_visible(timeout=SECONDS)
    tabs = [open_job(browser, url, 1001 + number) for number in range(3)]
    last, sent = tabs[-1]
    expect(last.get_by_text("ahead")).to_be_visible(timeout=SECONDS)
    before = len(sent)
    asked: list[str] = []
    last.on("request", lambda request: asked.append(request.url))
    last.wait_for_timeout(3000)  # the line of jobs used to rerun twice a second
    assert len(sent) == before
    assert any("/api/jobs/" in address for address in asked)
    for page, _ in tabs[:-1]:
        page.close()
    first.close()
    expect(last.get_by_text("finished")).to_be_visible(timeout=SECONDS)
    last.close()


def test_a_stopped_run_starts_again(browser: Browser, url: str) -> None:
    page, _ = open_job(browser, url, 1010, steps=100_000)
    page.get_by_role("button", name="Stop").first.click(timeout=SECONDS)
    expect(page.get_by_text("was stopped")).to_be_visible(timeout=SECONDS)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=SECONDS)
    page.close()


def test_pages_that_are_left_while_they_compute_leave_the_next_one_whole(
    open_page: OpenPage,
) -> None:
    """Streamlit's client ended with an error when a result was drawn for a page that was left."""
    page = open_page("/attribution")
    for url in ("occlusion", "adversarial", "fooling", "linear"):
        title = find_page(url).title
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first.click()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
        page.locator(".st-key-stage").first.wait_for()


def test_a_job_of_the_page_that_is_left_does_not_bring_it_back(open_page: OpenPage) -> None:
    """It asked for its new result between the click and the next page, which was then lost."""
    # Of all classes and pixel by pixel, so that it still runs when the page is left.
    long = "/fooling?method=pixels&scope=all&generations=4000"
    page = open_page(long, script=f"({LATE})()")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.evaluate("window.lateBy = 3000")
    title = find_page("networks").title
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
    page.evaluate("window.lateBy = 0")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
