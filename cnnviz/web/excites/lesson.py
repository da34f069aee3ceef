"""What excites it: the tasks, the limits and the sources."""

import streamlit as st

from cnnviz.figures.format import format_number
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.colors import measure_colors
from cnnviz.synthesis.transfer_score import read_score
from cnnviz.zoo.lineage import MEMBERS
from cnnviz.zoo.registry import get_listing


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Take “all off (noise)”, then switch on one regulariser after the other. The network is "
        "sure of all these pictures: which of them would *you* take for the class, and what does "
        "each regulariser forbid?\n"
        "2. Open “Layer by layer”. In which row do you first see something that has a name in "
        "English, and how large is the patch that a cell sees there?\n"
        "3. Choose a channel in “In pictures” and say in words what it looks for, from the patches "
        "alone. Now look at the picture made for it: does it show your word, or something that "
        "your word left out?"
    )


def tell_transfer(model: LoadedModel) -> str:
    """How real a network's class pictures are: what others see on them, from its model card."""
    title, name = model.spec.title, model.spec.name
    score = read_score(model.card)
    if score is not None and score.others:
        counts = sorted((one.among_five, other) for other, one in score.others.items())
        least, most = (
            f"{get_listing(other).title} names **{count} of {score.others[other].pictures}**"
            for count, other in (counts[0], counts[-1])
        )
        rest = "" if least == most else f", {most}, and the others lie between"
        return (
            f"{title} was asked for a picture of each of its {score.pictures} classes "
            f"({score.preset}, {score.steps} steps), and is itself at least 99 % sure of "
            f"{score.sure}. Among five guesses {least}{rest}."
        )
    if any(member.name == name for member in MEMBERS):
        return (
            f"What other networks see on the pictures of {title} has not been measured. "
            f"`python -m cnnviz.synthesis.transfer {name} --write-card` measures it and writes it "
            "into the model card, where this page reads it."
        )
    return (
        f"What other networks see on the pictures of {title} is not known here: only those at 64 "
        "pixels share their classes."
    )


def show_sources(model: LoadedModel) -> None:
    """What the pictures don't show, and where the methods come from."""
    colors = measure_colors()
    numbers = " ".join(format_number(value) for value in colors.basis[:, 0].tolist())
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- A made picture shows one thing that excites the target, not all; another seed shows "
        "another. What it shows was forced by the regularisers as much as by the network.\n"
        "- A network is sure of pictures in which people see nothing (see "
        "[Fooling images](fooling)): its certainty says little outside the photographs that it "
        "learnt from.\n"
        "- All ascents use Adam, where Simonyan and Yosinski used plain gradient ascent, and "
        "pictures are squashed into 0 to 1 by a sigmoid, where theirs were unbounded; the "
        "presets hold the regularisers of the papers, not every one of their numbers.\n"
        f"- Independent colours: measured on {len(colors.names)} sample photographs "
        f"({', '.join(colors.names)}). Their first direction is nearly grey, "
        f"({numbers}) in red, green and blue.\n"
        "- Probabilities are of the 8-bit picture that you see and can save.\n"
        "- K. Simonyan, A. Vedaldi, A. Zisserman: Deep inside convolutional networks, 2013. "
        "M. D. Zeiler, R. Fergus: Visualizing and understanding convolutional networks, ECCV 2014. "
        "J. Yosinski, J. Clune, A. Nguyen, T. Fuchs, H. Lipson: Understanding neural networks "
        "through deep visualization, 2015. A. Nguyen, J. Yosinski, J. Clune: Deep neural networks "
        "are easily fooled, CVPR 2015. A. Mordvintsev, C. Olah, M. Tyka: Inceptionism, 2015. "
        "C. Olah, A. Mordvintsev, L. Schubert: Feature visualization, Distill 2017.\n"
        f"- {model.spec.title}: {model.spec.changes} Source: {model.spec.paper}."
    )
