"""Words, numbers and dates of pages in the reader's language.

A language is one gettext catalogue, `languages/TAG.po`: its keys are the English texts of the code and the
templates. English needs none. Numbers and dates follow Babel's locale data (Unicode CLDR).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Formatter

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from ewsim.errors import DataError, Diagnostic, UsageError
from ewsim.metrics import words

_FOLDER = Path(__file__).parent / "languages"
_FIGURE = re.compile(r"(\d[\d.]*) (h|min|s)\b")
#: How a number stands with its unit.
UNITS = {"h": "{n} h", "min": "{n} min", "s": "{n} s"}


class Speech:
    """Says texts and figures in one language: `say("{people} were reached", people=say.number(5))`.

    Parameters
    ----------
    tag
        The language (BCP 47): "en", "fr", "es", "ar", or another that has a catalogue.
    catalogue
        Translations by their English text; a text without one is said in English.
    """

    def __init__(self, tag: str = "en", catalogue: Mapping[str, str] | None = None) -> None:
        self.tag = tag
        self.locale = Locale.parse(tag, sep="-")
        self.direction = "rtl" if self.locale.text_direction == "rtl" else "ltr"
        #: Translations by their English text.
        self.catalogue = {} if catalogue is None else catalogue

    def __call__(self, text: str, /, **values: object) -> str:
        """A text in this language, with its values in their places."""
        said = self.catalogue.get(text, text)
        return (
            said.format(**{name: self.isolated(value) for name, value in values.items()}) if values else said
        )

    def isolated(self, value: object) -> str:
        """A value that keeps its own direction in a text from right to left (Unicode's isolates)."""
        if self.direction == "ltr":
            return str(value)
        figure = not any(character.isalpha() for character in str(value))
        return f"{chr(0x2066 if figure else 0x2068)}{value}{chr(0x2069)}"

    def in_figure(self, text: str) -> str:
        """A text of its own in a figure, whose texts run from left to right."""
        return text if self.direction == "ltr" else f"{chr(0x2067)}{text}{chr(0x2069)}"

    def number(self, number: float) -> str:
        """A whole number, its thousands apart."""
        if self.tag == "en":
            return f"{number:,.0f}"
        return format_decimal(round(number), locale=self.locale)

    def count(self, number: int) -> str:
        """A number to two significant figures, as `words.count`."""
        said = words.count(number)
        about = said.startswith("about ")
        figure = self.number(int(said.removeprefix("about ").replace(",", "")))
        return self("about {n}", n=figure) if about else figure

    def percent(self, share: float) -> str:
        """A share to two significant figures, as `words.percent`."""
        said = words.percent(share)
        if said == "under 1 %":
            text = self("under {n} %", n=1)
        elif said == "over 99 %":
            text = self("over {n} %", n=99)
        else:
            text = self("{n} %", n=said.removesuffix(" %"))
        return self.isolated(words.unbroken(text))

    def duration(self, seconds: float | None) -> str:
        """A time in words, as `words.duration`; None is "never"."""
        if seconds is None:
            return self("never")
        return words.unbroken(_FIGURE.sub(self._with_unit, words.duration(abs(seconds))))

    def _with_unit(self, found: re.Match[str]) -> str:
        number, unit = found.groups()
        whole = float(number)
        said = number if self.tag == "en" else format_decimal(whole, locale=self.locale)
        return self(UNITS[unit], n=said)

    def within(self, seconds: float | None, horizon_s: float) -> str:
        """The time to a share; for None, the simulated time in which it did not come."""
        if seconds is None:
            return self("not in {time}", time=self.duration(horizon_s))
        return self.duration(seconds)

    def moment(self, time: datetime) -> str:
        """A date and time of day."""
        day = self.pattern(time, "d MMMM y") if self.tag == "en" else format_date(time, "long", self.locale)
        return f"{day}, {self.pattern(time, 'HH:mm')}"

    def pattern(self, time: datetime, form: str) -> str:
        """A date or time of day in a pattern of CLDR."""
        return format_datetime(time, form, locale=self.locale)

    def capital(self, text: str) -> str:
        """A text that begins a line."""
        return words.capital(text)


#: English, without a catalogue.
ENGLISH = Speech()


def speech_of(tag: str) -> Speech:
    """The language of a tag; raises UsageError for one without a catalogue, and DataError for a bad one."""
    if tag == "en":
        return ENGLISH
    path = _FOLDER / f"{tag}.po"
    if tag not in languages():
        raise UsageError(f"There is no language {tag[:40]!r}. Languages: {', '.join(languages())}.")
    return _spoken(tag, path)


@cache
def _spoken(tag: str, path: Path) -> Speech:
    return Speech(tag, read_catalogue(path))


def languages() -> tuple[str, ...]:
    """The tags of all languages of pages, English first."""
    return ("en", *sorted(path.stem for path in _FOLDER.glob("*.po")))


def read_catalogue(path: Path) -> dict[str, str]:
    """The translations of a catalogue by their English text.

    Raises
    ------
    DataError
        The file is no catalogue of a language that is known, or a translation lacks a placeholder or has a
        wrong one: every fault with its line.
    """
    try:
        Locale.parse(path.stem, sep="-")
        with path.open("rb") as file:
            entries = list(read_po(file, abort_invalid=True))
    except (OSError, ValueError, UnknownLocaleError, PoFileError) as error:
        raise DataError([Diagnostic(str(path), 0, 0, f"is no catalogue of a language: {error}")]) from None
    faults, found = [], {}
    for entry in entries:
        if not entry.id:
            continue
        text, said = str(entry.id), str(entry.string or "")
        if not said or entry.fuzzy:
            continue
        wanted, there = _placeholders(text), _placeholders(said)
        if wanted != there:
            faults.append(
                Diagnostic(
                    str(path),
                    entry.lineno or 0,
                    1,
                    f"the translation of {text[:60]!r} has the placeholders {_listed(there)}, "
                    f"not {_listed(wanted)}.",
                    "Write each placeholder of the English text once, as it is.",
                )
            )
        found[text] = said
    if faults:
        raise DataError(faults)
    return found


def _placeholders(text: str) -> list[str] | None:
    """The names in braces, sorted; None where the braces do not match or hold more than a name."""
    try:
        fields = [row for row in Formatter().parse(text) if row[1] is not None]
    except ValueError:
        return None
    plain = all(str(name).isidentifier() and not form and not conv for _, name, form, conv in fields)
    return sorted(str(name) for _, name, _, _ in fields) if plain else None


def _listed(names: list[str] | None) -> str:
    if names is None:
        return "with braces that do not match"
    return ", ".join(f"{{{name}}}" for name in names) or "none"
