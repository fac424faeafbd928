"""Tables of a page: numbers become text."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup, escape

from ewsim.report.speech import Speech

#: A number with its unit, or a time in words.
_FIGURE = re.compile(r"(?:not in |under |over )?[+-]?\d[\d,.]*( (%|s|min|h|km))?( \d+ (s|min))?")


class PageTable(NamedTuple):
    """A table of a page; cells are text already. Columns in `numeric` are aligned right."""

    caption: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[int]
    note: str = ""


def make_table(
    caption: str,
    columns: Iterable[str],
    rows: Iterable[Iterable[Any]],
    note: str = "",
    *,
    figures: bool = False,
) -> PageTable:
    """A table of values: thousands separated, None and NaN as a dash.

    Parameters
    ----------
    caption
        The line above the table.
    columns
        The names of the columns.
    rows
        The values, one row after another. The first column names the row, so it is aligned left.
    note
        The line below the table.
    figures
        Whether all columns but the first are figures, in any language; otherwise their cells show it.
    """
    names, values = tuple(columns), [tuple(row) for row in rows]
    numeric = frozenset(
        i for i in range(1, len(names)) if figures or (values and all(_is_figure(row[i]) for row in values))
    )
    return PageTable(caption, names, [tuple(map(_cell, row)) for row in values], numeric, note)


def put_into(say: Speech, table: PageTable) -> PageTable:
    """A table of English texts in another language."""
    return PageTable(
        say.again(table.caption),
        tuple(map(say.again, table.columns)),
        [tuple(map(say.again, row)) for row in table.rows],
        table.numeric,
        say.again(table.note),
    )


def _is_figure(value: Any) -> bool:
    """Whether a value is read by its digits: a number, or a number with its unit."""
    if not isinstance(value, str):
        return isinstance(value, int | float | None)
    return (
        value in ("", "–", "same", "never", "not by the end", "too few", "nobody", "not modelled")
        or value.startswith(("not in ", "after "))
        or bool(_FIGURE.fullmatch(value))
    )


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value  # markup stays markup
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def share_text(value: float | None) -> str:
    """A share with two decimals, "12.34 %"; a dash for None and NaN."""
    return "–" if value is None or pd.isna(value) else f"{value * 100:.2f} %"


def breakable(key: str) -> Markup:
    """A key that may break after a dot or an underscore, and copies as it is."""
    return Markup(str(escape(key)).replace(".", ".<wbr>").replace("_", "_<wbr>"))  # noqa: S704 - escaped here


def said(text: str, say: Speech) -> str:
    """A finished English text in a language; marked as English where nothing of it is known in that."""
    again = say.again(text)
    return in_english(text, say) if again == text else again


def in_english(text: str, say: Speech) -> str:
    """A text that stays English on a page in another language."""
    return text if say.tag == "en" else Markup('<span lang="en" dir="ltr">{}</span>').format(text)
