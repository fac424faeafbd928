"""Signatures: states, trust, wrapping, foreign transforms; against real signed messages."""

from pathlib import Path

import pytest
from lxml import etree

from ewsim.cap import signature, signing
from ewsim.cap.document import SIGNATURE, read_document
from ewsim.cap.findings import Marks
from ewsim.errors import CapError, UsageError

CA = Path(__file__).parent / "test_ca"
CORPUS = Path(__file__).parents[2] / "../shared/cap/corpus/valid"
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
    found = signature.check(document, document.alerts[0], marks, trust=trust, at=at)
    return found, [mark.rule.id for mark in marks.items]


def signed(stem="signer", source=ALERT):
    key, pem = (CA / f"{stem}.key").read_bytes(), (CA / f"{stem}.pem").read_bytes()
    return signing.sign(source, "alert.xml", key=key, certificate=pem)


def trusted(stem="ca"):
    return signing.read_trust([CA / f"{stem}.pem"])


def test_unsigned():
    assert verdict(ALERT)[0] == signature.Verdict("unsigned")


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
    assert signature.check(document, document.root, marks, trust=trusted()).state == "broken"
    assert "re-formatted after signing" in marks.items[0].message


def test_several_signatures_one_broken_is_broken():
    root = etree.fromstring(signed())
    copy = etree.fromstring(etree.tostring(root.find(DS + "Signature")))
    next(copy.iter(DS + "DigestValue")).text = "AAAA"
    root.append(copy)
    found, marks = verdict(etree.tostring(root), trusted())
    assert found.state == "broken"
    assert "SIGNATURE-SEVERAL" in marks


def test_no_certificate_is_not_verified_but_not_rejected():
    root = etree.fromstring(signed())
    info = next(root.iter(DS + "KeyInfo"))
    info.getparent().remove(info)
    found, marks = verdict(etree.tostring(root), trusted())
    assert (found.state, marks) == ("unverified", ["SIGNATURE-UNVERIFIED"])


@pytest.mark.parametrize("part", ["SignatureMethod", "DigestMethod", "SignedInfo", "X509Data"])
def test_a_signature_without_a_part_is_an_answer_not_a_crash(part):
    root = etree.fromstring(signed())
    gone = next(root.iter(DS + part))
    gone.getparent().remove(gone)
    assert verdict(etree.tostring(root), trusted())[0].state in {"broken", "unverified"}


def test_a_certificate_that_cannot_be_read_is_no_certificate():
    """Every byte of the certificate changed in turn: never trusted, never a crash."""
    import base64

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
            ALERT,
            "a",
            key=(CA / "signer.key").read_bytes(),
            certificate=(CA / "ca.pem").read_bytes(),
        )


@pytest.mark.skipif(not IPAWS, reason="the corpus is not beside the project")
@pytest.mark.parametrize("path", IPAWS, ids=lambda p: p.stem[-8:])
def test_real_ipaws_messages_verify_at_their_own_time(path):
    source = path.read_bytes()
    found, marks = verdict(source)
    assert (found.state, marks) == ("intact", ["SIGNATURE-UNTRUSTED"])
    place = source.index(b"<sender>") + 9
    flipped = source[:place] + bytes([source[place] ^ 1]) + source[place + 1 :]
    assert verdict(flipped)[0].state == "broken"
