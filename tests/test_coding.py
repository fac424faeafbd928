"""Alphabets, pages and numbers against TS 23.038, published page counts and pycrate."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewsim import coding
from ewsim.population.people import CB_LEVELS

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=900)
GSM7_TEXT = st.text(
    st.sampled_from(coding.GSM7.replace("\x1b", "") + "".join(coding.GSM7_EXTENSION)), max_size=1700
)


def septets(page):
    """A second, plain reading of TS 23.038 6.1.2.2: the least significant bit comes first."""
    bits = [octet >> n & 1 for octet in page for n in range(8)]
    return [sum(bits[7 * k + n] << n for n in range(7)) for k in range(len(bits) // 7)]


def read(message):
    """The text on the pages, each page alone, as a phone reads it."""
    text = ""
    for page in message.pages:
        assert len(page) == 82
        if message.alphabet == "ucs2":
            text += page.decode("utf-16-be").rstrip("\r")
            continue
        codes, out = iter(septets(page)), ""
        extension = {code: c for c, code in coding.GSM7_EXTENSION.items()}
        for code in codes:
            out += extension[next(codes)] if code == 0x1B else coding.GSM7[code]
        text += out.rstrip("\r")
    return text


# The packed form of "hellohello" printed in every SMS primer (TS 23.038 6.1.2.1).
def test_hellohello_packs_as_published():
    page = coding.encode_cb("hellohello").pages[0]
    assert page[:8] == bytes.fromhex("E8329BFD4697D9EC")
    assert page[8] & 0x3F == 0x37


def test_a_short_text_is_filled_with_carriage_returns():
    # Published one-page warning "hello" in CBS: 1A 8D 46 A3 D1 68 34 repeats to the end.
    page = coding.encode_cb("hello").pages[0]
    assert page[:5] == bytes.fromhex("E8329BFD6E")[:5]
    assert septets(page)[5:] == [0x0D] * 88
    assert coding.encode_cb("ж").pages[0] == "ж".encode("utf-16-be") + b"\0\r" * 40


@pytest.mark.parametrize(
    ("character", "code"),
    # TS 23.038 6.2.1 and 6.2.1.1, read from the table, not from the code.
    [
        ("@", [0x00]),
        ("Δ", [0x10]),
        ("Ç", [0x09]),
        ("à", [0x7F]),
        ("¤", [0x24]),
        ("¿", [0x60]),
        ("Ω", [0x15]),
        ("_", [0x11]),
        ("A", [0x41]),
        ("z", [0x7A]),
        ("É", [0x1F]),
        ("\n", [0x0A]),
        ("€", [0x1B, 0x65]),
        ("[", [0x1B, 0x3C]),
        ("\\", [0x1B, 0x2F]),
        ("^", [0x1B, 0x14]),
        ("|", [0x1B, 0x40]),
        ("~", [0x1B, 0x3D]),
        ("{", [0x1B, 0x28]),
        ("}", [0x1B, 0x29]),
    ],
)
def test_single_characters_have_the_code_of_the_table(character, code):
    assert septets(coding.encode_cb(character).pages[0])[: len(code)] == code


def test_the_table_has_128_places_and_no_character_twice():
    assert len(coding.GSM7) == len(set(coding.GSM7)) == 128


def test_pages_against_pycrate():
    reference = pytest.importorskip("pycrate_mobile.TS23038", reason="pycrate is not installed")
    for text in ("Flood warning. Go to high ground now.", "Ärger am Fluß: Straße zu! 20€", "x" * 93):
        page = coding.encode_cb(text).pages[0]
        assert reference.decode_7b(page).rstrip("\r") == text


# --- published capacities -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("character", "most", "alphabet", "dcs"),
    # 15 pages of 93 or 41: GOV.UK Emergency Alerts publishes 1,395 and 615.
    [
        ("a", 1395, "gsm7", 0x0F),
        ("ж", 615, "ucs2", 0x48),
        ("€", 690, "gsm7", 0x0F),
        ("🌊", 300, "ucs2", 0x48),
    ],
)
def test_fifteen_pages_hold_the_published_number_of_characters(character, most, alphabet, dcs):
    full = coding.encode_cb(character * most)
    assert (len(full.pages), full.alphabet, full.dcs) == (15, alphabet, dcs)
    assert not full.truncated
    over = coding.encode_cb(character * (most + 1))
    assert over.truncated
    assert over.text == character * most
    assert over.pages == full.pages


@pytest.mark.parametrize(
    ("text", "parts"),
    # TS 23.040 9.2.3.24.1: 160/153 and 70/67.
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the pair does not fit the first part: 152, 153, 1
        ("a" * 153 + "€" + "a" * 151, 2),
        ("ж" * 66 + "🌊" + "ж" * 66, 3),
    ],
)
def test_sms_parts(text, parts):
    sms = coding.sms_parts(text)
    assert (sms.parts, sms.text, sms.truncated) == (parts, text, False)


def test_an_sms_has_at_most_255_parts():
    sms = coding.sms_parts("a" * (255 * 153 + 1))
    assert (sms.parts, len(sms.text), sms.truncated) == (255, 255 * 153, True)


def test_a_cut_never_strips_an_accent_from_its_letter():
    accented = "ж" * 614 + "e\N{COMBINING ACUTE ACCENT}"
    message = coding.encode_cb(accented)
    assert message.truncated
    assert message.text == "ж" * 614


def test_a_lone_surrogate_is_sent_as_the_replacement_character():
    assert coding.encode_cb("ж\ud800").text == "ж\ufffd"
    assert coding.sms_parts("\ud800").alphabet == "ucs2"


def test_characters_that_force_ucs2_are_named_once_in_order():
    assert coding.not_in_gsm7("l’eau “monte”, l’eau…") == ("’", "“", "”", "…")
    assert coding.not_in_gsm7("Ça monte à 5€ [m]") == ()
    assert coding.outside_gsm7("l’eau “monte”, l’eau…") == "’“”’…"


@pytest.mark.parametrize(
    ("text", "plainly", "at_all"),
    [
        ("a" * 1395, True, True),
        ("a" * 1396, False, False),
        ("é\n" * 600, True, True),
        ("€" * 600, False, True),
        ("`", False, True),
        ("ж" * 615, False, True),
        ("ж" * 616, False, False),
    ],
)
def test_what_fits_plainly_fits(text, plainly, at_all):
    assert coding.fits_plainly(text) == plainly
    assert coding.fits_cb(text) == at_all == (not coding.encode_cb(text).truncated)


# --- properties ---------------------------------------------------------------------------------


@given(GSM7_TEXT.filter(lambda t: "\r" not in t))
def test_what_a_phone_reads_is_what_is_said_to_be_sent(text):
    message = coding.encode_cb(text)
    assert message.alphabet == "gsm7"
    assert read(message) == message.text
    assert text.startswith(message.text)
    assert message.truncated == (message.text != text)


@given(ANY_TEXT.filter(lambda t: "\r" not in t))
def test_any_text_survives_up_to_its_cut(text):
    message = coding.encode_cb(text)
    assert 1 <= len(message.pages) <= 15
    assert read(message) == message.text
    assert text.startswith(message.text)
    if message.truncated:
        rest = text[len(message.text) :]
        assert not unicodedata.combining(rest[0])


@given(ANY_TEXT)
def test_more_text_never_takes_fewer_parts(text):
    assert coding.sms_parts(text).parts <= coding.sms_parts(text + "x").parts


# --- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "code", "update", "serial"),
    # TS 23.041 9.4.1.2.1: GS << 14 | code << 4 | update
    [
        ("cell_immediate", 0, 0, 0x0000),
        ("plmn", 1, 0, 0x4010),
        ("tracking_area", 1023, 15, 0xBFFF),
        ("cell", 1023, 15, 0xFFFF),
        ("plmn", 1, 1, 0x4011),
    ],
)
def test_serial_numbers(scope, code, update, serial):
    assert coding.serial_number(scope, code, update) == serial


@pytest.mark.parametrize(("code", "update"), [(1024, 0), (-1, 0), (0, 16), (0, -1)])
def test_a_serial_number_out_of_range_is_refused(code, update):
    with pytest.raises(ValueError, match="0\\.\\."):
        coding.serial_number("plmn", code, update)


def test_the_contents_element_of_fifteen_pages_has_1246_octets():
    assert coding.warning_contents_octets(15) == 1246
    assert coding.warning_contents_octets(1) == 84


@pytest.mark.parametrize(
    ("status", "severity", "urgency", "certainty", "identifier", "level"),
    # ETSI TS 102 900 table 1 and TS 23.041 9.4.1.2.2
    [
        ("Actual", "Extreme", "Immediate", "Observed", 4371, "level_2"),
        ("Actual", "Extreme", "Immediate", "Likely", 4372, "level_2"),
        ("Actual", "Extreme", "Expected", "Observed", 4373, "level_3"),
        ("Actual", "Extreme", "Expected", "Likely", 4374, "level_3"),
        ("Actual", "Severe", "Immediate", "Observed", 4375, "level_3"),
        ("Actual", "Severe", "Immediate", "Likely", 4376, "level_3"),
        ("Actual", "Severe", "Expected", "Observed", 4377, "level_3"),
        ("Actual", "Severe", "Expected", "Likely", 4378, "level_3"),
        ("Actual", "Severe", "Immediate", "Very Likely", 4376, "level_3"),
        ("Actual", "Moderate", "Immediate", "Observed", 4396, "level_4"),
        ("Actual", "Extreme", "Future", "Observed", 4396, "level_4"),
        ("Test", "Extreme", "Immediate", "Observed", 4380, "test"),
        ("Exercise", "Extreme", "Immediate", "Observed", 4381, "exercise"),
    ],
)
def test_message_identifiers(status, severity, urgency, certainty, identifier, level):
    assert coding.message_identifier(status, severity, urgency, certainty) == identifier
    assert coding.level_of(identifier) == level


@given(st.integers(0, 65535))
def test_every_number_has_a_level(identifier):
    assert coding.level_of(identifier) in CB_LEVELS


@pytest.mark.parametrize("local", range(4370, 4382))
def test_the_second_language_has_the_level_of_the_first(local):
    # TS 23.041: the identifiers for additional languages stand 13 higher.
    assert coding.level_of(local) == coding.level_of(local + 13)
