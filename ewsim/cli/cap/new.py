"""`ewsim cap new`: a message from a template."""

from __future__ import annotations

import sys
import uuid
from datetime import datetime
from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import Finite


@click.command()
@click.argument("kind", required=False)
@click.option("--list", "list_", is_flag=True, help="List the kinds and their languages.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File; default: print it.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="May repeat; all: every one the template has.  [default: en-US]",
)
@click.option("--sender", default="warnings@example.org", show_default=True)
@click.option("--sender-name", default="Example Warning Service", show_default=True)
@click.option("--identifier", help="Default: a new random one.")
@click.option("--sent", metavar="TIME", help="Default: now.")
@click.option("--hours", type=Finite(min=0, min_open=True), help="Until it expires.")
@click.option("--area", help="Name of the area.")
@click.option("--polygon", "polygons", multiple=True, metavar="'LAT,LON LAT,LON ...'")
@click.option("--circle", "circles", multiple=True, metavar="'LAT,LON KM'")
@click.option(
    "--references",
    multiple=True,
    metavar="FILE|SENDER,IDENTIFIER,SENT",
    help="What an update or cancel is about; may repeat.",
)
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def new(
    kind: str | None,
    list_: bool,
    output: Path | None,
    languages: tuple[str, ...],
    sender: str,
    sender_name: str,
    identifier: str | None,
    sent: str | None,
    hours: float | None,
    area: str | None,
    polygons: tuple[str, ...],
    circles: tuple[str, ...],
    references: tuple[str, ...],
    force: bool,
) -> None:
    """Write a message: flood, cyclone, tsunami, earthquake, wildfire, chemical, exercise, test,
    cancel or update.

    \b
    ewsim cap new --list
    ewsim cap new flood -o flood.xml --language en-US --language ar
    ewsim cap new cancel --references flood.xml
    """
    from ewsim.cap.tools import templates
    from ewsim.cap.validator import validate
    from ewsim.cli.cap.files import moment
    from ewsim.cli.files import write_file
    from ewsim.errors import UsageError

    if list_:
        for name in templates.kinds():
            click.echo(f"{name:<12}{' '.join(templates.languages(name))}")
        return
    if kind is None:
        raise UsageError(f"Name a kind: {', '.join(templates.kinds())}.")
    tags = templates.languages(kind) if "all" in languages else languages or ("en-US",)
    default = templates.Where()
    drawn = bool(polygons or circles)
    where = templates.Where(area or default.name, polygons if drawn else default.polygons, circles)
    source = templates.new(
        kind,
        sent=moment(sent) or datetime.now().astimezone(),
        identifier=identifier or f"ewsim.{uuid.uuid4()}",
        sender=sender,
        sender_name=sender_name,
        tags=tags,
        where=where,
        references=[_reference(text) for text in references],
        hours=hours,
    )
    findings = validate(source, str(output or kind)).findings
    wrong = [f for f in findings if f.severity == "error"]
    if wrong:  # the template is right, so it is what the options say
        raise UsageError("\n".join(f"{f.message} {f.fix} [{f.rule}]" for f in wrong))
    for found in findings:
        if found.severity == "warning":
            print(f"warning: {found.message} {found.fix} [{found.rule}]", file=sys.stderr)
    if output is None:
        click.echo(source.decode(), nl=False)
    else:
        write_file(output, source, force=force)


def _reference(text: str) -> str:
    """A reference as CAP writes it; of a file, that message's own."""
    from ewsim.cap.reader import parse_alert
    from ewsim.cap.tools.templates import cap_time
    from ewsim.cli.cap.files import read_file

    if text.count(",") == 2:
        return text
    alert = parse_alert(read_file(Path(text)), text)
    return f"{alert.sender},{alert.identifier},{cap_time(alert.sent)}"
