"""A scenario held against its files, its message and its network: what a run of it would refuse and say."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from ewsim.channels.wiring import Wiring, make_channels
from ewsim.country.build import CheckedParts, ground_key
from ewsim.country.disturbed import check_disturbances, misplaced_notes
from ewsim.country.ground import BuiltGround
from ewsim.country.message import AcceptedAlert, message_of
from ewsim.country.people import check_memory, people_in, people_of, people_there, perhaps_empty
from ewsim.country.targets import OVERRIDDEN, Targets, needs_people, targets_of
from ewsim.errors import CapError, Diagnostic, EwsimError, InputError, ScenarioError
from ewsim.population.people import Population
from ewsim.scenario.doubts import doubtful
from ewsim.scenario.load import LoadedScenario, load_in_spite, load_scenario

#: Rows of people that stand for a country's where only their places are looked at.
_ROWS_MAX = 20_000
#: What a check leaves to the run.
NOT_CHECKED = "not checked: whether phones can camp on a table of cells, and whether a cell goes out: run it."


#: Keys of a disturbance that say nothing of what it names and of what its file holds.
_ALONE = {"id", "label", "at_s", "restored_at_s", "restoration", "fragility", "by"}

T = TypeVar("T")


class Together:
    """Errors of steps that do not hang on one another, raised together."""

    def __init__(self) -> None:
        self.errors: list[InputError] = []

    def of(self, step: Callable[..., T], *given: object) -> T | None:
        """What a step gives; None where it raises."""
        try:
            return step(*given)
        except InputError as error:
            self.errors.append(error)
            return None

    def check(self) -> None:
        """Raise what was found: the error itself, or all as one."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            worst = next((error for error in self.errors if not isinstance(error, CapError)), self.errors[0])
            raise type(worst)([fault for error in self.errors for fault in error.diagnostics])


@dataclass(frozen=True, slots=True)
class CountryNotes:
    """What there is to say of a scenario that is right: on itself and its message, and on its data."""

    notes: tuple[str, ...]
    on_data: tuple[str, ...]


def check_country(loaded: LoadedScenario, parts: CheckedParts | None = None) -> CountryNotes:
    """The notes of a scenario; raises what a run would raise.

    Parameters
    ----------
    loaded
        The scenario.
    parts
        What was made for other arms, which is used again; what is new is added.
    """
    parts, spec = CheckedParts() if parts is None else parts, loaded.spec
    key, found = ground_key(loaded), Together()
    message, ground = found.of(parts.message, loaded), found.of(parts.ground, loaded, key)
    idle = found.of(check_disturbances, loaded, None if ground is None else ground.network)
    found.check()
    assert message is not None
    assert ground is not None
    assert idle is not None
    notes = (*idle, *misplaced_notes(loaded, ground, idle), *doubtful(loaded))
    check_memory(loaded, ground)
    until = spec.horizon_s if spec.population.arrivals else ""
    who = f"{key} {spec.population.model_dump_json(exclude={'handsets'})} {until}"
    people = parts.population(_coarse(loaded, ground), ground, who)
    aim = f"{spec.alert.model_dump_json()} {who} {spec.targeting.model_dump_json()}"
    if aim not in parts.targets or needs_people(spec.targeting):
        everybody = people_of(loaded, ground) if needs_people(spec.targeting) else None
        parts.targets[aim] = targets_of(loaded, message.alert, ground, everybody)
        if perhaps_empty(parts.targets[aim].area, ground):
            everybody = people_of(loaded, ground) if everybody is None else everybody
            people_in(parts.targets[aim].area, everybody, loaded)
    overridden = () if spec.alert.area_override is None else (OVERRIDDEN,)
    sent = f"{aim} {spec.channels.model_dump_json()}"
    if sent not in parts.said:
        parts.said[sent] = _channels(loaded, message, ground, people, parts.targets[aim])
    on_data = (*ground.network.notes, *people.notes, *overridden, *parts.said[sent])
    return CountryNotes((*notes, *parts.targets[aim].notes, *message.notes), on_data)


def load_checked(path: Path, sets: Sequence[str] = (), arm: str | None = None) -> LoadedScenario:
    """`load_scenario` with `all_faults`.

    Parameters
    ----------
    path
        The scenario's file.
    sets
        Changes `KEY=VALUE`.
    arm
        The arm, or None for the scenario itself.
    """
    with all_faults(path, sets):
        return load_scenario(path, sets=sets, arm=arm)


@contextmanager
def all_faults(path: Path, sets: Sequence[str] = ()) -> Iterator[None]:
    """Faults of a scenario's keys are raised with those of its message, network and files."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(dict.fromkeys([*error.diagnostics, *_faults_besides(path, sets)])) from None


def _faults_besides(path: Path, sets: Sequence[str] = ()) -> list[Diagnostic]:
    """What is wrong with the message, the network and the files of a scenario that has other faults.

    What hangs on a value that is wrong is not looked at.
    """
    rest = load_in_spite(path, sets)
    if rest is None:
        return []
    loaded, wrong = rest
    rooms = {keys[0] for keys in wrong if len(keys) < 2 or keys[0] != "disturbances"}
    skip = {keys[1] for keys in wrong if keys[0] == "disturbances" and not {*keys[2:3]} & _ALONE}
    found = Together()
    if "alert" not in rooms:
        found.of(message_of, loaded)
    ground = None if rooms & {"network", "population"} else found.of(CheckedParts().ground, loaded, "")
    if "disturbances" not in rooms:
        found.of(check_disturbances, loaded, None if ground is None else ground.network, skip)
    return [fault for error in found.errors for fault in error.diagnostics]


def _coarse(loaded: LoadedScenario, ground: BuiltGround) -> LoadedScenario:
    """The scenario with so few rows of people that it takes no time to place them."""
    weight = -(-people_there(loaded, ground) // _ROWS_MAX)
    if weight <= loaded.spec.population.weight:
        return loaded
    population = loaded.spec.population.model_copy(update={"weight": weight})
    return replace(loaded, spec=loaded.spec.model_copy(update={"population": population}))


def _channels(
    loaded: LoadedScenario, message: AcceptedAlert, ground: BuiltGround, people: Population, targets: Targets
) -> tuple[str, ...]:
    """The notes of the channels; what is wrong with few people is tried with all of them."""
    wiring = Wiring(
        scenario=loaded.spec,
        alert=message.alert,
        area=targets.area,
        network=ground.network,
        population=people,
        targeted=targets.targeted,
        fault=loaded.fault,
        policy=message.policy,
    )
    try:
        made = make_channels(wiring)
    except EwsimError:
        made = make_channels(replace(wiring, population=people_of(loaded, ground)))
    return tuple(note for one in made for note in one.notes)
