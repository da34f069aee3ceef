"""Entry of every visit: a job of its own where one is asked for, else the app's own entry."""

import runpy
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import streamlit as st

from cnnviz.feature_visualization.growth import Growth, grow
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import target_class
from cnnviz.heavy import HeavyResult
from cnnviz.networks.load import load_model
from cnnviz.web.jobs import show_result

STEPS = 16


def grow_class(number: int, steps: int) -> Iterator[tuple[float, str, Growth]]:
    """Maximize one class of AlexNet's; each number is another class and another run."""
    model = load_model("alexnet64")
    target = target_class(model.graph, number % len(model.spec.classes), probability=True)
    for growth in grow(model, target, settings=PRESETS[Preset.OLAH], steps=steps):
        yield growth.last.step / steps, f"step {growth.last.step} of {steps}", growth


job = st.query_params.get("job")
if job is None:
    runpy.run_path(str(Path(__file__).parent.parent / "pages" / "router.py"))
else:
    steps = int(st.query_params.get("steps", STEPS))
    heavy = HeavyResult(
        key=f"benchmark/{job}/{steps}",
        title=f"Image {job}",
        run=partial(grow_class, int(job), steps),
        size=lambda _growth: 100_000,
    )
    found = show_result(heavy, draw=lambda growth: st.text(f"Step {growth.last.step}"))
    if found is not None:
        st.text("finished")
