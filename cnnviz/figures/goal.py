"""What an image is made for, as people read it: name, symbol in formulas, score."""

from dataclasses import dataclass

from cnnviz.feature_visualization.targets import Target, TargetKind
from cnnviz.figures.format import format_number, format_probability
from cnnviz.figures.formulas import name_layer
from cnnviz.networks.load import LoadedModel

_SCORES = {
    TargetKind.PROBABILITY: "Probability",
    TargetKind.LOGIT: "Logit",
    TargetKind.CHANNEL: "Mean activation",
    TargetKind.NEURON: "Activation",
    TargetKind.DIRECTION: "Projection",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as people read it.

    Attributes:
        kind: What is to be excited.
        name: The class, channel, cell or direction.
        symbol: In formulas.
    """

    kind: TargetKind
    name: str
    symbol: str

    @property
    def score(self) -> str:
        """What its score is called."""
        return _SCORES[self.kind]

    @property
    def label(self) -> str:
        """What the score is of: "Probability of tabby cat"."""
        between = ": " if self.kind is TargetKind.DIRECTION else " of "
        return f"{self.score}{between}{self.name}"

    @property
    def curve(self) -> str:
        """What is followed step by step: of a probability the log-odds."""
        return "Log-odds" if self.kind is TargetKind.PROBABILITY else self.score

    def format(self, score: float) -> str:
        """Write a score."""
        is_probability = self.kind is TargetKind.PROBABILITY
        return format_probability(score) if is_probability else format_number(score)


def describe_target(model: LoadedModel, target: Target, *, image: str = "") -> Goal:
    """Name a target.

    Args:
        model: The network.
        target: What is to be excited.
        image: Name of the image that a direction is of.
    """
    kind, channel = target.kind, target.channel
    layer = model.graph.find(target.layer)
    if kind in (TargetKind.PROBABILITY, TargetKind.LOGIT):
        name = model.spec.classes[channel]
        letter = "p" if kind is TargetKind.PROBABILITY else "S"
        return Goal(kind, name, rf"{letter}_{{\text{{{name}}}}}")
    if kind is TargetKind.DIRECTION:
        return Goal(kind, f"{name_layer(layer)}, direction of {image}", r"\langle a, d \rangle")
    name = f"{name_layer(layer)}, {'channel' if layer.is_spatial else 'unit'} {channel}"
    if target.place is not None:
        name += f", row {target.place[0]}, column {target.place[1]}"
    symbol = f"a_{{{','.join(map(str, (channel, *(target.place or ()))))}}}"
    is_mean = kind is TargetKind.CHANNEL and layer.is_spatial
    return Goal(kind, name, rf"\overline{{{symbol}}}" if is_mean else symbol)
