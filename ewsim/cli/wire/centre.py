"""`ewsim wire centre`: a scenario's broadcast centre for a real controller or MME."""

from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import Finite
from ewsim.cli.options import changes_option
from ewsim.cli.wire.live import CENTRE_PROTOCOLS, live_options, say, say_replies


@click.command()
@click.argument("source", metavar="SCENARIO|RESULT", type=click.Path(path_type=Path))
@click.option("--to", "where", required=True, metavar="HOST:PORT", help="The controller or MME.")
@click.option(
    "--protocol",
    type=click.Choice(CENTRE_PROTOCOLS, case_sensitive=False),
    default="CBSP",
    show_default=True,
    help="The protocol of the peer.",
)
@click.option(
    "--cells",
    metavar="LAC:CI[,LAC:CI...]",
    help="For CBSP: the controller's own cells, in place of the scenario's.",
)
@click.option("--operator", default="", help="Only the messages of this operator's centre.")
@click.option(
    "--answers",
    "answers_s",
    type=Finite(0, 3600),
    default=30.0,
    show_default=True,
    help="Seconds to wait for answers.",
)
@live_options
@changes_option
def centre(
    source: Path,
    where: str,
    protocol: str,
    cells: str | None,
    operator: str,
    answers_s: float,
    speed: float,
    tcp: bool,
    arm: str | None,
    sets: tuple[str, ...],
) -> None:
    """Send the messages of a scenario's centre, at its times, to a real controller, and read the answers.

    Exit code 6: the peer refused something.

    \b
    ewsim wire centre scenarios/dam_break.yaml --to 127.0.0.1:48049 --cells 1:10,1:11
    """
    from ewsim.cli.wire.pcap import result_of
    from ewsim.errors import TargetMissed, UsageError
    from ewsim.peers.centre import said_to, speak
    from ewsim.peers.connection import address_of
    from ewsim.wire.transcript import spoken_in

    if cells and protocol != "CBSP":
        raise UsageError("--cells is for CBSP. Other protocols name the scenario's own cells.")
    named = _named(cells) if cells else ()
    result = result_of(source, arm, sets)
    requests = said_to(spoken_in(result, phones=0), protocol, cells=named, operator=operator)
    if not requests:
        raise UsageError(f"Nothing in {source} is said by {protocol}. Another --protocol may have it.")
    heard = speak(
        requests, address_of(where, protocol, tcp=tcp), speed=speed, report=say, answers_s=answers_s
    )
    say_replies(heard)
    if heard.refusals:
        raise TargetMissed(f"The peer refused {len(heard.refusals)} of {len(requests)} requests.")
    if (missing := len(requests) - heard.answers) > 0:
        raise TargetMissed(
            f"Requests without an answer: {missing} of {len(requests)}. Wait longer with --answers."
        )


def _named(cells: str) -> tuple[bytes, ...]:
    """Cells as location area and cell identity."""
    from ewsim.errors import UsageError

    found = []
    for each in cells.split(","):
        parts = each.strip().split(":")
        if len(parts) != 2 or not all(p.isascii() and p.isdigit() and int(p) < 1 << 16 for p in parts):
            raise UsageError(f"{each!r} is not LAC:CI. Write two numbers of 0 to 65535, for example 1:10.")
        found.append(b"".join(int(p).to_bytes(2, "big") for p in parts))
    return tuple(found)
