"""A scenario held against its files, its message and its network: what a run of it would refuse and say."""

from dataclasses import dataclass, replace

from ewsim.channels.wiring import Wiring, make_channels
from ewsim.country.build import CheckedParts, ground_key
from ewsim.country.disturbed import check_disturbances, misplaced_notes
from ewsim.country.ground import BuiltGround
from ewsim.country.message import AcceptedAlert
from ewsim.country.people import check_memory, people_in, people_of, people_there, perhaps_empty
from ewsim.country.targets import OVERRIDDEN, Targets, needs_people, targets_of
from ewsim.errors import EwsimError
from ewsim.population.people import Population
from ewsim.scenario.doubts import doubtful
from ewsim.scenario.load import LoadedScenario
from ewsim.streams import Streams

#: Rows of people that stand for a country's where only their places are looked at.
_ROWS_MAX = 20_000
#: What a check leaves to the run.
NOT_CHECKED = "not checked: whether phones can camp on a table of cells, and whether a cell goes out: run it."


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
    message, key = parts.message(loaded), ground_key(loaded)
    streams, ground = Streams(spec.seed).country(), parts.ground(loaded, key)
    idle = check_disturbances(loaded, ground.network)
    notes = (*idle, *misplaced_notes(loaded, ground, idle), *doubtful(loaded))
    check_memory(loaded, ground)
    until = spec.horizon_s if spec.population.arrivals else ""
    who = f"{key} {spec.population.model_dump_json(exclude={'handsets'})} {until}"
    people = parts.population(_coarse(loaded, ground), ground, who)
    aim = f"{spec.alert.model_dump_json()} {who} {spec.targeting.model_dump_json()}"
    if aim not in parts.targets or needs_people(spec.targeting):
        everybody = people_of(loaded, ground, streams) if needs_people(spec.targeting) else None
        parts.targets[aim] = targets_of(loaded, message.alert, ground, everybody)
        if perhaps_empty(parts.targets[aim].area, ground):
            everybody = people_of(loaded, ground, streams) if everybody is None else everybody
            people_in(parts.targets[aim].area, everybody, loaded)
    overridden = () if spec.alert.area_override is None else (OVERRIDDEN,)
    sent = f"{aim} {spec.channels.model_dump_json()}"
    if sent not in parts.said:
        parts.said[sent] = _channels(loaded, message, ground, people, parts.targets[aim], streams)
    on_data = (*ground.network.notes, *people.notes, *overridden, *parts.said[sent])
    return CountryNotes((*notes, *parts.targets[aim].notes, *message.notes), on_data)


def _coarse(loaded: LoadedScenario, ground: BuiltGround) -> LoadedScenario:
    """The scenario with so few rows of people that it takes no time to place them."""
    weight = -(-people_there(loaded, ground) // _ROWS_MAX)
    if weight <= loaded.spec.population.weight:
        return loaded
    population = loaded.spec.population.model_copy(update={"weight": weight})
    return replace(loaded, spec=loaded.spec.model_copy(update={"population": population}))


def _channels(
    loaded: LoadedScenario,
    message: AcceptedAlert,
    ground: BuiltGround,
    people: Population,
    targets: Targets,
    streams: Streams,
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
        made = make_channels(replace(wiring, population=people_of(loaded, ground, streams)))
    return tuple(note for one in made for note in one.notes)
