"""Check a YAML document against a pydantic model: every fault with its place, in plain words.

document = documents.read(path, SORT)
profile = model_of(ProfileSpec, document)  # or an error with every fault of the file
"""

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ewsim.errors import Diagnostic, KeyFault
from ewsim.scenario import words
from ewsim.scenario.document import Document, Key
from ewsim.scenario.model import elsewhere, known_keys, scenario_model
from ewsim.scenario.spec import Scenario

M = TypeVar("M", bound=BaseModel)

#: Unknown keys for which the one that is meant is looked for.
_GUESSED = 1_000


def placed(fault: KeyFault, document: Document) -> Diagnostic:
    """A fault at its line and column."""
    return Diagnostic(*document.locate(fault.keys, of_value=fault.of_value), fault.message, fault.fix)


def model_of(model: type[M], document: Document, also: Iterable[KeyFault] = ()) -> M:
    """The model of a document.

    Parameters
    ----------
    model
        The model of the whole document.
    document
        The file.
    also
        Faults that a model cannot find, such as those between keys.

    Raises
    ------
    InputError
        With every fault in the order of the file; of the class `document.sort.error`.
    """
    found = list(also)
    try:
        made = model.model_validate(document.data)
    except ValidationError as error:
        found += faults_of(error, model, document.data)
    if found:
        diagnostics = {placed(fault, document) for fault in found}
        raise document.sort.error(sorted(diagnostics, key=lambda d: (d.line, d.column)))
    return made


def faults_of(error: ValidationError, model: type[BaseModel], data: Any) -> list[KeyFault]:
    """The faults that pydantic found, one for each value.

    Parameters
    ----------
    error
        What `model.model_validate(data)` raised.
    model
        The model of the whole document.
    data
        The data that was checked.
    """
    found: list[KeyFault] = []
    seen: set[tuple[Key, ...]] = set()
    errors = error.errors()
    inside = {one["loc"][:depth] for one in errors for depth in range(len(one["loc"]))}
    allowed: dict[tuple[Key, ...], list[str]] = {}
    for one in errors:
        if one["type"] == "too_short" and one["loc"] in inside:
            continue  # an item is wrong, and pydantic did not count it
        keys = _keys(one["loc"], data)
        about_key = one["type"] in ("extra_forbidden", "missing") or one["loc"][-1:] == ("[key]",)
        # Of a choice of types only the first complaint about a value is worth reading.
        if keys not in seen or about_key:
            name = keys[-1] if keys else "the file"
            label: Key = f"item {name}" if isinstance(name, int) else name
            known: Sequence[str] = ()
            far: Sequence[str] = ()
            if one["type"] == "extra_forbidden":
                if keys[:-1] not in allowed:
                    allowed[keys[:-1]] = known_keys(model, keys[:-1], data)
                known = allowed[keys[:-1]]
                far = elsewhere(model, keys) if len(found) < _GUESSED else ()
            said = words.fault(dict(one), label, known, far, guess=len(found) < _GUESSED)
            found.append(KeyFault(keys, *said, of_value=not about_key))
        if one["loc"][-1:] != ("[key]",):  # the value of a wrong key can be wrong too
            seen.add(keys)
    return found


def without_faults(error: ValidationError, data: Any) -> tuple[Any, list[tuple[Key, ...]]]:
    """The data with bounds and defaults in place of wrong values, and the keys of these.

    Faults between other keys are found in it.

    Parameters
    ----------
    error
        What `model.model_validate(data)` raised.
    data
        The data that was checked.
    """
    data, wrong = copy.deepcopy(data), []
    for one in error.errors():
        keys = _keys(one["loc"], data)
        limits = one.get("ctx", {})
        bound = next((limits[name] for name in ("ge", "le", "gt", "lt") if name in limits), None)
        node: Any = data
        for key in keys[:-1]:
            node = node[key]
        if keys and bound is not None:
            inward = math.inf if "gt" in limits else -math.inf
            node[keys[-1]] = bound if {"ge", "le"} & limits.keys() else math.nextafter(bound, inward)
        elif keys and isinstance(node, dict):
            node.pop(keys[-1], None)
        wrong.append(keys)
    return data, wrong


def without_disturbances(data: Any) -> Scenario | None:
    """The scenario, with one that hits nothing in place of each disturbance that is none; None if it is none.

    Parameters
    ----------
    data
        The data, which are changed.
    """
    nothing = {"kind": "backhaul_cut", "at_s": 0, "where": {"share": 0}}
    try:
        return scenario_model().model_validate(data)
    except ValidationError as error:
        for one in error.errors():
            if one["loc"][:1] != ("disturbances",) or len(one["loc"]) < 2:
                return None
            data["disturbances"][one["loc"][1]] = nothing
    try:
        return scenario_model().model_validate(data)
    except ValidationError:
        return None


def is_of(fault: KeyFault, wrong: Iterable[tuple[Key, ...]]) -> bool:
    """Whether a fault between keys may be one of a value that is wrong anyway."""
    words_of = f"{fault.message} {fault.fix}"

    def of_another(keys: tuple[Key, ...]) -> bool:
        """Whether it is in another disturbance, whose keys have the same names."""
        return keys[0] == fault.keys[0] == "disturbances" and keys[1:2] != fault.keys[1:2]

    return any(
        fault.keys[: len(keys)] == keys
        or keys[:2] == ("network", "operators")
        or (str(keys[-1]) in words_of and not of_another(keys))
        for keys in wrong
        if keys
    )


def unknown_operators(
    scenario: Scenario, named: Iterable[tuple[tuple[Key, ...], str]], *, of_value: bool = False
) -> Iterator[KeyFault]:
    """A fault for each operator that the scenario's network does not have.

    Parameters
    ----------
    scenario
        The scenario.
    named
        Operators, each with the key that names it.
    of_value
        Whether the fault's place is the key's value.
    """
    have = [operator.name for operator in scenario.network.operators]
    for keys, operator in named:
        if operator not in have:
            message, fix = f"there is no operator {operator!r}.", f"There are: {', '.join(have)}."
            yield KeyFault(keys, message, fix, of_value=of_value)


def _keys(loc: Sequence[Key], data: Any) -> tuple[Key, ...]:
    """The keys of a fault; what pydantic adds for choices between types is no key."""
    keys: list[Key] = []
    node = data
    for index, key in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(node, dict) and (key in node or (last and isinstance(key, str))):
            if key not in node and not _may_be_key(key):
                break
            node = node.get(str(key))
        elif isinstance(node, list) and isinstance(key, int) and key < len(node):
            node = node[key]
        else:
            continue
        keys.append(key)
    return tuple(keys)


def _may_be_key(key: Key) -> bool:
    """Whether a name could be a key of a document; names of types have brackets or dashes."""
    return isinstance(key, str) and key.replace("_", "a").isalnum()
