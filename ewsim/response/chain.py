"""The chain of a person: displayed, noticed, understood, informed by others, acted.

The order of a run:

1. each person notices what each channel displayed to them (`noticing`), and what other sources say;
2. they understand it, by language, form and content;
3. who understood tells others, who understand what they hear (`telling`);
4. who understood acts, some never, after a delay (`curves`).

Assumptions: every stage draws its own luck for a person, so being old, far from the language and
asleep counts only through the groups of the person; a person acts alone (households are not modelled);
nobody stops telling others when the alert ends; a second alert does not shorten the delay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ewsim.kinds import kinds_of
from ewsim.ledger import Ledger, Response
from ewsim.population.people import DISABILITIES, People
from ewsim.response import curves
from ewsim.response.noticing import Noticing
from ewsim.response.telling import passed_on
from ewsim.scenario.spec import Scenario
from ewsim.scenario.spec.population import is_night
from ewsim.scenario.spec.response import ActingSpec, ResponseSpec, UnderstandingSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US, to_us

#: What a result with the layer says of it.
ILLUSTRATIVE = (
    "What people do with the alert (noticed, understood, informed, acted) is illustrative: most numbers are "
    "assumptions, not measurements. Compare runs with it; do not quote a single number."
)
#: Sources besides the channels, as `noticed_from` names them.
OTHER, WORD_OF_MOUTH = "other_sources", "word_of_mouth"
_SIGHT = DISABILITIES.index("sight")
#: The hour at the decision where the scenario says none.
_HOUR = 11.0

Int64Array = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ResponseInput:
    """What the layer needs of a scenario; `texts` are the languages of what each channel sends.

    `texts` is None where it is not known what people read: then everybody reads everything.
    """

    spec: ResponseSpec
    hour: float
    horizon_us: int
    texts: Mapping[str, tuple[str, ...]] | None


def asked_of(scenario: Scenario, texts: Mapping[str, tuple[str, ...]]) -> ResponseInput | None:
    """What a scenario asks of the layer; None where it does not ask."""
    if scenario.response is None:
        return None
    day = scenario.population.day
    known = "languages" in scenario.population.model_fields_set
    return ResponseInput(
        scenario.response,
        _HOUR if day is None else day.hour,
        to_us(scenario.horizon_s),
        texts if known else None,
    )


def with_response(ledger: Ledger, people: People, asked: ResponseInput | None, streams: Streams) -> Ledger:
    """The ledger with what people did; as it is where the scenario does not ask.

    Parameters
    ----------
    ledger
        What was displayed to whom.
    people
        The people of its rows.
    asked
        What the scenario asks.
    streams
        The random numbers of this replication.
    """
    return ledger if asked is None else replace(ledger, response=_respond(ledger, people, asked, streams))


def _respond(ledger: Ledger, people: People, asked: ResponseInput, streams: Streams) -> Response:
    """What people did with the alert."""
    spec, ids, horizon = asked.spec, np.arange(len(people)), asked.horizon_us
    streams = streams.from_row(people.first)
    kinds = kinds_of("channel")
    noticing = Noticing(spec.noticing, people, asked.hour, streams)
    luck = streams.uniform("response.understands", ids)
    sources: list[str] = []
    noticed = np.full(ids.size, NEVER, dtype=np.int64)
    understood, origin = noticed.copy(), np.full(ids.size, -1, dtype=np.int8)

    def learn(name: str, at: Int64Array, who: BoolArray) -> None:
        at = np.where(at <= horizon, at, NEVER)
        origin[at < noticed] = len(sources)
        sources.append(name)
        np.minimum(noticed, at, out=noticed)
        np.minimum(understood, np.where(who, at, NEVER), out=understood)

    for name, outcome in ledger.outcomes.items():
        notice = kinds[name].notice if name in kinds else "message"
        at = outcome.displayed_us
        if notice in ("alarm", "message"):
            at = noticing.noticed_us(name, at, alarm=notice == "alarm")
        tags = None if asked.texts is None else asked.texts.get(name)
        learn(name, at, luck < _understands(spec.understanding, people, notice, tags))
    if spec.other_sources is not None:
        other = spec.other_sources
        at_s = other.start_s + streams.exponential("response.other", ids) / max(other.rate_per_s, 1e-12)
        there = np.rint(np.minimum(at_s, 1e9) * US).astype(np.int64)
        can = streams.uniform("response.reachable", ids) < other.ceiling_share
        at = np.where(can, np.maximum(there, ledger.there_us), NEVER)
        learn(OTHER, at, luck < spec.understanding.content_share)
    found = passed_on(
        spec.telling, understood, people, streams, night=is_night(asked.hour), horizon_us=horizon
    )
    learn(WORD_OF_MOUTH, np.where(found.informed, found.known_us, NEVER), found.informed)
    acts = streams.uniform("response.acts", ids) < spec.acting.acts_share
    delay = np.rint(np.minimum(_delay_s(spec.acting, streams, ids), 1e9) * US).astype(np.int64)
    acted = np.where(acts & (understood < NEVER), understood + delay, NEVER)
    acted[acted > horizon] = NEVER
    return Response(noticed, understood, acted, origin, tuple(sources))


def _understands(
    spec: UnderstandingSpec, people: People, notice: str, tags: tuple[str, ...] | None
) -> NDArray[np.float64]:
    """The chance of each person to understand what a channel brought."""
    if notice == "signal":
        return np.full(len(people), spec.signal_share)
    chance = np.full(len(people), spec.content_share)
    if notice == "spoken":
        return chance
    if tags:
        have = {tag.replace("_", "-").partition("-")[0].casefold() for tag in tags}
        main = [tag.replace("_", "-").partition("-")[0].casefold() for tag in people.languages]
        reads = np.array([tag in have for tag in main])[people.language]
        chance[~reads] *= spec.other_language_share
    chance[people.disability == _SIGHT] *= spec.sight_share
    return chance


def _delay_s(spec: ActingSpec, streams: Streams, ids: Int64Array) -> NDArray[np.float64]:
    """How long after understanding each acts, if they do [s]."""
    waited = streams.exponential("response.delay", ids)
    if spec.curve == "rayleigh":
        return np.asarray(curves.rayleigh_scale(spec.median_s) * np.sqrt(2 * waited))
    a, b = curves.weibull_fit(spec.median_s, spec.p90_s)
    return np.asarray((waited / a) ** (1 / b))
