"""A finished run is submitted to a class, whose wall compares the runs."""

from cnnviz.classroom.runs import ClassRun, add_run
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.network_builder import format_layers, parse_layers
from cnnviz.web.pages.train.controls import Page
from cnnviz.web.submitting import offer_submission
from cnnviz.web.visitors import find_visitor


def offer_run(page: Page, run: TrainingRun) -> None:
    """Draw the place where a run that is trained to the end is submitted."""
    if not run.is_over or run.note or run.accuracy is None:
        return

    def submit(code: str) -> int:
        return add_run(code, describe_run(run), visitor=find_visitor())

    offer_submission(page, run.id, submit, told=page.text("submit", title=run.title))


def describe_run(run: TrainingRun) -> ClassRun:
    """Return what a class keeps of a run: what this server has measured."""
    return ClassRun(
        layers=format_layers(parse_layers(run.plan.layers)),
        accuracy=run.accuracy or 0.0,
        parameters=sum(row.parameters for row in run.rows),
        seconds=run.seconds,
        epochs=run.plan.epochs,
        optimizer=run.plan.optimizer,
        digits=run.plan.source,
    )
