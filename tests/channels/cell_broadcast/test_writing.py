"""From the words of a message to what is broadcast; what is cut, refused or noted."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ewsim import coding
from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.broadcast.policy import read_policy
from ewsim.channels.cell_broadcast import writing
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import broadcasts, sharing
from ewsim.channels.cell_broadcast.withheld import Withheld
from ewsim.country.build import build_country
from ewsim.engine import benchmark_world, simulation
from ewsim.errors import EwsimError, ScenarioError
from ewsim.experiments.replications import run_scenario
from ewsim.kinds import kinds_of
from ewsim.ledger import CAUSE_CODE
from ewsim.pipeline import wiring_of
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, to_us

ROOT = Path(__file__).parents[3]
ISLAND = ROOT / "scenarios" / "island_cyclone.yaml"
CB = "channels.cell_broadcast"


@pytest.fixture(scope="module")
def wired():
    return wiring_of(build_country(load_scenario(ISLAND, ["population.people_count=3000"])))


def made(wired, **keys):
    spec = type(wired.scenario.channels.cell_broadcast).model_validate(keys)
    return writing.make(wired, spec)


def plan(wired, **keys):
    channel = made(wired, **keys).channel
    assert isinstance(channel, CellBroadcast)
    return channel.plan


def with_text(wired, text):
    """The same with another description in its first <info>."""
    first = dataclasses.replace(wired.alert.infos[0], description=text)
    alert = dataclasses.replace(wired.alert, infos=(first, *wired.alert.infos[1:]))
    return dataclasses.replace(wired, alert=alert)


# --- plans --------------------------------------------------------------------------------------


def test_a_scenario_that_says_little_sends_one_message_once(wired) -> None:
    simple = plan(wired)
    assert len(simple.messages) == len(simple.actions) == 1
    assert simple.messages[0].broadcast_count is None
    assert made(wired).notes == ()


def test_another_language_has_the_twin_identifier_and_goes_out_beside(wired) -> None:
    both = plan(wired, messages=[{"language": "fr"}])
    first, second = both.messages
    assert second.message_identifier == coding.additional_language(first.message_identifier)
    assert [o.concurrent for o in both.actions[0].orders] == [False, True]
    assert sharing(both) == [(0, 1), (0, 1)]


def under(wired, policy, **words):
    """The same under another policy, with other words in its first <info>."""
    first = dataclasses.replace(wired.alert.infos[0], **words)
    alert = dataclasses.replace(wired.alert, infos=(first, *wired.alert.infos[1:]))
    return dataclasses.replace(wired, alert=alert, policy=read_policy(policy))


def first_only(wired):
    """The same with the first <info> of its message alone."""
    return dataclasses.replace(wired, alert=dataclasses.replace(wired.alert, infos=wired.alert.infos[:1]))


@pytest.mark.parametrize(
    ("policy", "severity", "identifier"),
    [
        ("default", "Severe", 4376),
        ("de", "Severe", 4378),
        ("fr", "Severe", 4375),
        ("nl", "Extreme", 4372),
        ("de", "Minor", 4396),
        ("nl", "Minor", 4371),
    ],
)
def test_a_country_broadcasts_under_its_own_identifiers(wired, policy, severity, identifier):
    there = under(wired, policy, severity=severity)
    assert plan(there).messages[0].message_identifier == identifier
    assert plan(there, message_identifier=919).messages[0].message_identifier == 919
    assert made(there).notes == ()
    assert made(there).sent["level"].endswith(f", policy {policy}")


def test_the_level_is_called_what_the_country_calls_it(wired):
    level = made(under(wired, "de", severity="Severe")).sent["level"]
    assert level == "DE-Alert severe threat, policy de"


def test_a_message_below_the_threshold_is_not_sent_and_that_is_said(wired):
    """The answer of `ewsim cap plan`."""
    there = first_only(under(wired, "es", severity="Minor"))
    done = made(there, then=[{"do": "update", "at_s": 600}])
    assert isinstance(done.channel, Withheld)
    (reason,) = plan_broadcast(there.alert, policy=there.policy).reasons
    assert done.sent == {"not_sent": reason}
    assert done.notes == (f"Cell broadcast sends nothing. {reason}",)
    assert done.languages == ()
    assert kinds_of("channel")["cell_broadcast"].describe(done.sent) == [("not sent", reason)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "Draft"}, "Its status is Draft"),
        ({"scope": "Private"}, "Its scope is Private"),
        ({"msg_type": "Cancel", "references": ("a@b,c,2026-01-01T00:00:00-00:00",)}, "It is a Cancel"),
        ({"msg_type": "Cancel"}, "there is nothing to stop"),
        ({"sent": datetime(2100, 1, 1, tzinfo=UTC)}, "before it was sent"),
        ({"broken": True}, "Its signature is broken"),
    ],
)
def test_what_plan_does_not_broadcast_a_scenario_does_not(wired, change, says):
    alert = dataclasses.replace(wired.alert, **change)
    done = made(dataclasses.replace(wired, alert=alert))
    assert isinstance(done.channel, Withheld)
    assert says in done.sent["not_sent"]


def test_the_senders_own_switch_holds_unless_the_scenario_names_the_identifier(wired):
    off = first_only(under(wired, "us", parameters=(("BLOCKCHANNEL", "CMAS"),)))
    assert "BLOCKCHANNEL=CMAS" in made(off).sent["not_sent"]
    sent = made(off, message_identifier=4371)
    assert sent.channel.plan.messages[0].message_identifier == 4371
    assert sent.notes[0].startswith("channels.cell_broadcast.message_identifier still sends the")
    assert made(off, etws="tsunami").channel.plan.messages[0].message_identifier == 4353


def test_a_language_that_has_expired_when_sent_is_not_sent(wired):
    """As `ewsim cap plan` says; the first that has not is sent where none is asked for."""
    first, *others = wired.alert.infos
    late = dataclasses.replace(first, expires=wired.alert.sent)
    half = dataclasses.replace(wired, alert=dataclasses.replace(wired.alert, infos=(late, *others)))
    assert made(half).languages == (others[0].language,)
    done = made(half, language=first.language)
    assert isinstance(done.channel, Withheld)
    assert f"In {first.language} nothing is sent: it expired on" in done.sent["not_sent"]
    assert made(half, language=first.language, message_identifier=4371).languages == (first.language,)
    both = made(half, messages=[{"language": first.language}])
    assert f"In {first.language} cell broadcast sends nothing: its text expired on" in " ".join(both.notes)
    assert "Policy" not in " ".join(both.notes)


def test_a_version_that_the_policy_keeps_off_is_left_out(wired):
    """French alone goes out when the English text is switched off; as the first message."""
    off = under(wired, "default", parameters=(("BLOCKCHANNEL", "WEA"),))
    done = made(off, messages=[{"language": "fr"}])
    (message,) = done.channel.plan.messages
    assert message.message_identifier < 4383  # not the twin for a second language
    assert done.notes == ("Policy default keeps 1 version of the message off cell broadcast.",)
    assert done.languages == ("fr",)
    assert [o.concurrent for o in done.channel.plan.actions[0].orders] == [False]


def test_nobody_is_reached_by_what_was_not_sent_and_everyone_is_counted():
    setup = benchmark_world.setup(2000, 60, 3)
    done = simulation.simulate(setup, [Withheld()], Streams(5))
    got, people = done.outcomes["cell_broadcast"], setup.population.people
    assert (got.received_us == NEVER).all()
    assert (got.sent_us == NEVER).all()
    causes = np.where(people.handset < 0, CAUSE_CODE["no_device"], CAUSE_CODE["not_broadcast"])
    assert (got.cause == causes).all()


def test_the_text_is_what_the_policy_shows(wired):
    info = wired.alert.infos[0]
    assert made(under(wired, "uk"), text="policy").sent["text"] == info.description
    assert made(under(wired, "uk")).sent["text"].startswith(info.headline)
    without = under(wired, "uk", description=None)
    assert made(without, text="policy").sent["text"] == info.headline


@pytest.mark.parametrize(
    ("first", "twin"), [(4370, 4383), (4382, 4395), (4396, 4397), (4398, 4399), (919, 919)]
)
def test_twin_identifiers_are_those_of_the_table(first: int, twin: int) -> None:
    assert coding.additional_language(first) == twin


def test_an_update_keeps_the_code_and_counts_up_and_an_all_clear_has_a_new_code(wired) -> None:
    done = plan(
        wired,
        message_code=7,
        then=[{"do": "update", "at_s": 60}, {"do": "update", "at_s": 120}, {"do": "cancel", "at_s": 180}],
    )
    numbers = [(m.serial_number >> 4 & 1023, m.serial_number & 15) for m in done.messages]
    assert numbers == [(7, 0), (7, 1), (7, 2), (8, 0)]
    assert [m.kind for m in done.messages] == ["warning"] * 3 + ["all_clear"]
    stop, write = done.actions[3].orders
    assert (stop.message, stop.writes) == (2, False)
    assert (write.message, write.writes) == (3, True)


def test_etws_sends_two_octets_first_and_the_text_on_the_same_identifier(wired) -> None:
    done = plan(wired, etws="tsunami")
    text, primary = done.messages
    assert (primary.kind, primary.message_identifier, text.message_identifier) == ("etws_primary", 4353, 4353)
    assert [o.message for o in done.actions[0].orders] == [1, 0]


# --- repetitions (TS 29.168) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "period", "warning", "secondary"),
    [(0, 0, "none", "none"), (1, 0, 1, 1), (0, 30, "until_stopped", "none"), (9, 30, 9, 9)],
)
def test_number_of_broadcasts_and_period_mean_what_the_standard_says(
    number, period, warning, secondary
) -> None:
    assert broadcasts(number, period) == warning
    assert broadcasts(number, period, etws_secondary=True) == secondary


def test_two_broadcasts_without_a_period_are_not_defined() -> None:
    with pytest.raises(ValueError, match="repetition period"):
        broadcasts(2, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (f"{CB}.number_of_broadcasts=0", "leave it out"),
        (f"{CB}={{number_of_broadcasts: 3, repetition_period_s: 0}}", "needs a repetition_period_s"),
        (f"{CB}.repetition_period_s=0.5", "at least 1 s"),
        (f"{CB}={{update_number: 15, then: [{{do: update, at_s: 1}}]}}", "4 bits"),
        (f"{CB}.single_message_operators=[Purple]", "no operator 'Purple'"),
        ("population.handsets.operator_profile_shares={Purple: 0.5}", "no operator 'Purple'"),
    ],
)
def test_what_the_standard_does_not_define_is_a_fault_of_the_scenario(change, words) -> None:
    with pytest.raises(ScenarioError, match=words.replace("'", ".")):
        load_scenario(ISLAND, [change])


# --- what is cut, and said ----------------------------------------------------------------------


def test_a_text_beyond_fifteen_pages_is_cut_and_told(wired) -> None:
    long = made(with_text(wired, "word " * 400), text="description")
    assert long.sent["page_count"] == 15
    assert len(long.sent["text"]) == 1395
    assert any("cut after 1395 of 1999 characters" in note for note in long.notes)
    assert made(with_text(wired, "word " * 200), text="description").notes == ()


def test_characters_that_no_alphabet_has_are_told(wired) -> None:
    strange = made(with_text(wired, "Water rises \U0001f30a fast"), text="description")
    assert any("\U0001f30a" in note and "surrogate" in note for note in strange.notes)
    assert made(with_text(wired, "Вода"), text="description").notes == ()


def test_a_period_shorter_than_the_message_is_stretched_and_told(wired) -> None:
    wired = with_text(wired, "word " * 260)
    hasty = made(wired, text="description", repetition_period_s=2)
    period = hasty.channel.timing[0].period_us
    assert period[GSM] == 14 * (8 * 51 * 120_000 // 26)
    assert period[LTE] == 9 * to_us(0.64)
    assert any("2G 26.4 s" in note and "4G 5.8 s" in note for note in hasty.notes)


def test_more_messages_than_a_cell_carries_are_told(wired) -> None:
    three = made(wired, messages=[{}, {"language": "fr"}], concurrent_message_count=2)
    assert any("3 messages are in force" in note for note in three.notes)
    serials = [m.serial_number for m in three.channel.plan.messages[:2]]
    assert len(set(serials)) == 2  # two texts of one identifier are two messages


def test_a_list_of_cells_that_no_protocol_holds_is_refused(wired) -> None:
    cells = wired.network.cells
    many = np.zeros(70_000, dtype=np.int64)
    network = dataclasses.replace(
        wired.network,
        cells=dataclasses.replace(
            cells,
            rat=np.full(70_000, LTE, dtype=np.int8),
            operator=many.astype(np.int16),
            tracking_area=(many + np.arange(70_000) // 100).astype(np.int32),
        ),
    )
    everywhere = np.ones(70_000, dtype=np.bool_)
    vast = dataclasses.replace(wired, network=network, targeted=everywhere)
    with pytest.raises(EwsimError, match="70000 entries, and the protocol's list holds 65535"):
        made(vast)
    areas = wired.scenario.targeting.model_copy(update={"policy": "tracking_areas"})
    scenario = wired.scenario.model_copy(update={"targeting": areas})
    made(dataclasses.replace(vast, scenario=scenario))


def test_a_run_tells_what_was_cut_and_counts_each_message() -> None:
    changes = [
        "population.people_count=4000",
        f"{CB}.messages=[{{language: fr}}]",
        f"{CB}.then=[{{do: cancel, at_s: 900}}]",
        f"{CB}.repetition_period_s=1",
    ]
    result = run_scenario(load_scenario(ISLAND, changes))
    assert any("repeated as fast as they fit" in note for note in result.notes)
    said = result.events[result.events["element"] == "phones"]
    assert len(said) == 3
    stages = set(result.latency["stage"])
    assert {"released_to_collected", "written_to_sent", "sent_to_received"} <= stages
    whole = result.latency.set_index(["channel", "stage"])["p50_s"]["cell_broadcast"]
    assert whole["decision_to_sent"] < whole["decision_to_displayed"]
