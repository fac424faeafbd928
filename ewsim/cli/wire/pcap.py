"""`ewsim wire pcap`: the messages of a run as a capture file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.numbers import Whole
from ewsim.cli.options import changes_option

if TYPE_CHECKING:
    from ewsim.result.record import Result


@click.command()
@click.argument("source", metavar="RESULT|SCENARIO", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The capture file."
)
@changes_option
@click.option(
    "--phones",
    type=Whole(0),
    default=100,
    show_default=True,
    help="Include the SMS of at most this many phones of each operator.",
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
def pcap(
    source: Path, output: Path, arm: str | None, sets: tuple[str, ...], phones: int, force: bool
) -> None:
    """Write the protocol messages of a run as a capture for Wireshark, with the run's times.

    \b
    ewsim wire pcap scenarios/dam_break.yaml -o dam_break.pcap
    ewsim run scenarios/dam_break.yaml -o out --no-report
    ewsim wire pcap out -o dam_break.pcap
    """
    from collections import Counter

    from ewsim.errors import UsageError
    from ewsim.files import write_file
    from ewsim.wire.capture.file import write_capture
    from ewsim.wire.capture.writing import Packer
    from ewsim.wire.transcript import spoken_in

    if output.exists() and not force:
        raise UsageError(f"{output} exists already. Name another file with -o, or add --force.")
    result = result_of(source, arm, sets)
    heard = spoken_in(result, phones=phones)
    if not heard:
        raise UsageError(f"{source} has neither cell broadcast nor location-based SMS: nothing was said.")
    packer = Packer()
    packets = [packet for each in heard for packet in packer.pack(each)]
    write_file(output, write_capture(packets, packer.names), force=force)
    for protocol, count in Counter(each.protocol for each in heard).items():
        click.echo(f"{count:>8} {protocol}")
    click.echo(output)


def result_of(source: Path, arm: str | None, sets: tuple[str, ...]) -> Result:
    """The result in a folder, or of a scenario that is run now.

    Parameters
    ----------
    source
        The folder or the scenario.
    arm, sets
        Changes of a scenario.
    """
    from ewsim.errors import UsageError
    from ewsim.result.record import Result

    if source.is_dir():
        if arm or sets:
            raise UsageError("--arm and --set change a scenario; a finished run is as it is.")
        return Result.load(source)
    from ewsim.cli.terminal import progress
    from ewsim.country.checking import load_checked
    from ewsim.experiments.replications import run_scenario

    loaded = load_checked(source, sets, arm)
    with progress() as say:
        return run_scenario(loaded, replications=1, workers=1, progress=say)
