"""What would be sent: gates, identifiers, texts, policies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cap.samples import good_with

from ewsim.cap.alert import Alert, Area, Circle, Info
from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.broadcast.policy import policies, read_policy
from ewsim.cap.validator import validate
from ewsim.errors import InputError, UsageError

SENT = datetime(2026, 5, 1, 10, tzinfo=UTC)


def info(language="en-US", severity="Extreme", urgency="Immediate", certainty="Observed", **more):
    more = {"headline": "Flood", "expires": SENT + timedelta(hours=2), **more}
    return Info(language, ("Met",), "Flood", urgency, severity, certainty, **more)


def alert(*infos, **more):
    values = {"status": "Actual", "msg_type": "Alert", "scope": "Public", **more}
    return Alert("1.2", "a", "b", SENT, infos=infos or (info(),), **values)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (alert(status="Draft"), "status is Draft"),
        (alert(status="System"), "status is System"),
        (alert(scope="Private"), "scope is Private"),
        (alert(scope="Restricted"), "scope is Restricted"),
        (alert(msg_type="Ack"), "message type is Ack"),
        (replace(alert(), infos=()), "no <info>"),
    ],
)
def test_what_is_not_for_broadcast_says_why(message, reason):
    planned = plan_broadcast(message)
    assert (planned.broadcast, planned.action) == (False, "none")
    assert any(reason in r for r in planned.reasons)


def test_every_reason_is_told_at_once():
    assert len(plan_broadcast(alert(status="Draft", scope="Private", msg_type="Error")).reasons) == 3


def test_expiry_is_judged_at_the_time_of_broadcast():
    assert plan_broadcast(alert(), at=SENT + timedelta(minutes=119)).broadcast
    assert not plan_broadcast(alert(), at=SENT + timedelta(minutes=120)).broadcast


@pytest.mark.parametrize(
    ("msg_type", "action"), [("Alert", "broadcast"), ("Update", "replace"), ("Cancel", "stop")]
)
def test_actions(msg_type, action):
    assert plan_broadcast(alert(msg_type=msg_type, references=("s,i,t",))).action == action


def test_a_cancel_of_nothing_stops_nothing_and_an_update_of_nothing_says_so():
    cancel = plan_broadcast(alert(msg_type="Cancel"))
    assert (cancel.action, cancel.reasons) == (
        "none",
        ("It refers to no message: there is nothing to stop.",),
    )
    update = plan_broadcast(alert(msg_type="Update"))
    assert update.action == "replace"
    assert update.notes[0].startswith("It refers to no message")
    source = good_with(("<msgType>Alert", "<msgType>Cancel"))
    assert validate(source, "a.xml").verdict["deliverable"] == "fail"


def test_an_area_that_is_not_drawn_is_a_note_for_each_language():
    drawn = Area("Bay", circles=(Circle(15.0, -61.0, 3.0),))
    made = plan_broadcast(alert(info("en", areas=(drawn,)), info("fr", areas=(Area("Baie"),))))
    assert made.broadcast
    assert [note[:42] for note in made.notes] == ["No polygon or circle in the <info> for fr:"]


def test_a_broken_signature_is_the_first_reason():
    planned = plan_broadcast(alert(status="Draft", broken=True))
    assert not planned.broadcast
    assert planned.reasons[0].startswith("Its signature is broken")
    assert len(planned.reasons) == 2


# TS 23.041 9.4.1.2.2, the CMAS rows
@pytest.mark.parametrize(
    ("words", "number"),
    [
        (("Extreme", "Immediate", "Observed"), 4371),
        (("Extreme", "Immediate", "Likely"), 4372),
        (("Extreme", "Expected", "Observed"), 4373),
        (("Severe", "Expected", "Likely"), 4378),
        (("Moderate", "Immediate", "Observed"), 4396),
    ],
)
def test_message_identifier_and_its_second_language(words, number):
    first, second = plan_broadcast(alert(info("es", *words), info("en", *words))).texts
    assert first.message_identifier == number
    assert second.message_identifier == (4397 if number == 4396 else number + 13)
    assert first.level == second.level or number == 4396


def test_characters_that_force_ucs2_are_named():
    text = plan_broadcast(alert(info(headline="Inundación 洪水"))).texts[0]
    assert (text.alphabet, text.forcing) == ("ucs2", ("ó", "洪", "水"))


def test_truncation_at_fifteen_pages():
    exact, over = (plan_broadcast(alert(info(headline="x" * n))).texts[0] for n in (1395, 1396))
    assert (exact.pages, exact.truncated) == (15, False)
    assert (over.pages, over.truncated, len(over.sent)) == (15, True, 1395)


def test_wea_text_comes_from_its_parameter():
    wea = info(parameters=(("CMAMtext", "Short"), ("CMAMlongtext", "A longer one")))
    assert plan_broadcast(alert(wea), policy=read_policy("us")).texts[0].text == "A longer one"


def test_a_country_below_its_table_does_not_broadcast():
    planned = plan_broadcast(alert(info(severity="Minor")), policy=read_policy("uk"))
    assert not planned.broadcast
    assert "below the threshold of policy uk" in planned.reasons[0]


@pytest.mark.parametrize(
    ("policy", "codes", "parameters", "number"),
    [
        ("default", [("SAME", "CAE")], [], 4379),
        ("default", [("same", "cae"), ("x", "y")], [], 4379),
        ("default", [("SAME", "CAEX")], [], 4371),
        ("default", [], [("EU-Alert", "Level 1")], 4370),
        ("default", [], [("EU-Alert", "EU-Alert Level 3")], 4378),
        ("fr", [], [("EUAlert", "3")], 4375),
        ("de", [], [("EU-Alert", "2")], 4372),
        ("nl", [], [("EU-Alert", "Info")], 4371),
        ("us", [], [("WEAHandling", "Presidential")], 4370),
        ("us", [], [("WEAHandling", "Public Safety")], 4396),
        ("us", [], [("WEAHandling", "Imminent Threat")], 4371),
        ("ca", [("SAME", "CAE")], [], 4370),
        ("ca", [], [("layer:SOREM:2.0:WirelessImmediate", "Yes")], 4370),
        ("es", [], [("EU-Alert", "1")], 4370),
        ("es", [], [("EU-Alert", "2")], None),
        ("uk", [], [("EU-Alert", "4")], None),
        ("uk", [("SAME", "CAE")], [], None),
    ],
)
def test_what_a_message_says_of_its_class_comes_before_its_severity(policy, codes, parameters, number):
    message = info(event_codes=tuple(codes), parameters=tuple(parameters))
    assert read_policy(policy).message_identifier("Actual", message) == number
    assert read_policy(policy).message_identifier("Test", message) == {"de": 4398}.get(policy, 4380)


def test_the_verdict_of_the_check_knows_the_codes_that_a_policy_refuses():
    code = "<eventCode><valueName>SAME</valueName><value>CAE</value></eventCode>"
    source = good_with(("<effective>", f"{code}<effective>"))
    for policy, verdict in (("default", "pass"), ("uk", "fail"), ("it", "pass")):
        report = validate(source, "a.xml", policy=read_policy(policy))
        assert report.verdict["deliverable"] == verdict, policy


@pytest.mark.parametrize(
    ("policy", "numbers"),
    [
        ("ca", [4370, 4370, 4370, None]),
        ("de", [4370, 4372, 4378, 4396]),
        ("es", [4370, 4370, 4370, None]),
        ("fr", [4371, 4375, 4375, 4396]),
        ("it", [4371, 4375, 4375, None]),
        ("nl", [4372, 4373, 4377, 4371]),
        ("uk", [4371, 4373, 4377, None]),
        ("us", [4371, 4373, 4377, None]),
    ],
)
def test_each_country_sends_what_its_phones_listen_to(policy, numbers):
    words = [("Extreme", "Immediate"), ("Extreme", "Expected"), ("Severe", "Expected"), ("Minor", "Past")]
    read = read_policy(policy)
    assert [read.message_identifier("Actual", info("en", *each)) for each in words] == numbers


def test_in_canada_the_switch_for_phones_outranks_that_for_radio():
    on, off = ("layer:SOREM:2.0:WirelessImmediate", "Yes"), ("layer:SOREM:1.0:Broadcast_Immediately", "No")
    for parameters in ((on, off), (off, on)):
        planned = plan_broadcast(
            alert(info("fr-CA", "Moderate", parameters=parameters)), policy=read_policy("ca")
        )
        assert [text.message_identifier for text in planned.texts] == [4370]
    blocked = plan_broadcast(alert(info(parameters=(("BLOCKCHANNEL", "EAS, CMAS"), on))))
    assert not blocked.broadcast


@pytest.mark.parametrize("name", policies())
def test_shipped_policies_have_a_source_and_only_real_identifiers(name):
    policy = read_policy(name)
    assert policy.source
    numbers = (*policy.remap.values(), *policy.codes.values(), *policy.names)
    assert all(n == 0 or 4352 <= n <= 6399 for n in numbers)


def test_own_policy_extends_a_shipped_one(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "format: ewsim.policy/1\nname: own\nextends: de\ntext: [instruction]\nnames: {4370: Level red}\n"
    )
    text = plan_broadcast(alert(info(instruction="Go up.")), policy=read_policy(str(own))).texts[0]
    assert (text.text, text.level) == ("Go up.", "Level red")


def test_a_bad_policy_tells_every_fault(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: ''\ntext: [body]\ncolour: 1\nremap:\n  x: 70000\n")
    with pytest.raises(InputError) as caught:
        read_policy(str(bad))
    assert len(caught.value.diagnostics) == 6
    with pytest.raises(UsageError, match="There is no policy 'xx'"):
        read_policy("xx")


# --- what the sender and the country keep off cell broadcast --------------------------------------


@pytest.mark.parametrize("policy", policies())
@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("BLOCKCHANNEL", "CMAS", False),
        ("BLOCKCHANNEL", "wea", False),
        ("BLOCKCHANNEL", "EAS", True),
        ("BLOCKCHANNEL", "NWEM", True),
        ("layer:SOREM:2.0:WirelessImmediate", "No", False),
        ("layer:SOREM:2.0:WirelessImmediate", "Yes", True),
        ("layer:SOREM:1.0:Broadcast_Immediately", "No", False),
        ("layer:SOREM:1.0:Broadcast_Immediately", "Yes", True),
    ],
)
def test_the_senders_own_switch_counts_in_every_country_and_for_every_class(policy, name, value, sent):
    for parameters in (((name, value),), (("WEAHandling", "Public Safety"), ("x", "y"), (name, value))):
        planned = plan_broadcast(alert(info(parameters=parameters)), policy=read_policy(policy))
        assert planned.broadcast == sent
        assert sent or f"switched it off with {name}={value}" in planned.reasons[0]


def test_a_language_that_its_sender_switches_off_is_left_out_with_a_note():
    quiet = info("es", parameters=(("BLOCKCHANNEL", "WEA"),))
    planned = plan_broadcast(alert(info(), quiet), policy=read_policy("default"))
    assert planned.broadcast
    assert [text.language for text in planned.texts] == ["en-US"]
    assert any(note.startswith("In es: Not sent by cell broadcast") for note in planned.notes)


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("Extreme", "Immediate", "Observed"), True),
        (("Severe", "Expected", "Likely"), True),
        (("Severe", "Future", "Likely"), False),
        (("Moderate", "Immediate", "Observed"), False),
        (("Severe", "Immediate", "Possible"), False),
        (("Minor", "Past", "Unlikely"), False),
    ],
)
@pytest.mark.parametrize("policy", ["us", "ca"])
def test_below_the_minimum_of_47_cfr_10_400_nothing_goes_out_unless_it_is_declared(policy, words, sent):
    planned = plan_broadcast(alert(info("en", *words)), policy=read_policy(policy))
    assert planned.broadcast == sent
    assert sent or f"below the threshold of policy {policy}" in planned.reasons[0]
    declares = {"us": ("WEAHandling", "Public Safety"), "ca": ("layer:SOREM:2.0:WirelessImmediate", "Yes")}
    declared = info("en", *words, parameters=(declares[policy],))
    assert plan_broadcast(alert(declared), policy=read_policy(policy)).broadcast


@pytest.mark.parametrize(("length", "cut"), [(360, 0), (361, 1), (900, 540)])
def test_wea_sends_360_characters(length, cut):
    message = info(parameters=(("CMAMlongtext", "x" * length),))
    text = plan_broadcast(alert(message), policy=read_policy("us")).texts[0]
    assert (text.characters, text.truncated, len(text.sent)) == (length, cut > 0, length - cut)
    parameter = f"<parameter><valueName>CMAMlongtext</valueName><value>{'x' * length}</value></parameter>"
    report = validate(good_with(("<area>", f"{parameter}<area>")), "a.xml", policy=read_policy("us"))
    found = [f.message for f in report.findings if f.rule == "DELIVER-TRUNCATED"]
    assert found == (
        [f"The text in en-GB has {length} characters; {cut} of them are cut off after 360 (policy us)."]
        if cut
        else []
    )


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en-US", "Flood in this area until 12:00 PM UTC. Evacuate now. Met service"),
        ("es-US", "Flood en esta zona hasta las 12:00 PM UTC. Evacúe ahora. Met service"),
        ("fr-FR", "Flood. Water rises."),
    ],
)
def test_without_a_text_for_phones_the_american_gateway_writes_its_own(language, says):
    message = info(
        language,
        description="Water rises.",
        response_types=("Evacuate", "Monitor"),
        sender_name="Met service",
    )
    planned = plan_broadcast(alert(message), policy=read_policy("us"))
    assert planned.texts[0].text == says
    written = any("writes its own text" in note for note in planned.notes)
    assert written == (language != "fr-FR")
    assert written or "writes text only in en, es" in planned.notes[0]
    open_end = replace(message, expires=None, response_types=())
    said = read_policy("us").full_text(open_end)
    assert language != "en-US" or said == "Flood in this area until further notice. Met service"


@pytest.mark.parametrize(
    ("headline", "description", "joined"),
    [
        ("Flood now", "Water rises.", "Flood now. Water rises."),
        ("Flood now!", "Water rises", "Flood now! Water rises"),
        ("洪水", "水位上升。", "洪水. 水位上升。"),
        ("فيضان الآن؟", "الماء يرتفع", "فيضان الآن؟ الماء يرتفع"),
        ("Flood (river)", "Go.", "Flood (river) Go."),
        ("Flood\n now", "", "Flood now"),
    ],
)
def test_headline_and_description_are_joined_as_sentences(headline, description, joined):
    text = plan_broadcast(alert(info(headline=headline, description=description))).texts[0].text
    assert text == joined
