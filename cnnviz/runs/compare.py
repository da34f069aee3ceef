"""Answers of several networks, as pages ask for them."""

from collections.abc import Sequence

from cnnviz.cached import get_prediction
from cnnviz.comparison import Curve, follow_corruption, harden, shrink
from cnnviz.images.corruptions import Corruption
from cnnviz.images.image import CheckedImage
from cnnviz.networks.load import LoadedModel, Prediction


def follow_curve(image: CheckedImage, corruption: Corruption, model: LoadedModel) -> Curve:
    """Follow a network's answer as a corruption grows."""
    return follow_corruption(model, image, corruption)


def predict_all(
    models: Sequence[LoadedModel], strengths: dict[Corruption, float], image: CheckedImage
) -> tuple[Prediction, ...]:
    """Return every network's prediction on an image that is made harder."""
    hard = harden(shrink(image), strengths)
    return tuple(get_prediction(model.spec.name, hard) for model in models)
