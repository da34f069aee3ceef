"""What becomes of an adversarial example: the smallest, processed, and shown to other networks."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.craft import AdversarialImage, Method
from cnnviz.adversarial.many import (
    Moved,
    choose_epsilon,
    choose_target,
    lay_side_by_side,
)
from cnnviz.adversarial.smallest import SmallestEpsilon
from cnnviz.adversarial.survival import Survival, measure_survival
from cnnviz.adversarial.transfer import TransferMatrix, list_companions
from cnnviz.figures import attack as figures
from cnnviz.figures.format import format_number, format_setting
from cnnviz.images.image import resize_for_view
from cnnviz.runs.adversarial import move_all, try_others
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_images
from cnnviz.web.pages.adversarial.controls import ALL_SAMPLES, Page

_MANY_SIDE = 104  # of an image in a row of three, in pixels


def show_smallest(page: Page, attack: Attack) -> None:
    """Search for the smallest epsilon that fools."""
    st.subheader("Smallest ε", anchor=False)
    if attack.options.method is Method.LBFGS:
        st.markdown(page.text("no_epsilon"))
        return
    st.markdown(page.text("bisection"))
    show_heavy(
        "Smallest ε",
        attack.make_key("smallest"),
        run=attack.find_smallest,
        draw=partial(_describe_smallest, attack),
        slot="adversarial.smallest",
        start="Search",
        seconds=180,
    )


def _describe_smallest(attack: Attack, found: SmallestEpsilon | None) -> None:
    if found is None:
        return
    if found.real is None:
        target = attack.options.target
        goal = "any other class" if target is None else attack.classes[target]
        st.markdown(f"No ε up to {format_setting(found.most)}/255 reaches {goal}.")
        return
    with st.container(horizontal=True, gap="large"):
        st.metric("Real numbers", f"{format_number(found.real)} / 255", width="content")
        valid = "none" if found.valid is None else f"{format_number(found.valid)} / 255"
        st.metric("8 bits, saved as PNG", valid, width="content")
        st.metric("Attacks made", str(found.tries), width="content")
    if found.image is not None:
        st.markdown(figures.describe_verdict(found.image, attack.classes))


def show_many(page: Page, attack: Attack) -> None:
    """Move all sample photographs to one class, of a network that reads photographs."""
    if attack.model.spec.preprocessing.shape[0] == 1:
        return
    model, target = attack.model, choose_target(attack.model, attack.options.target)
    name = attack.classes[target]
    st.subheader("Any image to one class", anchor=False)
    st.markdown(page.text("many", target=name, epsilon=format_setting(choose_epsilon(model))))

    def draw(moved: Moved) -> None:
        st.markdown(page.text("reached", target=name, count=moved.reached, all=len(moved.images)))
        names = [attack.classes[one.label] for one in moved.images]
        notes = [figures.write_top(one.prediction, attack.classes) for one in moved.images]
        tiles = [
            resize_for_view(lay_side_by_side(one), max_side=3 * _MANY_SIDE) for one in moved.images
        ]
        show_images(np.stack(tiles), names, notes, key="adversarial.many", side=3 * _MANY_SIDE)

    slot, start = "adversarial.many", f"Make all of them {name}"
    key = attack.make_key("many", target)
    run = move_all(attack, target, image=page.at.bench.values.image)
    show_heavy(
        f"All images to {name}", key, run=run, draw=draw, slot=slot, start=start, seconds=300
    )


def show_survival(page: Page, attack: Attack, image: AdversarialImage) -> None:
    """Process the chosen image in thirteen ways and ask the network again."""
    st.subheader("Survival", anchor=False)
    st.markdown(page.text("survival", strength=figures.name_strength(image)))

    def draw(answers: tuple[Survival, ...]) -> None:
        fooled = sum(one.fools for one in answers)
        st.markdown(f"It fools in **{fooled} of {len(answers)}** cases.")
        table, alt = figures.tabulate_survival(answers, attack.classes), page.text("survival_table")
        show_table(table, percent=["probability, %"], alt=alt)

    found = show_heavy(
        "Survival of the attack",
        attack.make_key("survival", image.strength),
        run=partial(measure_survival, attack.model, image),
        draw=draw,
        slot="adversarial.survival",
    )
    if found is not None:
        _offer_csv("survival", lambda: figures.write_survival_csv(found, attack.classes))


def show_transfer(page: Page, attack: Attack, image: AdversarialImage) -> None:
    """Attack the image on each network of the same input, and show it to all."""
    st.subheader("Transfer", anchor=False)
    epsilon = image.epsilon
    if not epsilon:
        st.markdown(page.text("no_transfer"))
        return
    st.markdown(page.text("transfer", strength=figures.name_strength(image)))
    if attack.model.spec.preprocessing.shape[0] == 3:
        page.draw("over")
    models = tuple(list_companions(attack.model))
    is_all = page.values.over == ALL_SAMPLES

    names = [one.spec.name for one in models]
    found = show_heavy(
        "Transfer to other networks",
        attack.make_key("transfer", epsilon, page.values.over, *names),
        run=try_others(attack, models, epsilon, image=page.at.bench.values.image, is_all=is_all),
        draw=partial(_show_matrix, page, attack),
        slot="adversarial.transfer",
        start="Try other networks",
        seconds=300,
    )
    if found is not None:
        _offer_csv("transfer", lambda: figures.write_transfer_csv(found))


def _show_matrix(page: Page, attack: Attack, matrix: TransferMatrix) -> None:
    figure = figures.draw_transfer(matrix, attack.classes)
    show_chart(figure, key=f"adversarial.matrix{matrix.images}", alt=page.text("matrix"))
    target = attack.options.target
    percent = f"Percent of {matrix.images} images. " if matrix.images > 1 else ""
    rule = "untargeted" if target is None else "targeted"
    name = "" if target is None else attack.classes[target]
    st.caption(percent + page.text(rule, target=name))
    if matrix.images == 1:
        show_table(
            figures.tabulate_guesses(matrix, attack.classes),
            percent=["probability, %"],
            height="content",
            alt=page.text("guesses", source=matrix.sources[0]),
        )


def _offer_csv(name: str, make: Callable[[], bytes]) -> None:
    offer_file("Table as CSV", make, f"{name}.csv", key=f"adversarial.file.{name}")
