"""The networks page and the panel of missing weights, through Streamlit's own test runner."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from streamlit.testing.v1 import AppTest

from cnnviz import downloads, inference, own
from cnnviz.cache import SizedLRUCache
from cnnviz.downloads import find_download
from cnnviz.inference import LoadedModel
from cnnviz.own import load_own_networks
from cnnviz.weights import find_weights, list_weights
from cnnviz.zoo import list_names, registry
from tests.app.opened import open_page
from tests.download_server import FileServer, serve_files
from tests.home_made import randomize
from tests.own_networks import GREY_NETWORK, make_state

NAME = "squeezenet1_0"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve_files() as running:
        yield running


@pytest.fixture(autouse=True)
def bare_machine(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without weights, and a mirror that has SqueezeNet's with random numbers."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("CNNVIZ_WEIGHTS_URL", server.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloads, "_DOWNLOADS", {})
    monkeypatch.setattr(inference, "_NETWORKS", SizedLRUCache[str, LoadedModel]())
    spec = registry.get_network(NAME)
    file = io.BytesIO()
    torch.save(randomize(spec.build(), seed=2).state_dict(), file)
    checksum = hashlib.sha256(file.getvalue()).hexdigest()[:8]
    reported = replace(
        spec.published[0].reported, url=f"https://nowhere.invalid/squeezenet1_0-{checksum}.pth"
    )
    published = (replace(spec.published[0], reported=reported),)
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    registry._REGISTRY[NAME] = replace(spec, published=published)
    server.files[reported.file_name] = file.getvalue()


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def button(app: AppTest, label: str) -> bool:
    return any(label in entry.label for entry in app.button)


def finish_download() -> None:
    download = find_download(NAME)
    assert download is not None
    assert download.wait(30).is_over


def test_every_network_is_listed_with_its_facts() -> None:
    app = open_page("networks", network=NAME)
    assert not app.error
    table = app.dataframe[0].value
    assert list(table["Network"]) == [listing.title for listing in list_names()]
    row = table[table["Network"] == "SqueezeNet 1.0 (torchvision)"].iloc[0]
    # As torchvision's documentation prints them.
    assert row["Top-1 %"] == 58.092
    assert row["Top-5 %"] == 80.42
    assert row["Parameters, M"] == 1.25
    assert row["Multiply-adds, G"] == 0.819
    assert row["Input"] == "3×224×224"
    lenet = table[table["Network"] == "LeNet-5"].iloc[0]
    assert lenet["Weights here"] == "comes with CNNViz"
    assert lenet["Parameters, M"] == 0.06
    assert "Fire modules" in texts(app)
    assert button(app, "Download SqueezeNet 1.0 (torchvision), 4.8 MB")


def test_how_the_bundled_networks_learned_is_shown() -> None:
    app = open_page("networks")
    chosen = app.multiselect(key="trained").value
    assert "ResNet-34 (64 px)" in chosen
    assert "LeNet-5" not in chosen
    recipes = next(each.value for each in app.dataframe if "Batch" in each.value)
    assert list(recipes["Network"]) == chosen
    alone = open_page("networks", trained=["lenet5"])
    assert alone.multiselect(key="trained").value == ["LeNet-5"]
    recipes = next(each.value for each in alone.dataframe if "Batch" in each.value)
    # Its card: 9,947 of MNIST's 10,000 test digits are right.
    assert list(recipes["Error there after all, %"].round(2)) == [0.53]
    wrong = open_page("networks", trained=["squeezenet1_0"])
    assert "There is no network with a training “squeezenet1_0” here" in wrong.warning[0].value
    wrong.multiselect(key="trained").set_value([]).run()
    assert not wrong.exception
    assert "Choose networks" in wrong.info[-1].value


def test_a_click_downloads_and_the_network_can_be_chosen() -> None:
    app = open_page("networks", network=NAME)
    app.button(key=f"download_{NAME}").click().run()
    assert not app.exception
    finish_download()
    app.run()
    assert not app.exception
    assert "has its weights here: weights folder, `squeezenet1_0.pth`" in texts(app)
    table = app.dataframe[0].value
    row = table[table["Network"] == "SqueezeNet 1.0 (torchvision)"].iloc[0]
    assert row["Weights here"] == "weights folder"
    page = open_page("activations", network=NAME)
    assert page.selectbox(key="network").value == "SqueezeNet 1.0 (torchvision)"
    assert not page.error
    assert not page.warning


def test_a_download_is_seen_by_all_and_stopped_with_a_button(server: FileServer) -> None:
    server.hold_after = 1000
    app = open_page("activations", network=NAME)
    assert "SqueezeNet 1.0 (torchvision) has no weights on this machine" in app.warning[0].value
    app.button(key=f"download_{NAME}").click().run()
    assert button(app, "Stop")
    other = open_page("networks")
    assert button(other, "Stop")
    other.button(key=f"stop_{NAME}").click().run()
    assert other.button(key=f"stop_{NAME}").disabled  # the line is silent, so it runs on
    server.go_on.set()
    finish_download()
    app.run()
    assert not button(app, "Stop")
    assert [entry.value for entry in app.info] == [
        "The download was stopped; nothing of it was kept."
    ]
    assert find_weights(NAME) is None
    assert button(app, "Download")


def test_a_failed_download_says_why_and_leaves_the_page_usable(server: FileServer) -> None:
    server.status = 404
    app = open_page("activations", network=NAME)
    app.button(key=f"download_{NAME}").click().run()
    finish_download()
    app.run()
    assert "The server has no file squeezenet1_0-" in app.error[0].value
    assert "Map 0 of C1" in [entry.value for entry in app.header]
    assert button(app, "Download")


def test_pages_offer_only_what_can_run() -> None:
    for page in ("activations", "receptive_fields"):
        app = open_page(page)
        assert "SqueezeNet 1.0 (torchvision)" not in app.selectbox(key="network").options
    app = open_page("activations")
    missing = len(list_names()) - len(list_weights())
    assert app.expander[0].label == f"{missing} more networks, without weights here"


def test_a_broken_file_in_the_folder_leaves_the_app_useful(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / f"{NAME}.pth").write_bytes(b"\x80\x04 not weights")
    app = open_page("router")
    app.switch_page("activations.py")
    app.query_params["network"] = NAME
    app.run()
    assert "squeezenet1_0.pth holds more than numbers" in app.error[0].value
    app.selectbox(key="network").set_value("LeNet-5").run()
    assert not app.error
    assert "Map 0 of C1" in [entry.value for entry in app.header]


def test_a_network_of_ones_own_goes_through_the_activations_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_names", [])
    monkeypatch.setattr(own, "_problems", [])
    models = tmp_path / "mine.py"
    models.write_text(dedent(GREY_NETWORK), encoding="utf-8")
    (tmp_path / "weights").mkdir()
    torch.save(make_state(models), tmp_path / "weights" / "shapes.pth")
    monkeypatch.setenv("CNNVIZ_MODELS", str(models))
    load_own_networks()
    app = open_page("activations", network="shapes", sample="Written 3")
    assert not app.error
    assert not app.warning
    assert app.selectbox(key="network").value == "Shapes"
    titles = app.selectbox(key="layer").options
    assert len(titles) == len(set(titles))
    for title in titles:
        app.selectbox(key="layer").set_value(title).run()
        assert not app.exception
        assert not app.error
    # The last layer's units are the classes.
    assert "It stands for the class **" in texts(app)


def test_what_is_wrong_with_the_models_file_is_told_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_problems", [])
    models = tmp_path / "mine.py"
    models.write_text("1 / 0", encoding="utf-8")
    monkeypatch.setenv("CNNVIZ_MODELS", str(models))
    load_own_networks()
    sentence = "mine.py, named by CNNVIZ_MODELS, stopped at line 1. ZeroDivisionError"
    assert open_page("networks").error[0].value.startswith(sentence)
    assert open_page("activations").warning[0].value.startswith(sentence)
