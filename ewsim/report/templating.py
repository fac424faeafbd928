"""The templates of pages, and the one way to write a page."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup


def render(template: str, **values: Any) -> str:
    """A page from its template; every value is escaped unless it is markup of ours."""
    return _environment().get_template(template).render(**values)


def asset(name: str) -> Markup:
    """A style sheet or script of the package."""
    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), name)[0])  # noqa: S704 - a file of the package


def as_json(document: object) -> Markup:
    """JSON that may stand in a page: no character in it ends the element it stands in."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def script_hash(script: str) -> str:
    """What a page's policy allows to run: this script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def write_page(path: Path | str, html: str) -> None:
    """Write a page as UTF-8, with the same line ends on every system."""
    Path(path).write_text(html, encoding="utf-8", newline="\n")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("ewsim.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
