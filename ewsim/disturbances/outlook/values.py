"""Values of a planner's table: times as days, and shares out of any spelling."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ewsim.geography.faults import Faults
from ewsim.geography.table import number, why_no_number

#: Later days are a mistake [day].
DAY_MAX = 1000.0
#: Customers a little over all come from totals that are counted at another time; more is a mistake [share].
CUSTOMERS_MOST = 1.05
_DAY_WORD = re.compile(r"(?:d|day)\s*\+?\s*(\d+(?:\.\d+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clock:
    """How times become days: when the hazard had passed, where that is known."""

    passed: datetime | None = None

    def days_of(self, text: str, per_day: float) -> float | str:
        """Days since the hazard has passed, or what is wrong and what to write.

        Parameters
        ----------
        text
            The value.
        per_day
            Parts of a day that it counts in [1]; 0 for dates.
        """
        value = number(text)
        if found := _DAY_WORD.fullmatch(text):
            value, per_day = float(found[1]), 1.0
        if math.isfinite(value) and per_day:
            return value / per_day
        when = moment_of(text)
        if isinstance(when, str):
            if math.isfinite(value) and "not a date" in when:
                return f"is {text!r}, not a date. Name the column day or hours, or write 2024-10-10T07:00."
            if per_day and "not a date" in when:
                return f"{why_no_number(text)}. Write days since the hazard has passed, or 2024-10-10T07:00."
            return when
        if self.passed is None:
            return f"is {text!r}, a date. Say with --passed when the hazard had passed (2024-10-09T22:00)."
        if (when.tzinfo is None) != (self.passed.tzinfo is None):
            return f"is {text!r}; only one of it and --passed has a time zone. Give both one, or none."
        return (when - self.passed).total_seconds() / 86_400


def moment_of(text: str) -> datetime | str:
    """A date and time, a date alone as its noon; or what is wrong and what to write."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return _why_no_moment(text[:40])
    return when.replace(hour=12) if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}-?\d", text) else when


def _why_no_moment(text: str) -> str:
    value, usual = number(text), "2024-10-10T07:00"
    if 20_000 < value < 80_000:  # 1954 to 2119
        day = datetime(1899, 12, 30) + timedelta(days=value)  # noqa: DTZ001 - spreadsheets have no zones
        return f"is {text!r}, a day number of a spreadsheet. Write {day.isoformat(timespec='minutes')}."
    if 1e9 < value < 4e9:
        second = datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"is {text!r}, seconds since 1970. Write {second}."
    if found := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(\D.*)?", text):
        first, second_part, year, _ = found.groups()
        if int(first) > 12 >= int(second_part):
            return f"is {text!r}, day first. Write {year}-{second_part:0>2}-{first:0>2}, with its time."
        return f"is {text!r}, a date that has two readings. Write it as {usual[:10]} or {usual}."
    if re.fullmatch(r"\d{4}[./]\d{2}[./]\d{2}.*", text):
        return f"is {text!r}, without hyphens. Write {text[:4]}-{text[5:7]}-{text[8:]}."
    if re.fullmatch(r"\d{1,2}:\d{2}.*", text):
        return f"is {text!r}, a time without its date. Write {usual}."
    if found := re.fullmatch(r"(\d{4}-\d{2}-\d{2}.*?) ?([A-Za-z]{2,5}|[A-Z]\w+/\w+)", text):
        zone = "Z" if found[2] in ("UTC", "GMT") else "+02:00"
        return f"is {text!r}, with a zone by its name. Write its difference to UTC: {found[1]}{zone}."
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", text):
        return f"is {text!r}, which no calendar has. Write {usual}."
    return f"is {text!r}, not a date. Write {usual}." if text else f"is missing. Write {usual}."


def counted(text: str) -> float | str:
    """A count, or what is wrong and what to write; 1.234 may be one or a thousand, and is refused."""
    value, digits = number(text), re.sub("[^0-9]", "", text)
    if re.fullmatch(r"\d{1,3}([ ,.'_\u00a0\u202f]\d{3})+", text):
        return f"is {text!r}. Write {digits}."
    return value if math.isfinite(value) else f"{why_no_number(text)}. Write a count without separators."


def share_of(text: str, whole: float | None = None, most: float = 1.0) -> float | str:
    """A share from `0.68`, `68 %`, `1800/2759` or, of a whole, a count; or what is wrong and what to write.

    Parameters
    ----------
    text
        The value.
    whole
        What a count is a part of [1]; None where the value is no count.
    most
        More than this is refused [share].
    """
    first, stroke, second = text.partition("/")
    if stroke:
        text, total = first.strip(), counted(second.strip())
        if isinstance(total, str) or total <= 0:
            return f"is {text[:20]}/{second.strip()[:20]}, without a total above 0. Write 1800/2759."
        whole = total
    bare = text.rstrip().removesuffix("%").strip()
    percent = bare != text.strip()
    value = number(bare)
    if whole is not None and not percent and isinstance(count := counted(bare), str):
        return count
    if not math.isfinite(value):
        fix = f"Write {bare.replace(',', '.')}" if "comma" in why_no_number(bare) else "Write a share (0.68)"
        return f"{why_no_number(bare)}. {fix}, a percentage (68 %), or a count."
    if value < 0:
        return f"is {text!r}, below 0. Write a share (0.68) or a percentage (68 %)."
    if percent:
        value, whole = value / 100, None
    if whole is None:
        if value > most:
            return f"is {text!r}, more than all. Write 0.68, 68 %, or a count with its total."
        return value
    if 0 < value < 1 < whole:
        return f"is {text!r} of {whole:,.0f}, a share. Write a count, or name the column as a share."
    if value > most * whole:
        return f"is {text!r} of {whole:,.0f}, more than all. Write the total of the same area and day."
    return value / whole


def one_event(events: dict[str, int], event: str | None, event_at: int, key: str, faults: Faults) -> None:
    """Note a table of several events of which none is chosen, or one that is not there.

    Parameters
    ----------
    events
        Their names, each with its first line.
    event
        The one that was asked for.
    event_at
        The column of their names, from 0.
    key
        What chooses one.
    faults
        Where faults are noted.
    """
    names = ", ".join(name[:40] for name in list(events)[:20] if name)
    if event is not None and event.casefold() not in {name.casefold() for name in events}:
        what = (
            f"the table has no event {event[:40]!r}; it has {names}." if names else "it has no column event."
        )
        faults.add(1, 1, what, f"Choose one of these, or leave out {key}.")
    elif event is None and len(events) > 1:
        line = list(events.values())[1]
        faults.found.clear()  # what is there twice is of different events
        faults.more = 0
        what = f"the table has {len(events)} events: {names}."
        faults.add(line, event_at + 1, what, f"Choose one with {key}.")
