"""Joins a component's modules, because Streamlit takes one script and one style sheet.

The JavaScript is written as ES modules that import one another by relative paths. Each is taken
once, behind those that it imports; import lines and the word `export` fall away, and the entry's
`export default` stays. Style sheets are joined in the same way by their `@import` lines.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnviz.web.components.shared.packing import pack

Take = Callable[[Any], object]
Cell = tuple[int, int]

FOLDER = Path(__file__).parent

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default\b", re.MULTILINE)
_DECLARED = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Component:
    """A component as Python mounts it."""

    render: ComponentRenderer

    def show(
        self,
        payload: Any,
        *,
        key: str,
        height: int | Literal["content"] = "content",
        **events: Take | None,
    ) -> None:
        """Mount it.

        Args:
            payload: The dataclass that describes what its script reads, or a mapping.
            key: Of the component; a figure that follows what is chosen finds it under this name.
            height: In CSS pixels, or that of its content.
            events: By the name under which the script reports one: what is called with the reported
                value, before the rerun that follows. Nobody has checked that value.
        """
        calls: dict[str, Any] = {
            f"on_{name}_change": partial(_take, key, name, events[name]) for name in events
        }
        self.render(key=key, data=pack(payload), height=height, **calls)


def _take(key: str, name: str, take: Take | None) -> None:
    held = st.session_state.get(key)  # None where its page was left meanwhile
    if take is not None and held is not None:
        take(held.get(name))


def read_cell(place: Any) -> Cell | None:
    """Return a reported row and column; None where it was let go, or is none."""
    if isinstance(place, list) and len(place) == 2 and all(type(part) is int for part in place):
        return place[0], place[1]
    return None


def take_index(take: Callable[[int], object], *, count: int) -> Take:
    """Have `take` called with a reported number of one of `count` things, and with nothing else."""

    def check(place: Any) -> None:
        if type(place) is int and 0 <= place < count:
            take(place)

    return check


def create_component(name: str, *, is_isolated: bool = True) -> Component:
    """Register the component of the folder `name`.

    Args:
        name: Of the folder.
        is_isolated: Whether its styles stay within it; the frame's are the page's.
    """
    markup = FOLDER / name / f"{name}.html"
    render = st.components.v2.component(
        f"cnnviz_{name}",
        html=markup.read_text(encoding="utf-8") if markup.exists() else None,
        css=join_styles(name),
        js=join_script(name),
        isolate_styles=is_isolated,
    )
    return Component(render)


def list_components() -> list[str]:
    """Return the names of all components."""
    return sorted(path.stem for path in FOLDER.glob("*/*.js") if path.stem == path.parent.name)


def join_script(name: str) -> str:
    """Return a component's script with all that it imports.

    Raises:
        ValueError: Two of the modules declare the same name, one imports in a way that can't be
            joined, or another one than the entry has a default.
    """
    return join_modules(FOLDER / name / f"{name}.js")


def join_modules(entry: Path) -> str:
    """Return a script behind all that it imports.

    Raises:
        ValueError: As `join_script` does.
    """
    parts = [_strip_module(path, entry=entry) for path in _list_files(entry, _IMPORT)]
    script = "\n".join(parts)
    names = _DECLARED.findall(script)
    twice = ", ".join(sorted({each for each in names if names.count(each) > 1}))
    if twice:
        raise ValueError(f"The modules of {entry.stem!r} declare {twice} twice: rename one.")
    return script


def join_styles(name: str) -> str:
    """Return a component's style sheet behind those that it imports and the one of all."""
    own = FOLDER / name / f"{name}.css"
    paths = [FOLDER / "shared" / "base.css"]
    paths += _list_files(own, _STYLE_IMPORT) if own.exists() else []
    return "\n".join(_STYLE_IMPORT.sub("", path.read_text(encoding="utf-8")) for path in paths)


def _list_files(entry: Path, pattern: re.Pattern[str]) -> list[Path]:
    """The files that the entry imports, each once and behind its own imports; the entry last."""
    found: dict[Path, None] = {}
    entered: set[Path] = set()

    def visit(path: Path) -> None:
        if path in entered:
            return
        entered.add(path)
        for match in pattern.finditer(path.read_text(encoding="utf-8")):
            visit((path.parent / match[match.lastindex or 1]).resolve())
        found[path] = None

    visit(entry.resolve())
    return list(found)


def _strip_module(path: Path, *, entry: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if any(" as " in match[1] for match in _IMPORT.finditer(text)):
        raise ValueError(f"{path.name} renames what it imports, which can't be joined.")
    text = _IMPORT.sub("", text)
    if re.search(r"^import\b(?!\()", text, re.MULTILINE):
        raise ValueError(f'{path.name}: import only as `import {{ name }} from "./module.js";`.')
    if _DEFAULT.search(text) and path != entry.resolve():
        raise ValueError(f"{path.name} has a default, but is not the entry.")
    return _EXPORT.sub("", text).strip() + "\n"
