"""The chain from displayed to acted, on made-up people."""

import dataclasses

import numpy as np
import pytest
from support import make_ledger, make_outcome, make_result

from ewsim.errors import DataError
from ewsim.ledger import RESPONSE_COLUMNS, Ledger
from ewsim.metrics.protection.funnel import response_stages
from ewsim.metrics.replications import headline, interval, replications_frame
from ewsim.metrics.words import replicated
from ewsim.population.people import AGE_BANDS, DISABILITIES
from ewsim.response.chain import ResponseInput, with_response
from ewsim.result.record import Result
from ewsim.result.tables import StoredLedger
from ewsim.scenario.spec import ResponseSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US
from ewsim.validation.diffusion import crowd

COUNT = 4000
HORIZON_US = 6 * 3600 * US


@pytest.fixture(scope="module")
def ledger():
    return make_ledger(people=COUNT, reach={"cell_broadcast": 0.7})[0]


@pytest.fixture(scope="module")
def people():
    ids, streams = np.arange(COUNT), Streams(5)
    return dataclasses.replace(
        crowd(COUNT),
        age_band=streams.choice("age", ids, np.ones(len(AGE_BANDS))).astype(np.int8),
        disability=streams.choice("disability", ids, np.ones(len(DISABILITIES))).astype(np.int8),
        language=streams.choice("language", ids, [1, 1]).astype(np.int8),
        languages=("en", "es"),
        zone=streams.choice("zone", ids, np.ones(20)).astype(np.int32),
        zone_names=tuple(map(str, range(20))),
    )


def answer(ledger, people, hour=11.0, texts=None, seed=1, **keys):
    spec = ResponseSpec.model_validate(keys)
    asked = ResponseInput(spec, hour, HORIZON_US, texts)
    return with_response(ledger, people, asked, Streams(seed)).response


def test_the_stages_come_in_their_order(ledger, people):
    did = answer(ledger, people, other_sources={})
    assert (did.noticed_us <= did.understood_us).all()
    assert (did.understood_us <= did.acted_us).all()
    for times in (did.noticed_us, did.understood_us, did.acted_us):
        assert ((times <= HORIZON_US) | (times == NEVER)).all()
    assert ((did.noticed_from >= 0) == (did.noticed_us < NEVER)).all()
    by_phone = did.noticed_from == did.sources.index("cell_broadcast")
    assert (ledger.reached_us[by_phone] <= did.noticed_us[by_phone]).all()
    assert did.sources == ("cell_broadcast", "other_sources", "word_of_mouth")


def test_the_same_seed_gives_the_same_and_another_run_other_luck(ledger, people):
    one, again = answer(ledger, people), answer(ledger, people)
    assert (one.acted_us == again.acted_us).all()
    assert (one.acted_us != answer(ledger, people, seed=2).acted_us).any()


def test_a_channel_more_makes_nobody_later(ledger, people):
    more = dict(ledger.outcomes)
    more["location_based_sms"] = make_outcome(Streams(9), "location_based_sms", COUNT, 0.5, 300)
    both = dataclasses.replace(ledger, outcomes=more)
    one, two = answer(ledger, people), answer(both, people)
    for name in ("noticed_us", "understood_us", "acted_us"):
        assert (getattr(two, name) <= getattr(one, name)).all()


def test_an_alarm_is_noticed_at_once_by_day_and_by_few_sleepers(ledger, people):
    shown = ledger.reached_us < NEVER

    def soon(**keys):
        did = answer(ledger, people, telling={"informed_count": 0}, **keys)
        return (did.noticed_us[shown] - ledger.reached_us[shown] <= 120 * US).mean()

    assert soon(hour=20.0) == pytest.approx(0.95, abs=0.02)
    night = soon(hour=2.0)
    shares = np.array([0.9, 0.9, 0.9, 0.7, 0.5, 0.34, 0.34])[people.age_band] * 0.75
    shares = shares * np.where(people.disability == DISABILITIES.index("hearing"), 0.61, 1)
    assert night == pytest.approx(shares[shown].mean(), abs=0.03)
    waking = answer(ledger, people, hour=2.0, telling={"informed_count": 0})
    assert (waking.noticed_us < NEVER)[shown].mean() < 1  # until 8 o'clock not everybody is awake


def test_who_reads_another_language_understands_less(ledger, people):
    def share(texts):
        did = answer(ledger, people, texts=texts, telling={"informed_count": 0})
        spanish = (people.language == 1) & (did.noticed_us < NEVER)
        return (did.understood_us < NEVER)[spanish].mean()

    assert share({"cell_broadcast": ("en-GB",)}) == pytest.approx(share(None) / 2, abs=0.03)
    assert share({"cell_broadcast": ("en", "es-PR")}) == share(None)


def test_telling_saturates_and_stays_near(ledger, people):
    few, many = (answer(ledger, people, telling={"informed_count": n}) for n in (0.5, 20))
    shares = [(did.noticed_us < NEVER).mean() for did in (few, many)]
    assert 0.7 < shares[0] < shares[1] <= 1
    assert shares[1] > 0.99
    night = answer(ledger, people, hour=2.0, telling={"informed_count": 5, "night_factor": 0})
    assert not (night.noticed_from == night.sources.index("word_of_mouth")).any()


def test_who_arrives_later_hears_of_it_on_arrival(ledger, people):
    late = dataclasses.replace(people, arrives_us=np.full(COUNT, HORIZON_US // 2))
    did = answer(ledger, late, telling={"informed_count": 5})
    informed = did.noticed_from == did.sources.index("word_of_mouth")
    assert informed.any()
    assert (did.noticed_us[informed] >= HORIZON_US // 2).all()


def test_a_preset_sets_what_is_not_given_and_curves_differ():
    spec = ResponseSpec.model_validate({"preset": "slow", "acting": {"acts_share": 0.5}})
    assert (spec.acting.acts_share, spec.acting.median_s, spec.telling.night_factor) == (0.5, 3600, 0.35)
    with pytest.raises(ValueError, match="p90_s must be more than median_s"):
        ResponseSpec.model_validate({"acting": {"median_s": 10, "p90_s": 5}})
    assert ResponseSpec.model_validate({"acting": {"curve": "rayleigh", "median_s": 1, "p90_s": 1}})


def test_delays_have_their_median(ledger, people):
    for curve in ("weibull", "rayleigh"):
        acting = {"curve": curve, "median_s": 600, "p90_s": 1800, "acts_share": 1}
        did = answer(ledger, people, acting=acting)
        early = did.understood_us < HORIZON_US // 4
        delay = (did.acted_us - did.understood_us)[early] / US
        assert np.median(delay) == pytest.approx(600, rel=0.08)


@pytest.fixture(scope="module")
def result(ledger, people):
    made = make_result(people=COUNT, reach={"cell_broadcast": 0.7})
    made.ledger.people["hazard_arrival_s"] = 2400.0
    return dataclasses.replace(made, ledger=dataclasses.replace(made.ledger, response=answer(ledger, people)))


def test_figures_of_the_stages(result):
    found, ledger = response_stages(result.ledger), result.ledger
    inside = ledger.people["in_area"].to_numpy()
    for stage, times in (("noticed", ledger.response.noticed_us), ("acted", ledger.response.acted_us)):
        assert found["stages"][stage]["people"] == 25 * (inside & (times < NEVER)).sum()
    assert sum(found["first_source"].values()) == found["stages"]["noticed"]["people"]
    informed = found["first_source"]["word_of_mouth"] / found["stages"]["noticed"]["people"]
    assert found["informal_share"] == pytest.approx(informed)
    acted = 25 * (inside & (ledger.response.acted_us < 2400 * US)).sum()
    assert found["acted_before_hazard"]["people"] == acted
    row = headline(ledger)
    assert row["acted_share"] == found["stages"]["acted"]["share"]
    said = replicated({**interval(replications_frame([row])), "count": 1})
    assert "acted" in [name for name, *_ in said]
    assert result.summary()["protection"]["sendai"]["g6_of"] == "acted_before_hazard"
    assert "What people did with the alert (illustrative)" in result.text()


def test_a_result_with_it_is_kept_and_read_back(result, tmp_path):
    result.save(tmp_path / "out")
    again = Result.load(tmp_path / "out")
    for name in ("noticed_us", "understood_us", "acted_us", "noticed_from"):
        assert (getattr(again.ledger.response, name) == getattr(result.ledger.response, name)).all()
    people = result.people
    people["acted_s"] = 0.0
    people.to_parquet(tmp_path / "out" / "people.parquet")
    with pytest.raises(DataError, match="acted before"):
        StoredLedger.at(tmp_path / "out", len(result.cells)).read()
    with pytest.raises(DataError, match="is not as the run wrote it"):
        Result.load(tmp_path / "out").summary()


def test_without_it_nothing_changes(ledger):
    assert ledger.response is None
    assert not set(RESPONSE_COLUMNS) & set(ledger.people_frame().columns)
    assert isinstance(ledger, Ledger)
    assert response_stages(ledger) is None
