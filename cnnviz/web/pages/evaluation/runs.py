"""What the evaluation has computed in the worker, which imports no Streamlit."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from cnnviz.evaluation.scores import Outcome
from cnnviz.heavy import Pieces, compute_each
from cnnviz.web.runs import Pair, draw_pair


def draw_mistakes(network: str, mistakes: Sequence[Outcome]) -> Pieces[tuple[Pair, ...]]:
    """Draw what a network sees of images that it mistakes, and Grad-CAM."""
    images = [one.image for one in mistakes]
    return compute_each(images, partial(draw_pair, network), name=attrgetter("name"))
