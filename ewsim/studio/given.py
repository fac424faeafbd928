"""What a page sends with an action: hostile until it is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ewsim.errors import UsageError

#: Characters of a text, unless an action says otherwise.
MOST_TEXT = 1_000


class GivenFields:
    """The fields of an action by name; each is asked for as what it must be.

    Every method raises UsageError with a sentence when the field is absent or something else.
    """

    def __init__(self, given: Mapping[str, Any], where: str = "") -> None:
        self._given = given
        self._where = where

    @property
    def plain(self) -> Mapping[str, Any]:
        """The fields as they came, for who looks at each of them."""
        return self._given

    def __contains__(self, name: str) -> bool:
        return self._given.get(name) is not None

    def number(self, name: str, low: float, high: float) -> float:
        """A number.

        Parameters
        ----------
        name
            The field.
        low, high
            The least and the greatest number [unit of the field].
        """
        value = self._given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise self._fault(name, "is not a number", f"Give a number from {low:g} to {high:g}.")
        if not low <= value <= high:
            shown = f"{value:g}" if abs(value) < 1e300 else "too large"
            raise self._fault(name, f"is {shown}", f"Give a number from {low:g} to {high:g}.")
        return float(value)

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number.

        Parameters
        ----------
        name, low, high
            As in `number` [unit of the field].
        """
        value = self.number(name, low, high)
        if value != int(value):
            raise self._fault(name, f"is {value:g}", "Give a whole number.")
        return int(value)

    def text(self, name: str, most: int = MOST_TEXT) -> str:
        """A text of at most `most` characters, which may be empty."""
        value = self._given.get(name)
        if not isinstance(value, str):
            raise self._fault(name, "is not a text", "Write a text.")
        if len(value) > most:
            raise self._fault(name, f"has {len(value):,} characters", f"Write at most {most:,}.")
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise self._fault(name, "has a character that no text has", "Write it again.")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of some words."""
        value = self._given.get(name)
        if not isinstance(value, str) or value not in choices:
            raise self._fault(name, "is not among the choices", f"Choose from {', '.join(choices)}.")
        return value

    def truth(self, name: str) -> bool:
        """Yes or no."""
        value = self._given.get(name)
        if not isinstance(value, bool):
            raise self._fault(name, "is neither true nor false", "Send true or false.")
        return value

    def points(self, name: str, most: int = 500) -> list[tuple[float, float]]:
        """Places as [latitude, longitude] in degrees, at most `most`."""
        found = []
        for number, point in enumerate(self._list(name, most), 1):
            if not isinstance(point, list) or len(point) != 2:
                raise self._fault(f"{name} {number}", "is not a place", "Give latitude and longitude.")
            one = GivenFields({"latitude": point[0], "longitude": point[1]}, f"{name} {number}: ")
            found.append((one.number("latitude", -90, 90), one.number("longitude", -180, 180)))
        return found

    def rows(self, name: str, most: int = 100) -> list[GivenFields]:
        """A list of at most `most` groups of fields."""
        rows = self._list(name, most)
        if not all(isinstance(row, dict) for row in rows):
            raise self._fault(name, "is not a list of fields", "Send a list of objects.")
        return [GivenFields(row, f"{name} {number}: ") for number, row in enumerate(rows, 1)]

    def _list(self, name: str, most: int) -> list[Any]:
        value = self._given.get(name)
        if not isinstance(value, list):
            raise self._fault(name, "is not a list", "Send a list.")
        if len(value) > most:
            raise self._fault(name, f"has {len(value):,} items", f"Send at most {most:,}.")
        return value

    def _fault(self, name: str, what: str, fix: str) -> UsageError:
        return UsageError(f"{self._where}{name} {what}. {fix}")
