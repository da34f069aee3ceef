"""An adversarial example is submitted to a class, whose wall ranks them by the smallest change."""

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.craft import AdversarialImage
from cnnviz.classroom.attacks import add_attack, describe_attack
from cnnviz.images.names import list_titles
from cnnviz.web.pages.adversarial.controls import Page
from cnnviz.web.submitting import offer_submission
from cnnviz.web.visitors import find_visitor


def offer_attack(page: Page, attack: Attack, image: AdversarialImage) -> None:
    """Draw the place where the example that is shown is submitted, if it fools."""
    if not image.fools:
        return

    def submit(code: str) -> int:
        # Not the name of an uploaded file, which may say whose it is.
        title = list_titles().get(page.at.bench.values.image, "Uploaded image")
        return add_attack(code, describe_attack(attack, image, title), visitor=find_visitor())

    item = attack.make_key(image.strength)
    offer_submission(page, item, submit, told=page.text("submit"))
