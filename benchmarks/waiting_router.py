"""Entry of every visit: a job of its own where one is asked for, else the app's own entry."""

import os
import runpy
from functools import partial
from pathlib import Path

import streamlit as st

from benchmarks.waiting_job import grow_class
from cnnviz.jobs.heavy import HeavyResult
from cnnviz.web.jobs import show_result

job = st.query_params.get("job")
if job is None:
    runpy.run_path(str(Path(__file__).parent.parent / "pages" / "router.py"))
else:
    steps = int(st.query_params.get("steps", os.environ["BENCHMARK_STEPS"]))
    heavy = HeavyResult(
        key=f"benchmark/{job}/{steps}",
        title=f"Image {job}",
        run=partial(grow_class, int(job), steps),
        size=lambda _growth: 100_000,
        is_live="thread" in st.query_params,
    )
    found = show_result(heavy, draw=lambda growth: st.text(f"Step {growth.last.step}"))
    if found is not None:
        st.text("finished")
