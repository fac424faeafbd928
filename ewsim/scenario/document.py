"""A scenario file as data with the place of every key: YAML 1.2, read as a hostile file.

`NO`, `on` and `12:30` stay text. Aliases are allowed in moderation; a file that unfolds into more
than `MAX_NODES` values is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ewsim.errors import Diagnostic, ScenarioError

MAX_OCTETS = 1_000_000
MAX_NODES = 100_000
MAX_DEPTH = 40

Key: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Document:
    """One file: plain values, and the tree that knows their places."""

    file: str
    data: dict[str, Any]
    tree: CommentedMap

    def place(self, keys: Sequence[Key], *, of_value: bool = False) -> tuple[int, int]:
        """Line and column of a key (or its value), or of the nearest key above that exists."""
        node: Any = self.tree
        found = (1, 1)
        for key in keys:
            try:
                if isinstance(node, CommentedMap) and key in node:
                    at = node.lc.value(key) if of_value else node.lc.key(key)
                elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                    at = node.lc.item(key)
                else:
                    break
            except (KeyError, AttributeError, TypeError):
                break
            found = (at[0] + 1, at[1] + 1)
            node = node[key]
        return found

    def has(self, keys: Sequence[Key]) -> bool:
        """Whether the file has a value at this path."""
        node: Any = self.data
        for key in keys:
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                return False
        return True


def read(path: Path) -> Document:
    """Read a scenario file.

    Raises
    ------
    ScenarioError
        It cannot be read, is not UTF-8, not YAML, or not a mapping.
    """
    return parse(_text(path), str(path))


def parse(text: str, file: str) -> Document:
    """The same for a text; `file` is what messages call it."""
    if text.lstrip().startswith("<"):
        raise _fault(
            file,
            1,
            1,
            "this is XML, not a scenario.",
            "Give the YAML file; a CAP file is named in it, as alert.path.",
        )
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        problem = " ".join(str(error.problem or error.context or "not YAML").split())
        fix = "Mend the YAML here."
        if "duplicate key" in problem:
            fix = "Keep one of the two."
        elif "\\t" in problem or "tab" in problem:
            fix = "Indent with spaces, not tabs."
        raise _fault(file, line, column, f"{problem}.", fix) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _fault(file, 1, 1, "this is not YAML.", "Start from `ewsim scenario new`.") from error
    if tree is None:
        raise _fault(file, 1, 1, "the file is empty.", "Start from `ewsim scenario new`.")
    if not isinstance(tree, CommentedMap):
        raise _fault(
            file, 1, 1, "a scenario is a mapping of keys to values.", "Start with `format: ewsim.scenario/1`."
        )
    return Document(file, _plain(tree, file, [0], 0), tree)


def _text(path: Path) -> str:
    file = str(path)
    try:
        if path.is_dir():
            raise _fault(file, 0, 0, "this is a folder.", "Name a scenario file in it.")
        with path.open("rb") as stream:
            octets = stream.read(MAX_OCTETS + 1)
    except OSError as error:
        raise _fault(file, 0, 0, f"cannot be read: {error.strerror}.", "Check the path.") from error
    if len(octets) > MAX_OCTETS:
        raise _fault(
            file, 0, 0, "the file is larger than 1 MB.", "Put tables into files of their own and name them."
        )
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        raise _fault(file, line, 1, "the file is not UTF-8.", "Save it as UTF-8.") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _fault(file, line, 1, "there is a NUL character.", "Is this a text file?")
    return text


def _plain(node: Any, file: str, count: list[int], depth: int) -> Any:
    count[0] += 1
    if count[0] > MAX_NODES or depth > MAX_DEPTH:
        raise _fault(
            file,
            1,
            1,
            "the file unfolds into too many or too deeply nested values.",
            "A scenario needs neither; look at its anchors and aliases.",
        )
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value, file, count, depth + 1) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value, file, count, depth + 1) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return str(node)  # a date or a time: text


def _fault(file: str, line: int, column: int, message: str, fix: str) -> ScenarioError:
    return ScenarioError([Diagnostic(file, line, column, message, fix)])
