"""The programs that pages give away: each runs, and prints what torch or a paper says."""

import ast
import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cnnviz.errors import ProgramError
from cnnviz.images.image import CheckedImage, from_array
from cnnviz.images.names import name_drawing
from cnnviz.images.samples import load_image
from cnnviz.programs import (
    list_constants,
    list_programs,
    render_notebook,
    render_program,
)
from cnnviz.web.bench import Bench, BenchControls, Uses
from cnnviz.web.controls.image import find_image
from tests.program_checks import CASES, LENET, Run

# What must not happen: a text that would end its string and write a file.
ATTACK = '"\n# %% \'\'\' ; __import__("pathlib").Path("hacked").touch() #\\'


@pytest.mark.parametrize("page", list_programs())
def test_a_program_runs_and_prints_the_right_numbers(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    constants, check = CASES[page]
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(render_program(page, constants), encoding="utf-8")
    run = runpy.run_path("program.py")
    check(run, capsys.readouterr().out)


def test_a_program_needs_neither_streamlit_nor_a_server() -> None:
    """What else they import of CNNViz needs no Streamlit, as test_layers.py checks."""
    for page in list_programs():
        program = render_program(page, {})
        assert "cnnviz.web" not in program
        assert "streamlit" not in program


def test_a_notebook_has_a_sentence_before_each_cell_and_its_code_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    strokes = [[(0.5, 0.15), (0.5, 0.85)]]
    notebook = json.loads(render_notebook("digit", {"STROKES": strokes, "PEN": 0.1}))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    cells = notebook["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", *["markdown", "code"] * 6]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert "".join(cells[0]["source"]).startswith("# Draw a digit")
    assert not any("# %%" in line for cell in cells for line in cell["source"])
    scope: Run = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), scope)  # noqa: S102  (that is what a notebook does)
    # A stroke from top to bottom is a one to people and to LeNet-5.
    assert "top-1 class: 1" in capsys.readouterr().out


def split_program(source: str) -> tuple[dict[str, object], list[str]]:
    """The constants' values, and all other statements."""
    constants: dict[str, object] = {}
    others: list[str] = []
    for node in ast.parse(source).body:
        text = ast.unparse(node)
        name = text.split(":")[0].split(" = ")[0]
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and name.isupper():
            constants[name] = ast.literal_eval(node.value)
        else:
            others.append(text)
    return constants, others


@pytest.mark.parametrize("page", list_programs())
def test_constants_come_back_as_they_were_given_and_nothing_else_changes(page: str) -> None:
    before, program = split_program(render_program(page, {}))
    assert before == list_constants(page)
    kinds = (ATTACK, "“ε” 数\\\U0001f408\ud800", -1.5, None, [True, (7, "'")])
    values = {name: kinds[place % len(kinds)] for place, name in enumerate(before)}
    source = render_program(page, values)
    assert split_program(source) == (values, program)
    source.encode()  # no half of a surrogate pair is left
    code = [cell["source"] for cell in json.loads(render_notebook(page, values))["cells"][2::2]]
    assert split_program("\n".join("".join(lines) for lines in code))[0] == values


def test_what_no_program_can_hold_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"no constant COLOUR; it has NETWORK, IMAGE"):
        render_program("activations", {"COLOUR": "red"})
    with pytest.raises(ProgramError, match="has no program"):
        render_program("../../README", {})
    for value in (object(), float("nan"), {"a": 1}, [np.int64(1)], b"bytes"):
        with pytest.raises(ProgramError, match="LAYER is"):
            render_program("activations", {"LAYER": value})


def test_a_choice_of_an_enumeration_is_written_as_its_text() -> None:
    from cnnviz.attribution.attribute import Method

    source = render_program("attribution", {"METHOD": Method.SMOOTHGRAD})
    assert "METHOD = 'SmoothGrad'" in source


def open_bench(image: str, *, target: int, upload: CheckedImage | None = None) -> Bench:
    values = BenchControls(network="lenet5", image=image, target=target)
    return Bench(values, Uses(), SimpleNamespace(), [], upload)


def test_what_is_on_the_workbench_becomes_the_constants_that_a_program_has() -> None:
    sample = open_bench("digit-3", target=7)
    assert sample.list_constants("attribution") == LENET | {"TARGET": 7}
    assert sample.list_constants("activations") == LENET
    assert sample.list_constants("convolution") == {}
    upload = from_array(np.zeros((8, 8, 3), dtype=np.uint8), name="mine.png")
    uploaded = open_bench("upload.12ab", target=-1, upload=upload).list_constants("attribution")
    assert uploaded == {"NETWORK": "lenet5", "IMAGE": "mine.png", "TARGET": None}


def test_a_drawing_of_the_workbench_is_the_same_image_in_the_program() -> None:
    value = name_drawing([[[0.5, 0.1], [0.25, 0.9]], [[0.1, 0.5], [0.9, 0.5]]])
    constants = open_bench(value, target=-1).list_constants("activations")
    read, _ = split_program(render_program("activations", constants))
    strokes = read["STROKES"]
    assert isinstance(strokes, list)
    shown = find_image(value)
    assert shown is not None
    assert load_image("coffee", strokes=strokes).digest == shown.digest


def test_a_program_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11 raises a SystemError when two threads parse at the same time."""
    before = {name: list_constants(name) for name in list_programs()}
    monkeypatch.setattr(ast, "parse", None)
    assert {name: list_constants(name) for name in list_programs()} == before
    assert json.loads(render_notebook("linear", {"ITEM": 7}))["cells"]
