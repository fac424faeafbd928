"""The files that a scenario names, wherever in it: the studio lets none be read from elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ewsim.errors import Diagnostic, KeyFault
from ewsim.scenario import document as documents
from ewsim.scenario.faults import placed

#: Keys whose text is the path of a file; that of a policy or profile may be a word instead.
FILE_KEYS = frozenset(
    {"admin_areas", "backhaul", "districts", "gazetteer", "land", "path", "places", "points", "policy"}
    | {"profiles", "raster", "trust", "zones", "zone_people", "zone_shares"}
)
_ALSO_WORDS = ("policy", "profiles")


def file_values(
    data: Any, keys: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str, Callable[[str], None]]]:
    """Every name of a file in a scenario's data: its keys, the name, and a function that writes another."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(pairs):
        named = next((k for k in (key, keys[-1] if keys else None) if isinstance(k, str)), "")
        if not isinstance(value, str):
            yield from file_values(value, (*keys, key))
        elif named in FILE_KEYS and _is_file(named, value):
            yield (*keys, key), value, partial(data.__setitem__, key)


def _is_file(key: str, value: str) -> bool:
    """Whether the text of a key is a path; that of a policy or profile may be a word instead."""
    return key not in _ALSO_WORDS or any(sign in value for sign in "./\\")


def foreign_files(
    text: str, file: str, data: Mapping[str, Any], files: Mapping[str, bytes]
) -> list[Diagnostic]:
    """A fault for each file that a scenario names and that is not beside it.

    Parameters
    ----------
    text, file
        The scenario as YAML, and what messages call it.
    data
        The same as data.
    files
        The files beside it, by name.
    """
    wrong = [(keys, name) for keys, name, _ in file_values(dict(data)) if name not in files]
    if not wrong:
        return []
    tree = documents.parse(text, file)
    fix = (
        f"Name one of its files: {', '.join(sorted(files))}." if files else "Open the file with the scenario."
    )
    return [
        placed(KeyFault(keys, f"{name[:60]!r} is not a file of this work.", fix, of_value=True), tree)
        for keys, name in wrong
    ]
