"""The house's rules, as code: what DESIGN.md asks of every file."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "notifications", "store")
LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 300, 40, 8
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CLOCK = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time|time_ns)\(")
READS_CHINESE = (
    "bot/kit/moments",
    "bot/kit/reading",
    "handlers/affiliation",
    "handlers/closing/reading",
    "handlers/booking/reading",
    "handlers/record",
    "handlers/service_record",
    "handlers/after",
    "store/county",
    "store/ledger",
    "store/price",
    "store/search/tokens",
)
"""Files and folders that read what people or ledgers write, or quote a ledger to an operator."""
WITH_OTHERS = {"markupsafe", "_typeshed"}
"""Jinja2's own; the type checker's own."""
IMPORTED_AS = {
    "chinesecalendar": "chinese_calendar",
    "pillow": "PIL",
    "fpdf2": "fpdf",
    "python-docx": "docx",
}
"""Packages that are imported by another name."""
MEASURED = ("handlers", "notifications", "store", "bot/kit")
"""Where nobody asks the clock."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            yield node


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_long() -> None:
    long = {name(path): path.read_text("utf-8").count("\n") for path in modules(*PACKAGES)}
    assert {path: lines for path, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    long = {
        f"{name(path)} {node.name}": length(node)
        for path in modules(*PACKAGES)
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION
    }
    assert long == {}


def test_functions_are_short() -> None:
    lengths = [length(node) for path in modules(*PACKAGES) for node in functions(path)]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """String literals, but for docstrings and the commands that a router is told."""
    about = {
        id(inner)
        for node in ast.walk(tree)
        if _documents(node) or _routes(node)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in about:
            yield node


def _documents(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _routes(node: ast.AST) -> bool:
    target = getattr(getattr(node, "func", None), "value", None)
    return isinstance(node, ast.Call) and isinstance(target, ast.Name) and target.id == "router"


def commands() -> set[str]:
    """What people may type, as the routers are told it, without its slots."""
    return {
        str(inner.value).split("{")[0].strip()
        for path in modules("handlers")
        for node in ast.walk(parsed(path))
        if _routes(node)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    }


def test_words_are_data() -> None:
    """What people read stands in texts/; a choice that types a command may name it."""
    typed = commands()
    found = {
        f"{name(path)}:{node.lineno}": node.value
        for path in modules(*PACKAGES)
        if not _reads(path)
        for node in strings(parsed(path))
        if CHINESE.search(str(node.value)) and str(node.value).strip() not in typed
    }
    assert found == {}


def _reads(path: Path) -> bool:
    return name(path).removesuffix(".py").startswith(READS_CHINESE)


def test_the_list_of_readers_is_not_stale() -> None:
    reading = {
        name(path)
        for path in modules(*PACKAGES)
        if _reads(path)
        for node in strings(parsed(path))
        if CHINESE.search(str(node.value))
    }
    assert {at for at in READS_CHINESE if not any(path.startswith(at) for path in reading)} == set()


def test_only_the_lifecycle_moves_a_status() -> None:
    moved = {
        f"{name(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        if name(path) != "store/lifecycle.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "status"
    }
    assert moved == set()


def test_nobody_below_the_app_asks_the_clock() -> None:
    asked = {
        f"{name(path)}: {line.strip()}"
        for path in modules(*MEASURED)
        for line in path.read_text("utf-8").splitlines()
        if CLOCK.search(line)
    }
    assert asked == set()


@pytest.mark.parametrize("folder", ["handlers", "notifications"])
def test_a_topic_has_its_texts(folder: str) -> None:
    topics = {
        path.stem
        for path in (ROOT / folder).glob("*.py")
        if re.search(r"^(router|HEARS)\b", path.read_text("utf-8"), re.MULTILINE)
    }
    texts = {path.stem for path in (ROOT / folder / "texts").glob("*.toml")}
    assert topics <= texts


def test_public_names_say_what_they_are() -> None:
    silent = {
        f"{name(path)} {node.name}"
        for path in modules(*PACKAGES)
        for node in _public(parsed(path))
        if not ast.get_docstring(node)
    }
    assert silent == set()


def _public(tree: ast.AST) -> Iterator[Function | ast.ClassDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_every_file_says_what_it_is() -> None:
    assert {
        name(path)
        for path in modules(*PACKAGES, "scripts", "benchmarks")
        if path.read_text("utf-8").strip() and not ast.get_docstring(parsed(path))
    } == set()


def requirement(line: str) -> str:
    found = re.match(r"[\w.-]+", line)
    assert found
    return found[0].lower().replace("_", "-")


def direct() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = [*settings["project"]["dependencies"], *settings["dependency-groups"]["dev"]]
    return {requirement(line) for line in lines}


def test_every_dependency_is_pinned_and_explained() -> None:
    pinned = {
        requirement(line)
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    assert direct() <= pinned
    told = set(re.findall(r"^\| `([\w-]+)` \|", explained, re.MULTILINE))
    assert told == direct()


def test_imports_and_dependencies_agree() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {requirement(line) for line in settings["project"]["dependencies"]}
    needed = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in needed}
    assert imported() - {*PACKAGES, *sys.stdlib_module_names} - WITH_OTHERS == needed


def imported() -> set[str]:
    """The packages that ours import."""
    nodes = [node for path in modules(*PACKAGES) for node in ast.walk(parsed(path))]
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in whole | parts}


def test_no_address_of_a_registry_is_kept() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    kept = [ROOT / path for path in listed.stdout.decode().split("\0") if path]
    wrong = re.compile(r"index-url|extra-index|registry=|resolved\": \"http|find-links")
    assert {
        name(path)
        for path in kept
        if path.is_file() and path != Path(__file__) and wrong.search(_text(path))
    } == set()


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_all_that_runs(wheel: set[str]) -> None:
    wanted = {
        name(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= wheel
    endings = {Path(path).suffix for path in wheel}
    assert {".toml", ".html", ".css", ".js", ".mako"} <= endings
    assert any("migrations/versions/0001" in path for path in wheel)


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    allowed = (*PACKAGES, "yixiang-")
    assert {path for path in wheel if not path.startswith(allowed)} == set()
