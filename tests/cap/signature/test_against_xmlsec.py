"""Signatures against xmlsec1: what it signs is intact here, what it refuses is refused here.

xmlsec1 is a second, independent implementation (XML Security Library). Signed with the project's
own test authority; skipped where the program is not installed.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from ewsim.cap.marks import Marks
from ewsim.cap.signature.certificates import read_trust
from ewsim.cap.signature.judge import judge_signatures
from ewsim.cap.signature.signing import sign
from ewsim.cap.validator import validate
from ewsim.cap.xml.document import read_document

XMLSEC = shutil.which("xmlsec1")
pytestmark = pytest.mark.skipif(XMLSEC is None, reason="xmlsec1 is not installed")

CA = Path(__file__).parents[1] / "test_ca"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
FORMS = (C14N, f"{C14N}#WithComments", C14N_11, EXC, f"{EXC}WithComments")
KEYS = {"signer": "rsa", "signer_ec": "ecdsa"}

#: What can stand around and inside an alert without changing what it says.
AROUND = {
    "plain": ("", "", "", ""),
    "comments": ("<!-- before -->\n", "", "<!-- inside -->", "\n<!-- after -->"),
    "instructions": ('<?xml-stylesheet href="a.xsl"?>\n', "", "<?here too?>", "\n<?end?>"),
    "namespaces": ("", ' xmlns:geo="http://www.georss.org/georss" xml:lang="en"', "", ""),
}


def alert(prefix="", around="plain"):
    """An alert whose elements have a prefix or none, with a place for a signature."""
    before, names, inside, after = AROUND[around]
    cap = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{before}'
        f'<{cap}alert {declared}="urn:oasis:names:tc:emergency:cap:1.2"{names}>\n'
        f"  <{cap}identifier>a.1</{cap}identifier>\n  <{cap}sender>warnings@example.org</{cap}sender>\n"
        f"  <{cap}sent>2026-05-01T10:00:00+02:00</{cap}sent>\n  <{cap}status>Actual</{cap}status>\n"
        f"  <{cap}msgType>Alert</{cap}msgType>\n  <{cap}scope>Public</{cap}scope>\n"
        f"  <{cap}note>Wasser: größer{inside} als &amp; gestern</{cap}note>\n</{cap}alert>{after}\n"
    )


def template(prefix, info, forms, method, digest):
    """A <Signature> to be filled in: its prefix, the canonical forms, the algorithms."""
    ds = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    inner = f'<InclusiveNamespaces xmlns="{EXC}" PrefixList="geo #default"/>'

    def transform(form):
        name, _, listed = form.partition("|")
        return f'<{ds}Transform Algorithm="{name}">{inner if listed else ""}</{ds}Transform>\n'

    transforms = "".join(map(transform, (f"{SIGNATURE}enveloped-signature", *forms)))
    return (
        f'<{ds}Signature {declared}="{SIGNATURE}">\n <{ds}SignedInfo>\n'
        f'  <{ds}CanonicalizationMethod Algorithm="{info}"/>\n  <!-- about the digest -->\n'
        f'  <{ds}SignatureMethod Algorithm="{method}"/>\n  <{ds}Reference URI="">\n'
        f"   <{ds}Transforms>\n{transforms}</{ds}Transforms>\n"
        f'   <{ds}DigestMethod Algorithm="{digest}"/>\n   <{ds}DigestValue></{ds}DigestValue>\n'
        f"  </{ds}Reference>\n </{ds}SignedInfo>\n <{ds}SignatureValue></{ds}SignatureValue>\n"
        f" <{ds}KeyInfo><{ds}X509Data></{ds}X509Data></{ds}KeyInfo>\n</{ds}Signature>\n"
    )


def signed_by_xmlsec(source, stem, folder, node=1):
    path, out = folder / "template.xml", folder / "signed.xml"
    path.write_text(source, encoding="utf-8")
    pair = f"{CA / stem}.key,{CA / stem}.pem"
    options = ["--sign", *at(node), "--output", out, "--privkey-pem", pair]
    subprocess.run([XMLSEC, *options, path], check=True, capture_output=True)
    return out.read_bytes()


PROPERTIES = "http://uri.etsi.org/01903/v1.3.2#"


def at(node):
    """The options that point at one signature of an alert, and say which attributes are identifiers."""
    known = ("--id-attr:Id", "urn:oasis:names:tc:emergency:cap:1.2:alert")
    return [
        *known,
        "--id-attr:Id",
        f"{PROPERTIES}:SignedProperties",
        "--node-xpath",
        f"/*/*[local-name()='Signature'][{node}]",
    ]


def xmlsec_accepts(source, folder, node=1):
    path = folder / "to_verify.xml"
    path.write_bytes(source)
    trusted = ["--trusted-pem", CA / "ca.pem", "--verification-time", "2026-05-01 08:00:00"]
    done = subprocess.run([XMLSEC, "--verify", *at(node), *trusted, path], check=False, capture_output=True)
    return done.returncode == 0


def state(source):
    document = read_document(source, "a.xml")
    return judge_signatures(document, document.root, Marks(), trust=read_trust([CA / "ca.pem"])).state


def with_signature(text, signature):
    at = text.rindex("</", 0, text.rindex("alert>"))
    return text[:at] + signature + text[at:]


CONTENT = (
    (),
    (C14N,),
    (f"{C14N}#WithComments",),
    (EXC,),
    (f"{EXC}|listed",),
    (f"{EXC}WithComments",),
    (C14N_11,),
    (C14N, EXC),
)


@pytest.mark.parametrize("info", FORMS)
@pytest.mark.parametrize("prefix", ["", "ds"])
def test_what_xmlsec_signs_is_trusted_here_and_broken_after_a_change(prefix, info, tmp_path):
    turns = zip(itertools.product(AROUND, CONTENT), itertools.cycle(itertools.product(KEYS, ("", "cap", ""))))
    for (around, forms), (stem, cap) in turns:
        method = f"{MORE}{KEYS[stem]}-sha256"
        unsigned = with_signature(alert(cap, around), template(prefix, info, forms, method, f"{ENC}sha256"))
        source = signed_by_xmlsec(unsigned, stem, tmp_path)
        case = (stem, around, cap, forms)
        assert state(source) == "trusted", case
        assert state(source.replace("größer".encode(), b"kleiner")) == "broken", case


@pytest.mark.parametrize(
    ("stem", "method"),
    [
        *(("signer", f"{MORE}rsa-sha{bits}") for bits in (224, 256, 384, 512)),
        *(("signer_ec", f"{MORE}ecdsa-sha{bits}") for bits in (224, 256, 384, 512)),
    ],
)
def test_every_algorithm_that_xmlsec_signs_with_is_known_here(stem, method, tmp_path):
    for digest in (f"{MORE}sha224", f"{ENC}sha256", f"{MORE}sha384", f"{ENC}sha512"):
        unsigned = with_signature(alert(), template("ds", EXC, (EXC,), method, digest))
        assert state(signed_by_xmlsec(unsigned, stem, tmp_path)) == "trusted", digest


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("stem", KEYS)
@pytest.mark.parametrize("cap", ["", "cap"])
def test_what_is_signed_here_is_accepted_by_xmlsec(cap, stem, around, tmp_path):
    key, pem = ((CA / f"{stem}.{end}").read_bytes() for end in ("key", "pem"))
    source = sign(alert(cap, around).encode(), "a.xml", key=key, certificate=pem)
    assert state(source) == "trusted"
    assert xmlsec_accepts(source, tmp_path)
    changed = source.replace("größer".encode(), b"kleiner")
    assert not xmlsec_accepts(changed, tmp_path)


#: Changes after signing: some keep the canonical form, some do not.
CHANGES = {
    "a comment in a text": ("größer", "grö<!-- x -->ßer"),
    "a comment between elements": ("<status>", "<!-- x --><status>"),
    "an instruction": ("<status>", "<?x y?><status>"),
    "white space between elements": ("<status>", "\n<status>"),
    "white space in a tag": ("<status>", "<status >"),
    "other quotes": (
        'xmlns="urn:oasis:names:tc:emergency:cap:1.2"',
        "xmlns='urn:oasis:names:tc:emergency:cap:1.2'",
    ),
    "a character as a reference": ("größer", "gr&#246;ßer"),
    "a text in CDATA": ("gestern", "<![CDATA[gestern]]>"),
    "a namespace that is not used": ("<alert ", '<alert xmlns:x="http://x.example/" '),
    "a language": ("<alert ", '<alert xml:lang="de" '),
    "a prefix": (
        "<status>Actual</status>",
        '<c:status xmlns:c="urn:oasis:names:tc:emergency:cap:1.2">Actual</c:status>',
    ),
    "other line ends": ("\n", "\r\n"),
    "a comment in what is signed of the signature": ("<!-- about the digest -->", ""),
    "white space in the digest": ("DigestValue>", "DigestValue>\n"),
    "a missing declaration": ('<?xml version="1.0" encoding="UTF-8"?>\n', ""),
    "a comment after the end": ("</alert>", "</alert><!-- end -->"),
    "an instruction after the end": ("</alert>", "</alert><?end?>"),
    "an empty element": ("<status>", "<code></code><status>"),
}


@pytest.mark.parametrize("form", [C14N, EXC, f"{C14N}#WithComments"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_after_signing_is_judged_as_xmlsec_judges_it(change, form, tmp_path):
    method = f"{MORE}rsa-sha256"
    unsigned = with_signature(alert(), template("", form, (form,), method, f"{ENC}sha256"))
    source = signed_by_xmlsec(unsigned, "signer", tmp_path)
    old, new = CHANGES[change]
    assert old.encode() in source
    changed = source.replace(old.encode(), new.encode())
    assert (state(changed) == "trusted") == xmlsec_accepts(changed, tmp_path)


@pytest.mark.parametrize("form", [C14N, EXC])
def test_a_signature_over_an_earlier_one_is_right_by_the_letter_the_earlier_one_alone(form, tmp_path):
    rsa, ec = (template("", form, (form,), f"{MORE}{KEYS[stem]}-sha256", f"{ENC}sha256") for stem in KEYS)
    first = signed_by_xmlsec(with_signature(alert(), rsa), "signer", tmp_path)
    both = signed_by_xmlsec(with_signature(first.decode(), ec), "signer_ec", tmp_path, node=2)
    assert [xmlsec_accepts(both, tmp_path, node) for node in (1, 2)] == [False, True]
    document = read_document(both, "a.xml")
    marks = Marks()
    found = judge_signatures(document, document.root, marks, trust=read_trust([CA / "ca.pem"]))
    assert found.state == "trusted"
    said = {mark.rule.id: mark.message for mark in marks.items}
    assert set(said) == {"SIGNATURE-SEVERAL", "SIGNATURE-PARALLEL"}
    assert "signature 1 matches only without the other" in said["SIGNATURE-PARALLEL"]
    assert state(both.replace("größer".encode(), b"kleiner")) == "broken"


#: Forms of a signature that other programs write: what is changed in the template, the state here.
WRITTEN = {
    "a bare key": ("<ds:X509Data></ds:X509Data>", "<ds:KeyValue></ds:KeyValue>", "intact"),
    "a key and a certificate": ("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue></ds:KeyValue>", "trusted"),
    "an identifier": ("<ds:Signature ", '<ds:Signature Id="s1" ', "trusted"),
    "carriage returns": ("</ds:DigestMethod>", "</ds:DigestMethod>\r\n", "trusted"),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_other_forms_of_a_signature_are_judged_as_xmlsec_judges_them(form, tmp_path):
    old, new, judged = WRITTEN[form]
    made = template("ds", EXC, (EXC,), f"{MORE}rsa-sha256", f"{ENC}sha256").replace(old, new)
    source = signed_by_xmlsec(with_signature(alert(), made), "signer", tmp_path)
    assert (state(source), xmlsec_accepts(source, tmp_path)) == (judged, True)
    value = source.index(b"SignatureValue>") + 20
    forged = source[:value] + (b"A" if source[value : value + 1] != b"A" else b"B") + source[value + 1 :]
    assert (state(forged), xmlsec_accepts(forged, tmp_path)) == ("broken", False)


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
ENVELOPED = f'<ds:Transform Algorithm="{SIGNATURE}enveloped-signature"></ds:Transform>'
PATH = "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>"
NO_SIGNATURES = f'<ds:Transform Algorithm="{XPATH}">{PATH}</ds:Transform>'
#: XAdES signs properties of the signature, such as the time, with the message.
OBJECT = (
    f'<ds:Object><x:QualifyingProperties xmlns:x="{PROPERTIES}" Target="#s1"><x:SignedProperties Id="p1">'
    "<x:SigningTime>2026-05-01T08:00:00Z</x:SigningTime></x:SignedProperties></x:QualifyingProperties></ds:Object>"
)
SECOND = (
    f'<ds:Reference URI="#p1" Type="http://uri.etsi.org/01903#SignedProperties"><ds:Transforms>'
    f'<ds:Transform Algorithm="{EXC}"/></ds:Transforms><ds:DigestMethod Algorithm="{ENC}sha256"/>'
    "<ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
XADES = (("</ds:SignedInfo>", SECOND), ("</ds:Signature>", OBJECT + "</ds:Signature>"))
#: Ways to say what is signed, by what is changed in an alert with a template.
COVERED = {
    "the element by its identifier": (("<alert ", '<alert Id="a" '), ('URI=""', 'URI="#a"')),
    "without all signatures": ((ENVELOPED, NO_SIGNATURES),),
    "with properties of the signature": XADES,
    "with an object": (("</ds:Signature>", "<ds:Object>x</ds:Object></ds:Signature>"),),
}


@pytest.mark.parametrize("way", COVERED)
@pytest.mark.parametrize("form", [C14N, EXC])
def test_what_covers_the_alert_in_another_way_is_trusted_as_xmlsec_trusts_it(form, way, tmp_path):
    source = with_signature(alert(), template("ds", form, (form,), f"{MORE}rsa-sha256", f"{ENC}sha256"))
    for old, new in COVERED[way]:
        assert old in source
        source = source.replace(old, new, 1)
    made = signed_by_xmlsec(source, "signer", tmp_path)
    assert (state(made), xmlsec_accepts(made, tmp_path)) == ("trusted", True)
    for old, new in (("größer", "kleiner"), ("08:00:00Z", "09:00:00Z")):
        forged = made.replace(old.encode(), new.encode())
        assert forged == made or (state(forged), xmlsec_accepts(forged, tmp_path)) == ("broken", False)


def test_a_second_reference_out_of_the_signature_or_to_two_elements_is_broken(tmp_path):
    source = with_signature(alert(), template("ds", EXC, (EXC,), f"{MORE}rsa-sha256", f"{ENC}sha256"))
    for old, new in XADES:
        source = source.replace(old, new, 1)
    made = signed_by_xmlsec(source, "signer", tmp_path)
    for old, new in ((b"<status>", b'<status Id="p1">'), (b'Id="p1"', b'Id="p2"')):
        assert state(made.replace(old, new, 1)) == "broken"


LAYOUTS = {"compact": None, "two": "  ", "four": "    ", "tabs": "\t"}


@pytest.mark.parametrize("after", LAYOUTS)
@pytest.mark.parametrize("before", LAYOUTS)
def test_another_layout_after_signing_is_named_as_the_reason(before, after, tmp_path):
    def laid_out(source, indent):
        root = etree.fromstring(source, etree.XMLParser(remove_blank_text=True))
        if indent:
            etree.indent(root, indent)
        return etree.tostring(root)

    made = template("ds", EXC, (EXC,), f"{MORE}rsa-sha256", f"{ENC}sha256")
    plain = laid_out(alert().encode(), LAYOUTS[before]).decode()
    source = signed_by_xmlsec(with_signature(plain, made), "signer", tmp_path)
    assert state(source) == "trusted"
    if before != after:
        changed = laid_out(source, LAYOUTS[after])
        report = validate(changed, "a.xml", trust=read_trust([CA / "ca.pem"]))
        (said,) = [found.message for found in report.findings if found.rule == "SIGNATURE-BROKEN"]
        assert "re-formatted after signing" in said
        other = changed.replace(b"gestern", b"heute")
        assert "re-formatted" not in str(validate(other, "a.xml").findings)
