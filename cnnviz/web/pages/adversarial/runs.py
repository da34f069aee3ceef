"""What the adversarial page has computed in the worker, which imports no Streamlit."""

from collections.abc import Iterator

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.many import Moved, move_many
from cnnviz.adversarial.transfer import TransferMatrix, measure_transfer, see_samples
from cnnviz.networks.load import LoadedModel


def move_all(attack: Attack, target: int) -> Iterator[tuple[float, str, Moved]]:
    """Move samples and the image to one class."""
    return move_many(attack.model, (attack.seen, *see_samples(attack.model)), target=target)


def try_others(
    attack: Attack, models: tuple[LoadedModel, ...], epsilon: float, *, is_all: bool
) -> Iterator[tuple[float, str, TransferMatrix | None]]:
    """Show adversarial examples to other networks, of all samples or of the image alone."""
    images = (*see_samples(attack.model), attack.seen) if is_all else (attack.seen,)
    return measure_transfer(models, images, epsilon=epsilon, options=attack.options)
