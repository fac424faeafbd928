"""Style, types and imports, held by the tools that can hold them."""

import ast
import importlib
import re
import subprocess
import sys

import pytest
from tree import MODULES, ROOT, SOURCES, project, tool

# What no file that ships may say: paths of one machine, and unfinished work.
FORBIDDEN = re.compile(
    r"(?<![\w.~-])/(?:work|tmp|opt|root|home)/\w|\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b"
    r"|NotImplemented" + r"Error|not (?:yet )?imple" + "mented"
)


def test_imports_point_one_way():
    tool("lint-imports")


def test_style_is_clean():
    tool("ruff", "check", ".")


def test_format_is_clean():
    tool("ruff", "format", "--check", ".")


def test_types_are_clean():
    tool("mypy")


@pytest.mark.heavy
def test_every_module_can_be_the_first_that_is_imported():
    # One interpreter that knows third-party packages only; ours are forgotten before each import,
    # so that a module which works only after another fails here.
    program = """
import importlib, sys, traceback
failed = []
for name in sys.argv[1:]:
    for known in [n for n in sys.modules if n.split(".")[0] == "ewsim"]:
        del sys.modules[known]
    try:
        importlib.import_module(name)
    except BaseException:
        failed.append(name)
        traceback.print_exc()
sys.exit(" ".join(failed) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_everything_a_module_promises_is_there(name):
    module = importlib.import_module(name)
    promised = getattr(module, "__all__", [])
    assert sorted(promised) == sorted(set(promised))
    missing = [word for word in promised if not hasattr(module, word)]
    assert not missing


def shipped_texts():
    patterns = ["ewsim/**/*", "docs/**/*", "scenarios/**/*", "cap_samples/**/*", "README.md"]
    suffixes = {".py", ".md", ".yaml", ".json", ".html", ".css", ".js", ".toml", ".j2", ".txt"}
    paths = [p for pattern in patterns for p in sorted(ROOT.glob(pattern)) if p.suffix in suffixes]
    assert len(paths) > 30
    return paths


def test_nothing_that_ships_is_unfinished_or_names_a_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in shipped_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert not found, "\n".join(found)


def test_the_search_for_forbidden_words_finds_them():
    for line in ("x = '/tm" + "p/x'", "# TO" + "DO: later", "raise NotImplemented" + "Error"):
        assert FORBIDDEN.search(line)
    assert not FORBIDDEN.search("https://example.org/work/x and output/tmp/x and a todo list")


def test_randomness_comes_from_streams_alone():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            imported = [a.name for a in getattr(node, "names", []) if isinstance(a, ast.alias)]
            module = getattr(node, "module", "") if isinstance(node, ast.ImportFrom) else ""
            if re.fullmatch(r"(np|numpy)\.random", name) or {"random", "numpy.random"} & {module, *imported}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found


def test_the_version_is_written_once():
    import ewsim

    assert ewsim.__version__ == project()["project"]["version"]
