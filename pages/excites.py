"""Feature visualization: images made by optimization, and patches that excite a channel."""

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.excites import views
from cnnviz.web.pages.excites.controls import ExcitesControls, View
from cnnviz.web.pages.excites.target_view import (
    list_answers,
    list_constants,
    list_words,
    show_formula,
    show_target,
)

VIEWS = {
    View.DEPTH: views.show_depths,
    View.ACROSS: views.show_across,
    View.DREAM: views.show_dream,
    View.PATCHES: views.show_patches,
}

page = begin_page("excites", ExcitesControls, uses=Uses(target=True))
view, growth = page.values.view, None
with stage():
    page.draw("view", label_visibility="collapsed", width="stretch")
    if view is View.TARGET:
        growth = show_target(page)
    else:
        VIEWS[view](page)
if growth is not None:
    show_formula(page, growth)
if view is View.ACROSS:
    views.show_scores(page)
end_page(
    page,
    words=list_words(page),
    answers=list_answers(page),
    program=list_constants(page) if view is View.TARGET else None,
    on_step=lambda by: page.step("seed", range(1000), by, is_ring=True),
)
