"""What several pages have computed in the worker, which imports no Streamlit."""

from cnnviz.cached import get_answer
from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import EvaluationImage, open_image
from cnnviz.figures.compare import draw_cam, draw_view
from cnnviz.images.image import CheckedImage, Pixels

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
