"""Every heavy result can be computed in another process: no run is a function within a function."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import get_origin, get_type_hints

import pytest

from cnnviz.jobs.heavy import Pieces, Stages

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "cnnviz"
_DECLARE = {"HeavyResult", "show_heavy", "show_made"}
# What makes a run of a function, and where it takes it.
_CALLED = {"partial": 0, "compute_each": 1}


def list_declarations() -> Iterator[tuple[str, ast.Module, ast.expr]]:
    """The run of each declaration, and the module that it stands in."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(f"{name}(" in text for name in _DECLARE):
            continue
        module = ast.parse(text)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _DECLARE:
                for argument in node.keywords:
                    if argument.arg == "run":
                        name = f"{path.relative_to(PACKAGE)}:{argument.value.lineno}"
                        yield name, module, argument.value


def find_assigned(module: ast.Module, run: ast.expr) -> ast.expr:
    """What a name was set to in a line before its use; other expressions as they are."""
    if not isinstance(run, ast.Name):
        return run
    found: ast.expr = run
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and node.lineno < run.lineno:
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
                values = [value for one, value in pairs if getattr(one, "id", "") == run.id]
                found = values[-1] if values else found
    return found


def list_imported(module: ast.Module) -> dict[str, str]:
    """What a module imports from other modules, by its name, and from which."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in module.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def list_called(run: ast.expr) -> Iterator[ast.expr]:
    """The functions that the worker is to call, and those that make runs of pieces for it."""
    for call in ast.walk(run):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", "")
            called = call.args[_CALLED[name]] if name in _CALLED else call.func
            # One within another is walked by itself.
            if not isinstance(called, ast.Call) and (name in _CALLED or call is run):
                yield called


def makes_pieces(source: str) -> bool:
    """Whether a function returns a run that is made of pieces."""
    name, _, function = source.rpartition(".")
    made = get_type_hints(getattr(importlib.import_module(name), function))["return"]
    return get_origin(made) in (Pieces, Stages)


def find_source(module: ast.Module, function: ast.expr) -> str | None:
    """Where a function comes from; None unless it is imported from another module."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return list_imported(module).get(getattr(function, "id", ""))


DECLARATIONS = {name: (module, run) for name, module, run in list_declarations()}


def test_there_are_declarations() -> None:
    assert len(DECLARATIONS) > 45


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_run_is_made_of_functions_of_modules(name: str) -> None:
    module, written = DECLARATIONS[name]
    run = find_assigned(module, written)
    within = [node for node in ast.walk(run) if isinstance(node, ast.Lambda)]
    assert not within, f"{name}: another process cannot import a lambda"
    if isinstance(run, ast.Attribute):  # a method of an object that can be packed
        return
    if isinstance(run, ast.Name):
        assert name.startswith("web/jobs.py"), f"{name}: {run.id} is not set here"  # handed on
        return
    assert isinstance(run, ast.Call)
    for function in list_called(run):
        assert find_source(module, function), f"{name}: import what the worker is to call"
    if getattr(run.func, "id", "") not in _CALLED:
        source = find_source(module, run.func)
        assert source, f"{name}: import what makes the run"
        assert makes_pieces(source), f"{name}: give partial(function, arguments)"


def test_no_run_brings_streamlit_into_the_worker() -> None:
    """Its import would cost the first result a second; none but the pages' modules needs it.

    That the others do without is checked by test_layers.py, which imports all of them.
    """
    sources = {
        source
        for module, run in DECLARATIONS.values()
        for function in list_called(find_assigned(module, run))
        if (source := find_source(module, function))
    }
    modules = {source if is_module(source) else source.rpartition(".")[0] for source in sources}
    assert len(modules) > 25
    assert [name for name in modules if name.startswith("cnnviz.web")] == []


def is_module(source: str) -> bool:
    return (ROOT / source.replace(".", "/")).with_suffix(".py").exists()
