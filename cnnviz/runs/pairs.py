"""What a network sees of images, and why, as several pages show it."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from cnnviz.cached import get_answer
from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import EvaluationImage, open_image
from cnnviz.evaluation.scores import Outcome
from cnnviz.figures.compare import draw_cam, draw_view
from cnnviz.images.image import CheckedImage, Pixels
from cnnviz.jobs.heavy import Pieces, compute_each

Pair = tuple[Pixels, Pixels | None]  # None where the network has no maps for Grad-CAM


def draw_pair(network: str, image: EvaluationImage) -> Pair:
    """Return what a network sees of an image, and Grad-CAM of its first guess.

    Raises:
        DataError: The image cannot be opened any more.
    """
    opened = open_image(image)
    if not isinstance(opened, CheckedImage):
        raise DataError(f"{opened.name} was taken away meanwhile; reload the page.")
    answer = get_answer(network, opened)
    return draw_view(answer), draw_cam(answer)


def draw_mistakes(network: str, mistakes: Sequence[Outcome]) -> Pieces[tuple[Pair, ...]]:
    """Draw what a network sees of images that it mistakes, and Grad-CAM."""
    images = [one.image for one in mistakes]
    return compute_each(images, partial(draw_pair, network), name=attrgetter("name"))
