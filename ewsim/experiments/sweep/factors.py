"""What a sweep varies: a key of the scenario, with a list of values, a range or a distribution."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import ndtri

from ewsim.errors import UsageError
from ewsim.scenario.assumptions import Assumed, assumed_ranges, assumed_values
from ewsim.scenario.spec import Scenario
from ewsim.scenario.variants import parse_change
from ewsim.scenario.words import number_meant

#: Of a distribution without ends this part on either side is left out.
TAIL = 0.001
#: Laws and their parameters, as `--over` takes them.
LAWS = {
    "uniform": ("low", "high"),
    "loguniform": ("low", "high"),
    "normal": ("mean", "standard deviation"),
    "lognormal": ("median", "sigma"),
    "triangular": ("low", "mode", "high"),
}
_HOW = "Write KEY=V1,V2 or KEY=LOW..HIGH or KEY=LAW(...), LAW one of " + ", ".join(
    f"{law}({', '.join(words)})" for law, words in LAWS.items()
)


@dataclass(frozen=True, slots=True)
class Factor:
    """One key that is varied: by a list of values, or by a law of numbers.

    `path` is what is set: the key, or the whole value `whole` of which the key is the part `item`.
    """

    name: str
    path: str
    values: tuple[Any, ...] = ()
    law: str = ""
    numbers: tuple[float, ...] = ()
    whole_number: bool = False
    text: str = ""
    assumed: Assumed | None = None

    def at(self, share: float) -> Any:
        """The value below which this share of the law lies; of a list the value at that place."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        value = _quantile(self.law, self.numbers, min(max(share, TAIL), 1 - TAIL) if self.endless else share)
        return round(value) if self.whole_number else float(f"{value:.6g}")

    @property
    def endless(self) -> bool:
        """Whether the law has no ends of its own."""
        return self.law in ("normal", "lognormal")

    def extremes(self, now: Any) -> list[Any]:
        """The values for one change at a time: the ends, or all of a list but the present one."""
        if self.values:
            return [value for value in self.values if value != now]
        shares = (0.025, 0.975) if self.endless else (0.0, 1.0)
        return [value for value in map(self.at, shares) if value != now]


def _quantile(law: str, numbers: tuple[float, ...], share: float) -> float:
    if law == "uniform":
        return numbers[0] + share * (numbers[1] - numbers[0])
    if law == "loguniform":
        return float(numbers[0] * (numbers[1] / numbers[0]) ** share)
    if law == "normal":
        return float(numbers[0] + numbers[1] * ndtri(share))
    if law == "lognormal":
        return float(numbers[0] * np.exp(numbers[1] * ndtri(share)))
    low, mode, high = numbers
    below = (mode - low) / (high - low)
    if share < below:
        return float(low + np.sqrt(share * (high - low) * (mode - low)))
    return float(high - np.sqrt((1 - share) * (high - low) * (high - mode)))


def factor_of(text: str) -> Factor:
    """What `--over KEY=...` says."""
    key, equals, said = (part.strip() for part in text.partition("="))
    if not equals or not key or not said:
        raise UsageError(f"--over {text}: this is not KEY=VALUES. {_HOW}.")
    last = key.split(".")[-1]
    form = re.fullmatch(r"(\w+)\((.*)\)", said)
    if form and form[1] in LAWS:
        return _law(text, key, form[1], [_number(last, part) for part in form[2].split(",")])
    if ".." in said:
        return _law(text, key, "uniform", [_number(last, part) for part in said.split("..")])
    values = [parse_change(f"{key}={part}").value for part in _parts(said)]
    if len(values) < 2:
        raise UsageError(f"--over {text}: one value varies nothing. {_HOW}.")
    if len({json.dumps(value, default=str) for value in values}) < len(values):
        raise UsageError(f"--over {text}: a value stands there twice.")
    return Factor(key, key, values=tuple(values), text=text)


def _law(text: str, key: str, law: str, numbers: Sequence[float | None]) -> Factor:
    words = LAWS[law]
    given = tuple(number for number in numbers if number is not None and np.isfinite(number))
    if len(given) != len(numbers) or len(given) != len(words):
        raise UsageError(f"--over {text}: {law} takes {len(words)} numbers ({', '.join(words)}). {_HOW}.")
    rising = given if law not in ("normal", "lognormal") else (0.0, given[1])
    if any(a > b for a, b in pairwise(rising)) or rising[0] == rising[-1]:
        raise UsageError(f"--over {text}: the numbers of {law} must rise ({', '.join(words)}).")
    if law in ("loguniform", "lognormal") and given[0] <= 0:
        raise UsageError(f"--over {text}: {law} takes numbers above 0.")
    return Factor(key, key, law=law, numbers=given, text=text)


def _number(key: str, text: str) -> float | None:
    text = text.strip()
    meant = number_meant(key, text)
    if meant is not None:
        return meant
    try:
        return float(text)
    except ValueError:
        return None


def _parts(text: str) -> list[str]:
    """A text split at commas that are in no brackets or quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        depth += (letter in "[{(") - (letter in "]})") if not quote else 0
        if letter == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def assumed_factors(spec: Scenario) -> tuple[list[Factor], list[str]]:
    """Every assumption that a scenario uses, over its range; and those that the file states itself."""
    found, stated = [], []
    for assumed in assumed_values(spec):
        ranges = assumed_ranges(assumed)
        if assumed.given and ranges:
            stated.append(assumed.key)
            continue
        for one in ranges:
            values, numbers = ((), one.ends) if one.numeric else (one.ends, ())
            found.append(
                Factor(
                    one.name,
                    one.path,
                    values=tuple(values),
                    law="uniform" if one.numeric else "",
                    numbers=numbers,
                    text=f"{one.name} over its documented range",
                    assumed=assumed,
                )
            )
    return found, stated


def sets_of(factors: Sequence[Factor], values: Sequence[Any]) -> tuple[str, ...]:
    """The changes `KEY=VALUE` that give keys these values."""
    wholes: dict[str, Any] = {}
    for factor, value in zip(factors, values, strict=True):
        if factor.assumed is None:
            wholes[factor.path] = value
            continue
        one = next(r for r in assumed_ranges(factor.assumed) if r.name == factor.name)
        wholes[factor.path] = one.within(wholes.get(factor.path, factor.assumed.value), value)
    return tuple(f"{path}={json.dumps(value)}" for path, value in wholes.items())


def value_now(factor: Factor, spec: Scenario) -> Any:
    """The value that the scenario has now; None where it gives none."""
    if factor.assumed is not None:
        one = next(r for r in assumed_ranges(factor.assumed) if r.name == factor.name)
        return one.of(factor.assumed.value)
    node: Any = spec.model_dump(mode="json")
    for key in factor.path.split("."):
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict):
            node = node.get(key)
        else:
            return None
    return node
