"""Adversarial examples: a change too small to see, and a network that is fooled by it."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage, write_address
from cnnviz.web.pages.adversarial.controls import AdversarialControls, can_attack, read_attack
from cnnviz.web.pages.adversarial.text import find_answers, write_program, write_words
from cnnviz.web.pages.adversarial.trials import show_smallest, show_survival, show_transfer
from cnnviz.web.pages.adversarial.view import (
    choose,
    offer_files,
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
attack, images, chosen = read_attack(page.at.bench, page.values), None, 0
if attack is not None:
    with stage():
        figure, beside = st.columns([5, 2], gap="medium")
        with figure:
            images = show_attack(page, attack)
        with beside:
            show_controls(page)
            if images:
                chosen = choose(page.values.epsilon, images)
                show_formula(attack, images, chosen)
if attack is None or not images:
    write_address(page)
else:
    offer_pages(attack, images[chosen])
    curves, search = st.columns([3, 2], gap="large")
    with curves:
        show_confidence(attack, images, chosen)
        offer_files(attack, images, images[chosen])
    with search:
        show_smallest(attack)
    show_transfer(page, attack, images[chosen])
    show_survival(attack, images[chosen])
    end_page(
        page,
        words=write_words(attack, images, chosen),
        answers=find_answers(attack, images[chosen]),
        program=write_program(images[chosen]),
        on_step=lambda by: step_strength(page, images, by),
    )
