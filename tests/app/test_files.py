"""What a page offers to download, by its route."""

import gc

from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from cnnviz.web import api
from tests.app.opened import list_files

CLIENT = TestClient(Starlette(routes=api.routes), raise_server_exceptions=False)


def offering_page() -> None:
    """A page with files that tell how often it ran; of two labels alike, if that is wanted."""
    import streamlit as st

    from cnnviz.errors import DataError
    from cnnviz.web.files import offer_files

    count = st.session_state["count"] = st.session_state.get("count", 0) + 1

    def fail() -> str:
        raise DataError("There is nothing to write.")

    files = {"A & B as CSV": (lambda: f"{count}", "A <b>, ö.CSV"), "None": (fail, "none.bin")}
    offer_files(files)
    if st.session_state.get("twice"):
        offer_files(files)


def test_a_file_has_one_address_in_all_runs_and_is_made_when_asked_for() -> None:
    app = AppTest.from_function(offering_page).run()
    files = list_files(app)
    answer = CLIENT.get(files["A & B as CSV"])
    assert (answer.status_code, answer.text) == (200, "1")
    assert answer.headers["content-type"].startswith("text/csv")
    named = "attachment; filename*=UTF-8''a-%3Cb%3E-%C3%B6.csv"
    assert answer.headers["content-disposition"] == named
    assert list_files(app.run()) == files
    assert CLIENT.get(files["A & B as CSV"]).text == "2"
    answer = CLIENT.get(files["None"])
    assert (answer.status_code, answer.json()["error"]) == (503, "There is nothing to write.")


def test_a_file_is_offered_by_its_visits_page_alone() -> None:
    app = AppTest.from_function(offering_page).run()
    route = list_files(app)["A & B as CSV"]
    assert list_files(AppTest.from_function(offering_page).run())["A & B as CSV"] != route
    token, place = route.split("/")[-2:]
    for wrong in (f"/api/files/{token}/0{place[1:]}x", f"/api/files/{token[1:]}/{place}"):
        assert CLIENT.get(wrong).status_code == 404
    refused = CLIENT.get(route, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    app.session_state["cnnviz_files"].page = "another one"  # which was shown meanwhile
    app.session_state["cnnviz_files"].files["old"] = None
    app.run()
    assert set(app.session_state["cnnviz_files"].files) == {
        one.split("/")[-1] for one in list_files(app).values()
    }
    del app
    gc.collect()
    assert CLIENT.get(route).status_code == 404


def test_two_files_of_one_page_need_two_names() -> None:
    app = AppTest.from_function(offering_page)
    app.session_state["twice"] = True
    assert len(app.run().exception) == 1
