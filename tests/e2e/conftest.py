"""A running app and a real browser for the tests beside this file.

`server` starts the app once; `open_page("/digit", width=390, dark=True)` opens a page of it and
waits until it is drawn. At the end of a test every page it opened must have been quiet: no error
on the console, no uncaught exception, no request to any other host.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).parent.parent.parent
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PROBES = ("/_stcore/health", "/_stcore/host-config")
START_SECONDS = 90
PAGE_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The app in a process of its own."""

    url: str
    pid: int
    log: Path


@contextmanager
def run_server(
    folder: Path, *, headless: bool = True, environment: dict[str, str] | None = None
) -> Iterator[RunningServer]:
    """Start the app with a home folder of its own, wait for its health route, end it by its id.

    Args:
        folder: An empty folder; the log goes there too.
        headless: Whether Streamlit is told that there is no screen.
        environment: Variables on top of this process's own.
    """
    port = _find_port()
    log = folder / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.port", str(port), "--server.headless", str(headless).lower()]
    variables = {**os.environ, "HOME": str(folder), **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command + options, cwd=ROOT, env=variables, stdout=output, stderr=output
        )
        try:
            url = f"http://localhost:{port}"
            _wait_for_health(url, process=process, log=log)
            yield RunningServer(url=url, pid=process.pid, log=log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_health(url: str, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The app, started once for all tests of this folder."""
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so that `-m "not browser"` leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, stopped after this folder: its event loop would disturb other tests."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium or Chrome of this machine; without one, skip, but fail where CI=true."""
    system = next(filter(None, map(shutil.which, _BROWSERS)), None)
    try:
        running = playwright.chromium.launch(executable_path=system, args=_FLAGS)
    except PlaywrightError as error:
        reason = f"No Chromium or Chrome starts here; install one to run the browser tests: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield running
    running.close()


@dataclass
class Watch:
    """What a page did that it must not do."""

    host: str
    problems: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        page.on("request", lambda request: self._on_request(request.url))
        page.on("websocket", lambda socket: self._on_request(socket.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # Opened at /digit, Streamlit asks first whether it is served from there, and gets a 404.
        if message.type == "error" and not address.endswith(_PROBES):
            self.problems.append(f"console: {message.text} ({address})")

    def _on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.problems.append(f"request to another host: {url}")


OpenPage = Callable[..., Page]


@contextmanager
def watch_pages(browser: Browser, url: str) -> Iterator[OpenPage]:
    """Give a function that opens pages of a server; at the end all of them must have been quiet."""
    watch = Watch(host=urlsplit(url).netloc)
    contexts = []

    def open_fresh(
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        dark: bool = False,
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            base_url=url,
        )
        contexts.append(context)
        context.set_default_timeout(PAGE_MILLISECONDS)
        page = context.new_page()
        watch.attach(page)
        page.goto(path)
        wait_until_drawn(page)
        return page

    yield open_fresh
    for context in contexts:
        context.close()
    assert not watch.problems


@pytest.fixture
def open_page(browser: Browser, server: RunningServer) -> Iterator[OpenPage]:
    """Open a page in a fresh context, `open_page("/digit", width=390, dark=True, touch=True)`."""
    with watch_pages(browser, server.url) as opener:
        yield opener


def wait_until_drawn(page: Page) -> None:
    """Wait until the page has a heading and its script has come to rest."""
    page.wait_for_selector('[data-testid="stMain"] h1')
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
