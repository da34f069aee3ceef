"""The plan of the house holds: imports point one way, and Streamlit stays in cnnviz/web."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "cnnviz"

# Floors of the house. A module may import from its own floor and from those below. The longest
# name counts; whatever is not named here works on loaded networks: below figures, as computing
# in other processes does.
FLOORS = (
    {"device", "environment", "errors"},
    {
        "costs.arithmetic",
        "digits.ink",
        "digits.mnist",
        "digits.strokes",
        "images",
        "jobs",
    },
    {
        "cache",
        "costs.flops",
        "costs.layer_counts",
        "costs.table",
        "networks.graph",
        "networks.prepare",
        "networks.user_networks",
        "networks.weights",
        "networks.zoo",
        "receptive_fields.theoretical",
    },
    {"networks.load"},
    {"jobs.cluster", "jobs.executors", "jobs.heavy", "jobs.packing", "jobs.worker"},
    {"classroom", "figures", "quizzes", "runs", "showcase"},
    {"web"},
)
_UNNAMED = 4

BLOCKER = """
import importlib, importlib.abc, pkgutil, sys

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "streamlit":
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocker())
import cnnviz

count = 0
for module in pkgutil.walk_packages(cnnviz.__path__, "cnnviz."):
    if not module.name.startswith("cnnviz.web") and not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
        count += 1
print(count)
"""


def list_sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> int:
    name = module.removeprefix("cnnviz.")
    while name:
        for floor, names in enumerate(FLOORS):
            if name in names:
                return floor
        name = name.rpartition(".")[0]
    return _UNNAMED


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def read_imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, at its top or within a function."""
    names = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: write the whole name of the module"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def resolve(name: str) -> str | None:
    """The module of this package behind an imported name."""
    while name.startswith("cnnviz."):
        path = ROOT / Path(*name.split("."))
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return name
        name = name.rpartition(".")[0]
    return None


def test_imports_point_down() -> None:
    pairs = {
        (name_of(path), target)
        for path in list_sources()
        for name in read_imports(path)
        if (target := resolve(name))
    }
    assert len(pairs) > len(list_sources())
    up = [pair for pair in pairs if floor_of(pair[1]) > floor_of(pair[0])]
    assert [f"{module} imports {target}" for module, target in up if module != "cnnviz"] == []


def test_no_two_modules_import_each_other() -> None:
    graph = {
        name_of(path): {target for name in read_imports(path) if (target := resolve(name))}
        for path in list_sources()
    }
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("cnnviz.errors") < order.index("cnnviz.networks.load")


def test_only_the_web_package_names_streamlit() -> None:
    named = {
        name_of(path).split(".")[1]
        for path in list_sources()
        for name in read_imports(path)
        if name.split(".")[0] == "streamlit"
    }
    assert named == {"web"}


def test_backend_imports_without_streamlit() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKER], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 10


# Up to a second each: imported by the functions that need them, not when the server starts.
SLOW = {"captum", "matplotlib", "scipy", "skimage", "sklearn", "torchvision"}


def test_nothing_slow_is_imported_at_the_start() -> None:
    for path in list_sources():
        for node in parse(path).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert SLOW.isdisjoint(name.partition(".")[0] for name in names), path


def test_pages_hold_no_torch() -> None:
    for path in sorted((ROOT / "pages").glob("*.py")):
        roots = {name.split(".")[0] for name in read_imports(path)}
        assert roots.isdisjoint({"torch", "torchvision", "numpy"}), path.name


def test_clicks_are_taken_in_callbacks() -> None:
    """A click that the page's run reads is lost where another event begins that run anew."""
    count = 0
    for path in [*list_sources(), *(ROOT / "pages").glob("*.py")]:
        nodes = list(ast.walk(parse(path)))
        alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("button"):
                assert id(node) in alone, f"{path.name}:{node.lineno}"
                count += 1
    assert count > 20


def test_no_file_is_too_long() -> None:
    folders = [PACKAGE, ROOT / "pages", ROOT / "tests", ROOT / "benchmarks"]
    files = [ROOT / "app.py"]
    files += [path for folder in folders for path in folder.rglob("*.*")]
    code = [path for path in files if path.suffix in {".py", ".js", ".css", ".html"}]
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in code
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not too_long
