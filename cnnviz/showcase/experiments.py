"""The home page's pictures of what visitors try on a network, each computed from LeNet-5 now."""

from functools import lru_cache

import numpy as np
import torch

from cnnviz.adversarial.craft import AttackOptions, attack_image
from cnnviz.adversarial.craft import Method as AttackMethod
from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.adversarial.linear.regression import train_classifier
from cnnviz.adversarial.pixel_space import to_values
from cnnviz.attribution.attribute import Method, attribute
from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion, read_class
from cnnviz.attribution.result import resize_to
from cnnviz.camera import look
from cnnviz.digits import mnist
from cnnviz.evaluation.image_sets import choose_images, load_set
from cnnviz.evaluation.run import evaluate_networks
from cnnviz.evaluation.scores import count_confusion
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.cppn import PatternGenomes
from cnnviz.feature_visualization.evolution import evolve
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import target_class
from cnnviz.figures.format import format_percent
from cnnviz.figures.strip import Strip, pack_bars, pack_ink, pack_signed
from cnnviz.images.corruptions import Corruption, corrupt
from cnnviz.images.samples import load_sample
from cnnviz.lectures import list_lectures
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.weights.files import BUNDLED, list_weights
from cnnviz.networks.zoo import get_network
from cnnviz.showcase.drawing import NETWORK, add_margin, draw_field, draw_sample, make_input

_COMPARED = "cat"


def draw_compare_card(_digit: int) -> Strip:
    """The first five probabilities of the bundled networks, for one photograph."""
    panels, told = [], []
    picture = load_sample(_COMPARED).pixels
    for file in list_weights().values():
        spec = get_network(file.name)
        if file.path.parent != BUNDLED or spec.preprocessing.shape[0] == 1:
            continue
        prediction = predict(load_model(file.name), spec.preprocessing.prepare(picture))
        first = prediction.ranking[:5]
        values = [float(prediction.probabilities[index]) for index in first]
        panels.append(pack_bars(values, note=""))
        told.append(f"{spec.title}: {spec.classes[first[0]]}")
    return Strip(
        panels,
        label=f"The first five guesses for a photograph of a cat, as bars. {', '.join(told)}.",
    )


_EVALUATED = 200


def draw_evaluation_card(_digit: int) -> Strip:
    """LeNet-5's confusion matrix of written digits that it has not learned from."""
    images = choose_images(load_set("digits").images, _EVALUATED)
    *_, (_, _, evaluation) = evaluate_networks([load_model(NETWORK)], images)
    (scores,) = evaluation.networks
    counts = torch.from_numpy(count_confusion(scores).counts[:, :-1]).float()  # (10, 10)
    share = format_percent(scores.top1.correct / scores.top1.total)
    wrong = counts - counts.diagonal().diag()
    return Strip(
        panels=(
            pack_signed(counts[None, None], note=f"top-1 {share}"),
            pack_signed(wrong[None, None], note="mistakes"),
        ),
        label=f"Confusion matrix of LeNet-5 on {_EVALUATED} digits; top-1 accuracy {share}.",
    )


# Where a 7 is a 7, and what in it would make it another digit.
_CAM_CLASSES = 3


def draw_attribution_card(digit: int) -> Strip:
    """Grad-CAM of a drawn digit for LeNet-5's three likeliest classes."""
    model = load_model(NETWORK)
    field = draw_sample(digit)
    x = make_input(field)
    classes = predict(model, x).ranking[:_CAM_CLASSES]
    panels = [pack_ink(add_margin(field[None]), note="input")]
    for target in classes:
        cam = attribute(model, x, method=Method.GRAD_CAM, target=target)
        values = resize_to(cam, (mnist.INPUT_SIDE, mnist.INPUT_SIDE))
        note = model.spec.classes[target]
        panels.append(pack_signed(values[None, None], note=note))
    told = ", ".join(model.spec.classes[target] for target in classes)
    return Strip(
        panels,
        label=f"Where LeNet-5 finds its three likeliest digits in a drawn {digit}: {told}.",
    )


_FRAMES = 3


def draw_camera_card(digit: int) -> Strip:
    """Drawn digits as frames, each beside the strongest map that LeNet-5 makes of it."""
    model = load_model(NETWORK)
    panels, told = [], []
    for place in range(_FRAMES):
        field = draw_sample((digit + place) % 10)
        sight = look(model, make_input(field), layer="c1")
        told.append(model.spec.classes[sight.prediction.ranking[0]])
        panels.append(pack_ink(add_margin(field[None]), note=f"frame {place + 1}"))
        if sight.maps is not None:
            strongest = torch.from_numpy(sight.maps.values[:1]) * sight.maps.scale
            panels.append(pack_signed(strongest[None], note=told[-1]))
    label = f"Frames beside their strongest map of C1; LeNet-5 predicts {', '.join(told)}."
    return Strip(panels, label=label)


_OCCLUDED = (3, 4, 5)


def draw_occlusion_card(_digit: int) -> Strip:
    """Three digits, each beside the probability that is left with a square of it covered."""
    model = load_model(NETWORK)
    options = OcclusionOptions(patch=6, stride=2)
    panels = []
    for digit in _OCCLUDED:
        field = draw_sample(digit)
        x = make_input(field)
        occlusion = compute_occlusion(model, x, options=options)
        target = predict(model, x).ranking[0]
        lost = 1 - read_class(occlusion, target=target).probability  # (R, K)
        name = model.spec.classes[target]
        panels.append(pack_ink(add_margin(field[None]), note=name))
        panels.append(pack_signed(lost[None, None], note=""))
    return Strip(
        panels,
        label="Three digits, and where a covered square makes LeNet-5 less sure of them.",
    )


# Of 255 levels, the smallest that fools is shown; a digit takes more than a photograph.
_ATTACK_LEVELS, _ATTACK_STEPS = (16, 32, 48, 64, 96, 128), 10


def draw_adversarial_card(digit: int) -> Strip:
    """The digit, what is added to it, and the digit that LeNet-5 predicts then."""
    model = load_model(NETWORK)
    x = make_input(draw_sample(digit))
    seen = model.spec.preprocessing.view(x)
    options = AttackOptions(method=AttackMethod.PGD, steps=_ATTACK_STEPS)
    for levels in _ATTACK_LEVELS:
        attacked = attack_image(model, seen, epsilon=levels, options=options)
        if attacked.prediction.ranking[0] != attacked.label:
            break
    before, after = to_values(attacked.original), to_values(attacked.pixels)
    names = model.spec.classes
    old, new = names[attacked.label], names[attacked.prediction.ranking[0]]
    return Strip(
        panels=(
            pack_ink(before[:, 0].numpy(), note=old),
            pack_signed(after - before, note="change"),
            pack_ink(after[:, 0].numpy(), note=new),
        ),
        label=f"A drawn {old}, a small change of it, and the sum, for which it predicts {new}.",
    )


_TEMPLATE_STEPS = 100


def draw_linear_card(_digit: int) -> Strip:
    """The templates of a linear classifier that is trained now."""
    data = load_written_digits()
    classifier = train_classifier(data, steps=_TEMPLATE_STEPS, decay=0.0)
    panels = tuple(
        pack_signed(weights.reshape(1, 1, *data.shape), note=name)
        for name, weights in zip(data.classes, classifier.weights, strict=True)
    )
    right = 100 * classifier.curve[-1].test
    return Strip(
        panels=panels,
        label=f"Ten templates, one a digit, trained just now and right on "
        f"{format_percent(right / 100)}.",
    )


_SHUFFLED = (1, 2, 4, 7)


def draw_texture_card(digit: int) -> Strip:
    """The digit in patches that have changed places, and what LeNet-5 reads then."""
    model = load_model(NETWORK)
    field = (255 * draw_field(mnist.sample_digits()[digit])).round().astype("uint8")
    panels, told = [], []
    for patches in _SHUFFLED:
        shuffled = corrupt(field[:, :, None].repeat(3, axis=2), {Corruption.SHUFFLE: patches})
        ink = (shuffled[:, :, 0] / 255).astype("float32")
        first = predict(model, make_input(ink)).ranking[0]
        name = model.spec.classes[first]
        panels.append(pack_ink(add_margin(ink[None]), note=name))
        told.append(f"{patches}×{patches} patches: {name}")
    return Strip(
        panels,
        label=f"A drawn {digit} cut up and shuffled, and what LeNet-5 predicts. {', '.join(told)}.",
    )


_EXCITED = (0, 3, 8)
_EXCITED_STEPS = 48


@lru_cache(maxsize=1)
def _draw_excited() -> Strip:
    model = load_model(NETWORK)
    panels = []
    for digit in _EXCITED:
        target = target_class(model.graph, digit, probability=True)
        moments = ascend(model, target, settings=PRESETS[Preset.OLAH], steps=_EXCITED_STEPS)
        *_, last = (moment.images for moment in moments)
        note = model.spec.classes[digit]
        panels.append(pack_ink(last[0].numpy(), note=note))  # (1, H, W)
    return Strip(
        panels,
        label="The images that LeNet-5 would most like to see as a 0, a 3 and an 8.",
    )


def draw_excites_card(_digit: int) -> Strip:
    """What LeNet-5 would most like to see as some digits."""
    return _draw_excited()


_EVOLVED = (0, 3, 8)
_GENERATIONS = 30


@lru_cache(maxsize=1)
def _draw_evolved() -> Strip:
    model = load_model(NETWORK)
    genomes = PatternGenomes(model.spec.preprocessing.shape)
    *_, last = evolve(model, genomes, _EVOLVED, generations=_GENERATIONS)
    panels, told = [], []
    for champion in last.champions:
        name = model.spec.classes[champion.index]
        told.append(f"{name} with {format_percent(champion.probability)}")
        paper = champion.pixels[None, ..., 0].astype(np.float32) / np.float32(255)  # (1, H, W)
        panels.append(pack_ink(np.float32(1) - paper, note=name))
    return Strip(
        panels,
        label=f"Patterns that evolved just now, and what LeNet-5 predicts: {', '.join(told)}.",
    )


def draw_fooling_card(_digit: int) -> Strip:
    """Patterns that evolve for some digits."""
    return _draw_evolved()


_HANDS = 5


def draw_classroom_card(digit: int) -> Strip:
    """One digit by the hands of several people."""
    data = load_written_digits()
    fields = data.train[data.train_labels == digit][:_HANDS].reshape(-1, 1, *data.shape).numpy()
    panels = [pack_ink(field, note="") for field in fields]
    return Strip(panels, label=f"The digit {digit} as {_HANDS} people write it.")


def draw_lectures_card(_digit: int) -> Strip:
    """The minutes of each lecture's steps."""
    panels, told = [], []
    for lecture in list_lectures():
        minutes = [float(step.minutes) for step in lecture.steps]
        panels.append(pack_bars(minutes, note=f"{len(minutes)} steps"))
        told.append(lecture.title)
    return Strip(panels, label=f"Minutes of each step of: {', '.join(told)}.")
