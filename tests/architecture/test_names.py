"""One meaning a name: classes, functions, files and rooms."""

import ast
from collections import Counter, defaultdict

from tree import PACKAGE, ROOT, SOURCES, parsed, relative

LONGEST_FILE = 350  # lines; read in one sitting
MOST_FILES = 12  # in a room without folders


def test_no_two_classes_have_one_name():
    found = defaultdict(list)
    for path in SOURCES:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(relative(path))
    shared = {name: paths for name, paths in found.items() if len(paths) > 1}
    assert not shared


def test_no_function_or_class_shadows_a_module():
    """`ewsim.cap.x` is one thing. A click command is named as its file is: it is the word to type."""
    found = set()
    for path in [path for path in SOURCES if PACKAGE / "cli" not in path.parents]:
        names = {n.name for n in parsed(path).body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        if path.name == "__init__.py":
            beside = {
                p.stem for p in path.parent.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()
            }
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.ImportFrom):
                    names |= {a.asname or a.name for a in node.names if (node.module or "").endswith(a.name)}
            found |= {f"{relative(path)}: {name}" for name in names & beside}
        elif path.stem in names:
            found.add(f"{relative(path)}: {path.stem}")
    assert not found


def words(name):
    return {word.rstrip("s") for word in name.split("_")}


def test_a_file_does_not_repeat_the_name_of_its_folder():
    found = set()
    for path in SOURCES:
        name = path.parent.name if path.name == "__init__.py" else path.stem
        folder = path.parent.parent if path.name == "__init__.py" else path.parent
        if folder not in (PACKAGE, ROOT) and words(folder.name) <= words(name):
            found.add(relative(path))
    assert not found


def test_a_room_of_many_files_has_folders():
    count = Counter(path.parent for path in SOURCES if path.name != "__init__.py")
    found = {relative(folder) for folder, files in count.items() if files > MOST_FILES and folder != PACKAGE}
    assert not found


def test_a_file_is_read_in_one_sitting():
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}
    assert not long


def test_the_pipeline_is_short_enough_to_be_the_program():
    lines = (PACKAGE / "pipeline.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150


def test_only_compiled_functions_are_without_types():
    """The mypy override of pyproject.toml is by folder; the rule is by function."""
    found = []
    for path in SOURCES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                untyped = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
                decorators = [ast.unparse(d) for d in node.decorator_list]
                compiled = any(name in d for d in decorators for name in ("kernel", "inner", "overload"))
                if (untyped or node.returns is None) and not compiled:
                    found.append(f"{relative(path)}:{node.lineno} {node.name}")
    assert not found


def test_the_list_of_slow_files_is_of_files_that_exist():
    from conftest import SLOWEST_FIRST

    missing = [start for start in SLOWEST_FIRST if not (ROOT / "tests" / f"{start}.py").is_file()]
    assert not missing
