"""A button that acts at once, and tells the error of its last click."""

from streamlit.testing.v1 import AppTest


def acting_page() -> None:
    """A page that begins anew before it comes to its button, as another event may have it."""
    import streamlit as st

    from cnnviz.errors import DataError
    from cnnviz.web.chrome import draw_action

    if st.session_state.pop("interrupted", False):
        st.rerun()

    def act() -> None:
        typed = st.session_state["typed"]
        if typed == "wrong":
            raise DataError(f"This is {typed}.")
        st.session_state.setdefault("done", []).append(typed)

    st.text_input("Word", key="typed")
    draw_action("Do it", act, key="do", about="typed")


def test_a_click_acts_where_the_run_begins_anew() -> None:
    app = AppTest.from_function(acting_page).run()
    app.session_state["interrupted"] = True
    app.text_input(key="typed").set_value("right")
    app.button(key="do").click().run()
    assert not app.exception
    assert app.session_state["done"] == ["right"]


def test_an_error_stays_until_what_it_is_about_changes() -> None:
    app = AppTest.from_function(acting_page).run()
    app.session_state["interrupted"] = True
    app.text_input(key="typed").set_value("wrong")
    app.button(key="do").click().run()
    assert [error.value for error in app.error] == ["This is wrong."]
    assert len(app.run().error) == 1
    app.text_input(key="typed").set_value("right").run()
    assert not app.error
    app.button(key="do").click().run()
    assert not app.error
    assert app.session_state["done"] == ["right"]
