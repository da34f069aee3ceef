"""The lineage's training: photographs of a hundred classes, measured on those held out."""

from collections.abc import Callable

from torch import Generator, Tensor, nn

from cnnviz.errors import DataError
from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo.lineage import get_member
from cnnviz.networks.zoo.lineage.classes import WNIDS
from cnnviz.networks.zoo.lineage.photographs import SIDE, normalize_photographs
from cnnviz.training.calibration import calibrate
from cnnviz.training.card import write_network
from cnnviz.training.cropping import crop_photos
from cnnviz.training.loop import Task
from cnnviz.training.measure import measure_accuracy, round_to_half
from cnnviz.training.pasting import paste_patches
from cnnviz.training.photos import Photos, load_photos
from cnnviz.training.recipes import PhotoRecipe
from cnnviz.training.refit import refit_last_layer
from cnnviz.training.session import (
    Settings,
    describe_run,
    describe_training,
    prepare_sample,
    record_answer,
    run_session,
    settle_recipe,
)

_SAMPLE = "cat"
_CHOICES = (
    "One in ten images of each class, those whose file names have the lowest SHA-256, were held "
    "out and never trained on. They were measured after each epoch for the curve and in short "
    "trials of the first recipes; the epoch that ships is always the last. The temperature that "
    "divides the logits was fitted on them."
)
_CHOICE_OF_DECAY = " So was the weight decay of the last layer's new fit chosen, of three."


def train_on_photos(name: str, recipe: PhotoRecipe, settings: Settings) -> str:
    """Train a network of the lineage, write its weights and card, and tell how good it is.

    Raises:
        DataError: The data is not there, or a setting is out of range or for digits only.
        GalleryError: scikit-image, whose cat the card answers for, is not installed.
        WeightsError: The checkpoint cannot be resumed.
        TrainingStopped: Interrupted from the keyboard.
    """
    spec = get_member(name)
    recipe = settle_recipe(recipe, settings)
    _refuse_digit_options(settings)
    sample = prepare_sample(spec, _SAMPLE)
    photos = load_photos(settings.data, wnids=WNIDS, cache=settings.runs)
    held_out = photos.held_out

    def judge(module: nn.Module) -> float:
        return measure_accuracy(module, held_out, to_input=normalize_photographs).top1.percent

    task = Task(
        images=photos.train.images,
        labels=photos.train.labels,
        prepare=_make_prepare(recipe),
        judge=judge,
    )
    identity = describe_run(recipe, photos.train)
    training = run_session(spec, recipe, settings, task=task, identity=identity)
    if recipe.refit is not None:
        refit_last_layer(
            training.module, photos.train, to_input=normalize_photographs, decay=recipe.refit
        )
    calibration = calibrate(training.module, held_out, to_input=normalize_photographs)
    shipped = round_to_half(training.module.state_dict())
    training.module.load_state_dict(shipped)
    answer = record_answer(training.module, sample, key=_SAMPLE)
    accuracy = measure_accuracy(training.module, held_out, to_input=normalize_photographs)
    facts = {
        **describe_training(spec, recipe, settings, training=training),
        "data": _describe_data(photos, refitted=recipe.refit is not None),
        "accuracy": accuracy.describe(),
        "calibration": calibration,
        "wnids": WNIDS,
        "answer": answer,
    }
    weights = write_network(name, shipped, facts, folder=settings.out or BUNDLED)
    return (
        f"{accuracy.write_summary()}, after {training.seconds:.0f} s. "
        f"Wrote {weights} and its model card."
    )


def _refuse_digit_options(settings: Settings) -> None:
    for option, given in (("--hold-out", settings.hold_out), ("--download", settings.download)):
        if given:
            raise DataError(
                f"{option} is for lenet5; leave it out. Of photographs one in ten is always held "
                "out, and they are not downloaded."
            )


def _make_prepare(
    recipe: PhotoRecipe,
) -> Callable[[Tensor, Tensor, Generator, int], tuple[Tensor, Tensor]]:
    cropping = recipe.cropping

    def prepare(
        images: Tensor, labels: Tensor, generator: Generator, epoch: int
    ) -> tuple[Tensor, Tensor]:
        side = cropping.find_side(epoch, last=SIDE)
        x = normalize_photographs(crop_photos(images, cropping, side=side, generator=generator))
        if not recipe.pasted:
            return x, labels
        return paste_patches(
            x, labels, share=recipe.pasted, classes=len(WNIDS), generator=generator
        )

    return prepare


def _describe_data(photos: Photos, *, refitted: bool) -> dict[str, str]:
    return {
        "name": "Tiny ImageNet, one hundred classes",
        "trained_on": f"{len(photos.train.labels):,} photographs of a hundred everyday classes",
        "sha256": photos.train.digest(),
        "measured_on": f"{len(photos.held_out.labels):,} photographs of the same classes, held out",
        "held_out_sha256": photos.held_out.digest(),
        "choices": _CHOICES + _CHOICE_OF_DECAY * refitted,
    }
