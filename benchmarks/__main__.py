"""`python -m benchmarks` prints every figure that the README quotes."""

import os
import platform
import statistics

from playwright.sync_api import sync_playwright

from benchmarks.first_results import measure_first_results
from benchmarks.measure import (
    Switch,
    fresh_server,
    measure_pen,
    measure_route,
    measure_shifts,
    measure_start,
    measure_switches,
    start_clients,
    summarize,
)
from benchmarks.waiting import measure_waiting, start_waiting_server
from tests.running_app import launch_browser


def main() -> None:
    """Measure and print, one row a figure."""
    _print_row("machine", f"{os.cpu_count()} cores, Python {platform.python_version()}")
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        starts = [measure_start(browser) for _ in range(3)]
        _print_row(
            "server start to first painted page", f"median {statistics.median(starts):.1f} s"
        )
        with fresh_server() as url:
            _print_switches(measure_switches(browser, url), measure_shifts(browser, url))
            for name, seconds in measure_first_results(browser, url).items():
                _print_row(f"click to first result, {name}", f"{seconds:.1f} s")
            _print_row("pen move to painted guess, alone", summarize(measure_pen(browser, url)))
            with start_clients(url, seconds=120):
                under_load = summarize(measure_pen(browser, url))
            _print_row("pen move to painted guess, beside 30 others", under_load)
            latencies, rate = measure_route(url)
            _print_row(f"the route at {rate:.0f} requests a second", summarize(latencies))
    with start_waiting_server() as server:
        for name, figures in measure_waiting(server).list_rows():
            _print_row(name, figures)


def _print_switches(switches: list[Switch], shifts: dict[str, float]) -> None:
    """Print all pages together, and each by itself in its last round."""
    _print_row("page switch", summarize([one.drawn for one in switches]))
    pictures = [one.first_picture for one in switches if one.first_picture > 0]
    _print_row("first picture after the click", summarize(pictures))
    for one in {switch.page: switch for switch in switches}.values():
        _print_row(
            f"  {one.page}",
            f"drawn {one.drawn:6.0f} ms   first picture {one.first_picture:6.0f} ms "
            f"at {one.top:4.0f} px   browser {one.browser_seconds:.2f} s   "
            f"layout shift {shifts[one.page]:.3f}",
        )


def _print_row(name: str, figures: str) -> None:
    print(f"{name:<46}{figures}", flush=True)


if __name__ == "__main__":
    main()
