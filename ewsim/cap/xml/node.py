"""The elements of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

#: Namespace of each version of CAP.
VERSIONS: Final = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
}
NAMESPACES: Final = {version: namespace for namespace, version in VERSIONS.items()}
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"

Table: TypeAlias = "Mapping[str, Sequence[Node]]"
NO_TABLE: Final[Table] = MappingProxyType({})


class Node:
    """One element: namespace, local name, text (all of it, when it has no children), children.

    `table` has the children of the same namespace by their names; `index` counts elements in
    document order; `attributes` is None for none. `stray` is text between the children that is not
    white space. The first reader of a text keeps what it found in `meaning`.
    """

    # one class with all of them: the interpreter is quickest where it meets one kind of object
    __slots__ = ("attributes", "children", "index", "meaning", "name", "namespace", "stray", "table", "text")
    #: The reader sets them all: a constructor would double its time.
    namespace: str
    name: str
    text: str
    index: int
    meaning: object
    children: Sequence[Node]
    table: Table
    attributes: Mapping[str, str] | None
    stray: str

    def first(self, name: str) -> Node | None:
        """The first child of the same namespace with this name."""
        found = self.table.get(name)
        return found[0] if found else None

    def every(self, name: str) -> Sequence[Node]:
        """All children of the same namespace with this name."""
        return self.table.get(name, ())

    def value(self, name: str) -> str:
        """The text of the first child with this name, without white space around it; or an empty text."""
        found = self.table.get(name)
        return found[0].text.strip() if found else ""
