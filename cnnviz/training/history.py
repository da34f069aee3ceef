"""How a network was trained, epoch by epoch, as its model card tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images.

    Attributes:
        number: From 1.
        loss: Mean loss over the training images.
        train_error: Training images named wrongly, in percent: as they were varied, and while the
            weights still changed.
        held_out_error: Images of the same classes that the training never saw, named wrongly
            after this epoch, in percent.
    """

    number: int
    loss: float
    train_error: float
    held_out_error: float


@dataclass(frozen=True, slots=True)
class History:
    """A training that has ended.

    Attributes:
        epochs: At least one, in order.
        batch: Images in a step.
        optimizer: What made the steps.
        learning_rate: The highest.
        weight_decay: On every parameter.
        label_smoothing: Share of the target spread over all classes.
        early: Epochs and the height and width of their images, for the first epochs where they
            had smaller ones.
        pasted: Share of the images into which a patch of another was pasted.
        minutes: That it took.
        machine: That computed.
        precision: Of the numbers, as torch names it.
        command: That repeats it.
        trained_on: What it saw.
        measured_on: What it never saw.
        final_error: Images of the same classes that the training never saw, named wrongly by the
            network that ships, in percent. Its weights have half precision, so the last epoch may
            have another.
        was_refitted: Whether its last layer was fitted anew after the last epoch.
        temperature: By which its logits were divided in the end; 1 where they were not.
        calibration_error: How far its confidence then was from the share of right answers, in
            percent; None where it was not measured.
    """

    epochs: tuple[Epoch, ...]
    batch: int
    optimizer: str
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    early: tuple[tuple[int, int], ...]
    pasted: float
    minutes: float
    machine: str
    precision: str
    command: str
    trained_on: str
    measured_on: str
    final_error: float
    was_refitted: bool
    temperature: float
    calibration_error: float | None


def read_history(facts: Mapping[str, Any]) -> History | None:
    """Return the training that a model card tells of; None where it tells of none."""
    try:
        recipe, data = facts["recipe"], facts["data"]
        early = recipe.get("cropping", {}).get("early", ())
        calibration = facts.get("calibration", {})
        apart = calibration.get("error")
        history = History(
            epochs=tuple(_read_epoch(told) for told in facts["curve"]),
            batch=int(recipe["batch"]),
            optimizer=str(recipe["optimizer"]),
            learning_rate=float(recipe["learning_rate"]),
            weight_decay=float(recipe["weight_decay"]),
            label_smoothing=float(recipe["label_smoothing"]),
            early=tuple((int(epochs), int(side)) for epochs, side in early),
            pasted=float(recipe.get("pasted", 0)),
            minutes=float(facts["seconds"]) / 60,
            machine=str(facts["machine"]),
            precision=str(facts["precision"]),
            command=str(facts["command"]),
            trained_on=str(data["trained_on"]),
            measured_on=str(data["measured_on"]),
            final_error=100 - float(next(iter(facts["accuracy"].values()))["percent"]),
            was_refitted=recipe.get("refit") is not None,
            temperature=float(calibration.get("temperature", 1)),
            calibration_error=None if apart is None else float(apart),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return history if history.epochs else None


def _read_epoch(told: Mapping[str, Any]) -> Epoch:
    return Epoch(
        number=int(told["epoch"]),
        loss=float(told["loss"]),
        train_error=100 - float(told["train_accuracy"]),
        held_out_error=100 - float(told["accuracy"]),
    )


def find_histories(cards: Mapping[str, Mapping[str, Any]]) -> dict[str, History]:
    """Return the trainings that the model cards tell of, by network."""
    told = {name: read_history(facts) for name, facts in cards.items()}
    return {name: history for name, history in told.items() if history is not None}
