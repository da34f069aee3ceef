"""A page opened by its address, read, and waited for, as in a visitor's browser."""

import html
import re
import time
from collections.abc import Collection
from pathlib import Path

from streamlit.testing.v1 import AppTest

from cnnviz.jobs import Job

PAGES = Path(__file__).parent.parent.parent / "pages"


def load_page(name: str) -> AppTest:
    """Load the page of this file name, which is not run yet."""
    return AppTest.from_file(PAGES / f"{name}.py", default_timeout=120)


def open_page(name: str, **address: str | list[str]) -> AppTest:
    """Open the page of this file name; the address is that of a link to it."""
    app = load_page(name)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def check_each_is_told(app: AppTest, values: Collection[str]) -> None:
    """Each wrong value of an address has one sentence that names it, and there is no other."""
    told = [warning.value for warning in app.warning]
    assert len(told) == len(values)
    for value in values:
        assert sum(f"“{value}”" in text for text in told) == 1


def text_of(app: AppTest) -> str:
    """What the page says and writes as formulas, without headings and messages."""
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.latex])


def list_files(app: AppTest) -> dict[str, str]:
    """The address of each file that the page offers, by what its link says."""
    pattern = re.compile(r'<a class="cnnviz-file" href="(.+?)".*</span>(.+?)</a>')
    found = (pattern.search(element.proto.body) for element in app.get("html"))
    return {html.unescape(one[2]): one[1] for one in found if one}


def get_job(app: AppTest, *, slot: str = "main") -> Job[object] | None:
    """The visitor's job of a place on the page (see `show_result`)."""
    if f"job:{slot}" not in app.session_state:
        return None
    job: Job[object] = app.session_state[f"job:{slot}"][1]
    return job


def finish_result(app: AppTest, *, slot: str = "main", seconds: float = 100) -> AppTest:
    """Wait for a heavy result and run the page again, as its component does.

    A page may start a further job when it finds one ended; that one is waited for too.
    """
    deadline = time.monotonic() + seconds
    done = None
    while (job := get_job(app, slot=slot)) not in (None, done):
        assert job is not None
        while not job.wait(0.5):
            assert time.monotonic() < deadline
            job.touch()
        assert not job.error
        app.run()
        assert not app.exception
        done = job
    return app
