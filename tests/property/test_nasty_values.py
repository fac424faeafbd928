"""Every field of a scenario with the nastiest values of its type: taken or refused, never a crash.

Fields and types come from the JSON schema, so that a new key is tested without a word here.
"""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ewsim.country.build import CheckedParts
from ewsim.country.checking import check_country
from ewsim.errors import EwsimError
from ewsim.scenario.load import load_scenario
from ewsim.scenario.model import scenario_model

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.xml"
SCHEMA = scenario_model(published=True).model_json_schema()
BASE: dict[str, Any] = {
    "format": "ewsim.scenario/1",
    "name": "s",
    "horizon_s": 600,
    "alert": {"path": "s.xml"},
    "population": {
        "people_count": 300,
        "island": {"centre": [15.5, -45.0], "area_km2": 300},
        "settlement_count": 3,
    },
}
DISC = {"circles": [{"centre": [15.5, -45.0], "radius_m": 9000}]}
FIRST_ITEMS: dict[tuple[Any, ...], Any] = {
    ("disturbances",): {"kind": "power_loss", "at_s": 60},
    ("population", "flows"): {"origin": DISC, "destination": DISC, "share": 0.5},
    ("population", "arrivals"): {"people_count": 20},
}
NUMBERS = [-1, 5e-324, 1e300, 2**63, 10**400, True, float("nan"), float("-inf"), "9" * 500]
TEXTS = ["", "\x1b[31m", "a" * 5000, "../" * 200, "/", "é" * 260, 1, True]
LISTS = [0, "a", {}, [], [[]], [None], [0, 0, 0], [{}, {}]]
MAPPINGS = [0, "a", [], {}, {"": 1}, {"a" * 3000: 1}, {"\x1b": {}}, {"a": None}]
#: What only YAML can write, taken in turn by the fields: dates, other bases, tags, merged keys, anchors in
#: themselves, signs that turn or hide text, keys that are no text or the same but for their form.
YAML_ONLY = [
    *("2026-01-01", "2001-13-45T25:61:61Z", "12:30:45", "0x7f", "0o17", "0b11", "1_000", "1e999999999"),
    *("!!binary aGk=", "!!python/object/apply:os.system [x]", "!!set {a, b}", "!!omap [a: 1]", "!<tag:x> 1"),
    *("!!float x", "!!int x", "!!timestamp x", "!!bool yes", "&a [*a]", "&a {b: *a}", "*x", "{<<: {a: 1}}"),
    *("{<<: 3}", "{<<: [{a: 1}, {a: 2}]}", "<<", "=", "~", ".NaN", "+.inf", "'\u0663'", "'\uff11'", "-0.0"),
    *('"\\u202eabc"', '"\\ufeffx"', '"\\ud800"', '"\\e]0;x\\a"', '"\\0"', "{a: 1, a: 2}", '{1: 1, "1": 2}'),
    *(
        '{"e\\u0301": 1, "\\u00e9": 2}',
        "{true: 1}",
        "{.nan: 1}",
        "{2026-01-01: 1}",
        "{null: 1}",
        "{? [a]: 1}",
    ),
    *("{? {a: b}: 1}", "{" + "k" * 3000 + ": 1}", "[" * 30 + "]" * 30, "-" + "9" * 5000, "0." + "0" * 5000),
]
#: Stands where one of them goes.
HOLE = "put yaml here"
#: Right, but a country so large that its check takes seconds.
LARGE = {
    ("population", "people_count"),
    ("population", "settlement_count"),
    ("population", "arrivals", 0, "people_count"),
}


def fields(
    node: dict[str, Any], path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Every field of the schema with the way to it; of a choice, each type."""
    if "$ref" in node:
        node = SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    choices = node.get("anyOf") or node.get("oneOf")
    if choices:
        for choice in choices:
            if choice.get("type") != "null":
                yield from fields(choice, path)
        return
    yield path, node
    below = dict(node.get("properties", {}))
    more = node.get("additionalProperties")
    if isinstance(more, dict):
        below[next(iter(node.get("propertyNames", {}).get("enum", ["a"])))] = more
    for key, part in below.items():
        yield from fields(part, (*path, key))
    items = node.get("prefixItems") or ([node["items"]] if "items" in node else [])
    for number, part in enumerate(items):
        yield from fields(part, (*path, number))


def nasty(path: tuple[Any, ...], node: dict[str, Any]) -> list[Any]:
    """The nastiest values of a field's type, with those at its bounds and just beyond."""
    kind = node.get("type")
    if kind == "array":
        return [None, *LISTS]
    if kind == "object":
        return [None, *MAPPINGS]
    if kind == "string" or "const" in node:
        return [None, *TEXTS]
    bounds = [node[k] for k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") if k in node]
    at = [] if path in LARGE else [b * s for b in bounds for s in (1, 1.0000001)]
    return [None, 0, *NUMBERS, *at]


def changed(path: tuple[Any, ...], value: Any) -> str:
    """The scenario with one value, as YAML (JSON is YAML)."""
    data = copy.deepcopy(BASE)
    node: Any = data
    for depth, key in enumerate(path):
        last = depth == len(path) - 1
        empty: Any = value if last else [] if isinstance(path[depth + 1], int) else {}
        if isinstance(node, list):
            node += [copy.deepcopy(FIRST_ITEMS.get(path[:depth], 0.0)) for _ in range(len(node), key + 1)]
        present = isinstance(node, list) or key in node
        if last or not present or not isinstance(node[key], dict | list):
            node[key] = empty
        node = node[key]
    return json.dumps(data).replace("NaN", ".nan").replace("-Infinity", "-.inf")


@pytest.fixture(autouse=True)
def _few_points(monkeypatch):
    """Countries of few points of demand: each field makes a hundred of them; on a machine of any memory."""
    monkeypatch.setattr("ewsim.settlement.pattern._DEMAND_POINTS", 500)
    monkeypatch.setattr("ewsim.country.people.free_octets", lambda: 1e12)


#: Rooms of many fields are tried among the heavy tests.
LARGE = {"disturbances", "population"}


@pytest.mark.parametrize(
    "room",
    [
        pytest.param(name, marks=pytest.mark.heavy) if name in LARGE else name
        for name in sorted(SCHEMA["properties"])
    ],
)
def test_no_value_of_any_field_is_a_crash(tmp_path, room):
    (tmp_path / "s.xml").write_bytes(ISLAND.read_bytes())
    file, parts, codes = tmp_path / "s.yaml", CheckedParts(), {}
    texts = {
        changed(path, value): (path, value)
        for path, node in fields(SCHEMA)
        if path and path[0] == room
        for value in nasty(path, node)
    }
    ways = [path for path, _ in fields(SCHEMA) if path and path[0] == room]
    for number, path in enumerate(ways, zlib.crc32(room.encode())):
        value = YAML_ONLY[number % len(YAML_ONLY)]
        texts[changed(path, HOLE).replace(f'"{HOLE}"', value)] = (path, value)
    for text, (path, value) in texts.items():
        file.write_text(text)
        codes[path, str(value)[:60]] = exit_code(file, parts)
    assert {which: code for which, code in codes.items() if code not in (0, 3, 4)} == {}
    assert 3 in codes.values()


def exit_code(file: Path, parts: CheckedParts) -> int | str:
    """What the command line would exit with; for a crash, its error."""
    try:
        check_country(load_scenario(file), parts)
    except EwsimError as error:
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - any other error is what the test looks for
        return repr(error)
    return 0
