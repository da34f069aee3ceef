"""What the attribution page's lesson and program take from what is shown."""

from cnnviz.figures.formulas import name_layer
from cnnviz.web.pages.attribution.controls import find_layer, list_layers
from cnnviz.web.pages.attribution.figure_view import Page


def write_words(page: Page) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    model = page.at.bench.model
    layer = find_layer(page.values)
    return {
        "network": model.spec.title,
        "changes": model.spec.changes,
        "paper": model.spec.paper,
        "side": model.spec.preprocessing.shape[1],
        "rows": "" if layer is None else model.graph.find(layer).shape[1],
        "layer": "" if layer is None else name_layer(model.graph.find(layer)),
        "first_layer": list_layers(model)[0],
    }


def find_answers(page: Page) -> dict[str, float]:
    """Compute the answers to the lesson's questions."""
    model, layer = page.at.bench.model, find_layer(page.values)
    if layer is None:
        return {}
    return {"pixels": model.spec.preprocessing.shape[1] / model.graph.find(layer).shape[1]}


def find_constants(page: Page) -> dict[str, object]:
    """Return the values of the page's program."""
    return {"METHOD": page.values.method, "LAYER": find_layer(page.values)}


def step_layer(page: Page, by: int) -> None:
    """Have Grad-CAM read the next layer, or the one before."""
    page.step("layer", list_layers(page.at.bench.model), by)
