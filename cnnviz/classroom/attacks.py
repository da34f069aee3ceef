"""Adversarial examples that a class's students submit: who fools the network by least?

Nothing that is kept says whose they are. What is submitted is an attack that the server itself has
computed; its change is measured here, so that a phone cannot make it smaller.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.craft import AdversarialImage
from cnnviz.classroom import limits
from cnnviz.classroom.database import attacks
from cnnviz.classroom.submissions import delete_entry, keep_entry, list_entries
from cnnviz.errors import ClassroomError
from cnnviz.figures.attack import draw_triptych, name_attack
from cnnviz.images.image import to_png

_LONGEST = {"network": 80, "image": 80, "digest": 64, "before": 80, "after": 80, "method": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAttack:
    """An adversarial example that fools.

    Attributes:
        network: Its title.
        image: Title of the image.
        digest: Of what the network sees of the image, which tells images apart.
        before: Top-1 class of the image.
        after: Top-1 class of the adversarial example.
        share: The probability of that class.
        method: How it was found, in words.
        linf: Largest change of a value, in levels of 1/255.
        l2: Root of the sum of squared changes, in levels.
        sheet: Image, amplified change and adversarial example side by side, a PNG file.
        id: Its number, once it is kept.
    """

    network: str
    image: str
    digest: str
    before: str
    after: str
    share: float
    method: str
    linf: float
    l2: float
    sheet: bytes
    id: int = field(default=0, compare=False)


def describe_attack(attack: Attack, image: AdversarialImage, title: str) -> ClassAttack:
    """Return what a class keeps of an adversarial example; `title` is that of the image."""
    after = image.prediction.ranking[0]
    return ClassAttack(
        network=attack.model.spec.title,
        image=title,
        digest=attack.digest,
        before=attack.classes[image.label],
        after=attack.classes[after],
        share=float(image.prediction.probabilities[after]),
        method=name_attack(image, attack.classes),
        linf=image.linf,
        l2=image.l2,
        sheet=to_png(draw_triptych(image)),
    )


def add_attack(code: str, attack: ClassAttack, *, visitor: str) -> int:
    """Keep an adversarial example for a class; return its number.

    Args:
        code: Of the class.
        attack: What the server itself has computed.
        visitor: Who submits it; counted in memory and not kept.

    Raises:
        ClassroomError: There is no such class, it does not fool, or a limit is reached.
    """
    if attack.before == attack.after:
        raise ClassroomError(
            f"The network still predicts “{attack.after}”. Submit an image that fools it.",
            status=400,
        )
    if len(attack.sheet) > limits.MAX_SHEET_BYTES:
        raise ClassroomError("This image is too large for a class. Use a smaller one.", status=413)
    row = asdict(attack) | {name: getattr(attack, name)[:most] for name, most in _LONGEST.items()}
    return keep_entry(
        code,
        attacks,
        row,
        visitor=visitor,
        most=limits.MAX_ATTACKS,
        name="adversarial examples",
    )


def list_attacks(code: str, key: str) -> tuple[ClassAttack, ...]:
    """Return a class's adversarial examples in the order they came, for its teacher.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    return list_entries(code, key, attacks, ClassAttack)


def delete_attack(code: str, key: str, attack: int) -> None:
    """Delete one adversarial example of a class.

    Raises:
        ClassroomError: The class or example is not there, or the key is not the class's own.
    """
    delete_entry(code, key, attacks, attack, name="adversarial example")


def rank_attacks(entries: Sequence[ClassAttack]) -> dict[str, list[ClassAttack]]:
    """Rank the examples of each network and image: the smallest change first, by L∞, then L2.

    Returns:
        The ranking by the name of the contest, the contest with most entries first.
    """
    contests: dict[tuple[str, str], list[ClassAttack]] = {}
    for one in entries:
        contests.setdefault((one.network, one.digest), []).append(one)
    ranked = [
        sorted(members, key=lambda one: (one.linf, one.l2, one.id)) for members in contests.values()
    ]
    ranked.sort(key=len, reverse=True)
    named: dict[str, list[ClassAttack]] = {}
    for members in ranked:
        name = f"{members[0].image}, {members[0].network}"
        while name in named:  # two images of one title
            name += "′"
        named[name] = members
    return named
