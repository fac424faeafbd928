"""`ewsim cap feed`: read a feed within limits, keep a folder of its alerts."""

import sys
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from ewsim.cli.numbers import Finite, Whole


@click.command()
@click.argument("feed", metavar="URL|FILE")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the alerts.")
@click.option(
    "--max-bytes", type=Whole(1), default=10_000_000, show_default=True, help="Most of a file, unpacked."
)
@click.option(
    "--seconds",
    type=Finite(min=0, min_open=True),
    default=30,
    show_default=True,
    help="Longest time for all [s].",
)
@click.option(
    "--redirects", type=Whole(0), default=5, show_default=True, help="Most redirects followed for one file."
)
@click.option(
    "--alerts", type=Whole(1), default=200, show_default=True, help="Most alerts fetched from one feed."
)
@click.option(
    "--allow-private", is_flag=True, help="Also ask addresses of this machine and private networks."
)
def feed(
    feed: str, output: Path, max_bytes: int, seconds: float, redirects: int, alerts: int, allow_private: bool
) -> None:
    """Fetch the new alerts of an Atom or RSS feed into a folder.

    Exit code 4 when an alert could not be fetched, or an entry has none; each is listed.

    \b
    ewsim cap feed https://example.org/alerts.atom -o alerts
    """
    from ewsim.cap.tools.feed import keep, read_feed
    from ewsim.cap.tools.fetch import Limits
    from ewsim.cli.cap.files import clean
    from ewsim.errors import CapError, UsageError

    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file; name a folder for the alerts.")
    limits = Limits(max_bytes, seconds, redirects, alerts, allow_private)
    items = read_feed(feed, limits)
    failed = False
    for item in items:
        if item.source is None:
            failed |= item.lost
            print(clean(f"{item.place}: {item.problem}"), file=sys.stderr)
        else:
            kept = keep(item.source, output)
            click.echo(f"{kept.state:<8}{kept.path}")
    if not items:
        print(clean(f"{feed}: the feed is empty: no alert is in force."), file=sys.stderr)
    if failed:
        raise Exit(CapError.exit_code)
