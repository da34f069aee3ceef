"""The numbers in the lesson about feature visualization."""

from math import prod

from cnnviz.figures.format import format_number
from cnnviz.synthesis.colors import measure_colors
from cnnviz.web.pages.excites.controls import Page


def list_words(page: Page) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    spec, colors = page.at.bench.model.spec, measure_colors()
    return {
        "network": spec.title,
        "changes": spec.changes,
        "paper": spec.paper,
        "class": page.at.bench.name_class(page.at.bench.target),
        "channels": spec.preprocessing.shape[0],
        "side": spec.preprocessing.shape[1],
        "jitter": page.values.jitter,
        "samples": len(colors.names),
        "basis": ", ".join(format_number(value) for value in colors.basis[:, 0].tolist()),
    }


def list_answers(page: Page) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    shape = page.at.bench.model.spec.preprocessing.shape
    return {"numbers": prod(shape), "shifts": (2 * page.values.jitter + 1) ** 2}
