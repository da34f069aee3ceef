"""What an evaluation found, in lines: for the command, and sentences for the page."""

from collections.abc import Sequence

from cnnviz.evaluation.calibration import find_calibration_error
from cnnviz.evaluation.image_sets import SkippedFile
from cnnviz.evaluation.scores import NetworkScores
from cnnviz.training.measure import write_accuracy

_NAMED = 3  # files or labels of a kind, in a sentence


def describe_scores(scores: NetworkScores) -> str:
    """Say how good a network is on a set, a line each."""
    lines = []
    if scores.outcomes:
        error = find_calibration_error(scores.find_bins())
        lines += [
            write_accuracy(scores.top1, scores.top5),
            f"Expected calibration error: {100 * error:.1f} %",
            f"{len(scores.outcomes) / scores.seconds:.3g} images a second",
        ]
    return "\n".join(filter(None, (*lines, describe_unknown(scores))))


def describe_unknown(scores: NetworkScores) -> str:
    """Name the labels that are none of a network's classes; empty where there are none."""
    count, title = len(scores.unknown), scores.spec.title
    if not count:
        return ""
    if not scores.outcomes:
        return f"{title} knows none of the classes: {_name_some(scores.unknown)}."
    are = "1 label names" if count == 1 else f"{count:,} labels name"
    return f"{are} no class of {title}, so those images are left out: {_name_some(scores.unknown)}."


def describe_skipped(skipped: Sequence[SkippedFile]) -> str:
    """Name the files that are left out, by the reason why; empty where there are none."""
    if not skipped:
        return ""
    are = "1 file is" if len(skipped) == 1 else f"{len(skipped):,} files are"
    groups: dict[str, list[str]] = {}
    for one in skipped:
        groups.setdefault(one.reason, []).append(one.name)
    told = [f"{_name_some(names)} ({reason})" for reason, names in groups.items()]
    return f"{are} left out: {'; '.join(told)}."


def _name_some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
