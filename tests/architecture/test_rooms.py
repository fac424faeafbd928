"""The table of docs/background/architecture.md against the tree and the layers of pyproject.toml."""

import re

from tree import PACKAGE, ROOT, layers

PAGE = ROOT / "docs/background/architecture.md"


def rows():
    """(layer, room, folders) of each row of the table."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if cells[0].isdigit():
            found.append((int(cells[0]), cells[1].strip("`"), set(re.findall(r"`(\w+)/`", cells[2]))))
    return found


def in_the_tree():
    """Every room of the package, with its folders of modules."""
    rooms = {p.stem: set() for p in PACKAGE.glob("*.py") if not p.stem.startswith("__")}
    for folder in PACKAGE.iterdir():
        if (folder / "__init__.py").is_file():
            rooms[folder.name] = {p.parent.name for p in folder.glob("*/__init__.py")}
    return rooms


def test_the_table_has_the_layers_in_their_order():
    table = {}
    for layer, room, _ in rows():
        table.setdefault(layer, set()).add(room)
    assert list(table) == list(range(1, len(table) + 1))
    assert list(table.values()) == [set(layer) for layer in layers()]


def test_the_table_has_the_rooms_and_folders_of_the_tree():
    assert {room: folders for _, room, folders in rows()} == in_the_tree()
