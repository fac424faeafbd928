"""Signatures: states, trust, wrapping, foreign transforms; against real signed messages."""

import base64
import re
from pathlib import Path

import pytest
from cap import samples
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from ewsim.cap.acceptance import read_trusted
from ewsim.cap.marks import Marks
from ewsim.cap.reader import parse_alert
from ewsim.cap.signature import certificates, signing
from ewsim.cap.signature import judge as signature
from ewsim.cap.signature.verification import SignedMessage
from ewsim.cap.validator import validate
from ewsim.cap.xml.document import read_document
from ewsim.cap.xml.node import SIGNATURE
from ewsim.errors import CapError, UsageError

CA = Path(__file__).parents[1] / "test_ca"
SAMPLES = Path(__file__).parents[3] / "cap_samples/signed"
CORPUS = Path(__file__).parents[3] / "../shared/cap/corpus/valid"
IPAWS = sorted(CORPUS.glob("willglynn_oasiscap__ipaws-*.xml"))
DS = f"{{{SIGNATURE}}}"

ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>a.1</identifier>
  <sender>warnings@example.org</sender>
  <sent>2026-05-01T10:00:00+02:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <note>Wasser: größer als gestern</note>
</alert>
""".encode()


def verdict(source, trust=(), at=None):
    document = read_document(source, "alert.xml")
    marks = Marks()
    found = signature.judge_signatures(document, document.alerts[0], marks, trust=trust, at=at)
    return found, [mark.rule.id for mark in marks.items]


def signed(stem="signer", source=ALERT):
    key, pem = (CA / f"{stem}.key").read_bytes(), (CA / f"{stem}.pem").read_bytes()
    return signing.sign(source, "alert.xml", key=key, certificate=pem)


def trusted(stem="ca"):
    return certificates.read_trust([CA / f"{stem}.pem"])


def test_unsigned():
    assert verdict(ALERT)[0] == signature.SignatureVerdict("unsigned")


@pytest.mark.parametrize(
    ("signer", "trust", "state", "rules"),
    [
        ("signer", "ca", "trusted", []),
        ("signer_ec", "ca", "trusted", []),
        ("signer", "signer", "trusted", []),
        ("stranger", "stranger", "trusted", []),
        ("stranger", "ca", "intact", ["SIGNATURE-UNTRUSTED"]),
        ("signer", "stranger", "intact", ["SIGNATURE-UNTRUSTED"]),
        ("expired", "ca", "expired", ["SIGNATURE-EXPIRED"]),
    ],
)
def test_states(signer, trust, state, rules):
    found, marks = verdict(signed(signer), trusted(trust))
    assert (found.state, marks) == (state, rules)
    assert found.signers == (f"CN=ewsim test {signer},O=ewsim test only",)


def test_time_of_verification_decides_about_expiry():
    from datetime import UTC, datetime

    then = datetime(2000, 6, 1, tzinfo=UTC)
    assert verdict(signed("expired"), trusted(), at=then)[0].state == "trusted"


def test_signed_bytes_are_the_alert_without_the_signature():
    body = verdict(signed(), trusted())[0].signed
    assert etree.tostring(etree.fromstring(body), method="c14n") == etree.tostring(
        etree.fromstring(ALERT), method="c14n"
    )


def test_signing_changes_no_other_byte():
    text = signed()
    start, end = text.index(b"<ds:Signature"), text.index(b"</ds:Signature>") + 15
    assert text[:start] + text[end:] == ALERT


def test_every_flipped_byte_of_the_text_is_found():
    text = signed()
    for place in range(text.index(b"<note>") + 6, text.index(b"</note>")):
        if text[place] < 128:
            broken = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
            if broken[place] in b"<&>":
                continue
            found, marks = verdict(broken, trusted())
            assert (found.state, found.signed) == ("broken", None)
            assert marks == ["SIGNATURE-BROKEN"]


def test_a_wrapped_alert_is_broken():
    """The signed alert moved into the signature, another put in its place."""
    root = etree.fromstring(signed())
    wrapper = etree.fromstring(ALERT.replace(b"Wasser", b"Feuer"))
    mark = root.find(DS + "Signature")
    root.remove(mark)
    root.set("Id", "original")
    reference = mark.find(f"{DS}SignedInfo/{DS}Reference")
    reference.set("URI", "#original")
    etree.SubElement(mark, DS + "Object").append(root)
    wrapper.append(mark)
    found, marks = verdict(etree.tostring(wrapper), trusted())
    assert found.state == "broken"
    assert set(marks) == {"SIGNATURE-SCOPE"}


def test_a_foreign_transform_is_broken():
    root = etree.fromstring(signed())
    transforms = next(root.iter(DS + "Transforms"))
    xpath = etree.SubElement(transforms, DS + "Transform")
    xpath.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    etree.SubElement(xpath, DS + "XPath").text = "false()"
    found, marks = verdict(etree.tostring(root), trusted())
    assert (found.state, marks) == ("broken", ["SIGNATURE-SCOPE"])


def test_reformatting_is_named_as_the_reason():
    compact = etree.tostring(etree.fromstring(ALERT, etree.XMLParser(remove_blank_text=True)))
    pretty = signed(source=compact).replace(b"<status>", b"\n  <status>")
    document = read_document(pretty, "alert.xml")
    marks = Marks()
    assert signature.judge_signatures(document, document.root, marks, trust=trusted()).state == "broken"
    assert "re-formatted after signing" in marks.items[0].message


@pytest.mark.parametrize("where", ["message", "signature", "both"])
def test_reformatting_of_the_message_or_of_the_signature_is_named(where):
    compact = etree.tostring(etree.fromstring(ALERT, etree.XMLParser(remove_blank_text=True)))
    pretty = signed(source=compact)
    if where != "signature":
        pretty = pretty.replace(b"<status>", b"\n  <status>").replace(b"<scope>", b"\n  <scope>")
    if where != "message":
        pretty = pretty.replace(b"<ds:Reference", b"\n   <ds:Reference")
    report = validate(pretty, "alert.xml", trust=trusted())
    said = [f.message for f in report.findings if f.rule == "SIGNATURE-BROKEN"]
    assert len(said) == 1
    assert "re-formatted after signing" in said[0]
    changed = pretty.replace(b"Wasser", b"Feuer")
    assert "re-formatted" not in str(validate(changed, "a", trust=trusted()).findings)


def both_signatures(first, second):
    """The signatures of two signed copies of one message, side by side in it."""
    start, end = second.index(b"<ds:Signature"), second.index(b"</ds:Signature>") + 15
    at = first.index(b"</alert>")
    return first[:at] + second[start:end] + first[at:]


@pytest.mark.parametrize(
    ("stem", "state"), [("signer_ec", "trusted"), ("stranger", "trusted"), ("expired", "trusted")]
)
def test_two_signatures_side_by_side_are_a_warning_that_names_both(stem, state):
    source = both_signatures(signed(), signed(stem))
    report = validate(source, "a.xml", trust=trusted())
    assert (report.messages[0].signature, report.verdict["signature"]) == (state, "warn")
    assert not report.failed
    rules = {found.rule: found.message for found in report.findings}
    assert "signatures 1 and 2 match only without the other" in rules["SIGNATURE-PARALLEL"]
    assert "1 of CN=ewsim test signer,O=ewsim test only (trusted)" in rules["SIGNATURE-SEVERAL"]
    assert f"2 of CN=ewsim test {stem}," in rules["SIGNATURE-SEVERAL"]
    changed = source.replace("größer".encode(), b"kleiner")
    assert validate(changed, "a.xml", trust=trusted()).messages[0].signature == "broken"


@pytest.mark.parametrize("trust", ["signer", "stranger"])
def test_a_reference_without_a_uri_cannot_be_verified_and_is_no_error(trust):
    source = signed().replace(b'<ds:Reference URI="">', b"<ds:Reference>")
    report = validate(source, "a.xml", trust=trusted(trust))
    assert (report.messages[0].signature, report.verdict["signature"]) == ("unverified", "warn")
    said = [found.message for found in report.findings if found.layer == "signature"]
    assert len(said) == 1
    assert said[0].startswith("The signature cannot be verified: its reference has no URI, so only sender")


def test_enveloped_signature_must_come_before_the_canonical_form():
    source = signed()
    start, end = source.index(b"<ds:Transform "), source.index(b"</ds:Transforms>")
    first, second = source[start:end].split(b"/>")[:2]
    turned = source[:start] + second + b"/>" + first + b"/>" + source[end:]
    found, rules = verdict(turned, trusted())
    assert (found.state, rules) == ("broken", ["SIGNATURE-SCOPE"])


def test_several_signatures_one_broken_is_broken():
    root = etree.fromstring(signed())
    copy = etree.fromstring(etree.tostring(root.find(DS + "Signature")))
    next(copy.iter(DS + "DigestValue")).text = "AAAA"
    root.append(copy)
    found, marks = verdict(etree.tostring(root), trusted())
    assert found.state == "broken"
    assert "SIGNATURE-SEVERAL" in marks


def without_certificate(source):
    start, end = source.index(b"<ds:KeyInfo>"), source.index(b"</ds:KeyInfo>") + 13
    return source[:start] + source[end:]


def test_no_certificate_is_not_verified_but_not_rejected():
    found, marks = verdict(without_certificate(signed()), trusted())
    assert (found.state, marks) == ("unverified", ["SIGNATURE-UNVERIFIED"])


@pytest.mark.parametrize("part", ["SignatureMethod", "DigestMethod", "SignedInfo", "X509Data"])
def test_a_signature_without_a_part_is_an_answer_not_a_crash(part):
    root = etree.fromstring(signed())
    gone = next(root.iter(DS + part))
    gone.getparent().remove(gone)
    assert verdict(etree.tostring(root), trusted())[0].state in {"broken", "unverified"}


def test_a_certificate_that_cannot_be_read_is_no_certificate():
    """Every byte of the certificate changed in turn: never trusted, never a crash."""
    text = signed("signer_ec")
    start = text.index(b"<ds:X509Certificate>") + 20
    end = text.index(b"</ds:X509Certificate>")
    der = base64.b64decode(text[start:end])
    states = set()
    for place in range(0, len(der), 3):
        wrong = der[:place] + bytes([der[place] ^ 0x15]) + der[place + 1 :]
        found, _ = verdict(text[:start] + base64.b64encode(wrong) + text[end:], trusted())
        states.add(found.state)
    assert "trusted" not in states
    assert "unverified" in states


def test_the_bytes_of_the_file_decide_not_the_message_that_was_read():
    """A comment inside a signed text is not signed, and changes nothing that is read."""
    text = signed().replace(b"Wasser", b"Was<!-- x -->ser")
    found, _ = verdict(text, trusted())
    assert found.state == "trusted"
    assert b"Wasser" in found.signed


def test_signing_twice_is_refused_with_its_place():
    with pytest.raises(CapError, match=r"alert\.xml:10:1: The message is signed already"):
        signed(source=signed())


def test_key_of_another_certificate_is_refused():
    with pytest.raises(UsageError, match="does not belong"):
        signing.sign(
            ALERT, "a", key=(CA / "signer.key").read_bytes(), certificate=(CA / "ca.pem").read_bytes()
        )


def test_what_is_used_is_made_of_the_signed_bytes_and_knows_its_place_in_the_file():
    source = signed(source=samples.GOOD.encode())
    document = read_document(source, "alert.xml")
    alert = document.alerts[0]
    found = signature.judge_signatures(document, alert, Marks(), trust=trusted())
    assert found.alert is not None
    assert found.alert is not alert

    def pairs(ours, theirs):
        if theirs.namespace != SIGNATURE:
            yield ours, theirs
            for pair in zip(ours.children, theirs.children, strict=True):
                yield from pairs(*pair)

    both = list(pairs(found.alert, alert))
    assert len(both) > 20
    for ours, theirs in both:
        assert ours is not theirs
        assert (ours.name, ours.text.strip()) == (theirs.name, theirs.text.strip())
        assert document.place(ours) == document.place(theirs)
        assert document.xpath(ours) == document.xpath(theirs)
    report = validate(source, "alert.xml", trust=trusted())
    assert report.messages[0].read() == parse_alert(source, "alert.xml")


@pytest.mark.parametrize(
    "change",
    [
        ("größer", "kleiner"),
        ("<note>", "<code>x</code><note>"),
        ("<status>", "stray<status>"),
        ("<scope>", '<scope a="1">'),
        ("</alert>", "<info/></alert>"),
    ],
)
def test_content_that_was_not_signed_is_never_used(change, monkeypatch):
    """Should a verifier ever vouch for other bytes than those in the file, nothing is used."""
    source = signed().decode()
    assert verdict(source.encode(), trusted())[0].state == "trusted"
    body = verdict(source.encode(), trusted())[0].signed
    forged = source.replace(*change).encode()
    with monkeypatch.context() as patch:
        patch.setattr(SignedMessage, "covered", lambda *given: ("as it is", body))
        found, rules = verdict(forged, trusted())
    assert (found.state, found.signed, found.alert) == ("broken", None, None)
    assert rules == ["SIGNATURE-SCOPE"]
    assert verdict(forged, trusted())[0].state == "broken"


def test_what_stands_around_a_signed_alert_is_not_signed():
    """In an envelope each message stands for itself: a forged neighbour gains nothing."""
    inner = signed().split(b"?>\n", 1)[1]
    forged = ALERT.split(b"?>\n", 1)[1].replace(b"Wasser", b"Feuer")
    head, tail = (
        b'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">',
        b"</EDXLDistribution>",
    )
    report = validate(head + forged + inner + forged + tail, "de.xml", trust=trusted())
    assert [m.signature for m in report.messages] == ["unsigned", "trusted", "unsigned"]
    assert [m.read().note[:6] for m in report.messages] == ["Feuer:", "Wasser", "Feuer:"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("trusted_with_ca", ""),
        ("broken_wrapped", "SIGNATURE-SCOPE"),
        ("broken", "SIGNATURE-BROKEN"),
        ("intact_stranger", "SIGNATURE-UNTRUSTED"),
        ("unsigned", "is not signed"),
    ],
)
def test_only_what_a_trusted_signer_signed_is_read(name, says):
    source = (SAMPLES / f"{name}.xml").read_bytes()
    if not says:
        assert read_trusted(source, name, [SAMPLES / "ca.pem"]) == parse_alert(source, name)
        return
    with pytest.raises(CapError, match=says):
        read_trusted(source, name, [SAMPLES / "ca.pem"])


@pytest.mark.skipif(not IPAWS, reason="the corpus is not beside the project")
@pytest.mark.parametrize("path", IPAWS, ids=lambda p: p.stem[-8:])
def test_real_ipaws_messages_verify_at_their_own_time(path):
    source = path.read_bytes()
    found, marks = verdict(source)
    assert (found.state, marks) == ("intact", ["SIGNATURE-UNTRUSTED"])
    place = source.index(b"<sender>") + 9
    flipped = source[:place] + bytes([source[place] ^ 1]) + source[place + 1 :]
    assert verdict(flipped)[0].state == "broken"


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2" '
    'xmlns:geo="http://www.georss.org/georss"><entry><content>{}</content></entry></feed>'
)


def test_a_message_that_was_signed_before_it_was_put_into_a_feed_still_matches():
    alone = signed().decode().partition("?>")[2]
    found, _ = verdict(ATOM.format(alone).encode(), trusted())
    assert found.state == "trusted"
    changed = alone.replace("größer", "kleiner")
    assert verdict(ATOM.format(changed).encode(), trusted())[0].state == "broken"


def test_a_message_that_was_signed_with_the_names_of_its_feed_matches_too():
    named = ALERT.replace(b"<alert ", b'<alert xmlns:geo="http://www.georss.org/georss" ')
    alone = signed(source=named).decode().partition("?>")[2].strip()
    moved = alone.replace(' xmlns:geo="http://www.georss.org/georss"', "", 1)
    assert verdict(moved.encode(), trusted())[0].state == "broken"
    feed = ATOM.replace(' xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2"', "")
    feed = feed.replace('xmlns="http://www.w3.org/2005/Atom" ', "")
    assert verdict(feed.format(moved).encode(), trusted())[0].state == "trusted"


def test_a_pinned_signer_needs_no_certificate_in_the_message():
    bare = without_certificate(signed())
    assert verdict(bare)[0].state == "unverified"
    assert verdict(bare, trusted("signer"))[0].state == "trusted"
    assert verdict(bare, trusted("stranger"))[0].state == "unverified"


@pytest.mark.parametrize(
    "unknown", [without_certificate, lambda s: s.replace(b"#rsa-sha256", b"#rsa-sha999")]
)
@pytest.mark.parametrize("stem", ["signer", "signer_ec"])
def test_what_nobody_can_verify_is_broken_where_the_digest_is_not_that_of_the_message(unknown, stem):
    source = unknown(signed(stem).replace(b"ecdsa-sha256", b"rsa-sha256"))
    assert verdict(source)[0].state == "unverified"
    found, rules = verdict(source.replace("größer".encode(), b"kleiner"))
    assert (found.state, rules) == ("broken", ["SIGNATURE-BROKEN"])


@pytest.mark.skipif(not IPAWS, reason="the corpus is not beside the project")
@pytest.mark.parametrize("path", IPAWS, ids=lambda p: p.stem[-8:])
def test_a_byte_of_a_real_message_that_changes_is_found(path):
    """All that is signed but the names of the algorithms: unknown ones cannot be verified."""
    source = path.read_bytes()
    start = source.index(b"Signature")
    first, last = source.index(b"<identifier>"), source.rindex(b"<", 0, start)
    places = [
        *range(first, last, (last - first) // 25),
        source.index(b"DigestValue>") + 14,
        source.index(b"SignatureValue>") + 20,
    ]
    for place in places:
        flipped = bytearray(source)
        flipped[place] ^= 1
        report = validate(bytes(flipped), path.name)
        assert [m.signature for m in report.messages] in ([], ["broken"], ["unsigned"]), place
        assert report.failed, place


def test_of_a_file_with_very_many_signatures_the_first_are_verified():
    alone = signed().decode().partition("?>")[2]
    count = signature.MOST_SIGNATURES + 2
    report = validate(f"<feed>{alone * count}</feed>".encode(), "feed.xml", trust=trusted())
    states = [message.signature for message in report.messages]
    assert states == ["trusted"] * signature.MOST_SIGNATURES + ["unverified"] * 2
    assert "more than 100 signatures" in report.findings[-1].message


def test_a_bare_key_of_an_elliptic_curve_says_that_the_message_is_whole():
    source, key = signed("signer_ec"), trusted("signer_ec")[0].public_key()
    point = base64.b64encode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).decode()
    bare = (
        '<ds:KeyValue><ECKeyValue xmlns="http://www.w3.org/2009/xmldsig11#">'
        f'<NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/><PublicKey>{point}</PublicKey>'
        "</ECKeyValue></ds:KeyValue>"
    )
    changed = re.sub(rb"<ds:X509Data>.*</ds:X509Data>", bare.encode(), source, flags=re.DOTALL)
    assert verdict(changed, ())[0].state == "intact"
    for wrong in (changed.replace(b"3.1.7", b"3.1.99"), changed.replace(point[:8].encode(), b"AAAAAAAA")):
        assert verdict(wrong, ())[0].state == "unverified"
