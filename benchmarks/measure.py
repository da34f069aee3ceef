"""What `python -m benchmarks` measures, each in a real browser against a real server."""

import asyncio
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Locator, Page

from benchmarks.load import run_clients
from cnnviz.digits import mnist
from cnnviz.web.sitemap import list_pages
from tests.running_app import ROOT, run_server, wait_until_drawn

CLIENTS = 30
POSTS_PER_SECOND = 10
_MOVE_SECONDS = 1 / 60
_PATIENCE = 180_000  # milliseconds

# Notes when the pen moved, a drawing was sent, its answer was read, and when a paint began
# and was on the screen: a message posted while a frame is made arrives after it has been painted.
_WATCH_PAD = """
() => {
  const log = { moves: [], sends: [], answers: [], paints: [] };
  window.benchmarkLog = log;
  window.addEventListener("pointermove", () => log.moves.push(performance.now()), true);
  const send = window.fetch;
  window.fetch = async (...rest) => {
    if (!String(rest[0]?.url ?? rest[0]).endsWith("/api/digit")) return send(...rest);
    log.sends.push(performance.now());
    const response = await send(...rest);
    const read = response.json.bind(response);
    response.json = async () => {
      const answer = await read();
      log.answers.push(performance.now());
      return answer;
    };
    return response;
  };
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.dataset?.painted !== undefined) return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const host = find(document);
  new MutationObserver(() => {
    const begun = performance.now();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => log.paints.push([begun, performance.now()]);
    port2.postMessage(0);
  }).observe(host, { attributes: true, attributeFilter: ["data-painted"] });
}
"""


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile of at least two values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def summarize(values: list[float]) -> str:
    """Return median and 95th percentile in milliseconds."""
    return f"median {statistics.median(values):6.1f} ms   p95 {percentile(values, 95):6.1f} ms"


@contextmanager
def fresh_server() -> Iterator[str]:
    """Start the app and give its address."""
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        yield server.url


@contextmanager
def open_window(browser: Browser, url: str = "") -> Iterator[Page]:
    """Open a newcomer's window, which waits longer than a crowded machine takes."""
    context = browser.new_context(base_url=url or None, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


def measure_route(url: str, *, seconds: float = 10) -> tuple[list[float], float]:
    """Return the route's latencies in milliseconds under thirty clients, and the rate reached."""
    with start_clients(url, seconds=seconds) as clients:
        report = json.loads(clients.communicate()[0])
    if report["refused"]:
        raise RuntimeError(f"The route refused {report['refused']} requests.")
    return report["milliseconds"], report["rate"]


@contextmanager
def start_clients(url: str, *, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Run thirty clients in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.load", url]
    options = [str(CLIENTS), str(POSTS_PER_SECOND), str(seconds)]
    with subprocess.Popen(
        command + options, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as clients:
        yield clients
        clients.terminate()


def post_drawings(url: str, seconds: float) -> list[float]:
    """Post ten drawings a second as one visitor; return the route's latencies in milliseconds."""
    with ThreadPoolExecutor(1) as apart:  # Playwright's loop is in this thread
        run = run_clients(url, clients=1, rate=POSTS_PER_SECOND, seconds=seconds)
        found = apart.submit(asyncio.run, run).result()
    return cast("list[float]", found["milliseconds"])


def measure_pen(browser: Browser, url: str, *, rounds: int = 4) -> list[float]:
    """Draw digits with the mouse; return milliseconds from each pointer move to painted guess."""
    with open_window(browser, url) as page:
        page.goto("/digit")
        wait_until_drawn(page)
        page.locator("[data-painted]").first.wait_for()
        time.sleep(2)  # the page's own drawing comes to rest
        page.evaluate(_WATCH_PAD)
        for number in range(rounds):
            _draw_digit(page, digit=(3, 8, 5, 2, 6, 9)[number % 6])
        log = page.evaluate("() => window.benchmarkLog")
    return match_moves(log["moves"], log["sends"], log["answers"], log["paints"])


def match_moves(
    moves: list[float], sends: list[float], answers: list[float], paints: list[list[float]]
) -> list[float]:
    """Milliseconds from each move to the first paint with the answer to a drawing that holds it.

    One request is in flight at a time, so the n-th answer is the n-th request's; a paint shows the
    newest answer that was read before it began.
    """
    latencies = []
    for move in moves:
        number = next((n for n, sent in enumerate(sends) if sent >= move), len(answers))
        if number < len(answers):
            shown = next((end for begun, end in paints if begun >= answers[number]), None)
            if shown is not None:
                latencies.append(shown - move)
    return latencies


def _draw_digit(page: Page, *, digit: int) -> None:
    """Clear the pad and draw a sample with the mouse, a move every sixtieth of a second."""
    page.get_by_role("button", name="Clear").click()
    pad = page.locator("canvas.pad").bounding_box()
    if pad is None:
        raise RuntimeError("The digit page has no pad.")
    for stroke in mnist.sample_digits()[digit]:
        places = [(pad["x"] + x * pad["width"], pad["y"] + y * pad["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
            time.sleep(_MOVE_SECONDS)
        page.mouse.up()
    time.sleep(1)


def measure_start(browser: Browser) -> float:
    """Return seconds from the start command to the first painted page."""
    with tempfile.TemporaryDirectory() as folder, open_window(browser) as page:
        begun = time.perf_counter()
        with run_server(Path(folder)) as server:
            page.goto(server.url)
            page.wait_for_selector('[data-testid="stMain"] h1')
            return time.perf_counter() - begun


@dataclass(frozen=True, slots=True)
class Switch:
    """What opening a page from the navigation costs.

    Attributes:
        page: Its address, without the slash.
        drawn: Milliseconds from the click until the page stands still.
        first_picture: Milliseconds until the stage shows its first picture.
        top: Where the first picture begins, in CSS pixels from the window's top.
        browser_seconds: Seconds that the browser's main thread worked.
    """

    page: str
    drawn: float
    first_picture: float
    top: float
    browser_seconds: float


# Where the stage's first picture begins once it has a size, wherever a component keeps it; "none"
# where the page has stood still for a second without one.
_FIRST_PICTURE = """
([path, name]) => {
  const find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.matches("canvas, img, svg, table, .timeline")) {
        const box = one.getBoundingClientRect();
        if (box.width >= 60 && box.height >= 60) return one;
      }
      const inner = one.shadowRoot && find(one.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const stage = document.querySelector(".st-key-stage");
  if (location.pathname.replace(/\\/$/, "") !== path || !stage) return null;
  if (stage.closest("[data-stale=true]") || stage.querySelector("[data-stale=true]")) return null;
  const picture = find(stage);
  if (picture) return picture.getBoundingClientRect().top;
  const isBusy = '[data-test-script-state="running"], [data-testid="stSkeleton"], '
    + '[class*="st-key-job_bar"]';
  if (document.querySelector(isBusy) || document.documentElement.dataset.cnnvizPath !== name)
    window.cnnvizStill = null;
  else window.cnnvizStill ??= performance.now();
  return window.cnnvizStill && performance.now() - window.cnnvizStill > 1000 ? "none" : null;
}
"""
_STILL_SECONDS = 1


def measure_switches(browser: Browser, url: str, *, rounds: int = 2) -> list[Switch]:
    """Return what each page costs that is opened from the navigation, in each round."""
    with open_window(browser, url) as page:
        page.goto("/")
        wait_until_drawn(page)
        time.sleep(5)  # a visitor looks at the first page for a while
        counters = page.context.new_cdp_session(page)
        counters.send("Performance.enable")
        links = page.locator('[data-testid="stSidebarNavLink"]')
        count = links.count()
        order = (links.nth((number + 1) % count) for number in range(rounds * count))
        return [_measure_switch(page, counters, link) for link in order]


def _measure_switch(page: Page, counters: CDPSession, link: Locator) -> Switch:
    path = urlsplit(link.get_attribute("href") or "").path.rstrip("/")
    before, begun = _read_work(counters), time.perf_counter()
    link.click()
    place = path.rpartition("/")[2]
    found = page.wait_for_function(_FIRST_PICTURE, arg=[path, place], polling=20).json_value()
    first = (time.perf_counter() - begun) * 1000
    wait_until_drawn(page)
    drawn, top, name = (time.perf_counter() - begun) * 1000, math.nan, place or "home"
    if found == "none":  # such as a page that is a form at first
        first, drawn = math.nan, drawn - _STILL_SECONDS * 1000
    else:
        top = float(found)
    return Switch(name, drawn, first, top, _read_work(counters) - before)


# All unexpected movement until now, as browsers score it; below 0.1 is called good.
_SHIFT = """
() => new Promise((resolve) => {
  let sum = 0;
  const add = (entries) => {
    for (const one of entries) if (!one.hadRecentInput) sum += one.value;
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => { add(observer.takeRecords()); resolve(sum); }, 200);
})
"""


def measure_shifts(browser: Browser, url: str) -> dict[str, float]:
    """Return how far each page's parts move while a newcomer's browser draws it, by its address."""
    found = {}
    for entry in list_pages():
        with open_window(browser, url) as page:
            page.goto(f"/{entry.url}")
            wait_until_drawn(page)
            time.sleep(2)  # its components come after it
            found[entry.name] = float(page.evaluate(_SHIFT))
    return found


def _read_work(counters: CDPSession) -> float:
    metrics = counters.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
