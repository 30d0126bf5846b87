"""House rules that a linter does not know."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "acd").rglob("*.py"))
SCRIPTS = sorted(p for p in (ROOT / "scripts").rglob("*.py"))
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 500
HOSTS = ("py" + "pi", "python" + "hosted", "deb" + "ian", "npm" + "js")
FORBIDDEN = re.compile(r"//[\w.-]*\b(" + "|".join(HOSTS) + r")\.(org|com)|\.\./sha" + "red")
LEFTOVER = re.compile("NotImplemented" + r"Error|#\s*(TO" + "DO|FIX" + r"ME|XX" + "X)\\b")


def tracked() -> list[Path]:
    said = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in said.splitlines() if (ROOT / name).is_file()]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_reads_on_one_screen_and_a_module_is_one_room(path):
    """Functions of at most 70 lines, modules of at most 500, each module with its theory on top."""
    text = path.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module without a docstring"
    assert text.count("\n") <= MODULE_LINES_MAX
    for function in functions(tree):
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= FUNCTION_LINES_MAX, f"{function.name} has {lines} lines"


@pytest.mark.parametrize("path", sorted((ROOT / "acd/core").glob("*.py")), ids=lambda p: p.name)
def test_the_core_awaits_nothing_and_iterates_no_set(path):
    """The same facts give the same orders: no async, no loop over a set display or a set() call."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
        if isinstance(node, ast.For | ast.comprehension):
            source = node.iter
            is_set = isinstance(source, ast.Set | ast.SetComp) or (
                isinstance(source, ast.Call)
                and isinstance(source.func, ast.Name)
                and source.func.id in {"set", "frozenset"}
            )
            assert not is_set, f"line {source.lineno} iterates a set"


def test_nothing_is_left_over_and_nothing_names_this_machine():
    """No unfinished business in the code; no address of a registry or path of a workshop anywhere."""
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN.search(line) or (path.suffix == ".py" and LEFTOVER.search(line)):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found


def test_every_package_has_its_tests():
    """Who looks for the tests of a package finds a folder of its name."""
    packages = {p.parent.name for p in (ROOT / "acd").glob("*/__init__.py")}
    tested = {p.name for p in (ROOT / "tests").iterdir() if p.is_dir()}
    assert packages <= tested
