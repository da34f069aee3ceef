"""Whether networks recognize each other's made images: of one class, and over all."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.feature_visualization.across import AcrossCell
from cnnviz.feature_visualization.transfer_score import Counted, Reading, TransferScore, read_score
from cnnviz.figures.matrix import MatrixCell, draw_matrix, shorten_titles
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo.lineage import MEMBERS
from cnnviz.networks.zoo.registry import get_listing


def draw_ranks(cells: Sequence[AcrossCell]) -> go.Figure:
    """Draw the rank of one class for each network (column) on each network's image (row)."""
    made = [cell for cell in cells if cell.readings]
    titles = _shorten({cell.name: cell.title for cell in cells})
    readers = [name for name in titles if any(name in cell.readings for cell in made)]
    return draw_matrix(
        [[_write_rank(cell.readings.get(name)) for name in readers] for cell in made],
        rows=[titles[cell.name] for cell in made],
        columns=[titles[name] for name in readers],
    )


def draw_scores(
    scores: Mapping[str, TransferScore], titles: Mapping[str, str], *, counted: Counted
) -> go.Figure:
    """Draw of how many of a network's images (row) it is sure, and how many others name."""
    short = _shorten({name: titles[name] for name in scores})
    return draw_matrix(
        [
            [
                _write_count(score.sure, score.images),
                *(_write_reading(score.others.get(other), counted) for other in scores),
            ]
            for score in scores.values()
        ],
        rows=list(short.values()),
        columns=["itself, 99 % sure", *short.values()],
    )


def describe_transfer(model: LoadedModel) -> str:
    """Say how many of a network's images other networks recognize, from its model card."""
    title, name = model.spec.title, model.spec.name
    score = read_score(model.card)
    if score is not None and score.others:
        counts = sorted((one.among_five, other) for other, one in score.others.items())
        least, most = (
            f"{get_listing(other).title} **{count} of {score.others[other].images}**"
            for count, other in (counts[0], counts[-1])
        )
        span = least if least == most else f"between {least} and {most}"
        return (
            f"{title} is at least 99 % sure of **{score.sure} of {score.images}** images, one of "
            f"each class ({score.preset}, {score.steps} steps). Named by other networks, top-5: "
            f"{span}."
        )
    if any(member.name == name for member in MEMBERS):
        return (
            f"Not measured for {title}. `python -m cnnviz.feature_visualization.transfer "
            f"{name} --write-card` measures it."
        )
    return f"Not known for {title}: only the networks at 64 pixels share their classes."


def _shorten(titles: Mapping[str, str]) -> dict[str, str]:
    return dict(zip(titles, shorten_titles(list(titles.values())), strict=True))


def _write_rank(rank: int | None) -> MatrixCell | None:
    return None if rank is None else MatrixCell(1 / rank, str(rank), f"rank {rank}")


def _write_reading(reading: Reading | None, counted: Counted) -> MatrixCell | None:
    if reading is None:
        return None
    count = reading.first if counted is Counted.TOP_1 else reading.among_five
    return _write_count(count, reading.images)


def _write_count(count: int, images: int) -> MatrixCell:
    return MatrixCell(share=count / images, text=str(count), says=f"{count} of {images} images")
