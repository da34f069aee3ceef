"""An adversarial example is submitted to a class, whose wall ranks them by the smallest change."""

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.craft import AdversarialImage
from cnnviz.classroom.attacks import ClassAttack, add_attack
from cnnviz.figures.attack import draw_triptych, name_attack
from cnnviz.images.image import to_png
from cnnviz.images.names import list_titles
from cnnviz.web.pages.adversarial.controls import Page
from cnnviz.web.submitting import offer_submission
from cnnviz.web.visitors import find_visitor


def offer_attack(page: Page, attack: Attack, image: AdversarialImage) -> None:
    """Draw the place where the example that is shown is submitted, if it fools."""
    if not image.fools:
        return

    def submit(code: str) -> int:
        return add_attack(code, describe_attack(page, attack, image), visitor=find_visitor())

    item = attack.make_key(image.strength)
    offer_submission(page, item, submit, told=page.text("submit"))


def describe_attack(page: Page, attack: Attack, image: AdversarialImage) -> ClassAttack:
    """Return what a class keeps of an example: what this server has computed."""
    after = image.prediction.ranking[0]
    return ClassAttack(
        network=attack.model.spec.title,
        # Not the name of an uploaded file, which may say whose it is.
        image=list_titles().get(page.at.bench.values.image or "", "Uploaded image"),
        digest=attack.digest,
        before=attack.classes[image.label],
        after=attack.classes[after],
        share=float(image.prediction.probabilities[after]),
        method=name_attack(image, attack.classes),
        linf=image.linf,
        l2=image.l2,
        sheet=to_png(draw_triptych(image)),
    )
