"""The networks page and the panel of missing weights, through Streamlit's own test runner."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from cnnviz.cache import SizedLRUCache
from cnnviz.networks import load, user_networks
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.user_networks import load_own_networks
from cnnviz.networks.weights import downloads
from cnnviz.networks.weights.downloads import Download, find_download
from cnnviz.networks.weights.files import find_weights, list_weights
from cnnviz.networks.zoo import list_names, registry
from cnnviz.web import api
from tests.app.opened import load_page, open_page
from tests.download_server import FileServer, serve_files
from tests.home_made import randomize
from tests.own_networks import GREY_NETWORK, make_state

NAME = "squeezenet1_0"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve_files() as running:
        yield running


@cache
def make_weights() -> bytes:
    """A file of SqueezeNet's weights, with random numbers."""
    file = io.BytesIO()
    torch.save(randomize(registry.get_network(NAME).build(), seed=2).state_dict(), file)
    return file.getvalue()


@pytest.fixture(autouse=True)
def bare_machine(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without weights, and a mirror that has SqueezeNet's with random numbers."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("CNNVIZ_WEIGHTS_URL", server.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloads, "_DOWNLOADS", {})
    monkeypatch.setattr(load, "_NETWORKS", SizedLRUCache[str, LoadedModel]())
    spec, data = registry.get_network(NAME), make_weights()
    checksum = hashlib.sha256(data).hexdigest()[:8]
    reported = replace(
        spec.published[0].reported, url=f"https://nowhere.invalid/squeezenet1_0-{checksum}.pth"
    )
    published = (replace(spec.published[0], reported=reported),)
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    registry._REGISTRY[NAME] = replace(spec, published=published)
    server.files[reported.file_name] = data


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def button(app: AppTest, label: str) -> bool:
    return any(label in entry.label for entry in app.button)


def has_bar(app: AppTest, download: Download) -> bool:
    return any(download.id in str(part.proto) for part in app.get("bidi_component"))


def finish_download() -> None:
    download = find_download(NAME)
    assert download is not None
    assert download.wait(30).is_over


def rows_of(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["Network"])


def test_the_page_opens_with_the_networks_of_this_machine() -> None:
    app = open_page("networks")
    assert not app.error
    assert not app.warning
    assert len(rows_of(app)) == len(list_weights())
    lenet = app.dataframe[0].value.set_index("Network").loc["LeNet-5"]
    # Its card: 9,947 of MNIST's 10,000 test digits are right.
    assert lenet["Held-out top-1 %"] == 99.47
    assert lenet["Weights here"] == "comes with CNNViz"
    assert lenet["Parameters, M"] == 0.06


def test_every_network_is_listed_with_its_facts() -> None:
    app = open_page("networks", network=NAME, show="all")
    assert not app.error
    assert rows_of(app) == [listing.title for listing in list_names()]
    row = app.dataframe[0].value.set_index("Network").loc["SqueezeNet 1.0 (torchvision)"]
    # As torchvision's documentation prints them.
    assert row["Top-1 %"] == 58.092
    assert row["Top-5 %"] == 80.42
    assert row["Parameters, M"] == 1.25
    assert row["Multiply-adds, G"] == 0.819
    assert row["Input"] == "3×224×224"
    assert "F. Iandola" in row["Paper"]
    assert "Fire modules" in texts(app)
    assert button(app, "Download SqueezeNet 1.0 (torchvision), 4.8 MB")
    # A measured width would depend on the rows that were there before.
    columns, shown = json.loads(app.dataframe[0].proto.columns), app.dataframe[0].proto.column_order
    assert all(columns[name].get("width") for name in shown)
    # 1.25 million numbers of 4 bytes.
    app.number_input(key="networks.question.megabytes").set_value(5).run()
    assert app.success


def test_a_network_is_put_on_the_workbench_of_all_pages() -> None:
    app = open_page("networks", network="lenet5")
    app.button(key="networks.use").click().run()
    assert not app.exception
    assert app.button(key="networks.use").disabled
    assert app.session_state["cnnviz_values"]["bench"]["network"] == "lenet5"
    # The workbench follows what was chosen there, not what is looked at here.
    app.selectbox(key="networks.network").set_value("vgg64").run()
    assert not app.button(key="networks.use").disabled
    assert app.session_state["cnnviz_values"]["bench"]["network"] == "lenet5"
    selection = app.session_state["networks.table"]["selection"]["rows"]
    assert [rows_of(app)[at] for at in selection] == [registry.get_network("vgg64").title]


def test_how_networks_learned_is_shown() -> None:
    app = open_page("networks")
    chosen = app.multiselect(key="networks.trained").value
    assert "resnet64" in chosen
    assert "lenet5" not in chosen
    alone = open_page("networks", trained="lenet5")
    assert alone.multiselect(key="networks.trained").value == ["lenet5"]
    recipes = next(each.value for each in alone.dataframe if "Batch" in each.value)
    assert list(recipes["Held-out error, %"].round(2)) == [0.53]
    alone.multiselect(key="networks.trained").set_value([]).run()
    assert not alone.exception
    assert not alone.get("plotly_chart")


@pytest.mark.parametrize(
    ("name", "value"), [("network", "lenet6"), ("show", "none"), ("trained", "lenet5~squeeze")]
)
def test_a_bad_address_is_told_in_one_sentence(name: str, value: str) -> None:
    app = open_page("networks", **{name: value})
    (warning,) = app.warning
    assert value.split("~")[-1] in warning.value
    assert len(rows_of(app)) == len(list_weights())
    assert app.get("plotly_chart")


def test_a_click_downloads_and_the_network_can_be_chosen() -> None:
    app = open_page("networks", network=NAME, show="all")
    app.button(key=f"weights.download.{NAME}").click().run()
    assert not app.exception
    finish_download()
    app.run()
    assert not app.exception
    assert "has its weights here: weights folder, `squeezenet1_0.pth`" in texts(app)
    row = app.dataframe[0].value.set_index("Network").loc["SqueezeNet 1.0 (torchvision)"]
    assert row["Weights here"] == "weights folder"
    page = open_page("whole_network", network=NAME)
    assert page.selectbox(key="bench.network").value == NAME
    assert not page.error
    assert not page.warning


def open_chooser() -> AppTest:
    """A page with the workbench, the window of networks without weights open."""
    app = open_page("whole_network")
    app.session_state["bench.more"] = True
    app.run()
    app.selectbox(key="weights.missing").set_value(NAME).run()
    return app


def test_a_download_is_seen_by_all_and_stopped_with_a_button(server: FileServer) -> None:
    server.hold_after = 1000
    app = open_chooser()
    app.button(key=f"weights.download.{NAME}").click().run()
    download = find_download(NAME)
    assert download is not None
    assert has_bar(app, download)
    assert has_bar(open_page("networks"), download)
    # Where the window is closed too: its end puts the network into the list.
    assert has_bar(open_page("activations"), download)
    with TestClient(Starlette(routes=api.routes)) as client:
        view = client.get(f"/api/jobs/{download.id}").json()
        assert (view["is_active"], view["partials"]) == (True, 0)
        # The mirror holds after 1,000 bytes of the file's 4.8 MB.
        assert view["text"] == "SqueezeNet 1.0 (torchvision): 1.0 KB of 4.8 MB"
        view = client.post(f"/api/jobs/{download.id}/stop").json()
        # The line is silent, so it runs on.
        assert view["text"].endswith("(torchvision): is being stopped")
        server.go_on.set()
        finish_download()
        view = client.get(f"/api/jobs/{download.id}?seen=0").json()
        assert (view["is_active"], view["text"][-7:]) == (False, "stopped")
    app.run()
    assert not has_bar(app, download)
    assert find_weights(NAME) is None
    assert button(app, "Download")


def test_a_failed_download_says_why_and_leaves_the_page_usable(server: FileServer) -> None:
    server.status = 404
    app = open_chooser()
    app.button(key=f"weights.download.{NAME}").click().run()
    finish_download()
    app.run()
    assert "The server has no file squeezenet1_0-" in app.error[0].value
    assert button(app, "Download")


def test_the_window_of_missing_networks_stays_open_when_one_of_them_arrived() -> None:
    app = open_chooser()
    before = len(app.selectbox(key="weights.missing").options)
    app.button(key=f"weights.download.{NAME}").click().run()
    finish_download()
    app.run()
    assert app.session_state["bench.more"]
    rest = app.selectbox(key="weights.missing")
    assert (len(rest.options), rest.value) == (before - 1, None)
    assert NAME in app.selectbox(key="bench.network").options or (
        "SqueezeNet 1.0 (torchvision)" in app.selectbox(key="bench.network").options
    )


def test_a_page_tells_that_the_network_of_its_address_has_no_weights() -> None:
    app = open_page("whole_network", network=NAME)
    assert "SqueezeNet 1.0 (torchvision) has no weights on this machine" in app.warning[0].value
    assert app.selectbox(key="bench.network").value != NAME


def test_a_broken_file_in_the_folder_leaves_the_app_useful(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / f"{NAME}.pth").write_bytes(b"\x80\x04 not weights")
    app = load_page("router")
    app.switch_page("whole_network.py")
    app.query_params["network"] = NAME
    app.run()
    assert "squeezenet1_0.pth holds more than numbers" in app.error[0].value
    app.selectbox(key="bench.network").set_value("lenet5").run()
    assert not app.error


def test_a_network_of_ones_own_is_listed_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_networks, "_names", [])
    monkeypatch.setattr(user_networks, "_problems", [])
    models = tmp_path / "mine.py"
    models.write_text(dedent(GREY_NETWORK), encoding="utf-8")
    (tmp_path / "weights").mkdir()
    torch.save(make_state(models), tmp_path / "weights" / "shapes.pth")
    monkeypatch.setenv("CNNVIZ_MODELS", str(models))
    load_own_networks()
    listed = open_page("networks", network="shapes")
    assert "Shapes" in rows_of(listed)
    app = open_page("whole_network", network="shapes", image="digit-3")
    assert not app.error
    assert not app.warning
    assert app.selectbox(key="bench.network").value == "shapes"


def test_what_is_wrong_with_the_models_file_is_told_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_networks, "_problems", [])
    models = tmp_path / "mine.py"
    models.write_text("1 / 0", encoding="utf-8")
    monkeypatch.setenv("CNNVIZ_MODELS", str(models))
    load_own_networks()
    sentence = "mine.py, named by CNNVIZ_MODELS, stopped at line 1. ZeroDivisionError"
    assert open_page("networks").error[0].value.startswith(sentence)
    assert open_page("whole_network").warning[0].value.startswith(sentence)
