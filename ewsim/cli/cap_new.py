"""`ewsim cap new`: a message from a template."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("kind")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File; default: print it.")
@click.option("--language", "languages", multiple=True, metavar="TAG",
              help="May repeat; all: every one the template has.  [default: en-US]")  # fmt: skip
@click.option("--sender", default="warnings@example.org", show_default=True)
@click.option("--sender-name", default="Example Warning Service", show_default=True)
@click.option("--identifier", help="Default: a new random one.")
@click.option("--sent", metavar="TIME", help="Default: now.")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="Until it expires.")
@click.option("--area", "name", help="Name of the area.")
@click.option("--polygon", "polygons", multiple=True, metavar="'LAT,LON LAT,LON ...'")
@click.option("--circle", "circles", multiple=True, metavar="'LAT,LON KM'")
@click.option("--references", multiple=True, metavar="FILE|SENDER,IDENTIFIER,SENT",
              help="What an update or cancel is about; may repeat.")  # fmt: skip
def new(
    kind: str,
    output: Path | None,
    languages: tuple[str, ...],
    sender: str,
    sender_name: str,
    identifier: str | None,
    sent: str | None,
    hours: float | None,
    name: str | None,
    polygons: tuple[str, ...],
    circles: tuple[str, ...],
    references: tuple[str, ...],
) -> None:
    """Write a message: flood, cyclone, tsunami, earthquake, wildfire, chemical, exercise, test,
    cancel or update.

    \b
    ewsim cap new flood -o flood.xml --language en-US --language ar
    ewsim cap new cancel --references flood.xml
    """
    from ewsim.cap import templates
    from ewsim.cap.validate import validate
    from ewsim.cli.cap_files import moment, write_file
    from ewsim.errors import CapError

    tags = templates.languages(kind) if "all" in languages else languages or ("en-US",)
    default = templates.Where()
    drawn = bool(polygons or circles)
    where = templates.Where(name or default.name, polygons if drawn else default.polygons, circles)
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
    wrong = [
        d for d in validate(source, str(output or kind)).diagnostics() if d.severity == "error"
    ]
    if wrong:
        raise CapError(wrong)
    if output is None:
        click.echo(source.decode(), nl=False)
    else:
        write_file(output, source)


def _reference(text: str) -> str:
    """A reference as CAP writes it; of a file, that message's own."""
    from ewsim.cap.parse import read_alert
    from ewsim.cap.templates import cap_time

    if text.count(",") == 2:
        return text
    alert = read_alert(Path(text))
    return f"{alert.sender},{alert.identifier},{cap_time(alert.sent)}"
