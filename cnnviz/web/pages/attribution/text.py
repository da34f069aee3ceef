"""What the attribution page says in words: of methods, of mistakes, and of the pointing game."""

from cnnviz.attribution.methods import Method
from cnnviz.attribution.pointing_score import read_score
from cnnviz.attribution.preparation import Mistake
from cnnviz.figures.format import format_count, format_percent
from cnnviz.inference import LoadedModel
from cnnviz.zoo.lineage import MEMBERS

METHOD_SENTENCES = {
    Method.SALIENCY: (
        "**Gradient saliency** (Simonyan 2013): how much the class’s logit changes with each "
        "pixel. It keeps the largest magnitude of the channels, without a sign."
    ),
    Method.SMOOTHGRAD: (
        "**SmoothGrad** (Smilkov 2017): the mean gradient over copies of the image with noise. A "
        "single gradient is noisy."
    ),
    Method.INTEGRATED_GRADIENTS: (
        "**Integrated gradients** (Sundararajan 2017): the mean gradient on the path from a black "
        "baseline to the image, times their difference. The pixels add up to the difference of "
        "the two logits."
    ),
    Method.DECONVNET: (
        "**Deconvnet** (Zeiler and Fergus 2013): the signal goes back through transposed layers. "
        "Each ReLU passes only positive signals, whatever the image."
    ),
    Method.GUIDED_BACKPROP: (
        "**Guided backprop** (Springenberg 2014): the gradient, but each ReLU passes it only where "
        "the activation and the gradient are positive. Sharp, and nearly the same for every class."
    ),
    Method.GRAD_CAM: (
        "**Grad-CAM** (Selvaraju 2017): the sum of one layer’s activation maps, each weighted by "
        "the mean of the class’s gradient over it. Coarse, and different for each class."
    ),
    Method.GRAD_CAM_PLUS_PLUS: (
        "**Grad-CAM++** (Chattopadhay 2018): Grad-CAM with more weight on cells whose gradient is "
        "positive, so that several objects of a class all count."
    ),
    Method.GUIDED_GRAD_CAM: (
        "**Guided Grad-CAM** (Selvaraju 2017): guided backprop times Grad-CAM. It has the detail "
        "of the one and the location of the other."
    ),
}

MISTAKE_SENTENCES = {
    Mistake.NONE: "The preprocessing is the one that the network was trained with.",
    Mistake.DECIMAL: (
        "The mean of the last channel is **{wrong}**, not **{mean}**: the decimal point is lost. "
        "There is no error message."
    ),
    Mistake.UNSCALED: "Pixels go in from 0 to 1, without mean and standard deviation.",
    Mistake.BYTES: "Pixels go in from 0 to 255, without normalization.",
    Mistake.SWAPPED: "Red and blue are swapped, as OpenCV reads files.",
    Mistake.INVERTED: "Dark is bright: ink on paper goes in as paper on ink.",
}


def describe_pointing(model: LoadedModel) -> str:
    """Say how often Grad-CAM points at the right one of two objects, or how to measure it."""
    title, name = model.spec.title, model.spec.name
    score = read_score(model.card)
    if score is not None:
        both = format_percent(score.both / score.pairs)
        single = format_percent(score.single / (2 * score.pairs))
        return (
            f"- Pointing game: in {format_count(score.pairs)} pairs of held-out photographs side "
            f"by side, Grad-CAM of {title} peaked on the right half for both classes in "
            f"**{both}** (chance 25 %), and for single maps in {single} (chance 50 %). The network "
            "classifies all of these photographs correctly."
        )
    if any(member.name == name for member in MEMBERS):
        return (
            f"- The pointing game of {title} has not been measured. `python -m "
            f"cnnviz.attribution.pointing {name} --data DIR --write-card` measures it."
        )
    return f"- The pointing game of {title} is not known: it needs the networks of 64 pixels."
