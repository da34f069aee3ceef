"""Attacks on many images and networks, as pages ask for them."""

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.many import Moved, move_many
from cnnviz.adversarial.transfer import TransferMatrix, list_photographs, measure_transfer
from cnnviz.images.image import Pixels
from cnnviz.jobs.heavy import Pieces
from cnnviz.networks.load import LoadedModel


def move_all(attack: Attack, target: int) -> Pieces[Moved]:
    """Move samples and the image to one class."""
    return move_many(attack.model, (attack.seen, *list_photographs()), target=target)


def try_others(
    attack: Attack, models: tuple[LoadedModel, ...], epsilon: float, *, is_all: bool
) -> Pieces[TransferMatrix]:
    """Show adversarial examples to other networks, of all samples or of the image alone."""
    images: list[Pixels | str] = [*list_photographs(), attack.seen] if is_all else [attack.seen]
    return measure_transfer(models, images, epsilon=epsilon, options=attack.options)
