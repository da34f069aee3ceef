"""Controls declared once: two pages with the same names of fields do not change each other."""

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button


def two_pages() -> None:
    """A router with two pages, each with a field `steps` and one that follows it."""
    from dataclasses import dataclass
    from types import SimpleNamespace

    import streamlit as st

    from cnnviz.web.controls.kinds import choice, flag, number
    from cnnviz.web.state import PageState, resolve, take_address

    @dataclass(frozen=True)
    class First:
        steps: int = number("Steps", 1, 10, default=4)
        half: int = number("Half", 0, lambda at: at.steps, default=lambda at: at.steps // 2)
        kind: str = choice(["FGSM", "PGD"], "Attack")

    @dataclass(frozen=True)
    class Second:
        steps: int = number("Steps", 100, 500, default=128)
        kind: str = choice(["class", "channel"], "Target")
        grid: bool = flag("Grid")

    name = st.session_state.get("show", "first")
    declared: type[First] | type[Second] = First if name == "first" else Second
    take_address(name, declared, dict(st.query_params) if "told" not in st.session_state else {})
    st.session_state["told"] = True
    at = SimpleNamespace()
    values, problems = resolve(name, declared, at)
    page = PageState(page=name, values=values, at=at)
    for problem in problems:
        st.warning(problem)
    page.draw(*page.write_address())
    st.text(repr(page.write_address()))
    if name == "first":
        st.button("Next", on_click=lambda: page.step("kind", ["FGSM", "PGD"], 1))
        st.button("Around", on_click=lambda: page.step("kind", ["FGSM", "PGD"], 1, is_ring=True))
        st.button("Preset", on_click=lambda: page.apply(steps=8, kind="PGD"))


def start(**address: str) -> AppTest:
    app = AppTest.from_function(two_pages)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def read(app: AppTest) -> dict[str, str]:
    assert not app.exception
    found: dict[str, str] = eval(app.text[0].value)  # noqa: S307  (a repr that this file wrote)
    return found


def show(app: AppTest, page: str) -> AppTest:
    app.session_state["show"] = page
    return app.run()


def test_a_value_belongs_to_its_page_and_is_there_on_return() -> None:
    app = start()
    assert read(app) == {"steps": "4", "half": "2", "kind": "FGSM"}
    app.slider(key="first.steps").set_value(9).run()
    app.segmented_control(key="first.kind").set_value("PGD").run()
    assert read(show(app, "second")) == {"steps": "128", "kind": "class", "grid": "0"}
    app.slider(key="second.steps").set_value(300).run()
    assert read(show(app, "first")) == {"steps": "9", "half": "4", "kind": "PGD"}
    assert app.slider(key="first.steps").value == 9
    assert read(show(app, "second"))["steps"] == "300"


def test_a_default_follows_what_it_depends_on_and_a_choice_does_not() -> None:
    app = start()
    app.slider(key="first.steps").set_value(10).run()
    assert read(app)["half"] == "5"
    app.slider(key="first.half").set_value(7).run()
    app.slider(key="first.steps").set_value(8).run()
    assert read(app)["half"] == "7"
    app.slider(key="first.steps").set_value(6).run()  # 7 is not possible any more
    assert read(app)["half"] == "3"


def test_an_address_sets_every_kind_of_control_before_it_is_drawn() -> None:
    app = start(steps="7", half="6", kind="pgd")
    assert read(app) == {"steps": "7", "half": "6", "kind": "PGD"}
    assert not app.warning
    assert app.slider(key="first.half").value == 6


def test_what_an_address_has_wrong_gets_one_sentence_each() -> None:
    app = start(steps="11", half="x", kind="CW", unknown="1")
    assert [entry.value for entry in app.warning] == [
        "Steps cannot be “11”; give a whole number from 1 to 10. The usual value is shown.",
        "Half cannot be “x”; give a whole number from 0 to 4. The usual value is shown.",
        "There is no attack “CW” here. The usual value is shown.",
    ]
    assert read(app) == {"steps": "4", "half": "2", "kind": "FGSM"}
    app.run()
    assert not app.warning


def test_a_preset_is_one_step_of_the_history() -> None:
    app = start()
    find_button(app, "Preset").click().run()
    assert read(app)["steps"] == "8"
    assert app.session_state["cnnviz_steps"] == 1


def find_button(app: AppTest, label: str) -> Button:
    return next(button for button in app.button if button.label == label)


def test_arrow_keys_go_to_the_neighbor_and_stop_at_the_end_or_go_around() -> None:
    app = start()
    find_button(app, "Next").click().run()
    assert read(app)["kind"] == "PGD"
    find_button(app, "Next").click().run()
    assert read(app)["kind"] == "PGD"
    find_button(app, "Around").click().run()
    assert read(app)["kind"] == "FGSM"


def test_a_change_of_a_widget_that_is_gone_changes_nothing() -> None:
    """As reported behind the way to another page, when the run of that page has begun."""

    def gone() -> None:
        from types import SimpleNamespace
        from typing import Any

        import streamlit as st

        from cnnviz.web.components.bundle import _take
        from cnnviz.web.controls.kinds import number
        from cnnviz.web.state import _take_widget, find_store

        control = number("Steps", 1, 10, default=4).metadata["control"]
        late: dict[str, Any] = {}
        late["widget"] = (_take_widget, ("gone", "steps", control, SimpleNamespace()))
        late["component"] = (_take, ("gone.figure", "picked", st.error))
        for name, (call, args) in late.items():
            st.button(name, key=name, on_click=call, args=args)
        st.text(repr(find_store("gone")))

    app = AppTest.from_function(gone).run()
    for name in ("widget", "component"):
        app.button(key=name).click().run()
        assert not app.exception
        assert not app.error
        assert app.text[0].value == "{}"
