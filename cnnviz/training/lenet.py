"""LeNet-5's training: MNIST varied as pens vary it, measured on two sets of digits."""

from torch import Generator, Tensor, nn

from cnnviz.digits.mnist import scale_ink
from cnnviz.errors import DataError
from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo import get_network
from cnnviz.training.card import write_network
from cnnviz.training.distortion import distort_digits
from cnnviz.training.drawn import draw_flagged_ones
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.loop import Task
from cnnviz.training.measure import count_correct, round_to_half
from cnnviz.training.mnist import download_mnist, load_mnist, load_other_writers
from cnnviz.training.recipes import DigitRecipe
from cnnviz.training.session import (
    Settings,
    describe_run,
    describe_training,
    prepare_sample,
    record_answer,
    run_session,
    settle_recipe,
)

_SAMPLE = "dot"
_CHOICES = (
    "The numbers of the recipe were chosen by training on the first 55,000 training digits and "
    "measuring on the last 5,000; the epoch is always the last. load_digits was watched in those "
    "trials, never trained on; the flagged ones that were misread there led to the drawn ones. "
    "The test set was measured on one earlier recipe and on this one, and chose nothing."
)


def train_lenet(name: str, recipe: DigitRecipe, settings: Settings) -> str:
    """Train LeNet-5, write its weights and card, and tell in a sentence how good it is.

    Raises:
        DataError: Data or scikit-learn is not there, or a setting is out of range.
        WeightsError: The checkpoint cannot be resumed.
        TrainingStopped: Interrupted from the keyboard.
    """
    spec = get_network(name)
    recipe = settle_recipe(recipe, settings)
    others = load_other_writers()
    sample = prepare_sample(spec, _SAMPLE)
    if settings.download:
        download_mnist(settings.data)
    digits = load_mnist(settings.data)
    kept, judged = split_digits(digits.train, digits.test, hold_out=settings.hold_out)
    train = kept.join(draw_flagged_ones(recipe.flagged_ones, seed=recipe.seed))
    judged_inputs = scale_ink(judged.images / 255)

    def prepare(
        images: Tensor, labels: Tensor, generator: Generator, _epoch: int
    ) -> tuple[Tensor, Tensor]:
        ink = distort_digits(images / 255, recipe.distortion, generator=generator)
        return scale_ink(ink), labels

    def judge(module: nn.Module) -> float:
        return count_correct(module, judged_inputs, judged.labels).percent

    task = Task(images=train.images, labels=train.labels, prepare=prepare, judge=judge)
    training = run_session(spec, recipe, settings, task=task, identity=describe_run(recipe, train))
    shipped = round_to_half(training.module.state_dict())
    training.module.load_state_dict(shipped)
    answer = record_answer(training.module, sample, key=_SAMPLE)
    scores = {
        "held_out" if settings.hold_out else "mnist_test": count_correct(
            training.module, judged_inputs, judged.labels
        ),
        "load_digits": count_correct(training.module, *others),
    }
    facts = {
        **describe_training(spec, recipe, settings, training=training),
        "data": _describe_data(recipe, settings, kept=kept),
        "accuracy": {key: score.describe() for key, score in scores.items()},
        "answer": answer,
    }
    folder = settings.out or (settings.runs / spec.name if settings.hold_out else BUNDLED)
    weights = write_network(spec.name, shipped, facts, folder=folder)
    shown = ", ".join(
        f"{score.correct} of {score.total} of {key} ({score.percent:.2f} %)"
        for key, score in scores.items()
    )
    return f"Right: {shown}, after {training.seconds:.0f} s. Wrote {weights} and its model card."


def split_digits(
    train: LabelledImages, test: LabelledImages, *, hold_out: int
) -> tuple[LabelledImages, LabelledImages]:
    """Choose what is trained on and what is measured.

    Args:
        train: MNIST's training digits.
        test: MNIST's test digits.
        hold_out: How many of the last training digits to measure on instead of the test set.

    Raises:
        DataError: No digit would be left to train on.
    """
    count = len(train.labels)
    if hold_out >= count:
        raise DataError(f"--hold-out is {hold_out}; choose less than the {count} training digits.")
    if hold_out == 0:
        return train, test
    first = count - hold_out
    kept = LabelledImages(images=train.images[:first], labels=train.labels[:first])
    return kept, LabelledImages(images=train.images[first:], labels=train.labels[first:])


def _describe_data(
    recipe: DigitRecipe, settings: Settings, *, kept: LabelledImages
) -> dict[str, str]:
    return {
        "name": "MNIST",
        "trained_on": (
            f"{len(kept.labels):,} training digits of MNIST and {recipe.flagged_ones:,} ones "
            "with a flag, drawn by program"
        ),
        "sha256": kept.digest(),
        "measured_on": "the last training digits" if settings.hold_out else "the test set",
        "choices": _CHOICES,
    }
