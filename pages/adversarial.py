"""Adversarial examples: a change too small to see, and a network that is fooled by it."""

from functools import partial

import streamlit as st

from cnnviz.figures.attack_text import find_answers, write_words
from cnnviz.networks.runnable import can_attack
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage, write_address
from cnnviz.web.pages.adversarial.controls import AdversarialControls, read_attack
from cnnviz.web.pages.adversarial.submit import offer_attack
from cnnviz.web.pages.adversarial.trials import (
    show_many,
    show_smallest,
    show_survival,
    show_transfer,
)
from cnnviz.web.pages.adversarial.view import (
    choose,
    offer_pages,
    show_attack,
    show_confidence,
    show_controls,
    show_formula,
    step_strength,
)

# One step is enough to fool ResNet on her portrait.
page = begin_page(
    "adversarial", AdversarialControls, uses=Uses(sample="grace-hopper", accepts=can_attack)
)
attack, images, chosen = read_attack(page), None, 0
if attack is not None:
    with stage():
        figure, beside = st.columns([5, 2], gap="medium")
        with figure, st.container(key="adversarial.stage"):
            images = show_attack(page, attack)
        with beside:
            show_controls(page)
            if images:
                chosen = choose(page.values.epsilon, images)
                show_formula(page, attack, images, chosen)
if attack is None or not images:
    write_address(page)
else:
    image = images[chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        offer_pages(page, attack, images)
        offer_attack(page, attack, image)
    curves, search = st.columns([3, 2], gap="large")
    with curves:
        show_confidence(page, attack, images, chosen)
    with search:
        show_smallest(page, attack)
    show_many(page, attack)
    show_transfer(page, attack, image)
    show_survival(page, attack, image)
    end_page(
        page,
        words=write_words(image, spec=attack.model.spec, classes=attack.classes),
        answers=find_answers(image),
        program={
            "METHOD": image.options.method,
            "NORM": image.options.norm,
            "STEPS": image.options.steps,
            "RANDOM_START": image.options.random_start,
            "TARGET": image.options.target,
            **({} if image.epsilon is None else {"EPSILON": image.epsilon}),
        },
        on_step=partial(step_strength, page, images),
    )
