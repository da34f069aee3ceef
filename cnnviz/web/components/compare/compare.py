"""The component that shows the networks' cards side by side."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.class_names import write_class
from cnnviz.comparison import Agreement, Answer
from cnnviz.figures.compare import choose_color, draw_cam, draw_view
from cnnviz.figures.format import format_probability
from cnnviz.imaging import Pixels, to_png
from cnnviz.inference import LoadedModel
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_mount = create_component("compare")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        cards: One a network, of `pack_card`.
        label: All of them in words.
    """

    cards: list[Mapping[str, Any]]
    label: str


def pack_card(
    model: LoadedModel,
    answer: Answer,
    *,
    clean: Answer,
    agreement: Agreement,
) -> dict[str, Any]:
    """Pack one network's card.

    Args:
        model: The network.
        answer: Its answer on the corrupted image.
        clean: Its answer on the clean image; `answer` where nothing was done.
        agreement: With the other networks.
    """
    first, before = answer.guesses[0], clean.guesses[0]
    flipped = first.identity != before.identity
    note = ""
    if clean is not answer:
        share = format_probability(before.probability)
        note = f"clean: {write_class(before.identity)}, {share}"
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "images": _pack_images(answer),
        "guesses": _pack_guesses(answer, dict(agreement.shared)),
        "note": note,
        "flipped": flipped,
    }


def _pack_images(answer: Answer) -> list[dict[str, str]]:
    rows, columns = answer.view.shape[:2]
    images = [_pack(draw_view(answer), f"input {columns}×{rows}", f"Input of {answer.title}")]
    cam = draw_cam(answer)
    if cam is not None:
        guess = write_class(answer.guesses[0].identity)
        alt = f"Grad-CAM of {guess} in {answer.title}"
        images.append(_pack(cam, "Grad-CAM", alt))
    return images


def _pack(pixels: Pixels, caption: str, alt: str) -> dict[str, str]:
    png = base64.b64encode(to_png(pixels)).decode("ascii")
    return {"png": png, "caption": caption, "alt": alt}


def _pack_guesses(
    answer: Answer, shared: Mapping[str, tuple[str, ...]]
) -> list[dict[str, str | float]]:
    return [
        {
            "name": write_class(guess.identity),
            "text": format_probability(guess.probability),
            "share": guess.probability,
            "color": choose_color(guess.identity),
            "told": f"In the top-5 of {', '.join(shared[guess.identity])}"
            if guess.identity in shared
            else "",
        }
        for guess in answer.guesses
    ]


def show_cards(cards: Sequence[Mapping[str, Any]], *, image: str) -> None:
    """Show the cards; they wrap where the window is narrow."""
    label = "; ".join(f"{card['title']}: {card['guesses'][0]['name']}" for card in cards)
    data = pack(Payload(cards=list(cards), label=f"{image}: {label}."))
    _mount(data=data, key="compare.cards", height="content")
