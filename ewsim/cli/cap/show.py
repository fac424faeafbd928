"""`ewsim cap show`: a message as a person reads it, with its area drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.options import trust_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ewsim.cap.alert import Alert, Area

#: Points of a polygon in a terminal; a page has all of them.
MOST_POINTS = 20
#: What is said of a signature, by what it is worth.
SIGNATURES = {
    "unsigned": "",
    "trusted": "signed by a signer you trust; this is what was signed",
    "intact": "signed and intact; ewsim cap check --trust says whether you trust the signer",
    "expired": "signed and intact, with a certificate that was not valid when it was sent",
    "unverified": "signed, but the signature cannot be verified",
    "broken": "THE SIGNATURE IS BROKEN: this is not what was signed",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", metavar="TAG", help="Only this language.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.png|FILE.html",
    help="Draw the area, or write a page with text and area.",
)
@trust_option
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def show(file: Path, language: str | None, output: Path | None, force: bool, trust: tuple[Path, ...]) -> None:
    """Show the whole message as people read it.

    \b
    ewsim cap show alert.xml
    ewsim cap show alert.xml -o alert.html
    ewsim cap show signed.xml --trust authority.pem
    """
    from ewsim.cli.cap.files import clean, name_of, read_message
    from ewsim.errors import UsageError
    from ewsim.files import write_file

    alert, signature = read_message(file, trust)
    wanted = language.casefold() if language else None
    infos = [i for i in alert.infos if wanted in (None, i.language.casefold())]
    if language and not infos:  # en for en-US
        infos = [i for i in alert.infos if i.language.casefold().partition("-")[0] == wanted]
    if language and not infos:
        have = ", ".join(i.language for i in alert.infos) or "no language"
        raise UsageError(f"{name_of(file)} has no {language}; it has {have}.")
    shown = replace(alert, infos=tuple(infos))
    if output is None:
        click.echo(clean("\n".join(_lines(shown, SIGNATURES[signature]))))
        return
    from ewsim.report.cap import area as cap_area

    writers = {".png": cap_area.png, ".html": cap_area.html}
    if output.suffix.lower() not in writers:
        raise UsageError(f"{output}: end the name with .png or .html.")
    made = writers[output.suffix.lower()](shown, SIGNATURES[signature])
    write_file(output, made, force=force)


def _lines(alert: Alert, signature: str) -> Iterator[str]:
    from ewsim.cap.tools import reading

    yield f"{alert.msg_type} · {alert.status} · {alert.scope} · CAP {alert.version}"
    yield f"{alert.identifier} from {alert.sender}, sent {alert.sent.isoformat()}"
    if signature:
        yield signature
    yield from (f"{label}: {text}" for label, text in reading.alert_rows(alert))
    if not alert.infos:
        yield "It has no <info>: there is nothing to read."
    drawn: dict[object, str] = {}  # shapes: the language that has shown them
    for info in alert.infos:
        yield f"\n[{info.language}] {info.headline or info.event}"
        yield f"{info.event} · {info.severity} · {info.urgency} · {info.certainty}"
        yield from (part for part in (info.description, info.instruction) if part)
        yield from (f"{label}: {text}" for label, text in reading.info_rows(info, datetime.isoformat))
        for area in info.areas:
            rows = tuple(reading.area_rows(area, MOST_POINTS))
            shapes = (*(ring.points for ring in area.polygons), rows)
            before = drawn.setdefault(shapes, info.language) if rows else ""
            same = f", as in {before}" if before != info.language and rows else ""
            yield f"area: {area.description} ({_drawn(area)}{same})"
            yield from (f"  {label}: {text}" for label, text in rows if not same)
        for resource in info.resources:
            yield f"file: {resource.description}"
            yield from (f"  {label}: {text}" for label, text in reading.resource_rows(resource))
        if info.sender_name:
            yield f"— {info.sender_name}"


def _drawn(area: Area) -> str:
    from ewsim.cli.cap.files import number

    parts = {"polygon": area.polygons, "circle": area.circles, "code": area.geocodes}
    said = ", ".join(number(len(found), one) for one, found in parts.items() if found)
    return said or "a name only"
