"""A network that trains: how soon it is good, how often the page is told, what the pad loses.

`python -m benchmarks.training` prints it.
"""

import sys
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.measure import fresh_server, post_drawings, summarize
from tests.running_app import launch_browser

_MILLISECONDS = 300_000
_WARM_SECONDS, _PAD_SECONDS, _BESIDE_SECONDS = 2.0, 10.0, 6.0


@dataclass(frozen=True, slots=True)
class TrainingFigures:
    """What was measured.

    Attributes:
        seconds: From the address to the end of the default training, LeNet-5 on digits.
        accuracy: What the page says then.
        updates: Answers a second that the page gets while it trains.
        idle: Latencies of the pad's route before, in milliseconds.
        beside: Latencies of it meanwhile.
    """

    seconds: float
    accuracy: str
    updates: float
    idle: list[float]
    beside: list[float]

    def list_rows(self) -> list[tuple[str, str]]:
        """Return the figures with their names."""
        return [
            ("LeNet-5 on 898 digits", f"{self.seconds:.1f} s, {self.accuracy} held out"),
            ("updates a second", f"{self.updates:.1f}"),
            ("the pad's route, idle", summarize(self.idle)),
            ("the pad's route while it trains", summarize(self.beside)),
        ]


def measure_training(browser: Browser, url: str) -> TrainingFigures:
    """Open the page on a fresh server, and post drawings while it trains."""
    post_drawings(url, _WARM_SECONDS)
    idle = post_drawings(url, _PAD_SECONDS)
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_MILLISECONDS)
    page, begin = context.new_page(), time.perf_counter()
    page.goto("/train")
    chart, state = page.locator(".training"), page.locator(".training .state").first
    expect(state).to_contain_text("epoch 2", timeout=_MILLISECONDS)
    told, since = int(chart.get_attribute("data-answers") or 0), time.perf_counter()
    beside = post_drawings(url, _BESIDE_SECONDS)
    answers = int(chart.get_attribute("data-answers") or 0) - told
    updates = answers / (time.perf_counter() - since)
    expect(state).not_to_contain_text("epoch", timeout=_MILLISECONDS)
    seconds, accuracy = time.perf_counter() - begin, state.inner_text()
    context.close()
    return TrainingFigures(seconds, accuracy, updates, idle, beside)


def main() -> None:
    """Measure and print, one row a figure."""
    with (
        sync_playwright() as playwright,
        launch_browser(playwright) as browser,
        fresh_server() as url,
    ):
        for name, figures in measure_training(browser, url).list_rows():
            sys.stdout.write(f"{name:<46}{figures}\n")


if __name__ == "__main__":
    main()
