"""Fooling images: images of nothing that a network is sure about."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, link_to, stage
from cnnviz.web.pages.fooling.controls import FoolingControls, Method, Scope, list_classes
from cnnviz.web.pages.fooling.evolution_view import explain, show_evolution
from cnnviz.web.pages.fooling.noise_view import explain_noise, show_noise

uses = Uses(image=False, prefer=("lenet5",))
page = begin_page("fooling", FoolingControls, uses=uses)
bench, values = page.at.bench, page.values
course, noise = None, None
with stage():
    seeing, choosing = st.columns([8, 3], gap="medium")
    with choosing:
        page.draw("method", "scope")
        if values.scope is Scope.ONE:
            page.draw("goal")
        page.draw("seed")
        if values.method is not Method.GRADIENT:
            page.draw("generations")
        link_to(
            "excites",
            "Feature visualization",
            icon=":material/open_in_new:",
            network=bench.network,
            target=str(values.goal),
        )
    with seeing:
        if values.method is Method.GRADIENT:
            noise = show_noise(page)
        else:
            course = show_evolution(page)
if course is not None:
    explain(page, course)
if noise is not None:
    explain_noise(page, noise)
classes = bench.model.spec.classes
end_page(
    page,
    words={"network": bench.model.spec.title, "class": bench.name_class(values.goal)},
    answers={"pixels": bench.model.spec.preprocessing.shape[1] ** 2},
    program={
        "METHOD": values.method,
        "CLASSES": list(list_classes(page)),
        "SEED": values.seed,
        "GENERATIONS": values.generations,
    },
    on_step=lambda by: page.keep(goal=(values.goal + by) % len(classes)),
)
