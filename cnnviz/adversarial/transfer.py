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
from cnnviz.jobs.heavy import Pieces, compute_each, report_progress
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


def list_photographs() -> tuple[str, ...]:
    """Return the keys of the sample photographs."""
    return tuple(one.key for one in list_samples() if one.kind is SampleKind.PHOTOGRAPH)


def measure_transfer(
    models: Sequence[LoadedModel],
    images: Sequence[Pixels | str],
    *,
    epsilon: float,
    options: AttackOptions,
) -> Pieces[TransferMatrix]:
    """Attack each image on each network, and show the result to all of them.

    Args:
        models: Networks that see images of one size and name the same classes.
        images: What they see, uint8 (H, W) or (H, W, C), or the keys of samples; one or more.
        epsilon: The most that may be changed, in levels of 1/255.
        options: How; FGSM or PGD.

    Returns:
        A run of one image a piece; its result is the matrix of the images so far. It raises an
        AttackError where the options do not fit.

    Raises:
        AttackError: The networks see different images.
    """
    if (
        not models
        or not images
        or not all(can_share(models[0].spec, other.spec) for other in models)
    ):
        raise AttackError("Give images, and networks of one input size and the same classes.")
    trial = _Trial(tuple(models), len(images), epsilon, options)
    return compute_each(
        list(enumerate(images, start=1)),
        trial.attack,
        name=trial.name,
        gather=trial.gather,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """What the networks say of one image: unchanged (T,), and changed (S + 1, T)."""

    clean: npt.NDArray[np.int64]
    fooled: npt.NDArray[np.bool_]
    guesses: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    models: tuple[LoadedModel, ...]
    count: int
    epsilon: float
    options: AttackOptions

    def name(self, item: tuple[int, Pixels | str]) -> str:
        """Say which image it is."""
        return f"image {item[0]} of {self.count}"

    def attack(self, item: tuple[int, Pixels | str]) -> _Answers:
        """Attack one image on each network."""
        number, image = item
        models, total = self.models, len(self.models) + 1
        seen = see_image(models[0], load_sample(image).pixels) if isinstance(image, str) else image
        clean = [rank_logits(score_pixels(model, seen)) for model in models]
        rows: list[list[Prediction]] = []
        for row in range(total):
            report_progress((number - 1 + row / total) / self.count, self.name(item))
            changed = _change(models, row, seen, epsilon=self.epsilon, options=self.options)
            rows.append([rank_logits(score_pixels(model, changed)) for model in models])
        return _Answers(
            clean=np.array([said.ranking[0] for said in clean]),
            fooled=np.array(
                [
                    [_is_fooled(*both, self.options) for both in zip(row, clean, strict=True)]
                    for row in rows
                ]
            ),
            guesses=np.array([[said.ranking[0] for said in row] for row in rows]),
            shares=np.array(
                [[float(said.probabilities[said.ranking[0]]) for said in row] for row in rows]
            ),
        )

    def gather(self, answers: Sequence[_Answers]) -> TransferMatrix:
        """Count over the images."""
        titles, last = tuple(model.spec.title for model in self.models), answers[-1]
        return TransferMatrix(
            sources=(*titles, "random noise"),
            targets=titles,
            epsilon=self.epsilon,
            fooled=np.sum([one.fooled for one in answers], axis=0, dtype=np.int64),
            images=len(answers),
            clean=last.clean,
            guesses=last.guesses,
            shares=last.shares,
        )


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
