"""The adversarial page through Streamlit's own test runner: controls, addresses, bad input."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.adversarial.craft import AttackOptions, Method, attack_image
from cnnviz.adversarial.gradient import Norm
from cnnviz.adversarial.pixel_space import see_image
from cnnviz.adversarial.transfer import list_photographs
from cnnviz.classroom.attacks import list_attacks
from cnnviz.classroom.store import open_class
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model
from cnnviz.runs import adversarial
from tests.app.opened import check_each_is_told, finish_result, open_page, text_of

LENET = {"network": "lenet5", "image": "digit-3"}
WIDGETS = ("method", "norm", "goal", "steps", "random", "epsilon", "over")


def open_attack(**address: str) -> AppTest:
    return finish(open_page("adversarial", **LENET | address))


def finish(app: AppTest) -> AppTest:
    for slot in ("sweep", "survival"):
        app = finish_result(app, slot=f"adversarial.{slot}")
    assert not app.error
    return app


def click(app: AppTest, slot: str) -> AppTest:
    app.button(key=f"job_start:adversarial.{slot}").click().run()
    return finish_result(app, slot=f"adversarial.{slot}")


def values_of(app: AppTest) -> dict[str, object]:
    held: dict[str, object] = app.session_state["cnnviz_values"]["adversarial"]
    return held


def attack(epsilon: float, **options: object) -> object:
    """The same attack without a page."""
    model = load_model("lenet5")
    seen = see_image(model, load_image("digit-3", strokes=[]).pixels)
    return attack_image(model, seen, epsilon=epsilon, options=AttackOptions(**options))  # type: ignore[arg-type]


def test_an_example_that_fools_is_ranked_on_the_wall_of_a_class() -> None:
    code, key = open_class()
    app = open_attack(method="FGSM", epsilon="96")
    app.text_input(key="adversarial.class_code").set_value(code)
    app.button(key="adversarial.submit").click().run()
    assert app.button(key="adversarial.submit").disabled
    (kept,) = list_attacks(code, key)
    assert f"Submitted to class {code}. It is entry {kept.id} on the wall." in text_of(app)
    image = attack(96.0, method=Method.FGSM)
    change = abs(image.pixels.astype(int) - image.original)  # type: ignore[attr-defined]
    assert (kept.linf, kept.before, kept.method) == (change.max(), "3", "FGSM")
    assert kept.l2 == pytest.approx(float((change**2).sum()) ** 0.5)
    assert kept.after != "3"
    wall = open_page("classroom", code=code, key=key, show="Contest")
    assert "Written 3, LeNet-5.** Entries: 1." in text_of(wall)
    assert wall.dataframe[0].value["Entry"].tolist() == [kept.id]
    wall.button(key="classroom.attacks.delete").click().run()
    assert "No adversarial example is here yet." in wall.info[0].value


def read_constants(app: AppTest) -> dict[str, object]:
    """What the page's program begins with."""
    app.session_state["adversarial.code"] = True
    app.run()
    found = {}
    for statement in ast.parse(app.code[0].value).body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
        for name in targets:
            if isinstance(name, ast.Name) and name.id.isupper():
                found[name.id] = ast.literal_eval(statement.value)
    return found


def test_the_page_opens_with_an_attack_that_fools() -> None:
    app = open_attack()
    assert not app.warning
    assert app.title[0].value == "Adversarial examples"
    table = app.dataframe[0].value
    assert table["processing"].iloc[0] == "saved as PNG"
    assert table["result"].iloc[0] == "fooled"
    epsilon = read_constants(app)["EPSILON"]
    assert isinstance(epsilon, float)
    assert attack(epsilon, method=Method.FGSM).fools  # type: ignore[attr-defined]
    assert not attack(epsilon - 4, method=Method.FGSM).fools  # type: ignore[attr-defined]  # one position less
    assert values_of(app) == {}  # the smallest that fools follows the attack


def test_the_strength_is_one_field_that_the_address_knows() -> None:
    app = open_attack(epsilon="0")
    assert app.dataframe[0].value["result"].iloc[0] == "not fooled"
    assert values_of(app) == {"epsilon": 0.0}
    app = open_attack(epsilon="95")  # the nearest of 0, 4, 8, ... 96
    assert read_constants(app)["EPSILON"] == 96


def test_every_value_of_a_link_is_taken() -> None:
    told = {"method": "PGD", "norm": "L2", "goal": "8", "steps": "3", "random": "1"}
    app = open_attack(**told, epsilon="300", over="all sample photographs")
    assert not app.warning
    assert app.segmented_control(key="adversarial.method").value == Method.PGD
    assert app.segmented_control(key="adversarial.norm").value == Norm.L2
    assert app.selectbox(key="adversarial.goal").value == 8
    assert app.number_input(key="adversarial.steps").value == 3
    assert app.toggle(key="adversarial.random").value is True
    assert set(values_of(app)) == set(WIDGETS)
    constants = read_constants(app)
    shown = ("METHOD", "NORM", "STEPS", "RANDOM_START", "TARGET")
    assert [constants[name] for name in shown] == ["PGD", "L2", 3, True, 8]


def test_another_network_lets_go_of_the_target_and_the_strength() -> None:
    app = open_attack(method="PGD", goal="8", steps="2", epsilon="64")
    app.selectbox(key="bench.network").set_value("alexnet64").run()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="adversarial.goal").value == -1
    assert values_of(app) == {"method": Method.PGD, "steps": 2}


WRONG = {
    "method": "magic",
    "norm": "L7",
    "goal": "cow",
    "steps": "0",
    "random": "perhaps",
    "epsilon": "lots",
    "over": "everything",
}


@pytest.mark.parametrize("address", [WRONG, {"epsilon": "nan"}])
def test_each_wrong_value_gets_one_sentence_and_the_page_works(address: dict[str, str]) -> None:
    app = open_page("adversarial", **LENET | address)
    check_each_is_told(app, address.values())
    assert values_of(finish(app)) == {}
    assert app.dataframe[0].value["result"].iloc[0] == "fooled"


def test_the_least_change_has_no_epsilon() -> None:
    app = open_attack(method="L-BFGS", steps="10")
    assert not [one for one in app.segmented_control if one.key == "adversarial.norm"]
    assert not [one for one in app.button if one.key == "job_start:adversarial.transfer"]
    assert r"\min_r" in text_of(app)


def test_the_smallest_epsilon_is_searched() -> None:
    app = click(open_attack(), "smallest")
    assert len(app.metric) == 3
    found = float(app.metric[1].value.removesuffix(" / 255"))
    assert attack(found, method=Method.FGSM).fools  # type: ignore[attr-defined]
    assert not attack(found - 1, method=Method.FGSM).fools  # type: ignore[attr-defined]


def test_other_networks_see_an_example_and_all_images_become_one_class_on_a_click(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = ("cat", "grace-hopper", "rocket")
    assert set(few) < set(list_photographs())
    monkeypatch.setattr(adversarial, "list_photographs", lambda: few)
    app = finish(open_page("adversarial", network="alexnet64", image="grace-hopper", epsilon="8"))
    table = click(app, "transfer").dataframe[0].value
    assert len(table) == 11
    assert table["fooled"][0] == "yes"
    assert table["prediction"][0] != table["clean prediction"][0]
    app = click(app, "many")
    assert not app.error
    # The image is one of the sample photographs, and counts once.
    assert "of 3 images for" in text_of(app)


def test_with_a_target_only_that_counts_as_fooled() -> None:
    app = click(open_attack(method="PGD", steps="5", goal="8", epsilon="8"), "transfer")
    table = app.dataframe[0].value
    assert (table["fooled"][0] == "yes") == (table["prediction"][0] == "8")


def test_a_question_knows_its_answer_and_a_task_sets_the_page() -> None:
    app = open_attack(epsilon="32")
    app.number_input(key="adversarial.question.values").set_value(1024).run()
    assert len(app.success) == 1
    app.number_input(key="adversarial.question.length").set_value(1024).run()  # 32·√1024
    assert len(app.success) == 2
    app.button(key="adversarial.task1.show").click()
    finish(app.run())
    assert app.segmented_control(key="adversarial.method").value == Method.PGD
    assert not app.warning
