"""`ewsim exercise`: material for trainers."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives.
COMMANDS = {"cap": "ewsim.cli.exercise.cap:cap"}


@click.group(cls=LazyGroup, where=COMMANDS)
def exercise() -> None:
    """Make exercises for training.

    \b
    ewsim exercise cap -o lesson
    """
