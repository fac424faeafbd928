"""Reach of fewer people than everybody, languages, and groups that are not modelled, person by person."""

from __future__ import annotations

import json

import pytest
from support import make_result, summary_of

from ewsim.metrics import table, words
from ewsim.metrics.denominators import Languages
from ewsim.report.page import render
from ewsim.report.replay.page import render as render_replay
from ewsim.result.record import Result

#: Of each age group, the people from this age on (the youngest of the group counts).
OLD_ENOUGH = {
    0: ["0-9", "10-17", "18-34", "35-49", "50-64", "65-74", "75+"],
    10: ["10-17", "18-34", "35-49", "50-64", "65-74", "75+"],
    18: ["18-34", "35-49", "50-64", "65-74", "75+"],
}


def made(languages=None, not_modelled=(), **phones) -> Result:
    result = make_result()
    handsets = result.scenario.population.handsets.model_copy(update=phones)
    population = result.scenario.population.model_copy(update={"handsets": handsets})
    scenario = result.scenario.model_copy(update={"population": population})
    fields = {name: getattr(result, name) for name in Result.__dataclass_fields__}
    return Result(**{**fields, "scenario": scenario, "languages": languages, "not_modelled": not_modelled})


@pytest.mark.parametrize("age", [0, 10, 18])
def test_reach_of_those_old_enough_and_of_those_with_a_phone(age):
    result = made(own_phone_age_years=age)
    reach, people = result.summary()["reach"], result.people
    inside = people[people["in_area"]]
    for found, some in (
        (reach["of_phone_age"], inside[inside["age_band"].isin(OLD_ENOUGH[age])]),
        (reach["of_owners"], inside[inside["operator"] != "none"]),
    ):
        there = some.loc[some["reached_s"].notna(), "weight"].sum()
        assert (found["in_area"], found["people"]) == (some["weight"].sum(), there)
        assert found["share"] == pytest.approx(there / some["weight"].sum())
    assert reach["of_phone_age"]["age_years"] == age
    if age == 0:
        assert reach["of_phone_age"]["people"] == reach["people"]
        assert reach["of_phone_age"]["share"] == reach["share"]


def test_the_headline_says_that_children_are_in_it_and_gives_the_others_beside_it():
    result = made(own_phone_age_years=10)
    reach = result.summary()["reach"]
    said = words.answer(result.summary(), result.horizon_s)[1]
    assert said == (
        "Everybody counts in that share, also children under 10. Of people of 10 and over "
        f"{words.percent(reach['of_phone_age']['share'])} were reached, of people with a phone "
        f"{words.percent(reach['of_owners']['share'])}."
    )
    assert said.split(". ")[0] in " ".join(result.text().split())
    assert "also people under 18" in made(own_phone_age_years=18).text()
    assert "and over" not in made(own_phone_age_years=0).text()
    figures = dict(words.key_figures(result.summary(), result.horizon_s))
    assert figures["Reached, of people of 10 and over"] == words.percent(reach["of_phone_age"]["share"])
    assert figures["Reached, of people with a phone"] == words.percent(reach["of_owners"]["share"])
    for page in (render(result), render_replay(result)):
        assert "people of 10 and over" in page
        assert "people with a phone" in page


def test_who_reads_none_of_the_languages_is_counted_and_named():
    # half of the people read es; the message has en and es, and only en is sent
    result = made(languages=Languages(("en-GB", "es"), ("en-GB",)))
    found, people = result.summary()["not_reading"], result.people
    inside = people[people["in_area"]]
    spanish = inside[inside["language"] == "es"]
    shown = spanish.loc[spanish["reached_s"].notna(), "weight"].sum()
    assert found["languages"] == ["en-GB", "es"]
    assert (found["people"], found["by_language"]) == (0, {})
    sent = found["sent"]
    assert sent["languages"] == ["en-GB"]
    assert sent["by_language"] == {"es": {"people": spanish["weight"].sum(), "reached": shown}}
    assert (sent["people"], sent["reached"]) == (spanish["weight"].sum(), shown)
    assert sent["share"] == pytest.approx(spanish["weight"].sum() / inside["weight"].sum())
    assert json.loads(json.dumps(found)) == found
    text = " ".join(result.text().split())
    assert "read none of the message's languages as it is sent (en-GB): they read es." in text
    assert "The message also has es, which no channel sends." in text
    assert "Nothing here says that they understand it." in render(result)


def test_information_about_languages_is_no_cause():
    plain, with_languages = make_result().summary(), made(languages=Languages(("fr",), ("fr",))).summary()
    assert plain["causes"] == with_languages["causes"]
    assert plain["reach"]["people"] == with_languages["reach"]["people"]
    assert with_languages["not_reading"]["people"] == with_languages["in_area"]


def test_without_stated_languages_nobody_is_counted_and_the_report_says_so():
    result = made(languages=None)
    assert result.summary()["not_reading"] is None
    assert "read none" not in result.text()
    assert "does not say which languages people read" in render(result)


def test_groups_that_are_not_modelled_have_people_and_no_numbers(tmp_path):
    result = made(not_modelled=("sex", "language"))
    groups = result.summary()["reach"]["by_group"]
    for column in ("sex", "language"):
        for row in groups[column].values():
            assert row["modelled"] is False
            assert row["people"] > 0
            assert row["reached"] is row["share"] is row["gap_ratio"] is None
    assert all(row["modelled"] and row["reached"] is not None for row in groups["age_band"].values())
    frame = result.by_group("sex")
    assert frame[["reached", "missed", "share", "gap_ratio"]].isna().all(axis=None)
    assert frame["people"].sum() == result.summary()["in_area"]
    page = render(result)
    in_annex = page[page.index('id="groups"') :]
    assert in_annex.count("not modelled</td>") == sum(len(groups[c]) for c in ("sex", "language"))
    assert "This run treats people alike by language, sex." in page or "by sex, language." in page
    result.save(tmp_path / "out")
    again = Result.load(tmp_path / "out")
    assert (again.not_modelled, again.languages) == (result.not_modelled, result.languages)
    assert again.summary()["reach"] == result.summary()["reach"]


def test_an_empty_area_has_shares_of_nothing():
    ledger = make_result().ledger
    ledger.people["in_area"] = False
    found = summary_of(ledger, languages=Languages(("fr",), ()))
    assert found["reach"]["of_owners"] == {"in_area": 0, "people": 0, "share": 0.0}
    assert found["not_reading"]["people"] == 0
    assert found["not_reading"]["sent"] is None


def test_the_text_stays_narrow():
    text = made(languages=Languages(("fr",), ("fr",))).text()
    assert max(map(len, text.split("\n"))) <= table.WIDTH
