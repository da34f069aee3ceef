"""Attacks on many images and networks, as pages ask for them."""

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.many import Moved, move_many
from cnnviz.adversarial.transfer import TransferMatrix, list_photographs, measure_transfer
from cnnviz.images.image import Pixels
from cnnviz.jobs.heavy import Pieces
from cnnviz.networks.load import LoadedModel


def move_all(attack: Attack, target: int, *, image: str) -> Pieces[Moved]:
    """Move the image and all other samples to one class."""
    return move_many(attack.model, (attack.seen, *_list_others(image)), target=target)


def try_others(
    attack: Attack, models: tuple[LoadedModel, ...], epsilon: float, *, image: str, is_all: bool
) -> Pieces[TransferMatrix]:
    """Show adversarial examples to other networks, of all samples or of the image alone."""
    others = _list_others(image) if is_all else ()
    images: list[Pixels | str] = [*others, attack.seen]
    return measure_transfer(models, images, epsilon=epsilon, options=attack.options)


def _list_others(image: str) -> tuple[str, ...]:
    return tuple(key for key in list_photographs() if key != image)
