"""Feature visualization: images made by optimization, and patches that excite a channel."""

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.excites.across_view import show_across, show_scores
from cnnviz.web.pages.excites.controls import ExcitesControls, View
from cnnviz.web.pages.excites.depth_view import show_depths
from cnnviz.web.pages.excites.dream_view import show_dream
from cnnviz.web.pages.excites.patches_view import show_patches
from cnnviz.web.pages.excites.target_view import (
    list_constants,
    show_formula,
    show_target,
    step_seed,
)
from cnnviz.web.pages.excites.words import list_answers, list_words

page = begin_page("excites", ExcitesControls, uses=Uses(target=True))
view, growth = page.values.view, None
with stage():
    page.draw("view", label_visibility="collapsed", width="stretch")
    if view is View.TARGET:
        growth = show_target(page)
    elif view is View.DEPTH:
        show_depths(page)
    elif view is View.ACROSS:
        show_across(page)
    elif view is View.DREAM:
        show_dream(page)
    else:
        show_patches(page)
if growth is not None:
    show_formula(page, growth)
if view is View.ACROSS:
    show_scores(page)
end_page(
    page,
    words=list_words(page),
    answers=list_answers(page),
    program=list_constants(page) if view is View.TARGET else None,
    on_step=lambda by: step_seed(page, by),
)
