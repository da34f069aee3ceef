"""A running app and a real browser for the tests beside this file.

`open_page("/digit", width=390, dark=True)` opens a page of the app for a newcomer, and waits
until it is drawn. That runs all scripts anew, which takes seconds: a test goes on in the same tab
with `go_to` where it can. At the end of a test every page it opened must have been quiet: no error
on the console, no uncaught exception, no request to any other host.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    WebSocket,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.download_server import FileServer, serve_files
from tests.e2e.published_network import publish_network
from tests.running_app import RunningServer, launch_browser, run_server, wait_until_drawn

PAGE_MILLISECONDS = 60_000
# After which a page that stands where it was asked for has come, though nothing was seen of it.
_SEEN_MILLISECONDS = 20_000
# A machine that runs all tests at once answers late, not wrongly.
expect.set_options(timeout=PAGE_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so that `-m "not browser"` leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that gets the address which the app opens in the browser of its own machine."""
    return tmp_path_factory.mktemp("opened") / "address"


@pytest.fixture(scope="package")
def files() -> Iterator[FileServer]:
    """Where the app fetches weights."""
    with serve_files() as running:
        yield running


@pytest.fixture(scope="package")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps the weights that it fetched; it finds no others but those that ship."""
    return tmp_path_factory.mktemp("fetched") / "weights"


@pytest.fixture(scope="package")
def server(
    tmp_path_factory: pytest.TempPathFactory, opened: Path, files: FileServer, weights: Path
) -> Iterator[RunningServer]:
    """The app on a machine with a screen, started once for all tests of this folder."""
    command = opened.with_name("browser")
    command.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {
        "BROWSER": f"{command} %s",
        "DISPLAY": ":0",
        **publish_network(files, weights.parent),
    }
    folder = tmp_path_factory.mktemp("server")
    with run_server(folder, headless=False, environment=environment) as running:
        yield running


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, stopped after this folder: its event loop would disturb other tests."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium or Chrome of this machine; without one, skip, but fail where CI=true."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(launch_browser(playwright))
        except PlaywrightError as error:
            first_line = str(error).splitlines()[0]
            reason = f"No Chromium or Chrome starts here; install one: {first_line}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield running


@dataclass
class Visitors:
    """Browser tabs, lent again when a test is over.

    What a tab has loaded and compiled of the app, it keeps: half of the work of opening a page.
    Cookies, storage and history are those of a newcomer.

    Attributes:
        browser: Where they are.
        free: Those that nobody has, by the app's address and whether there is a touch screen.
    """

    browser: Browser
    free: dict[tuple[str, bool], list[Page]] = field(default_factory=dict)

    @contextmanager
    def lend(self, url: str, *, touch: bool, script: str) -> Iterator[Page]:
        """Give an empty tab of a newcomer, in which a script runs before those of each page."""
        free = self.free.setdefault((url, touch), [])
        page = free.pop() if free and not script else self._make(url, touch)
        if script:
            page.add_init_script(script)
        yield page
        for each in page.context.pages:
            if each is not page:
                each.close()
        if script:  # it stays in its tab
            page.context.close()
            return
        _make_empty(page, url)
        free.append(page)

    def _make(self, url: str, touch: bool) -> Page:
        context = self.browser.new_context(has_touch=touch, base_url=url)
        context.set_default_timeout(PAGE_MILLISECONDS)
        page = context.new_page()
        _make_empty(page, url)
        return page


def _make_empty(page: Page, url: str) -> None:
    """Leave nothing of an earlier visit; the address is the app's, so that the tab goes on."""
    page.goto(f"{url}/_stcore/health")
    page.evaluate("sessionStorage.clear()")
    tools = page.context.new_cdp_session(page)
    origin = f"http://{urlsplit(url).netloc}"
    tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    tools.send("Page.resetNavigationHistory")
    tools.detach()


@pytest.fixture(scope="package")
def visitors(browser: Browser) -> Visitors:
    """Those of this folder's tests."""
    return Visitors(browser)


@dataclass
class Watch:
    """What a page did that it must not do.

    Attributes:
        host: Host and port of the app.
        problems: One line each.
    """

    host: str
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def attach(self, page: Page) -> Iterator[None]:
        """Listen to a page."""
        # As many names, since only the same object can be taken away again.
        on_console, on_error = self._on_console, self._on_error
        on_request, on_socket = self._on_request, self._on_socket
        page.on("console", on_console)
        page.on("pageerror", on_error)
        page.on("request", on_request)
        page.on("websocket", on_socket)
        yield
        page.remove_listener("console", on_console)
        page.remove_listener("pageerror", on_error)
        page.remove_listener("request", on_request)
        page.remove_listener("websocket", on_socket)

    def _on_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({address})")

    def _on_error(self, error: PlaywrightError) -> None:
        self.problems.append(f"exception: {error}")

    def _on_request(self, request: Request) -> None:
        self._check_host(request.url)

    def _on_socket(self, socket: WebSocket) -> None:
        self._check_host(socket.url)

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.problems.append(f"request to another host: {url}")


OpenPage = Callable[..., Page]


def find_query(page: Page) -> dict[str, str]:
    """Return the values in the page's address by their names."""
    return {name: one[0] for name, one in parse_qs(urlsplit(page.url).query).items()}


_GO = """address => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.hasRun = false;
  const watch = new MutationObserver(() => { window.hasRun = true; });
  watch.observe(app, {attributeFilter: ["data-test-script-state"]});
  // The app's own pushState takes nothing from a page that is being left.
  History.prototype.pushState.call(history, {}, "", address);
  window.asked = location.href;
  dispatchEvent(new PopStateEvent("popstate"));
}"""
# On a busy machine a script's begin and end may be drawn as one, which no observer sees; then the
# page has written its whole address, unless it has told the same one before.
_HAS_ARRIVED = """name => (window.hasRun || location.href !== window.asked)
  && document.documentElement.dataset.cnnvizPath === name"""
_WHERE = """() => [
  location.href, window.hasRun, document.documentElement.dataset.cnnvizPath,
  document.querySelector("[data-test-script-state]")?.dataset.testScriptState,
  document.querySelector("[data-test-connection-state]")?.dataset.testConnectionState,
].join(", ")"""
# Else the page that is on its way would come after the one that is asked for.
_IS_HERE = """() => {
  const place = location.pathname.replace(/\\/+$/, "").split("/").pop();
  return document.documentElement.dataset.cnnvizPath === place;
}"""


def go_to(page: Page, path: str) -> None:
    """Open another address of the app in the same tab, as Back does: nothing is loaded anew.

    What the address does not name stays as this visitor has left it.

    Args:
        page: Any page of the app.
        path: Such as "/digit?pen=20".
    """
    page.wait_for_function(_IS_HERE)
    wait_until_drawn(page)
    page.evaluate(_GO, path)
    name = urlsplit(path).path.strip("/")
    with suppress(PlaywrightTimeoutError):
        page.wait_for_function(_HAS_ARRIVED, arg=name, timeout=_SEEN_MILLISECONDS)
    try:
        page.wait_for_function(_IS_HERE)
    except PlaywrightTimeoutError as error:
        raise AssertionError(f"{path} did not come: {page.evaluate(_WHERE)}") from error
    wait_until_drawn(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list, opened again where the page moved under it and closed it.

    Args:
        page: The page.
        label: Of the list.
        option: Its whole text.
    """
    item = page.get_by_role("option", name=option, exact=True)
    for _ in range(5):
        page.get_by_role("combobox", name=label, exact=True).click()
        try:
            item.click(timeout=4000)
        except PlaywrightTimeoutError:
            continue
        return
    pytest.fail(f"The list “{label}” does not offer “{option}”.")


@contextmanager
def watch_pages(visitors: Visitors, url: str) -> Iterator[OpenPage]:
    """Give a function that opens pages of a server; at the end all of them must have been quiet."""
    watch = Watch(host=urlsplit(url).netloc)
    with ExitStack() as lent:

        def open_fresh(
            path: str = "/",
            *,
            width: int = 1280,
            height: int = 800,
            dark: bool = False,
            touch: bool = False,
            motion: bool = False,
            script: str = "",
        ) -> Page:
            page = lent.enter_context(visitors.lend(url, touch=touch, script=script))
            lent.enter_context(watch.attach(page))
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(
                color_scheme="dark" if dark else "light",
                # Half of the painting is Streamlit's own fading in and out.
                reduced_motion="no-preference" if motion else "reduce",
            )
            page.goto(path)
            wait_until_drawn(page)
            return page

        yield open_fresh
    assert not watch.problems


@pytest.fixture
def open_page(visitors: Visitors, server: RunningServer) -> Iterator[OpenPage]:
    """Open a page as a newcomer: `open_page("/digit", width=390, dark=True, touch=True)`."""
    with watch_pages(visitors, server.url) as opener:
        yield opener
