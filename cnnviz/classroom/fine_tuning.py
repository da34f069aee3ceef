"""LeNet-5 fine-tuned on one half of a class's data set, and measured on the other.

All weights are trained, from those that MNIST gave, at a small learning rate. What the network
forgets meanwhile is measured on digits that the class did not draw.

Source: McCloskey and Cohen 1989, "Catastrophic interference in connectionist networks".
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from safetensors.torch import save
from torch import Tensor

from cnnviz.classroom.data_set import predict_digits, score_digits, to_inputs
from cnnviz.labs.digit_sets import DigitSource, load_digit_set
from cnnviz.labs.trained_networks import register_trained
from cnnviz.labs.training import Learner, judge
from cnnviz.networks.load import LoadedModel
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.measure import Score
from cnnviz.training.mnist import Mnist

BATCH = 16


@dataclass(frozen=True, slots=True)
class Epoch:
    """How good the network is after a pass over the training half.

    Attributes:
        number: Passes done; 0 for LeNet-5 as it is.
        accuracy: On the class's other half, 0 to 1.
        kept: On the digits that the class did not draw, 0 to 1.
    """

    number: int
    accuracy: float
    kept: float


@dataclass(frozen=True, slots=True, eq=False)
class FineTuned:
    """LeNet-5 on its way.

    Attributes:
        epochs: How it went, from 0.
        before: Right predictions of the class's other half by label, of LeNet-5 as it is.
        after: The same, of the network now.
        held: How many digits that the class did not draw were measured on.
        state: Weights by name; empty while it is under way.
    """

    epochs: tuple[Epoch, ...]
    before: tuple[Score, ...]
    after: tuple[Score, ...]
    held: int
    state: Mapping[str, Tensor] = field(default_factory=dict)


def fine_tune_lenet(
    model: LoadedModel,
    halves: Mnist,
    *,
    source: DigitSource,
    epochs: int,
    rate: float,
    seed: int,
) -> Iterator[tuple[float, str, FineTuned]]:
    """Fine-tune LeNet-5 on the training half, as a heavy result's run.

    Args:
        model: LeNet-5; it is not changed.
        halves: Of the class's data set.
        source: Where the digits come from that the class did not draw.
        epochs: Passes over the training half.
        rate: Learning rate of Adam.
        seed: Of the order of the images.

    Yields:
        The share done, what is done, and the network so far; its weights at the end.

    Raises:
        DataError: The digits of `source` are missing or broken.
    """
    held = load_digit_set(source)
    network = copy.deepcopy(model.module)
    optimizer = torch.optim.Adam((one.requires_grad_() for one in network.parameters()), lr=rate)
    learner = Learner(network, optimizer)
    dice, history = torch.Generator().manual_seed(seed), list[Epoch]()
    before: tuple[Score, ...] = ()
    for number in range(epochs + 1):
        if number > 0:
            _train_epoch(learner, halves.train, dice)
        after = score_digits(predict_digits(network, halves.test.images), halves.test.labels)
        before = before or after
        right, total = sum(one.correct for one in after), len(halves.test.labels)
        _, kept = judge(network, held.test, held.test_labels)
        history.append(Epoch(number, right / total, kept))
        state = dict(network.state_dict()) if number == epochs else {}
        found = FineTuned(tuple(history), before, after, len(held.test_labels), state)
        yield number / epochs, f"epoch {number} of {epochs}", found


def _train_epoch(learner: Learner, train: LabelledImages, dice: torch.Generator) -> None:
    """Train on every image once, in an order of its own."""
    inputs = to_inputs(train.images)
    for pick in torch.split(torch.randperm(len(inputs), generator=dice), BATCH):
        learner.backpropagate(inputs[pick], train.labels[pick])
        learner.optimizer.step()


def write_fine_tuned(tuned: FineTuned) -> bytes:
    """Return the network's weights as a safetensors file."""
    return save({name: value.detach().contiguous() for name, value in tuned.state.items()})


def register_fine_tuned(
    model: LoadedModel, tuned: FineTuned, *, name: str, code: str, visitor: str
) -> None:
    """Make the network one that every page of its visitor can open.

    Args:
        model: LeNet-5.
        tuned: What was trained, to its end.
        name: Its key in the registry; see `name_trained`.
        code: Of the class.
        visitor: Who sees it in lists of networks.
    """
    spec, first, last = model.spec, tuned.epochs[0], tuned.epochs[-1]
    register_trained(
        name,
        write_fine_tuned(tuned),
        spec.build,
        like=spec.name,
        classes=spec.classes,
        title=f"{spec.title} of class {code} ({name[-4:]})",
        paper=f"{spec.title}, fine-tuned on the page “Your class on the wall”",
        idea=f"Fine-tuned on drawings of class {code}: {first.accuracy:.1%} of its other "
        f"drawings were right before, {last.accuracy:.1%} are now.",
        layer_titles=spec.layer_titles,
        visitor=visitor,
    )
