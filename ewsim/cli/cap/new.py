"""`ewsim cap new`: a message from a template."""

from __future__ import annotations

import sys
import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.numbers import Finite

if TYPE_CHECKING:
    from ewsim.cap.alert import Alert
    from ewsim.cap.tools.follow_up import Earlier, Where


@click.command()
@click.argument("kind", required=False)
@click.option("--list", "list_", is_flag=True, help="List the kinds and their languages.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File; default: print it.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="May repeat; all: all of the template.  [default: those of the earlier message, or en-US]",
)
@click.option("--sender", default="", help="Default: that of the earlier message, or an example.")
@click.option("--sender-name", default="", help="Default: that of the earlier message, or an example.")
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
    \b
    An update or a cancel takes its area, languages, sender, status and scope from the file that
    --references names.
    """
    from ewsim.cap.tools import follow_up, templates
    from ewsim.cap.validator import validate
    from ewsim.cli.cap.files import clean, moment
    from ewsim.errors import UsageError
    from ewsim.files import write_file

    if list_:
        for name in templates.kinds():
            click.echo(f"{name:<12}{' '.join(templates.languages(name))}")
        return
    if kind is None:
        raise UsageError(f"Name a kind: {', '.join(templates.kinds())}.")
    tags = templates.languages(kind) if "all" in languages else languages
    refers = [_reference(text) for text in references]
    before = follow_up.earlier([alert for _, alert in refers if alert is not None])
    if refers and not before.sender:
        before = replace(before, sender=refers[0][0].partition(",")[0])
    source = templates.new(
        kind,
        sent=moment(sent) or datetime.now().astimezone(),
        identifier=identifier or f"ewsim.{uuid.uuid4()}",
        sender=sender,
        sender_name=sender_name,
        tags=tags,
        where=_where(kind, area, polygons, circles, before),
        references=[text for text, _ in refers],
        hours=hours,
        before=_renamed(before, area),
    )
    findings = validate(source, str(output or kind)).findings
    wrong = [f for f in findings if f.severity == "error"]
    if wrong:  # the template is right, so it is what the options say, once in each language
        raise UsageError("\n".join(dict.fromkeys(f"{f.message} {f.fix} [{f.rule}]" for f in wrong)))
    left = () if tags else templates.unwritten(kind, before.infos)
    warnings = [f"{f.message} {f.fix} [{f.rule}]" for f in findings if f.severity == "warning"]
    if left:
        warnings.append(f"The template {kind} has no text in {', '.join(left)}: write that <info> yourself.")
    for said in dict.fromkeys(warnings):
        print(clean(f"warning: {said}"), file=sys.stderr)
    if output is None:
        click.echo(source.decode(), nl=False)
    else:
        write_file(output, source, force=force)


def _where(
    kind: str, name: str | None, polygons: tuple[str, ...], circles: tuple[str, ...], before: Earlier
) -> Where | None:
    """The area that the options draw; None: it is taken from elsewhere."""
    from ewsim.cap.tools import templates
    from ewsim.cap.tools.follow_up import Where

    earlier = [area.name for areas in before.areas.values() for area in areas]
    if polygons or circles:
        return Where(name or (earlier or [templates.ISLAND.name])[0], polygons, circles)
    return replace(templates.ISLAND, name=name) if name and not templates.is_follow_up(kind) else None


def _renamed(before: Earlier, name: str | None) -> Earlier:
    """The same with another name for its areas, where one is given."""
    if name is None:
        return before
    areas = {tag: tuple(replace(one, name=name) for one in found) for tag, found in before.areas.items()}
    return replace(before, areas=areas)


def _reference(text: str) -> tuple[str, Alert | None]:
    """A reference as CAP writes it; of a file, that message's own, and the message."""
    from ewsim.cap.reader import parse_alert
    from ewsim.cap.tools.writing import cap_time
    from ewsim.cli.cap.files import read_file

    if text.count(",") == 2:
        return text, None
    alert = parse_alert(read_file(Path(text)), text)
    return f"{alert.sender},{alert.identifier},{cap_time(alert.sent)}", alert
