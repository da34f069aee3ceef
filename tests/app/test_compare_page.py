"""The comparison page through Streamlit's own test runner: controls, addresses, bad input."""

import ast
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from cnnviz.figures.compare import choose_color, write_comparison_csv
from cnnviz.images.image import to_png
from cnnviz.networks.weights.files import list_weights
from cnnviz.networks.zoo import get_network, registry
from tests.app.opened import check_each_is_told, finish_result, get_job, open_page, text_of
from tests.home_made import Branchy, make_spec, randomize

SLIDERS = ("rotation", "crop", "gray", "contrast", "blur", "noise")


@pytest.fixture(autouse=True, scope="module")
def home_made_networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A network whose weights are good, and one whose file is no weight file."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_WEIGHTS_DIR", str(folder))
        patch.setenv("TORCH_HOME", str(folder))
        for name in ("branchy", "broken"):
            spec = make_spec(name, Branchy, shape=(3, 48, 48))
            patch.setitem(registry._REGISTRY, name, spec)
        torch.save(randomize(Branchy(), seed=7).state_dict(), folder / "branchy.pth")
        (folder / "broken.pth").write_bytes(b"no weights")
        yield


def open_compare(**address: str) -> AppTest:
    return open_page("compare", **{"networks": "branchy~alexnet64", "image": "coffee"} | address)


def list_firsts(app: AppTest) -> list[str]:
    table = next(each.value for each in app.dataframe if "Year" in each.value)
    return list(table["Top-1 class"])


def test_the_page_opens_with_five_networks_and_no_work_in_the_line() -> None:
    app = open_page("compare")
    chosen = app.multiselect(key="compare.networks").value
    # The winners of four years at 64 pixels, and a thousand classes beside them.
    assert chosen == ["alexnet64", "vgg64", "googlenet64", "resnet64", "efficientnet_lite0"]
    assert not app.warning
    assert all(get_job(app, slot=f"compare.{slot}") is None for slot in ("curves", "times"))


def test_every_value_of_a_link_is_taken() -> None:
    values = {"rotation": 90, "crop": 20, "gray": 100, "contrast": 5, "blur": 2, "noise": 10}
    app = open_compare(
        **{name: str(value) for name, value in values.items()}, follow="noise", images="cat~coffee"
    )
    assert not app.warning
    assert {name: app.slider(key=f"compare.{name}").value for name in SLIDERS} == values
    assert app.multiselect(key="compare.networks").value == ["branchy", "alexnet64"]
    assert app.multiselect(key="compare.images").value == ["cat", "coffee"]
    assert app.segmented_control(key="compare.follow").value == "Noise"
    app.session_state["compare.code"] = True
    app.run()
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(app.code[0].value).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.isupper()
    }
    assert constants["NETWORKS"] == ("branchy", "alexnet64")
    assert dict(constants["STRENGTHS"])["Rotation"] == 90
    assert constants["CORRUPTION"] == "Noise"


def test_lists_of_classes_are_matched() -> None:
    app = open_compare()
    assert "Classes that all networks know: 1." in text_of(app)  # “bee”
    assert len(list_firsts(app)) == 2
    agree = app.number_input(key="compare.question.agree")
    agree.set_value(2 if len(set(list_firsts(app))) == 1 else 1).run()
    assert app.success


def test_a_slider_changes_the_predictions_and_one_click_takes_all_back() -> None:
    app = open_compare()
    before = list_firsts(app)
    app.slider(key="compare.contrast").set_value(100)
    app.slider(key="compare.crop").set_value(90).run()
    assert list_firsts(app) != before
    app.button(key="compare.clean").click().run()
    assert app.slider(key="compare.crop").value == 0
    assert list_firsts(app) == before


def test_curves_are_computed_when_they_are_asked_for() -> None:
    app = open_compare(follow="Noise")
    assert not app.get("plotly_chart")
    app = finish_result(
        app.button(key="job_start:compare.curves").click().run(), slot="compare.curves"
    )
    assert app.get("plotly_chart")
    assert "**Branchy**: " in text_of(app)
    app.segmented_control(key="compare.follow").set_value("Blur").run()
    assert get_job(app, slot="compare.curves") is None
    assert not app.get("plotly_chart")


def test_time_is_measured_when_it_is_asked_for() -> None:
    app = open_compare()
    app = finish_result(
        app.button(key="job_start:compare.times").click().run(), slot="compare.times"
    )
    table = next(each.value for each in app.dataframe if "Year" in each.value)
    assert (table["Time ms"] > 0).all()
    assert list(table).index("Time ms") == 1  # beside the name: the last columns lie out of sight


@pytest.mark.parametrize("shape", [(2, 3000, 3), (3000, 2, 3), (1, 1, 3)])
def test_an_image_of_few_rows_or_columns_is_shown(shape: tuple[int, ...]) -> None:
    app = open_compare(networks="branchy")
    app.session_state["bench.image.window"] = True
    app.run()
    app.segmented_control(key="bench.image.source").set_value("Upload").run()
    data = to_png(np.zeros(shape, dtype=np.uint8))
    app.file_uploader(key="bench.image.file").upload("thin.png", data, "image/png").run()
    assert not app.exception
    assert not app.error


def test_several_images_are_compared_an_upload_among_them() -> None:
    app = open_compare()
    app.session_state["bench.image.window"] = True
    app.run()
    app.segmented_control(key="bench.image.source").set_value("Upload").run()
    wall = to_png(np.full((60, 50, 3), 200, dtype=np.uint8))
    app.file_uploader(key="bench.image.file").upload("wall.png", wall, "image/png").run()
    assert not app.exception
    upload = app.session_state["cnnviz_values"]["bench"]["image"]
    app.multiselect(key="compare.images").set_value([upload, "cat"]).run()
    app = finish_result(app, slot="compare.images")
    table = next(each.value for each in app.dataframe if "Image" in each.value)
    assert list(table["Image"]) == ["wall.png", "Chelsea the cat"]
    assert list(table.columns)[1:] == ["Branchy", get_network("alexnet64").title]


WRONG = {
    "networks": "alexnet65",
    "images": "dog",
    "noise": "101",
    "blur": "x",
    "follow": "Fog",
    "image": "wolf",
}


def test_each_wrong_value_gets_one_sentence_and_the_page_stays() -> None:
    app = open_compare(**WRONG)
    check_each_is_told(app, WRONG.values())
    assert not app.error
    assert list_firsts(app)


def test_eight_networks_of_another_page_do_not_reach_this_one() -> None:
    app = open_compare()
    names = [name for name in list_weights() if name not in ("broken", "branchy")][:8]
    app.session_state["cnnviz_values"]["texture"] = {"networks": tuple(names)}
    app.run()
    assert not app.exception
    assert app.multiselect(key="compare.networks").value == ["branchy", "alexnet64"]
    app = open_compare(networks="~".join(names))
    assert "6" in app.warning[0].value
    assert len(app.multiselect(key="compare.networks").value) <= 6


def test_a_broken_network_is_told_and_the_others_go_on() -> None:
    app = open_compare(networks="broken~branchy")
    assert len(app.error) == 1
    assert "broken.pth" in app.error[0].value
    assert len(list_firsts(app)) == 1


def test_no_network_leaves_the_page_usable() -> None:
    app = open_compare()
    app.multiselect(key="compare.networks").set_value([]).run()
    assert not app.exception
    assert app.info
    app.multiselect(key="compare.networks").set_value(["alexnet64"]).run()
    assert len(list_firsts(app)) == 1


def test_classes_keep_their_colors_and_most_have_one_of_their_own() -> None:
    classes = get_network("alexnet64").classes
    colors = [choose_color(name) for name in classes]
    assert colors == [choose_color(name) for name in classes]
    assert len(set(colors)) > 0.9 * len(classes)


def test_csv_says_what_it_may() -> None:
    rows: list[dict[str, object]] = [
        {"Network": "a, b", "Time ms": None},
        {"Network": "c", "Time ms": 1.5},
    ]
    lines = write_comparison_csv(rows).decode().splitlines()
    assert lines == ["Network,Time ms", '"a, b",', "c,1.5"]
