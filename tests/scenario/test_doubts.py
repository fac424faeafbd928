"""Scenarios that hardly mean what they say get a note with its line; `time_of_day` says it in a word."""

import pytest

from ewsim.errors import ScenarioError
from ewsim.scenario.doubts import doubtful, no_outage
from ewsim.scenario.load import load_scenario
from ewsim.scenario.starting.starter import write_starter


@pytest.fixture
def loaded(tmp_path):
    """A starter with other lines under `population`."""

    def load(*lines, alert="authoring_delay_s: 300"):
        file, _ = write_starter(tmp_path / "s.yaml", force=True)
        text = file.read_text().replace("authoring_delay_s: 300", alert)
        more = "".join(f"  {line}\n" for line in lines)
        file.write_text(text.replace("population:\n", f"population:\n{more}"))
        return load_scenario(file)

    return load


def test_night_with_the_phones_of_the_day_gets_a_note(loaded):
    (said,) = doubtful(loaded("day: {hour: 2}"))
    assert said.startswith("s.yaml:21:9: warning: it is night at the decision, and 97% of phones are on")
    assert "time_of_day: night" in said
    assert not doubtful(loaded("day: {hour: 2}", "handsets: {on_share: 0.97}"))
    assert not doubtful(loaded("day: {hour: 12}"))


def test_a_message_that_takes_no_time_gets_a_note(loaded):
    (said,) = doubtful(loaded(alert="gateway: direct"))
    assert said.startswith("s.yaml:10:1: warning: it takes no time to write and approve the message.")
    assert not doubtful(loaded(alert="authoring_delay_s: 0"))


@pytest.mark.parametrize(
    ("time", "hour", "on"), [("night", 2, 0.88), ("day", 11, 0.97), ("evening", 19.5, 0.97)]
)
def test_one_word_sets_the_hour_and_the_phones(loaded, time, hour, on):
    made = loaded(f"time_of_day: {time}")
    people = made.spec.population
    assert (people.day.hour, people.handsets.on_share) == (hour, on)
    assert not doubtful(made)


def test_what_the_scenario_says_itself_counts(loaded):
    people = loaded("time_of_day: night", "day: {hour: 3, work_share: 0.1}", "handsets: {on_share: 0.8}").spec
    day, phones = people.population.day, people.population.handsets
    assert (day.hour, day.work_share, phones.on_share) == (3, 0.1, 0.8)


@pytest.mark.parametrize("wrong", ["noon", "2", "true", ".nan", "[1]"])
def test_other_words_are_refused_at_their_place(loaded, wrong):
    with pytest.raises(ScenarioError) as raised:
        loaded(f"time_of_day: {wrong}")
    assert ":21:16:" in str(raised.value)


def test_outages_that_take_no_cell_off_the_air_get_a_note_after_the_run(loaded):
    made = loaded()
    (said,) = no_outage(made, cells_out=False)
    assert "warning: no cell goes out in this run" in said
    assert no_outage(made, cells_out=True) == ()


@pytest.mark.parametrize(("time", "hour"), [("night", 12), ("day", 2), ("evening", 23.5), ("day", 18)])
def test_a_word_and_an_hour_that_contradict_each_other_are_refused(loaded, time, hour):
    with pytest.raises(ScenarioError) as raised:
        loaded(f"time_of_day: {time}", f"day: {{hour: {hour}}}")
    assert f":22:9: {hour:g} o'clock is" in str(raised.value)
    assert f"and time_of_day says {time}. Leave one of the two out." in str(raised.value)
