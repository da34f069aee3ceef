"""Waiting for what a page puts in the server's line, as a visitor who looks at it does."""

import time

from streamlit.testing.v1 import AppTest

from cnnviz.jobs import Job


def finish_job(app: AppTest, key: str, *, seconds: float = 100) -> AppTest:
    """Wait for the page's job of this key and run the page again, as its fragment does.

    A page may start a further job when it finds one ended; that one is waited for too.
    """
    deadline = time.monotonic() + seconds
    while True:
        if key in app.session_state:
            job: Job[object] = app.session_state[key]
            while not job.wait(0.5):
                assert time.monotonic() < deadline
                job.touch()
            assert not job.error
        app.run()
        assert not app.exception
        if key not in app.session_state or not app.session_state[key].is_active:
            return app
