"""The comparison page through Streamlit's own test runner: controls, addresses, bad input."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz.figures.compare import write_comparison_csv
from cnnviz.weights import BUNDLED, list_weights
from cnnviz.zoo import get_network, registry
from tests.app.opened import finish_job, open_page
from tests.home_made import Branchy, make_spec, randomize


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


def open_compare(**address: str | list[str]) -> AppTest:
    usual: dict[str, str | list[str]] = {"networks": ["branchy", "alexnet64"]}
    return open_page("compare", **usual | address)


def list_firsts(app: AppTest) -> list[str]:
    table = next(each.value for each in app.dataframe if "Year" in each.value)
    return list(table["First guess"])


def test_the_page_compares_the_bundled_photograph_networks_at_first() -> None:
    app = open_page("compare")
    chosen = app.multiselect(key="networks").value
    bundled = [
        get_network(file.name)
        for file in list_weights().values()
        if file.path.parent == BUNDLED and get_network(file.name).preprocessing.shape[0] == 3
    ]
    assert set(chosen) >= {spec.title for spec in bundled[:6]}
    assert 2 <= len(chosen) <= 6
    assert not app.warning


def test_networks_of_an_address_are_compared_and_their_lists_matched() -> None:
    app = finish_job(open_compare(), "compare_curves")
    assert not app.warning
    assert app.multiselect(key="networks").value == ["Branchy", "AlexNet (64 px)"]
    told = " ".join(entry.value for entry in app.markdown)
    # “bee” is the one class of both lists.
    assert "among the 1 classes" not in told
    assert "the one class that every one of them knows" in told
    assert "**Branchy** says" in told  # its curve
    assert len(list_firsts(app)) == 2


def test_a_slider_makes_the_picture_harder() -> None:
    before = open_compare()
    after = open_compare(contrast="100", crop="90")
    assert after.slider(key="crop").value == 90
    assert list_firsts(before) != list_firsts(after)
    after.button(key="clean").click().run()
    assert after.slider(key="crop").value == 0
    assert list_firsts(after) == list_firsts(before)


def test_the_other_picture_and_another_corruption_can_be_chosen() -> None:
    app = open_compare(samples=["coffee", "cat"])
    first = list_firsts(app)
    other = app.segmented_control(key="focus").options[1]
    app.segmented_control(key="focus").set_value(other).run()
    assert not app.exception
    assert list_firsts(app) != first
    app.segmented_control(key="harder").set_value("Noise").run()
    assert not app.exception
    assert not app.error


def test_time_is_measured_when_it_is_asked_for() -> None:
    app = open_compare()
    app = finish_job(app.button(key="measure").click().run(), "compare_times")
    table = next(each.value for each in app.dataframe if "Year" in each.value)
    assert (table["Time ms"] > 0).all()
    assert "Median of seven runs" in " ".join(entry.value for entry in app.caption)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"networks": ["alexnet64", "alexnet65"]}, "There is no network “alexnet65” here"),
        ({"samples": ["cat", "dog"]}, "There is no sample “dog” here"),
        ({"noise": "101"}, "Noise cannot be “101”; give a whole number from 0 to 100."),
        ({"harder": "Fog"}, "There is no way to make pictures hard “Fog” here"),
        ({"focus": "9. dog"}, "There is no picture “9. dog” here"),
        ({"picture": "Scan"}, "There is no source of pictures “Scan” here"),
    ],
)
def test_a_wrong_address_gets_one_sentence_and_the_page_stays(
    address: dict[str, str | list[str]], sentence: str
) -> None:
    app = open_compare(**address)
    assert [entry.value[: len(sentence)] for entry in app.warning] == [sentence]
    assert not app.error
    assert list_firsts(app)


def test_a_broken_network_is_told_and_the_others_go_on() -> None:
    app = open_compare(networks=["broken", "branchy"])
    assert len(app.error) == 1
    assert "broken.pth" in app.error[0].value
    assert len(list_firsts(app)) == 1


def test_uploads_are_compared_and_a_bad_one_is_refused() -> None:
    app = open_compare(picture="Upload")
    assert len(app.info) == 1
    file = io.BytesIO()
    Image.fromarray(np.full((60, 50, 3), 200, dtype=np.uint8)).save(file, "PNG")
    good = ("wall.png", file.getvalue(), "image/png")
    app.file_uploader(key="files").set_value([good, ("notes.png", b"none", "image/png")]).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "notes.png" in app.error[0].value
    assert len(list_firsts(app)) == 2


def test_no_network_leaves_the_page_usable() -> None:
    app = open_compare()
    app.multiselect(key="networks").set_value([]).run()
    assert not app.exception
    assert app.info[0].value.startswith("Choose networks")


def test_csv_says_what_it_may() -> None:
    rows: list[dict[str, object]] = [
        {"Network": "a, b", "Time ms": None},
        {"Network": "c", "Time ms": 1.5},
    ]
    lines = write_comparison_csv(rows).decode().splitlines()
    assert lines == ["Network,Time ms", '"a, b",', "c,1.5"]
