"""Words, numbers and dates of pages in the reader's language.

A language is one gettext catalogue, `languages/TAG.po`: its keys are the English texts of the code and the
templates. English needs none. Numbers and dates follow Babel's locale data (Unicode CLDR).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from string import Formatter
from textwrap import fill

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol
from markupsafe import Markup

from ewsim.errors import DataError, Diagnostic, UsageError
from ewsim.metrics import words

_FOLDER = Path(__file__).parent / "languages"
_FIGURE = re.compile(r"([+\u2212-]?\d[\d.]*) (h|min|s)\b")
_NUMBER = re.compile(r"[+\u2212-]?\d[\d,]*(\.\d+)?")
_TIME = re.compile(r"[+\u2212-]?\d[\d.]* (h|min|s)( \d+ (min|s))?")
#: What fits the names of numbers in a text.
_COUNT = r"(?:about |under |over )?[+-]?\d[\d,.]*"
#: What parts of a text may stand between, and how two parts are said.
_BETWEEN = {
    "; ": "{first}; {rest}",
    ": ": "{first}: {rest}",
    ", ": "{first}, {rest}",
    " + ": "{first} + {rest}",
}
#: A text with fewer letters of its own fits only where its values are known too.
_FEW_LETTERS = 8
#: Finished texts that are remembered.
_MOST_KNOWN = 50_000
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
        self._known: dict[tuple[str, bool], str | None] = {}

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

    def again(self, text: str) -> str:
        """A finished English text in this language; names, markup and what is not known stay as they are.

        The catalogue's entry for it says it, or the entry that fits it with values in the places of its
        braces. So do sentences that a result keeps in English, cells of tables and texts of figures.
        """
        if self.tag == "en" or isinstance(text, Markup):
            return text
        plain = " ".join(text.split())
        said = self._again(plain)
        if said is None or "\n" not in text:
            return text if said is None else said
        return fill(said, max(map(len, text.splitlines())))

    def sentence(self, text: str) -> str | None:
        """A finished English text that an entry says as a whole; None where none does.

        Names, figures and lists in it may stay as they are; a part of more than three words may not.
        """
        if text in self.catalogue:
            return self.catalogue[text]
        for pattern, english, _ in self._forms:
            if found := pattern.fullmatch(text):
                given = found.groupdict()
                said = {name: self._again(value, whole=True) for name, value in given.items()}
                if all(said[name] or len(part.split()) <= 3 or "," in part for name, part in given.items()):
                    return self(english, **{name: self._value(said[name], given[name]) for name in given})
        return None

    def _again(self, text: str, *, whole: bool = False) -> str | None:
        """A text in this language; None where nothing of it is known, or not the whole if so asked."""
        if len(self._known) > _MOST_KNOWN:  # a studio says sentences for days
            self._known.clear()
        if (text, whole) not in self._known:
            self._known[text, whole] = self._found(text, whole=whole)
        return self._known[text, whole]

    def _found(self, text: str, *, whole: bool) -> str | None:
        """A text by its entry, as a figure, by an entry that fits it, without its full stop, or in parts."""
        small, large = text[:1].lower() + text[1:], self.capital(text)
        if said := self.catalogue.get(text) or self._figure(text):
            return said
        if text != large and large in self.catalogue:
            said = self.catalogue[large]
            return said[:1].lower() + said[1:]
        ends = [("", text), ("", small)]
        bare = [(".", text[:-1]), (".", small[:-1])] if text.endswith(".") else []
        found = [(self.catalogue.get(of) or self._fitted(of, whole=True), end) for end, of in ends + bare]
        if not whole:  # a full stop is of the sentence, not of its last value
            found += [(self._fitted(of), end) for end, of in bare + ends]
        found += [(self._in_parts(of, whole=whole), end) for end, of in bare + ends]
        line = next((f"{said}{end}" for said, end in found if said), None)
        return self.capital(line) if line and small != text else line

    def _figure(self, text: str) -> str | None:
        """A number, a percentage or a time in English, by this locale."""
        if _TIME.fullmatch(text):
            return words.unbroken(_FIGURE.sub(self._with_unit, text))
        number = text.removesuffix("%").rstrip()
        if not _NUMBER.fullmatch(number):
            return None
        thousands, decimals = self.signs()
        said = number.translate({ord(","): thousands, ord("."): decimals})
        return self.isolated(said if number == text else words.unbroken(self("{n} %", n=said)))

    def signs(self) -> tuple[str, str]:
        """What stands between thousands, and before decimals."""
        return (
            (",", ".")
            if self.tag == "en"
            else (get_group_symbol(self.locale), get_decimal_symbol(self.locale))
        )

    def _fitted(self, text: str, *, whole: bool = False) -> str | None:
        """A text by the entry with most letters that fits it, and whose values are all known if so asked."""
        for pattern, english, letters in self._forms:
            if found := pattern.fullmatch(text):
                given = found.groupdict()
                every = whole or letters < _FEW_LETTERS
                said = {name: self._again(value, whole=every) for name, value in given.items()}
                if not every or None not in said.values():
                    return self(english, **{name: self._value(said[name], given[name]) for name in given})
        return None

    def _in_parts(self, text: str, *, whole: bool) -> str | None:
        for between, form in _BETWEEN.items():
            first, there, rest = text.partition(between)
            if there and any(map(str.isalpha, text)):
                begins, ends = (self._again(part, whole=whole) for part in (first, rest))
                if (begins and ends) if whole else (begins or ends):
                    return self(form, first=self._value(begins, first), rest=self._value(ends, rest))
        return None

    def _value(self, said: str | None, given: str) -> str:
        """A value as it is said, which runs as this language does, or as it was given."""
        return given if said is None else self.in_figure(said)

    @cached_property
    def _forms(self) -> list[tuple[re.Pattern[str], str, int]]:
        """Every text with braces as a pattern, with the count of its own letters; most letters first."""
        made = []
        for text in self.catalogue.keys() - set(_BETWEEN.values()):
            if not (parts := list(Formatter().parse(text)))[0][1] and len(parts) == 1:
                continue
            seen: set[str] = set()
            form = ""
            for literal, name, *_ in parts:
                form += re.escape(literal)
                if name:
                    fits = _COUNT if name in ("n", "m") else ".+?"
                    form += f"(?P={name})" if name in seen else f"(?P<{name}>{fits})"
                    seen.add(name)
            made.append((re.compile(form), text, sum(len(row[0].strip()) for row in parts)))
        return sorted(made, key=lambda row: (-row[2], row[1]))

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
        said = (
            number
            if self.tag == "en"
            else format_decimal(float(number.lstrip("+\u2212-")), locale=self.locale)
        )
        sign = number[0] if number[0] in "+\u2212-" and self.tag != "en" else ""
        return self(UNITS[unit], n=sign + said)

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
        The file is not a language catalogue that is known, or a translation lacks a placeholder or has a
        wrong one: every fault with its line.
    """
    try:
        Locale.parse(path.stem, sep="-")
        with path.open("rb") as file:
            entries = list(read_po(file, abort_invalid=True))
    except (OSError, ValueError, UnknownLocaleError, PoFileError) as error:
        raise DataError([Diagnostic(str(path), 0, 0, f"is not a language catalogue: {error}")]) from None
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
