"""Training of a linear classifier, as pages ask for them."""

from collections.abc import Iterator
from pathlib import Path

from cnnviz.adversarial.linear.case import LOADERS, Classifier, Trained
from cnnviz.adversarial.linear.data import load_photographs
from cnnviz.adversarial.linear.regression import train_in_steps


def train_classifier(
    chosen: Classifier, folder: Path | None, steps: int, decay: float
) -> Iterator[tuple[float, str, Trained]]:
    """Train a linear classifier; on photographs where their folder is given."""
    data = LOADERS[chosen]() if folder is None else load_photographs(folder)
    for share, step, classifier in train_in_steps(data, steps=steps, decay=decay):
        yield share, step, (data, classifier)
