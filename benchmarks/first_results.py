"""How soon the heaviest results show their first part, from the click in a real browser."""

import time
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks.measure import open_window
from tests.running_app import wait_until_drawn


@dataclass(frozen=True, slots=True)
class Heavy:
    """A heavy result that grows before the visitor's eyes.

    Attributes:
        name: For the printed row.
        address: Of the page as it is before the click.
        option: The label that is clicked.
        shows: Where the first part of the result is painted.
        ready: What is there once the page has nothing left to compute of its main figure.
    """

    name: str
    address: str
    option: str
    shows: str
    ready: str


_PARTIAL, _WHOLE = ".st-key-adversarial-partial", ".st-key-adversarial-attack"
HEAVY = (
    Heavy("PGD", "/adversarial?method=FGSM", "PGD", _PARTIAL, _WHOLE),
    Heavy("L-BFGS", "/adversarial?method=FGSM", "L-BFGS", _PARTIAL, _WHOLE),
    Heavy(
        "layer by layer",
        "/excites",
        "Layer by layer",
        '[class*="st-key-excites-depth-"]',
        ".st-key-excites-image",
    ),
    Heavy(
        "fooling, all classes",
        "/fooling?network=resnet64",
        "all classes",
        ".st-key-fooling-champions",
        ".st-key-fooling-way",
    ),
)

_IS_PAINTED = """
(place) => {
  const find = (root) => [...root.querySelectorAll("*")].some((one) =>
    (one.matches("canvas, img") && one.getBoundingClientRect().width >= 20)
    || (one.shadowRoot && find(one.shadowRoot)));
  return [...document.querySelectorAll(place)].some(find);
}
"""


# The chart library is compiled after the page's first figure, and a click waits for that.
_IS_AT_REST = """
() => document.querySelector('[data-testid="stSkeleton"]') === null
  && new Promise((done) => requestIdleCallback(() => requestIdleCallback(() => done(true))))
"""


_LEAVE_SECONDS = 8  # until the job of a closed page has left the line


def measure_first_results(browser: Browser, url: str) -> dict[str, float]:
    """Return the seconds until the first part is painted, from a click on a page at rest."""
    found = {}
    for heavy in HEAVY:
        found[heavy.name] = _measure(browser, url, heavy)
        time.sleep(_LEAVE_SECONDS)
    return found


def _measure(browser: Browser, url: str, heavy: Heavy) -> float:
    with open_window(browser, url) as page:
        page.goto(heavy.address)
        wait_until_drawn(page)
        page.wait_for_function(_IS_PAINTED, arg=heavy.ready)
        page.wait_for_function(_IS_AT_REST)
        begun = time.perf_counter()
        page.get_by_role("radio", name=heavy.option).click()
        page.wait_for_function(_IS_PAINTED, arg=heavy.shows, polling=20)
        return time.perf_counter() - begun
