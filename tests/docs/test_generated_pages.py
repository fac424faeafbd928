"""Two pages are generated from the code: docs/assumptions.md and docs/guides/scenario_keys.md.

The words of the studio's help are generated from docs/nomenclature.md.

`EWSIM_RENEW=1 pytest tests/docs/test_generated_pages.py` writes them again.
"""

import ast
import io
import json
import os
import re
import tokenize
import types
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ewsim.scenario.assumptions import assumed_ranges, assumed_values
from ewsim.scenario.model import scenario_model

ROOT = Path(__file__).parents[2]
ASSUMPTIONS = ROOT / "docs" / "assumptions.md"
NOMENCLATURE = ROOT / "docs" / "nomenclature.md"
TERMS = ROOT / "ewsim" / "studio" / "page" / "terms.json"
KEYS = ROOT / "docs" / "guides" / "scenario_keys.md"
RENEW = "EWSIM_RENEW=1 pytest tests/docs/test_generated_pages.py writes it again"
LABEL = re.compile(r"(?<![`\w(])assumptions?: ", re.IGNORECASE)
ASSIGNED = re.compile(r"(?:^(\w+(?:, \w+)*)(?:: [^=]+)? = ([^#]*[^#(\[{,\s])(?:  #.*)?$)?")

ASSUMPTIONS_INTRODUCTION = """# Assumptions

A default that a standard or a published test gives names its source in the scenario's schema. The
others are assumptions: plausible, and nobody's measurement. They are all on this page, which is
generated from the code (a test compares the two). Each states the range that it may have, where the
source gives none by judgement. `ewsim sweep SCENARIO --assumptions` varies each over its range and says
which of them would change your answer ([sweeps](guides/sweeps.md)); every report lists the values its
run used.

## Keys of the scenario file

| key | default | what it stands for |
|---|---|---|
"""
IN_CODE = """
## In the models

What the code takes for granted whatever the scenario says. No key changes these, so no sweep varies them.

| where | assumption |
|---|---|
"""


#: One of each hazard; the keys of repairs are those of the first.
HAZARDS = [
    {"kind": "cyclone", "path": "x"},
    *({"kind": kind, "path": "x", "restoration": None} for kind in ("earthquake", "tsunami", "wildfire")),
    {"kind": "deployable", "at_s": 0, "places": [[0, 0]]},
    {"kind": "repair_crews", "at_s": 0},
    {"kind": "congestion"},
    {"kind": "false_alert", "how": "forged"},
    {"kind": "false_station", "at_s": 0, "area": {"circles": [{"centre": [0, 0], "radius_m": 1}]}},
]


def everything_on():
    return scenario_model().model_validate(
        {
            "format": "ewsim.scenario/1",
            "name": "everything",
            "alert": {"path": "alert.xml"},
            "population": {"day": {"hour": 8}, "arrivals": [{"share": 0.1}]},
            "channels": {
                "cell_broadcast": {},
                "location_based_sms": {"surge": {}},
                "siren": {},
                "app_push": {},
                "satellite": {},
                "community_relay": {},
            },
            "targeting": {"geofence": {}},
            "disturbances": HAZARDS,
            "response": {"other_sources": {}},
        }
    )


def written(value):
    """A value in the notation of YAML; what a mapping leaves out has its own default."""
    if isinstance(value, BaseModel):
        given = value.model_fields_set
        value = {name: getattr(value, name) for name in type(value).model_fields if name in given}
    if isinstance(value, tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {written(value[k])}" for k in value) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def paragraphs(source):
    """Docstrings, and runs of comment lines, of one module, as (what they describe, text)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                yield getattr(node, "name", ""), paragraph
    run, lines = [], source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        row = token.start[0]
        run.append(token.string.lstrip("#: "))
        trails = bool(lines[row - 1][: token.start[1]].strip())
        follower = lines[row - 1] if trails else (lines[row : row + 1] or [""])[0]
        if trails or not follower.lstrip().startswith("#"):
            name, value = (ASSIGNED.match(follower) or ASSIGNED.match("")).groups()
            yield name or "", " ".join(run) + (f" Value: `{value.strip()}`." if value else "")
            run = []


def claims(text):
    """The assumptions in a paragraph: what a label announces, and sentences that say so."""
    flat = " ".join(text.split())
    yield from LABEL.split(flat)[1:]
    for sentence in re.split(r"(?<=\.) (?=[A-Z])", LABEL.split(flat)[0]):
        if "(assumption" in sentence.lower():
            yield sentence


def in_code():
    for path in sorted((ROOT / "ewsim").rglob("*.py")):
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for name, paragraph in paragraphs(path.read_text(encoding="utf-8")):
            for claim in claims(paragraph):
                yield f"{module}.{name}".rstrip("."), claim


def assumptions_page():
    rows = [
        f"| `{key}` | {written(value)} | {text} |\n"
        for key, value, text, _ in assumed_values(everything_on())
    ]
    code = [f"| `{where}` | {text[0].upper()}{text[1:]} |\n" for where, text in in_code()]
    return ASSUMPTIONS_INTRODUCTION + "".join(rows) + IN_CODE + "".join(code)


def test_the_page_is_what_the_code_assumes():
    if os.environ.get("EWSIM_RENEW"):
        ASSUMPTIONS.write_text(assumptions_page(), encoding="utf-8")
    assert ASSUMPTIONS.read_text(encoding="utf-8") == assumptions_page(), RENEW


def test_every_key_whose_description_says_so_is_found():
    specs = [ROOT / "ewsim/scenario/spec", ROOT / "ewsim/channels", ROOT / "ewsim/disturbances"]
    sources = sorted(path for folder in specs for path in folder.rglob("*.py"))
    said = [
        node
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword)
        and node.arg == "description"
        and isinstance(node.value, ast.Constant)
        and "assumption" in node.value.value.lower()
    ]
    curves = (ROOT / "ewsim/disturbances/hazards/fragility.toml").read_text(encoding="utf-8")
    said += re.findall("^description = .*assumption", curves, re.MULTILINE)
    assert len(assumed_values(everything_on())) == len(said) > 30


def test_every_assumption_has_a_range_that_its_key_can_take():
    spec = everything_on()
    for assumed in assumed_values(spec):
        ranges = assumed_ranges(assumed)
        by_another_key = assumed.value is None and re.search("absent: .*(haps|ship)", assumed.text, re.I)
        assert ranges or by_another_key or assumed.key == "population.time_of_day", assumed
        for one in ranges:
            default = one.of(assumed.value)
            if one.numeric and default is not None:
                low, high = one.ends
                assert low <= default <= high, one
            for end in one.ends:
                data = spec.model_dump(exclude_unset=True)
                put(data, one.path, one.within(assumed.value, end))
                scenario_model().model_validate(data)


def put(data, path, value):
    """Set a key of a scenario's data; what it stands in takes its defaults."""
    *way, last = path.split(".")
    for key in way:
        data = data[int(key)] if isinstance(data, tuple | list) else data.setdefault(key, {})
    data[last] = value


def test_a_run_shows_the_values_it_used():
    changed = everything_on().model_dump()
    changed["population"]["handsets"]["on_share"] = 0.5
    values = {a.key: a.value for a in assumed_values(scenario_model().model_validate(changed))}
    assert values["population.handsets.on_share"] == 0.5
    changed["channels"]["location_based_sms"] = None
    keys = {a.key for a in assumed_values(scenario_model().model_validate(changed))}
    assert not any(key.startswith("channels.location_based_sms") for key in keys)


def test_the_reader_of_the_code_finds_comments_and_docstrings():
    source = '''"""Module.

Assumptions: one thing;
another thing.
"""

#: Assumption: a constant
#: with a reason.
A: Final = 1_000
B = 2.5  # assumption: and another

# No claim.
C = 3


def f():
    """Do it. Walls are thick (assumption). They stand.

    Returns the word `assumption: none`.
    """
    return "assumption: text is not documentation"
'''
    found = [(name, claim) for name, text in paragraphs(source) for claim in claims(text)]
    assert found == [
        ("", "one thing; another thing."),
        ("f", "Walls are thick (assumption)."),
        ("A", "a constant with a reason. Value: `1_000`."),
        ("B", "and another Value: `2.5`."),
    ]


KEYS_INTRODUCTION = """# All keys of a scenario file

Generated from the code (a test compares the two). A key under another is written with a dot, an
element of a list with `[]`. [Scenario files](scenario_files.md) says how they are used.
"""
HEAD = "| key | value | default | meaning |\n|---|---|---|---|\n"


def models_in(annotation):
    """The (model, whether in a list) that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, False
        return
    many = get_origin(annotation) is tuple
    for part in get_args(annotation):
        for model, inner in models_in(part):
            yield model, many or inner


def values(annotation):
    """What a key takes, in few words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(parts[0])
    if origin is Literal:
        return " \\| ".join(str(part) for part in parts)
    if origin in {types.UnionType, types.NoneType} or "Union" in str(origin):
        return " \\| ".join(dict.fromkeys(values(part) for part in parts))
    if origin is tuple:
        inner = list(dict.fromkeys(values(part) for part in parts if part is not Ellipsis))
        return f"list of {', '.join(inner)}"
    if origin is dict:
        return f"mapping to {values(parts[1])}"
    if annotation is type(None):
        return "null"
    names = {float: "number", int: "whole number", str: "text", bool: "true \\| false"}
    return names.get(annotation, "mapping")


def rows(model, prefix=""):
    for name, field in model.model_fields.items():
        key = prefix + name
        default = "**required**" if field.default is PydanticUndefined else written(field.default)
        text = " ".join((field.description or "").split())
        yield f"| `{key}` | {values(field.annotation)} | {default} | {text} |\n"
        for inner, many in models_in(field.annotation):
            kind = inner.model_fields.get("kind")
            label = f"[{get_args(kind.annotation)[0]}]" if kind else "[]" * many
            yield from rows(inner, f"{key}{label}.")


def keys_page():
    plain, parts = [], []
    for name, field in scenario_model().model_fields.items():
        inner = [model for model, _ in models_in(field.annotation)]
        every_row = list(rows(scenario_model()))
        table = [row for row in every_row if row.startswith((f"| `{name}`", f"| `{name}.", f"| `{name}["))]
        if not inner:
            plain += table
            continue
        about = inner[0].__doc__ if len(inner) == 1 else "What happens to the network."
        parts.append(f"\n## {name}\n\n{about}\n\n{HEAD}{''.join(table[1:])}")
    return f"{KEYS_INTRODUCTION}\n## The file itself\n\n{HEAD}{''.join(plain)}{''.join(parts)}"


def test_the_page_lists_the_keys_of_the_models():
    if os.environ.get("EWSIM_RENEW"):
        KEYS.write_text(keys_page(), encoding="utf-8")
    assert KEYS.read_text(encoding="utf-8") == keys_page(), RENEW


def test_every_property_of_the_schema_is_on_the_page():
    text = KEYS.read_text(encoding="utf-8")
    schema = scenario_model().model_json_schema()
    names = {n for part in [schema, *schema["$defs"].values()] for n in part.get("properties", {})}
    assert len(names) > 100
    missing = {n for n in names if not re.search(rf"[`.]{n}`|^## {n}$", text, re.MULTILINE)}
    assert not missing


def terms():
    """The words of the nomenclature, in the order of the page: what each means, and who says so."""
    inside = False
    for line in NOMENCLATURE.read_text(encoding="utf-8").splitlines():
        inside = line.startswith("|") and (inside or line.startswith("| word |"))
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line).replace("`", "")
        cells = [*(cell.strip() for cell in plain[1:].split("|")), "", ""]
        if inside and not line.startswith(("| word |", "|-")):
            yield {"word": cells[0], "means": cells[1], "source": cells[2]}


def test_the_studio_explains_the_words_of_the_nomenclature():
    made = list(terms())
    text = "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in made) + "\n]\n"
    assert len(made) > 80
    if os.environ.get("EWSIM_RENEW"):
        TERMS.write_text(text, encoding="utf-8")
    assert TERMS.read_text(encoding="utf-8") == text, RENEW
