"""`ewsim cap`: messages of the Common Alerting Protocol, from checking to signing."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "check": "ewsim.cli.cap.check:check",
    "fix": "ewsim.cli.cap.fix:fix",
    "show": "ewsim.cli.cap.show:show",
    "plan": "ewsim.cli.cap.plan:plan",
    "new": "ewsim.cli.cap.new:new",
    "thread": "ewsim.cli.cap.thread:thread",
    "feed": "ewsim.cli.cap.feed:feed",
    "sign": "ewsim.cli.cap.sign:sign",
}


@click.group(cls=LazyGroup, where=COMMANDS)
def cap() -> None:
    """Check, fix, plan, write, thread, fetch and sign CAP messages.

    \b
    ewsim cap check alert.xml
    ewsim cap plan alert.xml
    """
