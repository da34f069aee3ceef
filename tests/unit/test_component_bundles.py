"""The components' scripts: how their modules are joined, and what the house asks of them."""

import importlib
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from cnnviz.web.components import bundle
from cnnviz.web.components.bundle import FOLDER, join_script, join_styles, list_components

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(FOLDER.rglob("*.js"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the components'."""
    for name in ("pad", "shared"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    """Write the modules pad/pad.js and shared/NAME.js."""
    for name, text in files.items():
        place = "pad" if name == "pad" else "shared"
        (folder / place / f"{name}.js").write_text(text, encoding="utf-8")


def test_modules_are_joined_behind_what_they_import_each_once(folder: Path) -> None:
    write(
        folder,
        base="export const base = 1;\n",
        left='import { base } from "./base.js";\n\nexport const left = base + 1;\n',
        pad=(
            'import { base } from "../shared/base.js";\n'
            'import {\n  left,\n} from "../shared/left.js";\n\n'
            "export default () => base + left;\n"
        ),
    )
    joined = "const base = 1;\n\nconst left = base + 1;\n\nexport default () => base + left;\n"
    assert join_script("pad") == joined


@pytest.mark.parametrize(
    ("shared", "entry", "said"),
    [
        ("export const side = 1;\n", "const side = 2;\nexport default side;\n", "side twice"),
        ("export default 1;\nexport const side = 1;\n", "export default side;\n", "has a default"),
    ],
)
def test_what_cannot_be_joined_is_refused(folder: Path, shared: str, entry: str, said: str) -> None:
    write(folder, base=shared, pad=f'import {{ side }} from "../shared/base.js";\n{entry}')
    with pytest.raises(ValueError, match=said):
        join_script("pad")


@pytest.mark.parametrize("line", ["{ side as edge }", "* as base", "base"])
def test_imports_that_would_be_left_are_refused(folder: Path, line: str) -> None:
    write(
        folder,
        base="export const side = 1;\n",
        pad=f'import {line} from "../shared/base.js";\nexport default 1;\n',
    )
    with pytest.raises(ValueError, match=r"pad\.js"):
        join_script("pad")


def test_style_sheets_are_joined_behind_the_one_of_all(folder: Path) -> None:
    (folder / "shared" / "base.css").write_text(":host { color: red; }\n", encoding="utf-8")
    (folder / "shared" / "cell.css").write_text(".cell { color: blue; }\n", encoding="utf-8")
    (folder / "pad" / "pad.css").write_text('@import "../shared/cell.css";\n', encoding="utf-8")
    assert re.findall(r"red|blue|@import", join_styles("pad")) == ["red", "blue"]


@pytest.mark.parametrize("name", list_components())
def test_every_component_is_one_script(name: str) -> None:
    script = join_script(name)
    assert len(re.findall(r"^export default mountComponent\(", script, re.MULTILINE)) == 1
    assert not re.search(r"^(import\b(?!\()|export (?!default))", script, re.MULTILINE)
    assert "@import" not in join_styles(name)
    assert (FOLDER / name / f"{name}.py").exists()


def list_described(name: str) -> list[str]:
    """The properties of the type `Payload` that one of a component's scripts describes."""
    scripts = (path.read_text(encoding="utf-8") for path in (FOLDER / name).glob("*.js"))
    typedef = re.compile(r"@typedef \{object\} Payload\n(.*?)\*/", re.DOTALL)
    (described,) = (found for script in scripts for found in typedef.findall(script))
    return re.findall(r"@property \{.*?\} \[?(\w+)\]?(?: |$)", described, re.MULTILINE)


def find_payload(name: str) -> type | None:
    """The dataclass of what Python sends to a component, if it has one."""
    module = importlib.import_module(f"cnnviz.web.components.{name}.{name}")
    payload: type | None = getattr(module, "Payload", None)
    return payload


WITH_PAYLOAD = [name for name in list_components() if find_payload(name)]


def test_nearly_all_components_declare_what_they_send() -> None:
    # The choices are named by the pages; occlusion's figure is packed by the backend.
    others = {"choices", "occlusion"}
    assert set(list_components()) - set(WITH_PAYLOAD) <= others


@pytest.mark.parametrize("name", WITH_PAYLOAD)
def test_the_scripts_types_name_what_python_sends(name: str) -> None:
    payload = find_payload(name)
    assert payload is not None
    assert list_described(name) == [field.name for field in fields(payload)]


def test_each_shared_thing_is_done_in_one_place() -> None:
    places = {
        "new WeakMap": "shared/mount.js",
        '"transitionend"': "shared/theme.js",
        "createElementNS(": "shared/dom.js",
    }
    for word, place in places.items():
        found = [path for path in SCRIPTS if word in path.read_text(encoding="utf-8")]
        assert [path.relative_to(FOLDER).as_posix() for path in found] == [place], word


def test_no_line_of_javascript_is_too_long() -> None:
    paths = [*SCRIPTS, *(ROOT / "tests" / "js").glob("*.js")]
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    ]
    assert not long


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_modules_own_tests_pass() -> None:
    files = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.js"))
    run = subprocess.run(
        ["node", "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout
