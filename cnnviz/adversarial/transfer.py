"""Does an image made to fool one network fool the others too?

Source: Szegedy and others 2014, section 4.2, who found that it often does.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from cnnviz.adversarial.craft import AttackOptions, add_noise, attack_image, has_fooled
from cnnviz.adversarial.pixel_space import score_pixels, see_image
from cnnviz.errors import AttackError, CNNVizError
from cnnviz.images.image import Pixels
from cnnviz.images.samples import SampleKind, list_samples, load_sample
from cnnviz.networks.load import LoadedModel, Prediction, load_model, rank_logits
from cnnviz.networks.runnable import list_runnable
from cnnviz.networks.zoo import NetworkSpec, get_network

_MAX_NETWORKS = 12


@dataclass(frozen=True, slots=True, eq=False)
class TransferMatrix:
    """Which networks are fooled by images made for which.

    Attributes:
        sources: Titles of the networks that images were made for; the last row is noise.
        targets: Titles of the networks that were asked.
        epsilon: The most that was changed, in levels of 1/255.
        fooled: Of how many images each network left its first guess (or with a target reached
            that), (sources, targets); the last row for random noise of the same size.
        images: How many there were.
        clean: For the last image, unchanged: class index of the first guess, (targets,).
        guesses: For the last image: class index of the first guess, (sources, targets).
        shares: For the last image: its probability, (sources, targets).
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    epsilon: float
    fooled: npt.NDArray[np.int64]
    images: int
    clean: npt.NDArray[np.int64]
    guesses: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]


def can_share(first: NetworkSpec, other: NetworkSpec) -> bool:
    """Tell whether two networks see images of one size and name the same classes."""
    return (
        first.preprocessing.shape == other.preprocessing.shape
        and first.classes == other.classes
        and other.preprocessing.mean is not None
    )


def list_companions(model: LoadedModel) -> Iterator[LoadedModel]:
    """Give a network, and those here that see images of its size and name its classes."""
    yield model
    specs = (get_network(listing.name) for listing in list_runnable())
    others = (
        spec for spec in specs if spec.name != model.spec.name and can_share(model.spec, spec)
    )
    for spec in islice(others, _MAX_NETWORKS - 1):
        # A broken file is told by the page of its network.
        with suppress(CNNVizError):
            yield load_model(spec.name)


def see_samples(model: LoadedModel) -> tuple[Pixels, ...]:
    """Return what a network sees of every sample photograph, uint8."""
    keys = [one.key for one in list_samples() if one.kind is SampleKind.PHOTOGRAPH]
    return tuple(see_image(model, load_sample(key).pixels) for key in keys)


def measure_transfer(
    models: Sequence[LoadedModel],
    images: Sequence[Pixels],
    *,
    epsilon: float,
    options: AttackOptions,
) -> Iterator[tuple[float, str, TransferMatrix | None]]:
    """Attack each image on each network, and show the result to all of them.

    Args:
        models: Networks that see images of one size and name the same classes.
        images: What they see, uint8 (H, W) or (H, W, C), one or more.
        epsilon: The most that may be changed, in levels of 1/255.
        options: How; FGSM or PGD.

    Yields:
        The share done, the step, and after each image the matrix.

    Raises:
        AttackError: The networks see different images, or the options do not fit.
    """
    if (
        not models
        or not images
        or not all(can_share(models[0].spec, other.spec) for other in models)
    ):
        raise AttackError("Give images, and networks of one input size and the same classes.")
    shape = (len(models) + 1, len(models))
    fooled, guesses = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    shares = np.zeros(shape)
    matrix: TransferMatrix | None = None
    for number, seen in enumerate(images):
        clean = [rank_logits(score_pixels(model, seen)) for model in models]
        for row in range(len(models) + 1):
            done = (number * shape[0] + row) / (len(images) * shape[0])
            yield done, f"image {number + 1} of {len(images)}", matrix
            changed = _change(models, row, seen, epsilon=epsilon, options=options)
            for column, model in enumerate(models):
                answer = rank_logits(score_pixels(model, changed))
                fooled[row, column] += _is_fooled(answer, clean[column], options)
                guesses[row, column] = answer.ranking[0]
                shares[row, column] = float(answer.probabilities[answer.ranking[0]])
        matrix = TransferMatrix(
            sources=(*(model.spec.title for model in models), "random noise"),
            targets=tuple(model.spec.title for model in models),
            epsilon=epsilon,
            fooled=fooled.copy(),
            images=number + 1,
            clean=np.array([said.ranking[0] for said in clean]),
            guesses=guesses.copy(),
            shares=shares.copy(),
        )
        yield (number + 1) / len(images), f"image {number + 1}", matrix


def _change(
    models: Sequence[LoadedModel],
    row: int,
    seen: Pixels,
    *,
    epsilon: float,
    options: AttackOptions,
) -> Pixels:
    if row == len(models):
        return add_noise(seen, size=epsilon, norm=options.norm, seed=options.seed)
    return attack_image(models[row], seen, epsilon=epsilon, options=options).pixels


def _is_fooled(answer: Prediction, clean: Prediction, options: AttackOptions) -> bool:
    return has_fooled(answer, label=clean.ranking[0], target=options.target)
