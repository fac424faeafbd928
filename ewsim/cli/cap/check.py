"""`ewsim cap check`: every finding of every file, and a verdict in layers."""

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from ewsim.errors import unreadable

SUFFIXES = (".xml", ".cap", ".atom", ".rss", ".edxlde")


@click.command()
@click.argument("files", nargs=-1, metavar="FILE|FOLDER|-...")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    default=("core",),
    show_default=True,
    metavar="NAME|FILE",
    help="Also check a profile; may repeat; auto: those the message follows.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "sarif", "junit"]),
    default="text",
    show_default=True,
)
@click.option(
    "--trust",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PEM",
    help="Certificates of signers or authorities to trust; may repeat.",
)
@click.option("--at", metavar="TIME", help="Judge as of this time, or now; default: when it was sent.")
@click.option(
    "--policy", metavar="NAME|FILE", help="Whose rules apply to the broadcast: a country, or a file."
)
@click.option("--lenient", is_flag=True, help="Report common faults of real feeds as warnings.")
def check(
    files: tuple[str, ...],
    profiles: tuple[str, ...],
    format_: str,
    trust: tuple[Path, ...],
    at: str | None,
    policy: str | None,
    lenient: bool,
) -> None:
    """Check messages: every finding at once, and a verdict in layers.

    Files, folders (searched for .xml, .cap, .atom, .rss and .edxlde) or - for standard input;
    feeds and EDXL-DE envelopes may hold several alerts. Exit code 4 when anything is an error.

    \b
    ewsim cap check alert.xml
    ewsim cap check alerts --profile auto --format json
    curl -s https://example.org/alert | ewsim cap check -
    """
    from ewsim.cap.broadcast.policy import read_policy
    from ewsim.cap.signature.certificates import read_trust
    from ewsim.cap.tools import formats
    from ewsim.cap.validator import validate
    from ewsim.cli.cap.files import moment
    from ewsim.cli.terminal import own
    from ewsim.errors import CapError

    certificates = read_trust(trust)
    chosen = read_policy(policy) if policy else None
    when = moment(at)
    reports = (
        validate(source, name, profiles=profiles, lenient=lenient, trust=certificates, at=when, policy=chosen)
        for name, source in sources(files)
    )
    if format_ == "text":
        colour = _colour()
        done = []
        for report in reports:
            for line in formats.text([report], colour=colour):
                click.echo(line, file=own(sys.stdout), color=colour)
            done.append(report.failed)
        if len(done) > 1:
            click.echo(formats.total(done))
        failed = any(done)
    else:
        write = {"json": formats.as_json, "sarif": formats.as_sarif, "junit": formats.as_junit}
        everything = list(reports)
        click.echo(write[format_](everything))
        failed = any(report.failed for report in everything)
    if failed:
        raise Exit(CapError.exit_code)


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def sources(files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of each file; of a folder, those of the messages in it."""
    from ewsim.cap.xml.text import MAX_OCTETS
    from ewsim.cli.terminal import read_input
    from ewsim.errors import UnreadableError, UsageError

    if not files:
        raise UsageError("Name files or folders, or - for standard input.")
    faults: list[str] = []
    paths = [path for name in dict.fromkeys(files) for path in _paths(name, faults)]
    if faults:  # all of them, and before the first file is judged
        raise UnreadableError("\n".join(faults))
    for path in paths:
        if path is None:
            yield "<stdin>", read_input(MAX_OCTETS + 1)
            continue
        try:
            with path.open("rb") as file:
                yield str(path), file.read(MAX_OCTETS + 1)
        except OSError as error:
            raise UnreadableError.of(path, error) from error


def _paths(name: str, faults: list[str]) -> list[Path | None]:
    """The files that a name means, None for standard input; `faults` gets what is wrong."""
    path = Path(name)
    if name == "-":
        return [None]
    if not path.is_dir():
        found = [path]
    else:
        closed: list[str] = []
        walk = os.walk(path, onerror=lambda error: closed.append(unreadable(error.filename, error)))
        found = sorted(
            file
            for folder, _, names in walk
            for file in map(Path(folder).joinpath, names)
            if file.suffix.lower() in SUFFIXES
        )
        faults += closed
        if not found and not closed:
            faults.append(f"{path} has no {', '.join(SUFFIXES)} file in it.")
    for file in found:
        try:  # not opened: a pipe is read once
            file.stat()
            if not os.access(file, os.R_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            faults.append(unreadable(file, error))
    return list(found)
