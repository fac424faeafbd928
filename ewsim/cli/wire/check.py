"""`ewsim wire check`: one CAP message in every protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.numbers import Whole
from ewsim.cli.options import json_option, policy_option

if TYPE_CHECKING:
    from ewsim.cap.broadcast.plan import BroadcastPlan, PlannedText
    from ewsim.wire.speaking import Utterance

#: As `ewsim.wire.speaking.PROTOCOLS`, which the help does not import.
PROTOCOLS = ("CBSP", "SABP", "SBc-AP", "S1AP", "NGAP", "2G", "4G", "5G", "SMPP")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@policy_option
@click.option(
    "--protocol",
    "wanted",
    multiple=True,
    type=click.Choice(PROTOCOLS, case_sensitive=False),
    help="Only this one; 2G, 4G and 5G are what the radio broadcasts.",
)
@click.option("--code", type=Whole(0, 1023), default=1, show_default=True, help="Message code.")
@click.option("--update", type=Whole(0, 15), default=0, show_default=True, help="Update number.")
@click.option(
    "--period", type=Whole(0, 131_071), default=30, show_default=True, help="Repetition period [s]."
)
@click.option(
    "--broadcasts",
    type=Whole(0, 65_535),
    default=0,
    show_default=True,
    help="0: until it is stopped, or once if the period is 0.",
)
@click.option(
    "--segment-octets",
    type=Whole(40, 372),
    default=140,
    show_default=True,
    help="Octets of a segment in 4G and 5G.",
)
@json_option
def check(
    file: Path,
    name: str,
    wanted: tuple[str, ...],
    code: int,
    update: int,
    period: int,
    broadcasts: int,
    segment_octets: int,
    as_json: bool,
) -> None:
    """Encode a CAP message in every protocol, with octets and fields, to compare with a centre's output.

    \b
    ewsim wire check alert.xml --policy de
    ewsim wire check alert.xml --policy us --protocol SBc-AP --json
    """
    from ewsim import coding
    from ewsim.cap.broadcast.plan import plan_broadcast
    from ewsim.cap.broadcast.policy import read_policy
    from ewsim.cli.cap.files import clean, name_of, read_message
    from ewsim.wire.places import WireCell
    from ewsim.wire.reading import as_json as plain
    from ewsim.wire.speaking import WireWarning

    alert, _ = read_message(file, ())
    made = plan_broadcast(alert, policy=read_policy(name))
    said: list[tuple[PlannedText, list[Utterance]]] = []
    for number, text in enumerate(made.texts if made.action != "none" else ()):
        serial = coding.serial_number("plmn", (code + number) % 1024, update)
        warning = WireWarning(
            text.message_identifier,
            serial,
            text.sent,
            period,
            broadcasts or int(not period),
            concurrent=number > 0,
            old=serial - 1 if made.action == "replace" and update else None,
            segment_octets=segment_octets,
        )
        cells = [WireCell(1, 1, 0)]
        every = warning.everywhere(cells, "15551234567", stops=made.action == "stop")
        said.append((text, [u for u in every if not wanted or u.protocol in wanted]))
    if not as_json:
        click.echo(clean("\n".join(_lines(name_of(file), made, said))))
        return
    messages = [
        {"language": text.language, **utterance._asdict(), "octets": utterance.octets.hex()}
        for text, utterances in said
        for utterance in utterances
    ]
    document = {
        "format": "ewsim.wire_check/1",
        "path": name_of(file),
        "policy": made.policy,
        "action": made.action,
        "reasons": list(made.reasons),
        "messages": plain(messages),
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _lines(file: str, made: BroadcastPlan, said: list[tuple[PlannedText, list[Utterance]]]) -> Iterator[str]:
    from ewsim.wire.reading import dump, lines

    yield f"{file}: {made.action}, policy {made.policy}"
    yield from (f"  {reason}" for reason in (*made.reasons, *made.notes))
    if said:
        yield "Lists name one cell of the test network 001-01: tracking area 1, base station 1, cell 1."
    for text, utterances in said:
        yield f"\n=== {text.language}: {text.message_identifier}, {text.level}"
        for utterance in utterances:
            yield f"\n{utterance.protocol} {utterance.name}, {len(utterance.octets)} octets"
            for name, value in lines(utterance.protocol, utterance.values):
                yield f"  {name:<28} {value}"
            yield from (f"  {row}" for row in dump(utterance.octets))
