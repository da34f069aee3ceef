"""The page on which a network is trained, run without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.classroom.runs import list_runs
from cnnviz.classroom.store import open_class
from cnnviz.labs.digit_sets import SHAPE
from cnnviz.labs.network_builder import lay_out, parse_layers
from cnnviz.lessons import load_lesson
from cnnviz.networks.load import load_model
from cnnviz.web.pages.train.controls import PRESETS
from tests.app.opened import finish_result, get_job, open_page, text_of

SMALL = "conv4k5s4, relu, flatten, fc10"


def open_small(**address: str) -> AppTest:
    return open_page("train", layers=SMALL, epochs="1", batch="64", **address)


def slots(app: AppTest) -> list[str]:
    return [f"train.{run.id}" for run in app.session_state["train.runs"]]


def test_a_run_starts_by_itself_and_its_network_goes_to_all_pages() -> None:
    app = open_small()
    (slot,) = slots(app)
    app = finish_result(app, slot=slot)
    (run,) = app.session_state["train.runs"]
    assert run.is_over
    app.button(key="train.use").click().run()
    assert not app.exception
    network = app.session_state["cnnviz_values"]["bench"]["network"]
    assert load_model(network).spec.idea.startswith("Trained for 14 steps")
    assert "has trained for 14 steps" in text_of(app)


def test_a_run_starts_with_what_was_changed_just_before() -> None:
    app = open_small()
    app.number_input(key="train.epochs").set_value(3)
    app.button(key="train.start").click().run()
    assert [run.plan.epochs for run in app.session_state["train.runs"]] == [1, 3]


def test_a_finished_run_is_submitted_to_a_class() -> None:
    code, key = open_class()
    app = open_small()
    app = finish_result(app, slot=slots(app)[0])
    app.text_input(key="train.class_code").set_value("AAAAAA")
    app.button(key="train.submit").click().run()
    assert "There is no class with this code." in app.error[0].value
    app.text_input(key="train.class_code").set_value(code.lower())
    app.button(key="train.submit").click().run()
    assert not app.exception
    assert app.button(key="train.submit").disabled
    (run,) = list_runs(code, key)
    (trained,) = app.session_state["train.runs"]
    # 4·(25 + 1) weights of the convolution, and 10·(4·7·7 + 1) above its 7×7 places.
    assert (run.layers, run.parameters, run.epochs) == (SMALL, 2074, 1)
    assert (run.accuracy, run.optimizer, run.digits) == (trained.accuracy, "adam", "digits")
    assert 0 < run.seconds < 60
    app = open_page("classroom", code=code, key=key, show="Results")
    assert "is the best accuracy on scikit-learn's digits: conv4k5s4" in text_of(app)


def test_runs_stand_side_by_side_and_a_fifth_takes_the_oldests_place() -> None:
    app = open_small()
    app = finish_result(app, slot=slots(app)[0])
    for seed in range(1, 5):
        app.number_input(key="train.seed").set_value(seed).run()
        app.button(key="train.start").click().run()
        app = finish_result(app, slot=slots(app)[-1])
    runs = app.session_state["train.runs"]
    assert [run.plan.seed for run in runs] == [1, 2, 3, 4]
    assert all(run.is_over and run.is_own for run in runs)
    assert [run.title for run in runs] == [f"Own network, run {n}" for n in (2, 3, 4, 5)]


def test_a_run_is_paused_and_goes_on() -> None:
    app = open_page("train", layers=SMALL, epochs="100", batch="8", seed="77")
    (slot,) = slots(app)
    job = get_job(app, slot=slot)
    assert job is not None
    job.stop()
    assert job.wait(60)
    app.run()
    assert "is paused" in app.info[0].value
    (run,) = app.session_state["train.runs"]
    before = run.step
    app.button(key=f"job_again:{slot}").click().run()
    check_it_goes_on(app, slot, before)
    # Who leaves the page after a pause and comes back finds it paused.
    app.run()
    del app.session_state[f"job:{slot}"]
    app.run()
    assert get_job(app, slot=slot) is None
    before = run.step
    app.button(key=f"job_start:{slot}").click().run()
    check_it_goes_on(app, slot, before)


def check_it_goes_on(app: AppTest, slot: str, before: int) -> None:
    """It trains further than the step that it had reached; then it is paused."""
    (run,) = app.session_state["train.runs"]
    job = get_job(app, slot=slot)
    assert job is not None
    while run.step == before:
        job.touch()
        assert not job.wait(0.05)
    job.stop()
    assert job.wait(60)
    assert before < run.step


def test_further_runs_wait_and_stop_none_that_trains() -> None:
    app = open_page("train", layers=SMALL, epochs="100", batch="8", seed="78")
    for _ in range(2):
        app.button(key="train.start").click().run()
    jobs = [get_job(app, slot=slot) for slot in slots(app)]
    assert len(jobs) == 3
    for job in jobs:
        assert job is not None
        assert job.is_active
    for job in jobs:
        assert job is not None
        job.stop()
        assert job.wait(60)


@pytest.mark.parametrize(
    ("layers", "said"),
    [("conv8k5, fc10", "put flatten before it"), ("flatten, fc9", "it must give 10"), ("a b", "a")],
)
def test_what_cannot_work_is_said_and_the_page_stays_usable(layers: str, said: str) -> None:
    app = open_page("train", layers=layers)
    assert said in app.error[0].value
    assert app.button(key="train.start").disabled
    app.text_input(key="train.layers").set_value("flatten, fc10").run()
    assert not app.error
    assert not app.button(key="train.start").disabled


def test_every_preset_and_task_is_a_network_that_can_work() -> None:
    tasks = [task.values.get("layers", "") for task in load_lesson("train").tasks]
    for layers in (*filter(None, tasks), *(one["layers"] for one in PRESETS.values())):
        assert lay_out(parse_layers(str(layers)), shape=SHAPE, classes=10)[1] is None
