"""Numbers on the command line."""

from __future__ import annotations

import math
from typing import Any

import rich_click as click


class Finite(click.FloatRange):
    """A number in a range, and a number: click lets nan through, which no comparison stops."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number
