"""A heavy result in a real browser: it grows, waits without a rerun, is stopped, and is left."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.waiting import compare_places, measure_waiting, start_waiting_server
from cnnviz.web.sitemap import find_page
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect
from tests.running_app import RunningServer

SECONDS = 60_000

# As on a busy machine: what the server sends is seen so many milliseconds late, but in its order,
# and the first time the script in which a page says that it is there comes after five seconds.
LATE = """() => {
  const add = WebSocket.prototype.addEventListener;
  WebSocket.prototype.addEventListener = function (type, listener, ...rest) {
    if (type !== "message") return add.call(this, type, listener, ...rest);
    let line = Promise.resolve();
    const put = (event) => {
      const due = performance.now() + (window.lateBy ?? 0);
      const wait = () => new Promise((go) => setTimeout(go, due - performance.now()));
      line = line.then(wait).then(() => listener.call(this, event));
    };
    return add.call(this, type, put, ...rest);
  };
  window.Blob = class extends Blob {
    constructor(parts = [], options = {}) {
      const isFrame = parts.some((part) => String(part).includes("function writeAddress"));
      const wait = "await new Promise((go) => setTimeout(go, 5000));";
      super(isFrame && !window.wasLate ? [wait, ...parts] : parts, options);
      window.wasLate ||= isFrame;
    }
  };
}"""


@pytest.fixture(scope="module")
def waiting() -> Iterator[RunningServer]:
    with start_waiting_server(steps=3) as server:
        yield server


def test_the_benchmark_of_waiting_visitors_runs_to_its_end(waiting: RunningServer) -> None:
    """In its shortest form: visitors wait while drawings, pages and jobs go on."""
    with ThreadPoolExecutor(1) as beside:  # which Playwright's event loop does not disturb
        started = beside.submit(measure_waiting, waiting, visitors=2, seconds=1, leave_seconds=0)
        found = started.result()
        places = beside.submit(compare_places, waiting, crowds=[2], seconds=1).result()
    log = waiting.log.read_text(encoding="utf-8")
    assert found.alone.jobs >= 1
    assert len(found.idle.pad) >= 3
    assert len(found.crowded.pad) >= 3
    assert len(found.crowded.page) >= 3
    assert min(found.memory) > 0
    assert [len(row) for row in found.list_rows()] == [2] * 8
    assert [name for name, _ in places] == [
        "2 waiting, jobs in the thread",
        "2 waiting, jobs in the worker",
    ]
    assert "Traceback" not in log


def open_job(browser: Browser, url: str, number: int, *, steps: int = 3) -> tuple[Page, list[int]]:
    """A page whose job has this number, and the sizes of what its websocket has sent."""
    page = browser.new_page()
    sent: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))),
    )
    page.goto(f"{url}/?job={number}&steps={steps}")
    return page, sent


def test_a_job_grows_is_stopped_starts_again_and_those_behind_it_wait(
    browser: Browser, waiting: RunningServer
) -> None:
    first, _ = open_job(browser, waiting.url, 1000, steps=100_000)
    check_a_result_grows(first)
    check_a_stopped_run_starts_again(first)
    tabs = [open_job(browser, waiting.url, 1001 + number) for number in range(2)]
    last, sent = tabs[-1]
    check_who_waits_costs_no_rerun(last, sent)
    for page in (tabs[0][0], first):
        page.close()  # which gives its place away
    expect(last.get_by_text("finished")).to_be_visible(timeout=SECONDS)
    expect(last.get_by_role("progressbar")).to_have_count(0)
    last.close()


def check_a_result_grows(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"^Step \d+$"))).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("progressbar")).to_be_visible()


def check_a_stopped_run_starts_again(page: Page) -> None:
    page.get_by_role("button", name="Stop").first.click(timeout=SECONDS)
    expect(page.get_by_text("was stopped")).to_be_visible(timeout=SECONDS)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=SECONDS)


def check_who_waits_costs_no_rerun(page: Page, sent: list[int]) -> None:
    """The line of jobs used to rerun twice a second."""
    expect(page.get_by_text("ahead")).to_be_visible(timeout=SECONDS)
    before = len(sent)
    for _ in range(2):  # the second comes when the server has held the first for its seconds
        page.wait_for_event("request", lambda request: "/api/jobs/" in request.url)
    assert len(sent) == before


def test_a_page_that_is_left_while_it_computes_leaves_the_next_one_whole(
    open_page: OpenPage,
) -> None:
    # It takes minutes: it still runs when the page is left.
    long = "/fooling?network=vgg64&method=pixels&scope=all&generations=4000"
    page = open_page(long, script=f"({LATE})()")
    check_its_job_does_not_bring_it_back(page)
    check_the_next_pages_are_whole(page)


def check_its_job_does_not_bring_it_back(page: Page) -> None:
    """It asked for its new result between the click and the next page, which was then lost."""
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.evaluate("window.lateBy = 3000")
    title = find_page("networks").title
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
    page.evaluate("window.lateBy = 0")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)


def check_the_next_pages_are_whole(page: Page) -> None:
    """Streamlit's client ended with an error when a result was drawn for a page that was left."""
    for url in ("attribution", "occlusion", "adversarial", "fooling", "linear"):
        title = find_page(url).title
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first.click()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
        page.locator(".st-key-stage").first.wait_for()
