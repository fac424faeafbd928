"""`ewsim cap thread`: a set of messages as threads, and what is in force."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from ewsim.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ewsim.cap.tools.threads import Threads
    from ewsim.errors import Diagnostic


@click.command()
@click.argument("files", nargs=-1, metavar="FILE|FOLDER|-...")
@click.option("--at", metavar="TIME", help="Time, or now; default: when the last one was sent.")
@json_option
def thread(files: tuple[str, ...], at: str | None, as_json: bool) -> None:
    """Sort messages into threads, and say which message is in force.

    Files, folders, feeds and envelopes as `ewsim cap check` takes them. Exit code 4 when a message
    cannot be read or the threads hold an error.

    \b
    ewsim cap thread alerts
    ewsim cap thread alerts --at 2026-05-01T12:00:00+02:00 --json
    """
    from ewsim.cap.reader import parse_alerts
    from ewsim.cap.tools.threads import sort_threads
    from ewsim.cli.cap.check import sources
    from ewsim.cli.cap.files import clean, moment
    from ewsim.errors import CapError

    when = moment(at)
    alerts = []
    unread: list[Diagnostic] = []
    for name, source in sources(files):
        read, faults = parse_alerts(source, name)
        alerts += read
        unread += faults
    if unread and not alerts:
        raise CapError(unread)
    found = sort_threads(alerts, when)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(clean("\n".join(_lines(found))))
    for fault in (*unread, *(() if as_json else found.findings)):
        print(clean(str(fault)), file=sys.stderr)
    if unread or any(f.severity == "error" for f in found.findings):
        raise Exit(CapError.exit_code)


def _lines(found: Threads) -> Iterator[str]:
    yield f"at {found.at.isoformat()}{'' if found.threads else ': no message, nothing is in force'}"
    for number, thread in enumerate(found.threads, 1):
        yield f"\nthread {number}: {len(thread.in_force)} in force"
        for member in thread.members:
            alert = member.alert
            names = [" ".join(name.split()) for name in (alert.identifier, *member.refers_to)]
            refers = f" → {', '.join(names[1:])}" if names[1:] else ""
            yield (f"  {alert.sent.isoformat()}  {alert.msg_type:<7} {member.state:<18}{names[0]}{refers}")
