"""The live camera: how many frames a second, and what the pad of another visitor loses by it.

`python -m benchmarks.camera` prints it, with the camera that Chromium brings along for tests.
"""

import sys
import time
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.measure import fresh_server, percentile, post_drawings, summarize
from tests.running_app import launch_browser, wait_until_drawn

_MILLISECONDS = 180_000
_WARM_SECONDS, _SECONDS = 2.0, 10.0
_NETWORKS = ("alexnet64", "resnet64", "efficientnet_lite0")


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """What was measured with one network.

    Attributes:
        network: Its name.
        rate: Frames painted a second, with nobody else there.
        alone: Latencies of the pad's route just before the camera started, in milliseconds.
        beside: Latencies of it while the camera is on.
        rate_beside: Frames painted a second meanwhile.
    """

    network: str
    rate: float
    alone: list[float]
    beside: list[float]
    rate_beside: float

    def list_rows(self) -> list[tuple[str, str]]:
        """Return the figures with their names."""
        ratio = percentile(self.beside, 95) / percentile(self.alone, 95)
        rates = f"{self.rate:.1f}, and {self.rate_beside:.1f} beside a pad"
        return [
            (f"{self.network}: frames a second", rates),
            ("  the pad's route alone", summarize(self.alone)),
            ("  the pad's route beside the camera", f"{summarize(self.beside)}   ×{ratio:.2f}"),
        ]


def measure_camera(browser: Browser, url: str, network: str) -> CameraFigures:
    """Start the camera on the page, and post drawings before and meanwhile."""
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_MILLISECONDS)
    page = context.new_page()
    page.goto(f"/camera?network={network}")
    wait_until_drawn(page)
    figure = page.locator(".camera")
    expect(figure.locator("li").first).to_be_visible(timeout=_MILLISECONDS)
    post_drawings(url, _WARM_SECONDS)
    alone = post_drawings(url, _SECONDS)
    page.get_by_role("button", name="Start camera").click()
    expect(figure.locator(".rate")).to_contain_text("frames", timeout=_MILLISECONDS)

    def count() -> tuple[int, float]:
        return int(figure.get_attribute("data-frames") or 0), time.perf_counter()

    marks = [count()]
    page.wait_for_timeout(_SECONDS * 1000)
    marks.append(count())
    beside = post_drawings(url, _SECONDS)
    marks.append(count())
    context.close()
    rates = [(after[0] - before[0]) / (after[1] - before[1]) for before, after in pairwise(marks)]
    return CameraFigures(network, rates[0], alone, beside, rates[1])


def main() -> None:
    """Measure and print, one row a figure."""
    with (
        sync_playwright() as playwright,
        launch_browser(playwright) as browser,
        fresh_server() as url,
    ):
        for network in _NETWORKS:
            for name, figures in measure_camera(browser, url, network).list_rows():
                sys.stdout.write(f"{name:<46}{figures}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
