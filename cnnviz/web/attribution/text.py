"""What the attribution page says in words: of methods and mistakes, and what to try."""

from cnnviz.attribution.methods import Method
from cnnviz.attribution.pointing_score import read_score
from cnnviz.attribution.preparation import Mistake
from cnnviz.figures.format import format_count, format_percent
from cnnviz.inference import LoadedModel
from cnnviz.zoo.lineage import MEMBERS

METHOD_SENTENCES = {
    Method.SALIENCY: (
        "**Gradient saliency** (Simonyan 2013): how much the class’s logit would change with each "
        "pixel, the largest of the channels. It has no sign."
    ),
    Method.SMOOTHGRAD: (
        "**SmoothGrad** (Smilkov 2017): the gradient, averaged over copies of the picture with "
        "noise, because the gradient of one picture flickers."
    ),
    Method.INTEGRATED_GRADIENTS: (
        "**Integrated gradients** (Sundararajan 2017): the gradient averaged on the straight path "
        "from a black picture to this one, times the way gone. All pixels together add up to the "
        "difference of the two logits."
    ),
    Method.DECONVNET: (
        "**Deconvnet** (Zeiler & Fergus 2013): the signal goes down through transposed layers, and "
        "each ReLU on the way lets only positive signals through, whatever the picture."
    ),
    Method.GUIDED_BACKPROP: (
        "**Guided backprop** (Springenberg 2014): the gradient, but at each ReLU only where both "
        "the cell and the gradient are positive. Sharp, and nearly the same for every class."
    ),
    Method.GRAD_CAM: (
        "**Grad-CAM** (Selvaraju 2017): the maps of one layer, each weighted by the mean of the "
        "class’s gradient over it, added up. Coarse, and different for each class."
    ),
    Method.GRAD_CAM_PLUS_PLUS: (
        "**Grad-CAM++** (Chattopadhay 2018): as Grad-CAM, with more weight on places where the "
        "gradient is positive, so that several objects of a class all count."
    ),
    Method.GUIDED_GRAD_CAM: (
        "**Guided Grad-CAM** (Selvaraju 2017): guided backprop times Grad-CAM, the sharpness of "
        "the one where the other looks."
    ),
}

MISTAKE_SENTENCES = {
    Mistake.NONE: "Everything is as the network was trained with.",
    Mistake.DECIMAL: (
        "The last channel’s mean is **{wrong}** in place of **{mean}**: a decimal point is lost, "
        "and nothing complains."
    ),
    Mistake.UNSCALED: "Pixels go in from 0 to 1; mean and deviation were forgotten.",
    Mistake.BYTES: "Pixels go in from 0 to 255, without the division and without normalisation.",
    Mistake.SWAPPED: "Blue is taken for red and red for blue, as OpenCV reads files.",
    Mistake.INVERTED: "Dark is taken for bright: ink on paper goes in as paper on ink.",
}


def write_lesson(model_title: str) -> str:
    """Three things to try, each ending in a question."""
    return (
        "1. Choose a sample with two objects, and in each row the class of one of them. Grad-CAM "
        "moves from one object to the other. Does guided backprop move too, and which of the two "
        "would you show to someone who asks why?\n"
        f"2. Pull the layer slider of {model_title} from the last layer to the first. The map gets "
        "finer and then worse: at which layer does it stop following the class, and what does a "
        "cell see there?\n"
        "3. Run the sanity check and the deletion curves on the same picture. A map that stays as "
        "it is when all weights are random: can it be a good explanation, even where its deletion "
        "curve falls fast?"
    )


def tell_pointing(model: LoadedModel) -> str:
    """How often Grad-CAM points at the right one of two objects, or how to measure it."""
    title, name = model.spec.title, model.spec.name
    score = read_score(model.card)
    if score is not None:
        return (
            f"Of {format_count(score.pairs)} pairs of held-out photographs set side by side, "
            f"Grad-CAM of "
            f"{title} was brightest on the right half for both classes in "
            f"**{format_percent(score.both / score.pairs)}** (by chance 25 %); of the single maps "
            f"{format_percent(score.single / (2 * score.pairs))} (by chance 50 %). Only "
            f"photographs that the "
            "network names rightly alone were used: where it does not know the object, expect "
            "less."
        )
    if any(member.name == name for member in MEMBERS):
        return (
            f"How often Grad-CAM of {title} points at the right one of two objects has not been "
            f"measured. `python -m cnnviz.attribution.pointing {name} --data DIR --write-card` "
            "measures it on held-out photographs and writes it into the model card, where this "
            "page reads it."
        )
    return (
        f"How often Grad-CAM of {title} points at the right one of two objects is not known here: "
        "the game is played with the held-out photographs of the networks at 64 pixels."
    )


def write_limits(model: LoadedModel) -> str:
    """What the maps do not show, and where the methods come from."""
    return (
        f"- {tell_pointing(model)}\n"
        "- A map says where the class’s logit would change, or what was added up for it; not "
        "whether the network is right, and not what it “thinks”.\n"
        "- Each map is drawn by its own scale, so two maps’ brightness cannot be compared: their "
        "numbers can. The scale ends at a layer’s map’s largest value, and of maps of pixels where "
        "the brightest five in a thousand begin.\n"
        "- Maps larger than 128 cells a side are drawn by blocks, each with its strongest value; "
        "values at the pointer are 8-bit copies (1/127 of the largest). CSV files are exact.\n"
        "- Random weights are drawn from He’s normal distribution; a deep network loses several "
        "layers at a time. Parameters that belong to no layer (a transformer’s class token) stay.\n"
        "- Deletion and insertion show the network pictures that it never saw in training: part of "
        "the fall is the strangeness, not the loss. Compare with the random order.\n"
        "- Sources: Selvaraju and others, “Grad-CAM”, ICCV 2017; Chattopadhay and others, "
        "“Grad-CAM++”, WACV 2018; Simonyan and others, “Deep inside convolutional networks”, 2013; "
        "Zeiler and Fergus, “Visualizing and understanding convolutional networks”, ECCV 2014; "
        "Springenberg and others, “Striving for simplicity”, 2014; Smilkov and others, "
        "“SmoothGrad”, 2017; Sundararajan and others, “Axiomatic attribution for deep networks”, "
        "ICML 2017; Adebayo and others, “Sanity checks for saliency maps”, NeurIPS 2018; Petsiuk "
        "and others, “RISE”, BMVC 2018."
    )
