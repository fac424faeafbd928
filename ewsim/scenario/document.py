"""A YAML file as data with the place of every key: YAML 1.2, read as a hostile file.

Scenarios, CAP profiles and policies are all read here. `read` gives a `Document`; `faults.model_of`
checks it against a pydantic model and gives every fault its line and column.

`NO`, `on` and `12:30` stay text. Aliases are allowed in moderation; a file that unfolds into more
than `MAX_NODES` values is refused.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarfloat import ScalarFloat

from ewsim.errors import Diagnostic, InputError, ScenarioError

MAX_OCTETS = 1_000_000
MAX_NODES = 100_000
MAX_DEPTH = 40

Key: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of document, for its messages: what it is called and how to begin one.

    `error` is what its faults are raised as.
    """

    noun: str
    start: str
    first_line: str
    error: type[InputError] = InputError
    instead_of_xml: str = "Give a YAML file."


SCENARIO = Sort(
    "scenario",
    "Start from `ewsim scenario new`.",
    "format: ewsim.scenario/1",
    ScenarioError,
    "Give the YAML file; its key alert.path names the CAP file.",
)

#: What YAML's own words mean for whoever wrote the file: pattern, what is wrong, what to write.
_ADVICE = (
    ("another document", "a second document begins here.", "Keep one; further runs are arms of it."),
    ("duplicate key", "this key stands twice.", "Keep one of the two."),
    (r"\\t|tab", "there is a tab.", "Indent with spaces, not tabs."),
    ("undefined alias", "a text begins with *.", "Put the text in quotes."),
    ("cannot start any token", "a text begins with a sign that YAML keeps.", "Put the text in quotes."),
    ("scanning a quoted|unexpected end of stream|document separator", "a quote is not closed.", "Close it."),
    (r"expected ',' or '[\]}]'|flow", "a bracket is not closed, or a comma is missing.", "Add it."),
    ("expected ':'", "this line has no colon.", "Write `key: value`."),
    ("block|indentation", "this line is indented differently.", "Indent this line like the one above."),
)

#: More digits than Python turns into a number.
_LONG_NUMBER = re.compile(r"\d{4300,}")

#: A key and its value with an equals sign, or with a colon and no plain space.
_NO_COLON = re.compile(r"( *)([A-Za-z_]\w*)(?:\s*=\s*|:[\u00a0\u2007\u202f]*)(?![\s/])([^:]*[^:\s])\s*")


@dataclass(frozen=True, slots=True)
class Document:
    """One file: plain values, and the tree that knows their places."""

    file: str
    data: dict[str, Any]
    tree: CommentedMap
    sort: Sort = SCENARIO
    arm_files: Mapping[str, Document] = field(default_factory=dict)  # arms that are files of their own

    def locate(self, keys: Sequence[Key], *, of_value: bool = False) -> tuple[str, int, int]:
        """The file, line and column of a key, in the file of an arm that has one of its own."""
        if len(keys) > 1 and keys[0] == "arms" and (own := self.arm_files.get(str(keys[1]))):
            return own.file, *own.place(keys[2:], of_value=of_value)
        return self.file, *self.place(keys, of_value=of_value)

    def place(self, keys: Sequence[Key], *, of_value: bool = False) -> tuple[int, int]:
        """Line and column of a key (or its value), or of the nearest key above that exists."""
        node: Any = self.tree
        found = (1, 1)
        for key in keys:
            try:
                if isinstance(node, CommentedMap) and key not in node:  # a number as a key
                    key = next((k for k in node if str(k) == key), key)
                if isinstance(node, CommentedMap) and key in node:
                    at = node.lc.value(key) if of_value else node.lc.key(key)
                elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                    at = node.lc.item(key)
                else:
                    break
            except (KeyError, AttributeError, TypeError):
                break
            if at is None:  # merged from elsewhere, or made by a tag
                break
            found = (at[0] + 1, at[1] + 1)
            node = node[key]
        return found

    def thousands(self) -> Iterator[tuple[tuple[Key, ...], int]]:
        """Numbers such as 250.000, which YAML reads as 250: their keys and what was read."""
        yield from _thousands(self.tree, ())

    def has(self, keys: Sequence[Key]) -> bool:
        """Whether the file has a value at this path."""
        node: Any = self.data
        for key in keys:
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                return False
        return True


def _thousands(node: Any, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], int]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, dict | list):
            yield from _thousands(value, (*keys, key))
        elif isinstance(value, ScalarFloat) and value.is_integer():
            written: Any = vars(value)  # ruamel.yaml has no other word for it
            if written["_width"] - written["_prec"] == 4:
                yield (*keys, key), int(value)


def _too_deep(text: str) -> int:
    """The line where brackets or indentation are nested too deep, or 0: the parser would take seconds."""
    brackets, most, indents = 0, 0, [-1]
    for number, line in enumerate(text.splitlines(), start=1):
        for bracket in re.findall(r"[][{}]", line):
            brackets += 1 if bracket in "[{" else -1
            most = max(most, brackets)
        content = line.lstrip(" ")
        if content and content[0] != "#":
            indent = len(line) - len(content)
            while indents[-1] >= indent:
                indents.pop()
            indents.append(indent)
        if max(most, len(indents)) > MAX_DEPTH:
            return number
    return 0


def read(path: Path, sort: Sort = SCENARIO) -> Document:
    """Read a YAML file.

    Raises
    ------
    InputError
        It cannot be read, is not UTF-8, not YAML, or not a mapping; of the class `sort.error`.
    """
    return parse(_text(path, sort), str(path), sort)


def parse(text: str, file: str, sort: Sort = SCENARIO) -> Document:
    """The same for a text.

    Parameters
    ----------
    text
        The YAML text.
    file
        What messages call it.
    sort
        What the document should be.
    """
    if text.lstrip().startswith("<"):
        raise _fault(sort, file, (1, 1), f"this is XML, not a {sort.noun}.", sort.instead_of_xml)
    deep = _too_deep(text)
    if deep:
        message = f"values are nested more than {MAX_DEPTH} deep here."
        raise _fault(sort, file, (deep, 1), message, f"A {sort.noun} needs ten levels at most.")
    if number := _LONG_NUMBER.search(text):
        message = f"a number has {len(number[0]):,} digits."
        at = (text.count("\n", 0, number.start()) + 1, number.start() - text.rfind("\n", 0, number.start()))
        raise _fault(sort, file, at, message, "Write a shorter one.")
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor may stand twice; the last counts
            tree = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        slip = _slip(text.splitlines(), at[0])
        raise _fault(sort, file, *(slip or (at, *_advice(error, text)))) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _fault(sort, file, (1, 1), "this is not YAML.", sort.start) from error
    if tree is None:
        raise _fault(sort, file, (1, 1), "the file is empty.", sort.start)
    if not isinstance(tree, CommentedMap):
        message = f"a {sort.noun} is a mapping of keys to values."
        raise _fault(sort, file, (1, 1), message, f"Start with `{sort.first_line}`.")
    try:
        data = _plain(tree, [0], 0)
    except _TooLargeError:
        message = "the file unfolds into too many or too deeply nested values."
        fix = f"A {sort.noun} needs neither; look at its anchors and aliases."
        raise _fault(sort, file, (1, 1), message, fix) from None
    return Document(file, data, tree, sort)


def _slip(lines: list[str], number: int) -> tuple[tuple[int, int], str, str] | None:
    """A line with `key = value` or `key:value`, at most three above where YAML noticed: its place, words."""
    for at in range(number, max(number - 4, 0), -1):
        found = _NO_COLON.fullmatch(lines[at - 1]) if at <= len(lines) else None
        if found:
            fix = f"Write `{found[2]}: {found[3]}`." if len(found[3]) < 100 else "Write `key: value`."
            return (at, len(found[1]) + 1), 'the key of this line ends without ": ".', fix
    return None


def _advice(error: MarkedYAMLError, text: str) -> tuple[str, str]:
    """What is wrong and what to write, for one of YAML's own complaints."""
    problem = " ".join(str(error.problem or error.context or "").split())
    mark = error.problem_mark
    if "mapping values are not allowed" in problem:
        line = text.splitlines()[mark.line] if mark is not None else ""
        if line.split("#")[0].count(": ") > 1:
            key, _, value = line.split(" #")[0].strip().partition(": ")
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            fix = f'Text with ": " needs quotes. Write {key}: "{quoted}"' if len(line) <= 200 else ""
            return 'there is a second ": " in this line.', fix or 'Text with ": " needs quotes.'
        return _indented(text.splitlines(), mark.line if mark is not None else 0)
    said = f"{problem} {' '.join(str(error.context or '').split())}"
    for pattern, message, fix in _ADVICE:
        if re.search(pattern, said):
            return message, fix
    return f"this is not YAML: {problem}.", "Put text with special signs in quotes."


def _indented(lines: list[str], number: int) -> tuple[str, str]:
    """What is wrong with the indentation of a line, by the last line above it that says something."""
    above = [line for line in lines[:number] if line.strip() and not line.lstrip().startswith("#")]
    before, here = (len(line) - len(line.lstrip(" ")) for line in ((above or [""])[-1], lines[number]))
    if before == here:
        return "this line is indented differently.", "Indent this line like the one above."
    return (
        f"this line is indented differently: {here} spaces, and the line above has {before}.",
        "Indent this line like the one above.",
    )


def _text(path: Path, sort: Sort) -> str:
    file = str(path)
    try:
        if path.is_dir():
            raise _fault(sort, file, (0, 0), "this is a folder.", f"Name a {sort.noun} file in it.")
        with path.open("rb") as stream:
            octets = stream.read(MAX_OCTETS + 1)
    except OSError as error:
        raise _fault(sort, file, (0, 0), f"cannot be read: {error.strerror}.", "Check the path.") from error
    if len(octets) > MAX_OCTETS:
        fix = "Put tables into files of their own and name them."
        raise _fault(sort, file, (0, 0), "the file is larger than 1 MB.", fix)
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        raise _fault(sort, file, (line, 1), "the file is not UTF-8.", "Save it as UTF-8.") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _fault(sort, file, (line, 1), "there is a NUL character.", "Is this a text file?")
    return text


class _TooLargeError(Exception):
    """The file unfolds into too much."""


def _plain(node: Any, count: list[int], depth: int) -> Any:
    count[0] += 1
    if count[0] > MAX_NODES or depth > MAX_DEPTH:
        raise _TooLargeError
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value, count, depth + 1) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value, count, depth + 1) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return str(node)  # a date or a time: text


def _fault(sort: Sort, file: str, at: tuple[int, int], message: str, fix: str) -> InputError:
    return sort.error([Diagnostic(file, *at, message, fix)])
