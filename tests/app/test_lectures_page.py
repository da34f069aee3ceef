"""The lectures, run without a browser."""

import pytest

from cnnviz.lectures import Step, list_lectures, load_lecture
from tests.app.opened import open_page, text_of

STEPS = [step for lecture in list_lectures() for step in lecture.steps]


def test_the_page_lists_the_steps_and_a_step_shows_its_notes_on_its_page() -> None:
    lecture = load_lecture("training_2")
    app = open_page("lectures", title="training_2")
    assert not app.exception
    for step in lecture.steps:
        assert step.notes in text_of(app)
    step = lecture.steps[1]
    app = open_page("optimizers", lecture="training_2~2", **step.values)
    assert app.select_slider(key="optimizers.rate").value == step.values["rate"] == "0.1"


@pytest.mark.exhaustive
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_every_step_opens_its_page_as_it_says(step: Step) -> None:
    app = open_page(step.page, **step.values)
    assert not app.exception
    assert [one.value for one in (*app.warning, *app.error)] == []
