"""The page with the quizzes in a browser."""

import re

from cnnviz.quizzes.kinds import make_question
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect


def test_a_question_is_answered_and_leads_to_its_page(open_page: OpenPage) -> None:
    draft = make_question("output_size", 1).draft
    page = open_page("/quizzes?kind=output_size&seed=1")
    field = page.get_by_role("spinbutton", name="Your answer")
    field.fill("1")
    field.press("Enter")
    expect(page.get_by_text("1 is not right. Try again.")).to_be_visible()
    field.fill(f"{draft.answer}")
    field.press("Enter")
    expect(page.get_by_text(f"Right: {draft.answer}.")).to_be_visible()
    expect(page.get_by_text("1 of 1").first).to_be_visible()
    page.get_by_role("link", name=re.compile("Layer calculator”")).click()
    for label, name in (("Kernel K", "kernel"), ("Padding P", "padding")):
        number = page.get_by_role("spinbutton", name=label)
        expect(number).to_have_value(str(draft.values[name]))
