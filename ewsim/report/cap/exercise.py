"""An exercise with wrong CAP files: the files, a sheet with questions and one with answers."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup, escape

from ewsim.cap.tools.faults import FAULTS, Planted, plant
from ewsim.cap.validator import validate
from ewsim.cap.xml.text import decode
from ewsim.errors import CapError, UsageError, count_of
from ewsim.report import templating
from ewsim.streams import Streams

_PREFIX: Final = re.compile(r"<\w+:alert\b")
_TAG: Final = re.compile(r"<(\w+)>[^<`]*</\1>|<[^ >][^>`]*>")


def choose(source: bytes, file: str, *, count: int, seed: int) -> tuple[str, list[Planted]]:
    """Plant different faults, each in its own copy of a good message.

    Parameters
    ----------
    source
        The bytes of the good message.
    file
        What messages call it.
    count
        The number of faults.
    seed
        Decides which.

    Raises
    ------
    CapError
        The message has errors of its own.
    UsageError
        It has no place for that many faults.
    """
    errors = [d for d in validate(source, file).diagnostics() if d.severity == "error"]
    text, problems = decode(source)
    if errors or text is None:
        raise CapError(errors or [p.diagnostic(file) for p in problems])
    order = np.argsort(Streams(seed).uniform("cap exercise", np.arange(len(FAULTS))))
    planted: list[Planted] = []
    for number in order:
        if len(planted) == count:
            break
        made = plant(text, FAULTS[int(number)], file)
        if made is not None:
            planted.append(made)
    if len(planted) < count:
        why = " Faults are planted into elements without a prefix." if _PREFIX.search(text) else ""
        raise UsageError(f"{file} has a place for {len(planted)} faults, not {count}.{why}")
    return text, planted


def files(good: str, planted: Sequence[Planted], *, seed: int) -> dict[str, bytes]:
    """Every file of the exercise, by its name.

    Parameters
    ----------
    good
        The good message.
    planted
        Its copies with one fault each.
    seed
        Goes into the sheet of answers.
    """
    rows = [_row(n, p) for n, p in enumerate(planted, 1)]
    sheet = {"format": "ewsim.cap_exercise/1", "seed": seed, "files": rows}
    made = {
        "good.xml": good,
        "questions.md": _questions(rows),
        "answers.md": _answers(rows),
        "answers.html": _page(rows),
        "answers.json": json.dumps(sheet, indent=2, ensure_ascii=False) + "\n",
    }
    made |= {row["path"]: p.text for row, p in zip(rows, planted, strict=True)}
    return {name: text.encode() for name, text in made.items()}


def _row(number: int, planted: Planted) -> dict[str, Any]:
    return {
        "path": f"alert_{number:02d}.xml",
        "planted": planted.fault.rule,
        "title": planted.fault.title,
        "effect": planted.fault.effect,
        "findings": [
            {
                "rule": f.rule,
                "severity": f.severity,
                "line": f.line,
                "column": f.column,
                "section": f.section,
                "message": f.message,
                "requires": f.requires,
                "fix": f.fix,
            }
            for f in planted.findings
        ],
    }


def _questions(rows: Sequence[dict[str, Any]]) -> str:
    lines = [
        "# Find the fault",
        "",
        f"Each file has one fault ({count_of(len(rows), 'files')}). For each: what is wrong, at which line,",
        "what comes of it on the way to the phone, and how is it fixed? A fault can show in more",
        "than one place. `good.xml` is the original.",
        "",
    ]
    lines += [f"* `{row['path']}`: ______________________________" for row in rows]
    return "\n".join(lines) + "\n"


def _answers(rows: Sequence[dict[str, Any]]) -> str:
    lines = ["# Answers", ""]
    for row in rows:
        lines += [f"## {row['path']}: {row['title']}", "", row["effect"], ""]
        for f in row["findings"]:
            place = f"line {f['line']}, column {f['column']}"
            lines.append(f"* **{f['rule']}** ({f['severity']}, {place}): {_code(f['message'])}")
            lines.append(f"  {_code(f['requires'])} {_code(f['fix'])}")
        lines.append("")
    return "\n".join(lines)


def _code(text: str) -> str:
    """Tags as code: a reader of Markdown swallows them otherwise."""
    return _TAG.sub(lambda match: f"`{match[0]}`", text)


def _page(rows: Sequence[dict[str, Any]]) -> str:
    return templating.render("answers.html", rows=rows, code=_markup, css=templating.asset("plain.css"))


def _markup(text: str) -> Markup:
    """Text for the page; what Markdown calls code is code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(_code(text)))))  # noqa: S704 - escaped
