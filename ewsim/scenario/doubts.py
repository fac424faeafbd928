"""Notes on keys of a scenario that are each right, and hardly mean what they say together."""

from collections.abc import Iterator
from dataclasses import replace

from ewsim.errors import KeyFault
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import Scenario
from ewsim.scenario.spec.population import NIGHT_ON_SHARE, is_night


def doubtful(loaded: LoadedScenario) -> tuple[str, ...]:
    """The notes, each with its line."""
    found = (loaded.placed(note, "warning") for note in _found(loaded.spec))
    return tuple(str(replace(note, file=loaded.path.name)) for note in found)


def no_outage(loaded: LoadedScenario, cells_out: bool) -> tuple[str, ...]:
    """A note where a scenario has disturbances, and a run of it no cell that went out."""
    if cells_out or not any(one.breaks for one in loaded.spec.disturbances):
        return ()
    message = "no cell goes out in this run: batteries, generators and other links outlast what happens."
    fix = "Let it begin earlier or hit more; see network.power for the batteries."
    note = loaded.placed(KeyFault(("disturbances",), message, fix), "warning")
    return (str(replace(note, file=loaded.path.name)),)


def _found(spec: Scenario) -> Iterator[KeyFault]:
    day, phones, alert = spec.population.day, spec.population.handsets, spec.alert
    if day is not None and is_night(day.hour) and "on_share" not in phones.model_fields_set:
        yield KeyFault(
            ("population", "day", "hour"),
            f"it is night at the decision, and {phones.on_share:.0%} of phones are on as by day.",
            f"Write population.time_of_day: night, or handsets.on_share (assumption: {NIGHT_ON_SHARE}).",
        )
    if not {"decision_delay_s", "authoring_delay_s"} & alert.model_fields_set:
        yield KeyFault(
            ("alert",),
            "it takes no time to write and approve the message.",
            "Give alert.authoring_delay_s; 0 says that this is meant.",
        )
