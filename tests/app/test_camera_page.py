"""The page of the live camera through Streamlit's own test runner: what it shows without one."""

import pytest

from cnnviz.camera import list_map_layers
from cnnviz.networks.load import load_model
from tests.app.opened import open_page, text_of


def test_every_value_of_a_link_is_taken_and_the_questions_are_answered() -> None:
    layer = list_map_layers(load_model("alexnet64").graph)[-1]
    app = open_page("camera", network="alexnet64", image="coffee", layer=layer, mirror="0")
    assert not app.warning
    assert app.selectbox(key="camera.layer").value == layer
    assert app.toggle(key="camera.mirror").value is False
    assert load_model("alexnet64").graph.find(layer).title in text_of(app)
    # 3 · 64 · 64 numbers; eight times the 67.1 million multiply-adds of the README's table.
    for name, answer in (("numbers", 12_288.0), ("work", 0.537)):
        app.number_input(key=f"camera.question.{name}").set_value(answer)
    app.run()
    assert len(app.success) == 2


@pytest.mark.parametrize(("name", "value"), [("layer", "conv99"), ("mirror", "often")])
def test_a_wrong_address_gets_one_sentence_and_the_page_stays(name: str, value: str) -> None:
    app = open_page("camera", **{"network": "lenet5", name: value})
    (warning,) = app.warning
    assert value in warning.value
    assert app.toggle(key="camera.mirror").value is True
