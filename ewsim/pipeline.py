"""The program: one run, from a country to a result, the one place that wires everything.

1. `build_country` reads or invents what stands before anything runs (`ewsim.country.build`);
2. `run` makes the channels, lets the infrastructure run and delivers to the crowd;
3. `result_of` writes down who was reached, when, and who was missed and why.

`ewsim.experiments.replications.run_scenario` does this for a scenario, once or many times.
"""

from dataclasses import dataclass

from ewsim.channels.cell_broadcast.false import false_broadcasts
from ewsim.channels.wiring import Made, Wiring, make_channels
from ewsim.country.availability import network_rows
from ewsim.country.build import Country, cells_table, targeting_figures
from ewsim.country.message import summary_of
from ewsim.country.signal.squares import signal_squares
from ewsim.country.targets import OVERRIDDEN
from ewsim.engine import simulation
from ewsim.engine.simulation import Setup
from ewsim.geography import plane
from ewsim.kinds import outages
from ewsim.ledger import Ledger
from ewsim.metrics.denominators import Languages
from ewsim.response.chain import ILLUSTRATIVE, asked_of, with_response
from ewsim.result.fields import Assumption, Identity
from ewsim.result.record import Result
from ewsim.scenario.assumptions import assumed_values
from ewsim.scenario.doubts import no_outage
from ewsim.streams import Streams
from ewsim.units import to_us
from ewsim.version import __version__


@dataclass(frozen=True, slots=True)
class Finished:
    """One run: the channels that ran, what happened to whom, and seconds by phase."""

    channels: list[Made]
    ledger: Ledger
    timing_s: dict[str, float]


def run(country: Country, replication: int = 0) -> Finished:
    """One run; the replication's number draws its faults and luck, the country stays the same."""
    channels = make_channels(wiring_of(country))
    setup, streams = setup_of(country), Streams(country.loaded.spec.seed, replication)
    done = simulation.simulate(setup, [made.channel for made in channels], streams)
    asked = asked_of(country.loaded.spec, {made.channel.name: made.languages for made in channels})
    ledger = with_response(simulation.ledger(setup, done), country.population.people, asked, streams)
    return Finished(channels, ledger, done.timing_s)


def wiring_of(country: Country) -> Wiring:
    """What every channel of a run is made from."""
    return Wiring(
        scenario=country.loaded.spec,
        alert=country.message.alert,
        area=country.area,
        network=country.network,
        population=country.population,
        targeted=country.targeted,
        fault=country.loaded.fault,
        policy=country.message.policy,
    )


def setup_of(country: Country) -> Setup:
    """What the engine needs of the country."""
    spec = country.loaded.spec
    return Setup(
        network=country.network,
        population=country.population,
        in_area=country.in_area,
        alert=spec.alert,
        disturbances=country.disturbances,
        horizon_us=to_us(spec.horizon_s),
        outside=country.outside,
        power=spec.network.power,
        phones=spec.population.handsets,
        hazard_us=country.hazard_us,
        false=false_broadcasts(wiring_of(country)),
    )


def result_of(country: Country, finished: Finished, *, whole: bool = True) -> Result:
    """The result of a run.

    Parameters
    ----------
    country, finished
        What stood before the run, and the run.
    whole
        With what the country is like by itself: targeting, coverage, where phones had a signal.
    """
    loaded, spec = country.loaded, country.loaded.spec
    frame, land = country.network.frame, country.network.land
    out = _cells_out(finished.ledger)
    return Result(
        scenario=spec,
        identity=Identity(
            name=spec.name, arm=loaded.arm, scenario_sha256=loaded.sha256, seed=spec.seed, version=__version__
        ),
        ledger=finished.ledger,
        cells=cells_table(country.network, country.targeted),
        alert=summary_of(country.message.alert),
        area=plane.to_geojson(frame, country.area),
        land=None if land is None else plane.to_geojson(frame, land),
        notes=(
            *country.notes,
            *(() if country.idle else no_outage(loaded, out)),
            *country.message.notes,
            *country.network.notes,
            *country.population.notes,
            *([] if spec.response is None else [ILLUSTRATIVE]),
            *([OVERRIDDEN] if spec.alert.area_override is not None else []),
            *(note for made in finished.channels for note in made.notes),
        ),
        assumptions=tuple(Assumption(*row[:3]) for row in assumed_values(spec)),
        horizon_s=spec.horizon_s,
        timing_s=finished.timing_s,
        targeting=targeting_figures(country) if whole else None,
        network=tuple(network_rows(country.network.built, country.population)) if whole else (),
        languages=languages_of(country, finished),
        not_modelled=country.population.not_modelled,
        sent={made.channel.name: dict(made.sent) for made in finished.channels if made.sent},
        squares=signal_squares(country.network, country.population.people) if out and whole else None,
    )


def _cells_out(ledger: Ledger) -> bool:
    return bool(ledger.events["kind"].isin(list(outages())).any())


def languages_of(country: Country, finished: Finished) -> Languages | None:
    """The languages of the message; None where the scenario does not say what people read."""
    if "languages" not in country.loaded.spec.population.model_fields_set:
        return None
    sent = (language for made in finished.channels for language in made.languages)
    message = (info.language for info in country.message.alert.infos)
    return Languages(tuple(dict.fromkeys(message)), tuple(dict.fromkeys(sent)))
