"""Numbers on the command line: what an option takes, said in its own name."""

import math
from typing import Any, NoReturn

import rich_click as click


class _Plain(click.ParamType[Any]):
    """What both have: a usage error in plain words. nan and infinity are refused; click takes them."""

    what = "a number"

    def _describe_range(self) -> str:
        """The range in a help text; click writes "x<=None" where there is none."""
        limits: Any = self
        return "" if limits.min is limits.max is None else str(super()._describe_range())  # type: ignore[misc]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):
            _refuse(self, value, param, ctx)
        return number


class Whole(_Plain, click.IntRange):
    """A whole number in a range."""

    what = "a whole number"


class Finite(_Plain, click.FloatRange):
    """A number in a range."""


#: The seed of a run's random numbers.
SEED = Whole(0, 2**32 - 1)
#: How many runs; the luck of more is known well before.
RUNS = Whole(1, 100_000)


def _refuse(limits: Any, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> NoReturn:
    name = max(param.opts, key=len) if param else "The option"
    what, low, high = limits.what, limits.min, limits.max
    if low is not None and high is not None:
        what += f" from {low} to {high}"
    elif low is not None:
        what += f" above {low}" if limits.min_open else f" of at least {low}"
    raise click.UsageError(f"{name} takes {what}, not {str(value)!r}.", ctx)
