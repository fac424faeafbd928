"""The files of the project, for tests that read the tree itself."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ewsim"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def relative(path):
    return path.relative_to(ROOT).as_posix()


_BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, kind):
    """The (words after the kind, body) of every block of a kind, in order."""
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        first, *words = match["info"].split() or [""]
        if first == kind:
            yield words, match["body"]


def module_name(path):
    """The dotted name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = [module_name(path) for path in SOURCES if path.name != "__main__.py"]


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def project():
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def layers():
    """The rooms of each layer, from the top, as pyproject.toml has them for import-linter."""
    contracts = project()["tool"]["importlinter"]["contracts"]
    (found,) = (c["layers"] for c in contracts if c["type"] == "layers")
    return [[room.strip() for room in layer.split("|")] for layer in found]


def tool(name, *args):
    """Run a developer tool of this environment; its output is the failure message."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name(name)), *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name} {' '.join(args)}\n{done.stdout}\n{done.stderr}"
