"""`ewsim cap feed`: read a feed within limits, keep a folder of its alerts."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click
from click.exceptions import Exit


@click.command()
@click.argument("feed", metavar="URL|FILE")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Folder for the alerts.")  # fmt: skip
@click.option("--max-bytes", type=click.IntRange(1), default=10_000_000, show_default=True,
              help="Of each file, unpacked.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=30,
              show_default=True, help="For all of it.")  # fmt: skip
@click.option("--redirects", type=click.IntRange(0), default=5, show_default=True,
              help="Followed for one file.")  # fmt: skip
@click.option("--alerts", type=click.IntRange(1), default=200, show_default=True,
              help="Fetched of one feed.")  # fmt: skip
@click.option("--allow-private", is_flag=True,
              help="Also ask addresses of this machine and private networks.")  # fmt: skip
def feed(
    feed: str,
    output: Path,
    max_bytes: int,
    seconds: float,
    redirects: int,
    alerts: int,
    allow_private: bool,
) -> None:
    """Fetch the alerts of an Atom or RSS feed into a folder; what is there is not written again.

    Exit code 4 when an alert could not be fetched or is none.

    \b
    ewsim cap feed https://example.org/alerts.atom -o alerts
    """
    from ewsim.cap.feed import Limits, keep, read_feed
    from ewsim.errors import CapError

    limits = Limits(max_bytes, seconds, redirects, alerts, allow_private)
    failed = False
    for item in read_feed(feed, limits):
        try:
            if item.source is None:
                raise CapError([]) if not item.problem else ValueError(item.problem)
            kept = keep(item.source, output)
        except (CapError, ValueError) as error:
            failed = True
            print(f"{item.place}: {error}", file=sys.stderr)
        else:
            click.echo(f"{kept.state:<8}{kept.path}")
    if failed:
        raise Exit(CapError.exit_code)
