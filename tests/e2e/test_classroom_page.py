"""A class in a browser: a teacher's page and two phones."""

import re
from urllib.parse import urljoin

from playwright.sync_api import Page

from cnnviz.digits.mnist import sample_digits
from tests.e2e.conftest import OpenPage, find_query
from tests.e2e.digit_pad import draw
from tests.e2e.patience import check_first_screen, expect

# Of the images in a question's choices, in pixels of the file.
_SIDES = """
() => {
  const find = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
    ...(element.matches(".choices img") ? [element] : []),
    ...(element.shadowRoot ? find(element.shadowRoot) : []),
  ]);
  return find(document).map((image) => image.naturalWidth);
}
"""


def send(phone: Page, digit: int) -> None:
    draw(phone, sample_digits()[digit])
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator(".answer")).to_have_text(re.compile(rf"Sent. LeNet-5 predicts {digit} "))


def test_a_class_draws_on_phones_and_its_teacher_sees_it(open_page: OpenPage) -> None:
    teacher = open_page("/classroom")
    teacher.get_by_role("button", name="Open a class").click()
    teacher.wait_for_url(re.compile(r"code=\w"))
    address = f"/join?code={find_query(teacher)['code']}"
    phones = [open_page(address, width=390, height=800, touch=True) for _ in range(2)]
    expect(teacher.locator(".told")).to_have_text("2 phones: waiting")
    teacher.get_by_role("button", name="Draw a 4").click()
    for phone in phones:
        expect(phone.locator(".task")).to_have_text("Draw a 4")
    check_first_screen(phones[0].locator(".paper, .send"), top=200)
    send(phones[0], 4)
    send(phones[1], 7)
    tiles = teacher.locator(".drawings .drawing")
    expect(tiles).to_have_count(2)
    expect(teacher.locator(".summary")).to_contain_text("correct on 1 of 2 drawings")
    teacher.get_by_role("button", name="Requested 4, predicted 7").first.click()
    expect(teacher.locator(".verdict")).to_contain_text("Requested: 4. LeNet-5 predicts 7")
    teacher.get_by_role("button", name="Hide").click()
    expect(tiles).to_have_count(1)
    phones[0].reload()
    expect(phones[0].locator(".task")).to_have_text("Draw a 4")
    expect(teacher.locator(".told")).to_have_text("2 phones: draw a 4")
    teacher.get_by_role("radio", name="Averaged maps").click()
    expect(teacher.get_by_role("img", name="averaged over 1 drawing.")).to_be_visible()
    send(phones[0], 4)  # the page takes it without a click
    expect(teacher.get_by_role("img", name="averaged over 2 drawings.")).to_be_visible()
    teacher.get_by_test_id("stSidebarNavLink").filter(has_text="Layer calculator").click()
    expect(teacher.get_by_role("heading", name="Layer calculator")).to_be_visible()
    teacher.reload()
    teacher.get_by_role("button", name="Show this page to the class").click()
    assert "key" not in find_query(teacher)
    shown = phones[1].frame_locator("iframe.look")
    expect(shown.get_by_role("heading", name="Layer calculator")).to_be_visible()
    teacher.get_by_role("button", name="Ask the class").click()
    for phone, choice in zip(phones, ("76", "25"), strict=True):
        expect(phone.locator(".question .text")).to_contain_text("has one filter, with its bias?")
        phone.get_by_role("button", name=choice, exact=True).click()
        expect(phone.locator(".answer")).to_contain_text("Your vote is kept.")
    phones[0].reload()
    mine = phones[0].get_by_role("button", name="76", exact=True)
    expect(mine).to_have_attribute("aria-pressed", "true")
    expect(teacher.locator(".votes .state")).to_have_text("2 of 2 voted")
    teacher.get_by_role("button", name="Reveal").click()
    expect(teacher.locator(".votes .outcome")).to_have_text("Answer: 76. 1 of 2 right.")
    expect(phones[0].locator(".verdict")).to_have_text("Right: 76.")
    expect(phones[1].locator(".verdict")).to_have_text("Not right. Answer: 76.")
    expect(phones[1].locator(".why")).to_contain_text("it has 5·5·3 weights, and one bias")
    teacher.goto(urljoin(teacher.url, "/quizzes?topic=adversarial&kind=fooling_image&seed=1"))
    teacher.get_by_role("button", name="Ask the class").click()
    for phone, choice in zip(phones, "AB", strict=True):
        expect(phone.locator(".choices.pictured img")).to_have_count(4)
        assert phone.evaluate(_SIDES) == [64] * 4
        phone.get_by_role("button", name=choice, exact=True).click()
    expect(teacher.locator(".votes .state")).to_have_text("2 of 2 voted")
    teacher.get_by_role("link", name="Back to the wall").click()
    expect(teacher.locator(".votes.wall .bars img")).to_have_count(4)
    expect(teacher.locator(".votes.wall .bars b")).to_have_text(["1", "1", "0", "0"])
    teacher.get_by_role("button", name="Delete", exact=True).click()
    teacher.get_by_role("button", name="Delete everything").click()
    for phone in phones:
        expect(phone.locator(".task")).to_have_text("This class is over. Its drawings are deleted.")
    expect(teacher.get_by_role("button", name="Open a class")).to_be_visible()


def test_an_error_stands_beside_the_button_that_raised_it(open_page: OpenPage) -> None:
    teacher = open_page("/classroom")
    teacher.get_by_role("button", name="Open a class").click()
    teacher.wait_for_url(re.compile(r"code=\w"))
    teacher.get_by_role("button", name="Ask", exact=True).click()
    window = teacher.get_by_test_id("stPopoverBody")
    window.get_by_role("button", name="Ask the class").click()
    expect(window.get_by_text("Type a question first.")).to_be_visible()
    teacher.keyboard.press("Escape")
    teacher.get_by_role("radio", name="Contest").click()
    expect(teacher.get_by_text("No adversarial example is here yet")).to_be_visible()
    student = open_page("/adversarial?network=lenet5&image=digit-3&method=FGSM&epsilon=96")
    student.get_by_role("button", name="Submit to a class").click()
    window = student.get_by_test_id("stPopoverBody")
    for code, told in (
        ("ZZZZZZ", "There is no class with this code."),
        (f" {find_query(teacher)['code']} ", "It is entry 1 on the wall."),
    ):
        window.get_by_label("Code of the class").fill(code)
        window.get_by_role("button", name="Submit", exact=True).click()
        expect(window.get_by_text(told)).to_be_visible()
    expect(window.get_by_role("button", name="Submit", exact=True)).to_be_disabled()
    # It comes to the wall without a click.
    expect(teacher.get_by_text("1. Entry 1: 96/255 by FGSM").first).to_be_visible()
