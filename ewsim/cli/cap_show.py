"""`ewsim cap show`: a message as a person reads it, with its area drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ewsim.cap.alert import Alert, Info


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", metavar="TAG", help="Only this language.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE.png|FILE.html",
              help="Draw the area, or write a page with text and area.")  # fmt: skip
def show(file: Path, language: str | None, output: Path | None) -> None:
    """Show a message as people read it.

    \b
    ewsim cap show alert.xml
    ewsim cap show alert.xml -o alert.html
    """
    from ewsim.cap.parse import parse_alert
    from ewsim.cli.cap_files import read_file, write_file
    from ewsim.errors import UsageError

    alert = parse_alert(read_file(file), str(file))
    infos = [i for i in alert.infos if language in (None, i.language)]
    if language and not infos:
        have = ", ".join(i.language for i in alert.infos)
        raise UsageError(f"{file} has no {language}; it has {have}.")
    if output is None:
        click.echo("\n".join(_lines(alert, infos)))
        return
    from ewsim.report import cap_area

    writers = {".png": cap_area.png, ".html": cap_area.html}
    if output.suffix.lower() not in writers:
        raise UsageError(f"{output}: end the name with .png or .html.")
    write_file(output, writers[output.suffix.lower()](alert, infos))


def _lines(alert: Alert, infos: list[Info]) -> Iterator[str]:
    yield f"{alert.msg_type} · {alert.status} · {alert.scope} · CAP {alert.version}"
    yield f"{alert.identifier} from {alert.sender}, sent {alert.sent.isoformat()}"
    for name, value in (("refers to", " ".join(alert.references)), ("note", alert.note)):
        if value:
            yield f"{name}: {value}"
    for info in infos:
        yield f"\n[{info.language}] {info.headline or info.event}"
        yield f"{info.event} · {info.severity} · {info.urgency} · {info.certainty}"
        yield from (part for part in (info.description, info.instruction) if part)
        times = {"effective": info.effective, "onset": info.onset, "expires": info.expires}
        yield " · ".join(f"{k} {v.isoformat()}" for k, v in times.items() if v) or "no times"
        for area in info.areas:
            yield (
                f"area: {area.description} ({len(area.polygons)} polygons, {len(area.circles)} "
                f"circles, {len(area.geocodes)} codes)"
            )
        if info.sender_name:
            yield f"— {info.sender_name}"
