"""Numbers on the command line: what an option takes, said in its own name."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import rich_click as click


class Whole(click.IntRange):
    """A whole number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, or a usage error that says what the option takes."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            _refuse("a whole number", self, value, param, ctx)


class Finite(click.FloatRange):
    """A number in a range; unlike click, it refuses nan and infinity."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error that says what the option takes."""
        try:
            number = float(super().convert(value, param, ctx))
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):
            _refuse("a number", self, value, param, ctx)
        return number


#: The seed of a run's random numbers.
SEED = Whole(0, 2**32 - 1)


def _refuse(
    what: str,
    limits: click.IntRange | click.FloatRange,
    value: Any,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> NoReturn:
    name = max(param.opts, key=len) if param else "The option"
    low, high = limits.min, limits.max
    if low is not None and high is not None:
        what += f" from {low} to {high}"
    elif low is not None:
        what += f" above {low}" if limits.min_open else f" of at least {low}"
    raise click.UsageError(f"{name} takes {what}, not {str(value)!r}.", ctx)
