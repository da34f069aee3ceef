"""The page of evaluation, run without a browser."""

from pathlib import Path

import pytest
from PIL import Image

from cnnviz.evaluation.image_sets import load_set
from tests.app.opened import finish_result, open_page, text_of

SLOT = "evaluation"


def test_it_opens_on_the_samples_and_says_how_a_folder_is_named() -> None:
    app = finish_result(open_page("evaluation", networks="resnet64~alexnet64"), slot=SLOT)
    assert "CNNVIZ_CLASSES=FOLDER" in text_of(app)
    table = app.dataframe[0].value
    assert len(table) == 2
    assert min(table["Images"]) >= 4
    assert "no class of ResNet-34" in text_of(app)
    assert "has a top-1 accuracy of" in "".join(one.label for one in app.number_input)


@pytest.mark.parametrize("view", ["Confusion matrix", "Calibration"])
def test_written_digits_fill_every_view(view: str) -> None:
    app = open_page("evaluation", images="digits", networks="lenet5", most="50", show=view)
    app = finish_result(app, slot=SLOT)
    classes = app.dataframe[-1].value
    assert sorted(classes["Class"]) == list("0123456789")
    assert classes["Images"].sum() == 50


def test_mistakes_show_the_map_of_the_wrong_class() -> None:
    app = open_page("evaluation", images="digits", networks="lenet5", most="200", show="Mistakes")
    app.button(key="job_start:evaluation").click().run()
    app = finish_result(finish_result(app, slot=SLOT), slot="evaluation.maps")
    assert "Mistakes in all:" in text_of(app)


def test_the_curve_starts_on_a_click() -> None:
    app = open_page("evaluation", images="digits", networks="lenet5", most="50", show="Robustness")
    app.button(key="job_start:evaluation.robustness").click().run()
    app = finish_result(app, slot="evaluation.robustness")
    assert not app.error


def test_the_owners_folder_comes_first_and_what_is_left_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, one in enumerate(load_set("digits").images[:12]):
        path = tmp_path / one.label / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(one.load().pixels).save(path)
    (tmp_path / "7").mkdir(exist_ok=True)
    (tmp_path / "7" / "broken.png").write_bytes(b"no image")
    monkeypatch.setenv("CNNVIZ_CLASSES", str(tmp_path))
    app = finish_result(open_page("evaluation", networks="lenet5"), slot=SLOT)
    assert app.selectbox(key="evaluation.images").value == "folder"
    assert "1 file is left out: 7/broken.png" in text_of(app)
    assert "CNNVIZ_CLASSES=FOLDER" not in text_of(app)


def test_a_folder_that_is_gone_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_CLASSES", "/no/such/folder")
    app = open_page("evaluation", networks="lenet5")
    assert "is no folder" in app.error[0].value
