"""docs/assumptions.md names every assumption, in scenario keys and in code, and no other.

It is generated; `EWSIM_RENEW=1 pytest tests/docs/test_assumptions.py` writes it anew.
"""

import ast
import io
import os
import re
import tokenize
from pathlib import Path

from ewsim.scenario.assumptions import assumptions
from ewsim.scenario.spec import Scenario

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "assumptions.md"
WORD = re.compile(r"(?<![`\w])assumptions?:(?=\s)", re.IGNORECASE)

INTRODUCTION = """# Assumptions

A default that a standard or a published test gives names its source in the scenario's schema. The
others are assumptions: plausible, and nobody's measurement. They are all on this page, which is
generated from the code (a test compares the two). Change one in a scenario file or with
`--set KEY=VALUE` and see whether your conclusion survives; every report lists the values its run
used.

## Keys of the scenario file

| key | default | what it stands for |
|---|---|---|
"""
IN_CODE = """
## In the models

What the code takes for granted whatever the scenario says.

| where | assumption |
|---|---|
"""


def everything_on():
    return Scenario.model_validate(
        {
            "format": "ewsim.scenario/1",
            "name": "everything",
            "alert": {"path": "alert.xml"},
            "channels": {"cell_broadcast": {}, "location_based_sms": {}},
        }
    )


def written(value):
    """A default as a scenario file would write it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {written(v)}" for k, v in value.items()) + "}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def paragraphs(source):
    """Docstrings, and runs of comment lines, of one module, as lists of lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from ((ast.get_docstring(node) or "") + "\n").split("\n\n")
    run, last = [], -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text, row = token.string.lstrip("#: "), token.start[0]
            if row != last + 1:
                yield "\n".join(run)
                run = []
            run.append(text)
            last = row
    yield "\n".join(run)


def in_code():
    for path in sorted((ROOT / "ewsim").rglob("*.py")):
        for paragraph in paragraphs(path.read_text(encoding="utf-8")):
            for said in WORD.split(paragraph)[1:]:
                text = " ".join(said.split())
                module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
                yield module, text


def page():
    rows = [
        f"| `{key}` | {written(value)} | {text} |\n"
        for key, value, text in assumptions(everything_on())
    ]
    code = [f"| `{module}` | {text[0].upper()}{text[1:]} |\n" for module, text in in_code()]
    return INTRODUCTION + "".join(rows) + IN_CODE + "".join(code)


def test_the_page_is_what_the_code_assumes():
    if os.environ.get("EWSIM_RENEW"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_key_whose_description_says_so_is_found():
    source = (ROOT / "ewsim/scenario/spec.py").read_text(encoding="utf-8")
    said = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword)
        and node.arg == "description"
        and isinstance(node.value, ast.Constant)
        and "assumption" in node.value.value.lower()
    ]
    assert len(assumptions(everything_on())) == len(said) > 30


def test_a_run_shows_the_values_it_used():
    changed = everything_on().model_dump()
    changed["population"]["handsets"]["on_share"] = 0.5
    values = {a.key: a.value for a in assumptions(Scenario.model_validate(changed))}
    assert values["population.handsets.on_share"] == 0.5
    changed["channels"]["location_based_sms"] = None
    keys = {a.key for a in assumptions(Scenario.model_validate(changed))}
    assert not any(key.startswith("channels.location_based_sms") for key in keys)


def test_the_reader_of_the_code_finds_comments_and_docstrings():
    source = '''"""Module.

Assumptions: one thing;
another thing.
"""

#: Assumption: a constant
#: with a reason.
A = 1  # assumption: no


def f():
    """Do it.

    Assumption: walls are thick.
    """
    return "assumption: text is not documentation"
'''
    found = [p for p in paragraphs(source) if WORD.search(p)]
    assert len(found) == 3
    assert "another thing." in found[0]
