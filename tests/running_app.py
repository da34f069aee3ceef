"""The app in a process of its own, and a real browser to look at it: for tests and benchmarks."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

ROOT = Path(__file__).parent.parent
START_SECONDS = 90
_BROWSERS = (
    "chromium-headless-shell",  # first: without windows that nobody sees it opens a page sooner
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that every machine has, lent without a question.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The app in a process of its own.

    Attributes:
        url: Its address, without a slash at the end.
        process: Its process.
        log: File with all it printed.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Its process's number."""
        return self.process.pid


@contextmanager
def run_server(
    folder: Path,
    *,
    headless: bool = True,
    environment: dict[str, str] | None = None,
    script: str = "app.py",
    base_path: str = "",
    port: int | None = None,
) -> Iterator[RunningServer]:
    """Start the app with its own home folder and classes, wait for its health route, end it by id.

    Args:
        folder: An empty folder; the log goes there too.
        headless: Whether Streamlit is told that there is no screen.
        environment: Variables on top of this process's own.
        script: What Streamlit is told to run.
        base_path: Under which the pages lie, such as "/class/cnn".
        port: Where it answers; None for one that is free.

    Raises:
        RuntimeError: It does not answer within START_SECONDS.
    """
    port = port or find_port()
    log = folder / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", script]
    options = ["--server.port", str(port), "--server.headless", str(headless).lower()]
    options += ["--server.baseUrlPath", base_path] if base_path else []
    own = {"HOME": str(folder), "CNNVIZ_DATABASE_URL": f"sqlite:///{folder}/classes.sqlite3"}
    variables = {**os.environ, **own, **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command + options, cwd=ROOT, env=variables, stdout=output, stderr=output
        )
        try:
            url = f"http://localhost:{port}{base_path}"
            _wait_for_health(url, process=process, log=log)
            yield RunningServer(url=url, process=process, log=log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def list_children(pid: int) -> list[int]:
    """Return the processes that a process has begun; none where the system does not say."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            number, _, rest = file.read_text(encoding="utf-8", errors="replace").partition(" (")
            if int(rest.rpartition(") ")[2].split()[1]) == pid:
                found.append(int(number))
    return found


def find_port() -> int:
    """Return a port of this machine that is free now."""
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
            time.sleep(0.05)
    raise RuntimeError(f"The app did not start:\n{log.read_text(encoding='utf-8')}")


@contextmanager
def launch_browser(playwright: Playwright) -> Iterator[Browser]:
    """Start Chromium or Chrome of this machine, else Playwright's own.

    Raises:
        playwright.sync_api.Error: There is none that starts.
    """
    system = next(filter(None, map(shutil.which, _BROWSERS)), None)
    browser = playwright.chromium.launch(executable_path=system, args=_FLAGS)
    try:
        yield browser
    finally:
        browser.close()


def wait_until_drawn(page: Page) -> None:
    """Wait until the page has a heading and its script has come to rest."""
    page.wait_for_selector('[data-testid="stMain"] h1')
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


_SIDEWAYS = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const root = document.documentElement;
  return Math.max(main.scrollWidth - main.clientWidth, root.scrollWidth - root.clientWidth);
}"""


def wait_until_it_fits(page: Page) -> None:
    """Wait until nothing of the page lies beside its window, as charts do that are still fitted.

    Raises:
        AssertionError: It stays wider than the window.
    """
    try:
        page.wait_for_function(f"() => ({_SIDEWAYS})() <= 0")
    except PlaywrightTimeoutError as error:
        beyond = page.evaluate(_SIDEWAYS)
        raise AssertionError(f"The page reaches {beyond} pixels beyond its window.") from error
