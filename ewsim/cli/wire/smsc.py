"""`ewsim wire smsc`: a scenario's message centre for a real SMPP client, or its gateway for a centre."""

from pathlib import Path
from typing import Any

import rich_click as click

from ewsim.cli.numbers import Finite, Whole
from ewsim.cli.options import changes_option
from ewsim.cli.wire.live import live_options, say, say_replies


@click.command()
@click.argument("source", metavar="SCENARIO|RESULT", type=click.Path(path_type=Path))
@click.option("--listen", metavar="HOST:PORT", help="Act as the message centre; default 127.0.0.1:2775.")
@click.option("--to", "where", metavar="HOST:PORT", help="Act as the gateway for a real message centre.")
@click.option(
    "--phones", type=Whole(1), default=100, show_default=True, help="With --to: phones of each operator."
)
@click.option(
    "--seconds", type=Finite(0.1, 86_400), default=300.0, show_default=True, help="Longest time [s]."
)
@live_options
@changes_option
def smsc(
    source: Path,
    listen: str | None,
    where: str | None,
    phones: int,
    seconds: float,
    speed: float,
    tcp: bool,
    arm: str | None,
    sets: tuple[str, ...],
) -> None:
    """Act as a message centre for a real SMPP client, with the receipts of a run; or as its client.

    Each number that the client writes to behaves like one phone of the run. With --to the texts go to
    numbers that begin with 999, which belongs to no country.

    \b
    ewsim wire smsc scenarios/dam_break.yaml --listen 127.0.0.1:2775
    ewsim wire smsc scenarios/dam_break.yaml --to 127.0.0.1:2775 --phones 20
    """
    from ewsim.cli.wire.pcap import result_of
    from ewsim.errors import TargetMissed, UsageError
    from ewsim.peers.centre import said_to, speak
    from ewsim.peers.connection import address_of
    from ewsim.peers.message_centre import MessageCentre, fates
    from ewsim.wire.transcript import spoken_in

    del tcp  # SMPP knows nothing else
    if listen and where:
        raise UsageError("--listen plays the centre and --to plays its client. Give one of them.")
    result = result_of(source, arm, sets)
    if where is None:
        channels: Any = result.scenario.channels
        took_s = fates(result)
        desk = MessageCentre(took_s, channels.location_based_sms.validity_s, speed, say)
        desk.run(address_of(listen or "", "SMPP"), seconds)
        for line in desk.lines():
            click.echo(line)
        return
    requests = said_to(spoken_in(result, phones=phones), "SMPP")
    if not requests:
        raise UsageError(f"{source} sends no location-based SMS. Add channels.location_based_sms.")
    heard = speak(
        requests, address_of(where, "SMPP"), speed=speed, report=say, answers_s=min(seconds, 3600.0)
    )
    say_replies(heard)
    if heard.refusals:
        raise TargetMissed(f"The centre refused {len(heard.refusals)} messages.")
