"""Recipes: how networks are trained, found and scaled."""

from cnnviz.figures.format import format_setting
from cnnviz.figures.recipes import sum_ladder
from cnnviz.labs.architecture_search import count_choices
from cnnviz.networks.zoo.published_recipes import count_epochs
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.recipes.controls import Part, RecipesControls
from cnnviz.web.pages.recipes.view import (
    read_growth,
    show_members,
    show_part,
    show_sources,
    step_part,
)

page = begin_page("recipes", RecipesControls, uses=Uses(image=False, network=False))
values = page.values
with stage():
    show_part(page)
if values.part is Part.RECIPES:
    show_sources(page)
if values.part is Part.SCALING:
    show_members(page)
end_page(
    page,
    words={
        name: format_setting(getattr(values, name)) for name in ("alpha", "beta", "gamma", "phi")
    },
    answers=sum_ladder()
    | {
        "epochs": count_epochs(600_000, 256),
        "promise": read_growth(page).promise(),
        "choices": float(count_choices()),
    },
    program={
        "TRIALS": values.trials,
        "UPDATES": values.updates,
        "RATE": float(values.rate),
        "SEED": values.seed,
        "PHI": values.phi,
        "ALPHA": values.alpha,
        "BETA": values.beta,
        "GAMMA": values.gamma,
    },
    on_step=lambda by: step_part(page, by),
)
