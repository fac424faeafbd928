"""`ewsim cap plan`: what a message becomes on the air."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.options import json_option, policy_option, trust_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ewsim.cap.broadcast.plan import BroadcastPlan


#: Columns of a line.
WIDTH = 90


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@policy_option
@click.option(
    "--at", metavar="TIME", help="Time of the broadcast, or now; decides whether the message has expired."
)
@trust_option
@json_option
def plan(file: Path, name: str, at: str | None, as_json: bool, trust: tuple[Path, ...]) -> None:
    """Show what would be sent: identifier, level, text, alphabet, pages, and why not.

    \b
    ewsim cap plan alert.xml
    ewsim cap plan alert.xml --policy de --at now
    """
    from ewsim.cap.broadcast.plan import plan_broadcast
    from ewsim.cap.broadcast.policy import read_policy
    from ewsim.cli.cap.files import clean, moment, name_of, read_message

    alert, signature = read_message(file, trust)
    made = plan_broadcast(alert, policy=read_policy(name), at=moment(at))
    if as_json:
        document = {**made.as_json(), "path": name_of(file), "signature": signature}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo(clean("\n".join(_lines(name_of(file), made))))


def _lines(file: str, made: BroadcastPlan) -> Iterator[str]:
    from ewsim.cli.cap.files import number

    verdict = "would be broadcast" if made.broadcast else "would not be broadcast"
    yield f"{file}: {'would stop what is on air' if made.action == 'stop' else verdict}"
    yield from _wrapped(*made.reasons, *made.notes)
    yield f"action     {made.action}"
    yield from _wrapped(made.does)
    if made.refers_to:
        yield "refers to"
        yield from _wrapped(*made.refers_to)
    yield f"policy     {made.policy} ({made.policy_file})"
    yield from _wrapped(made.policy_title)
    if made.texts and made.action not in ("broadcast", "replace"):
        yield "\nNot sent; a new message with this text would be:"
    for text in made.texts:
        identifier = f"{text.message_identifier} (0x{text.message_identifier:04X})"
        yield f"\n{text.language}: message identifier {identifier}, {text.level}"
        yield (
            f"  {number(text.characters, 'character')}, {text.alphabet.upper()}, "
            f"{number(text.pages, 'cell broadcast page')}, {number(text.sms_parts, 'SMS part')}"
        )
        if text.forcing:
            shown = " ".join(f"{c} U+{ord(c):04X}" for c in text.forcing[:12])
            more = f" and {len(text.forcing) - 12} more" if len(text.forcing) > 12 else ""
            yield from _wrapped(f"UCS-2 because of: {shown}{more}")
        if text.truncated:
            yield from _wrapped(f"Only the first {len(text.sent)} characters are sent; the rest is cut off.")
        yield from _wrapped(text.sent, indent="  | ")


def _wrapped(*sentences: str, indent: str = "  ") -> Iterator[str]:
    """Sentences in short lines, each from a new one."""
    for sentence in sentences:
        yield from textwrap.wrap(sentence, WIDTH, initial_indent=indent, subsequent_indent=indent)
