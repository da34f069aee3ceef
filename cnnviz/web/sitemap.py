"""Every page of the app, in the order of the course; navigation, home page and tests read it."""

from dataclasses import dataclass

from cnnviz.lessons import load_lesson


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page of the app.

    Attributes:
        url: Path in the address bar; empty for the home page.
    """

    url: str

    @property
    def name(self) -> str:
        """Name of its lesson, and of its script under pages/."""
        return self.url or "home"

    @property
    def title(self) -> str:
        """Name in the navigation and the browser's tab."""
        return load_lesson(self.url).title if self.url else "Home"

    @property
    def summary(self) -> str:
        """One sentence on what a visitor sees there."""
        return load_lesson(self.name).summary


HOME = PageEntry("")
# For phones, which a code leads to: in no list of pages.
JOIN = PageEntry("join")
_COURSE = {
    "Basics": "convolution layer_calculator digit",
    "Inside": "whole_network activations camera receptive_fields excites",
    "Why": "attribution occlusion",
    "Fool it": "adversarial fooling linear texture",
    "Architectures": "architectures costs tradeoffs compare evaluation networks",
    "Training": (
        "normalization signal gradient_flow optimizers regularization train transfer recipes"
    ),
    "Class": "lectures classroom quizzes",
}
# Group names as in the course; the home page stands alone above them.
GROUPS = {group: tuple(map(PageEntry, urls.split())) for group, urls in _COURSE.items()}


def list_pages() -> tuple[PageEntry, ...]:
    """Return all pages, the home page first."""
    return (HOME, *(page for pages in GROUPS.values() for page in pages))


def find_page(url: str) -> PageEntry:
    """Return the page of this address.

    Raises:
        KeyError: There is none.
    """
    return {page.url: page for page in list_pages()}[url]
