"""A page that is left while it computes, in a real browser."""

from playwright.sync_api import Page

from cnnviz.web.sitemap import find_page
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect

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
    for url in ("attribution", "adversarial", "linear"):
        title = find_page(url).title
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first.click()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
        page.locator(".st-key-stage").first.wait_for()
