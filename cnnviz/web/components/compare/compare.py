"""The component that shows the networks' cards side by side."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.class_names import write_class
from cnnviz.comparison import Agreement, Answer
from cnnviz.cost import CostTable
from cnnviz.figures.compare import draw_cam, draw_view, write_time
from cnnviz.figures.format import format_bytes, format_probability, format_quantity
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
    costs: CostTable,
    milliseconds: float | None,
) -> dict[str, Any]:
    """Pack one network's card.

    Args:
        model: The network.
        answer: What it makes of the picture as the sliders left it.
        clean: What it makes of the clean picture; `answer` where nothing was done.
        agreement: With the other networks.
        costs: Of one picture.
        milliseconds: Measured here; None where nobody has measured.
    """
    first, before = answer.guesses[0], clean.guesses[0]
    flipped = first.identity != before.identity
    note = ""
    if clean is not answer:
        share = format_probability(before.probability)
        kept = f"still; {share} when clean"
        note = f"when clean {write_class(before.identity)}, {share}" if flipped else kept
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "pictures": _pack_pictures(answer),
        "guesses": _pack_guesses(answer, dict(agreement.shared)),
        "note": note,
        "flipped": flipped,
        "facts": [
            ("parameters", format_quantity(costs.parameters)),
            ("multiply-adds", format_quantity(costs.multiply_adds)),
            ("activations", format_bytes(costs.memory_bytes)),
            ("time here", write_time(milliseconds)),
        ],
    }


def _pack_pictures(answer: Answer) -> list[dict[str, str]]:
    rows, columns = answer.view.shape[:2]
    pictures = [_pack(draw_view(answer), f"sees {columns}×{rows}", f"What {answer.title} sees")]
    cam = draw_cam(answer)
    if cam is not None:
        guess = write_class(answer.guesses[0].identity)
        alt = f"Grad-CAM of {guess} in {answer.title}"
        pictures.append(_pack(cam, "looks here: Grad-CAM", alt))
    return pictures


def _pack(pixels: Pixels, caption: str, alt: str) -> dict[str, str]:
    png = base64.b64encode(to_png(pixels)).decode("ascii")
    return {"png": png, "caption": caption, "alt": alt}


def _pack_guesses(
    answer: Answer, shared: Mapping[str, tuple[str, ...]]
) -> list[dict[str, str | float | int | None]]:
    order = list(shared)
    return [
        {
            "name": write_class(guess.identity),
            "text": format_probability(guess.probability),
            "share": guess.probability,
            "hue": order.index(guess.identity) if guess.identity in shared else None,
            "told": f"named by {', '.join(shared[guess.identity])}"
            if guess.identity in shared
            else "",
        }
        for guess in answer.guesses
    ]


def show_cards(cards: Sequence[Mapping[str, Any]], *, picture: str) -> None:
    """Show the cards; they wrap where the window is narrow."""
    label = "; ".join(f"{card['title']} says {card['guesses'][0]['name']}" for card in cards)
    data = pack(Payload(cards=list(cards), label=f"{picture}: {label}."))
    _mount(data=data, key="compare", height="content")
