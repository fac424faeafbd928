"""One good and one bad message for each rule, as changes of a few base messages.

`EWSIM_RENEW=1 pytest tests/cap/test_rule_samples.py` writes them into cap_samples/good and
cap_samples/bad. `good` changes the base, `bad` the good message; each change is (old, new).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from ewsim.cap.signature import signing

CA = Path(__file__).parent / "test_ca"

BASE = """\
<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>sample.NAME</identifier>
  <sender>warnings@example.org</sender>
  <sent>2026-05-01T10:00:00-03:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>en-GB</language>
    <category>Met</category>
    <event>Storm surge</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <onset>2026-05-01T13:00:00-03:00</onset>
    <expires>2026-05-01T20:00:00-03:00</expires>
    <senderName>Coast warning service</senderName>
    <headline>Storm surge: leave the harbour quarter by noon.</headline>
    <description>The sea will stand two metres above the quay at 14:00.</description>
    <instruction>Go to the school on the hill. Take medicines and warm clothes.</instruction>
    <area>
      <areaDesc>Harbour quarter</areaDesc>
      <polygon>15.40,-45.10 15.40,-45.00 15.30,-45.00 15.30,-45.10 15.40,-45.10</polygon>
    </area>
  </info>
</alert>
"""


def changed(text: str, changes) -> str:
    """A text with every (old, new) put in once; a change that changes nothing is a mistake."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


ENTRY = f"<entry>{BASE.partition('?>')[2]}</entry>\n"
FEED = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>https://example.org/alerts.atom</id>
<title>Alerts in force</title>
<updated>2026-05-01T13:00:00Z</updated>
{ENTRY}</feed>
"""

V11 = changed(BASE, [("cap:1.2", "cap:1.1")])
V10 = changed(
    BASE,
    [
        ("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0"),
        ("    <responseType>Evacuate</responseType>\n", ""),
    ],
)


@dataclass(frozen=True)
class Sample:
    """The changes that make the two messages of a rule.

    `beside` are rules that the bad message cannot but break too, `both` those that even the good
    one shows (notes, or what the rule is about). `policy`, `at` and `trust` go to the validator.
    """

    rule: str
    good: tuple = ()
    bad: tuple = ()
    base: str = BASE
    beside: frozenset = frozenset()
    both: frozenset = frozenset()
    profile: str = "core"
    policy: str | None = None
    at: str | None = None
    sign: tuple = ("", "")
    finish: dict = field(default_factory=dict)

    def text(self, which: str) -> str:
        text = changed(self.base, self.good)
        if which == "bad":
            text = changed(text, self.bad)
        return text.replace("sample.NAME", f"sample.{self.rule.lower()}.{which}")

    def source(self, which: str) -> bytes:
        """The bytes of the `good` or the `bad` message."""
        source = self.text(which).encode()
        signer = self.sign[which == "bad"]
        if signer:
            source = signed(source, signer)
        return self.finish[which](source) if which in self.finish else source


def signed(source: bytes, stem: str) -> bytes:
    """Signed by one of the test authority's keys; RSA with SHA-256 gives the same bytes always."""
    key, pem = (CA / f"{stem}.key").read_bytes(), (CA / f"{stem}.pem").read_bytes()
    return signing.sign(source, "sample.xml", key=key, certificate=pem)


def S(rule, *bad, good=(), beside="", both="", **more):
    words = {"beside": frozenset(beside.split()), "both": frozenset(both.split())}
    return Sample(rule, tuple(good), tuple(bad), **words, **more)


def cut(text):
    """A change that takes a text away."""
    return (text, "")


def before(place, text):
    """A change that puts a line before an element, as far in as it is."""
    return (place, f"{text}\n{' ' * INDENT[place]}{place}")


#: How far in an element stands.
INDENT = {
    "<info>": 2,
    "<scope>": 2,
    "<category>": 4,
    "<onset>": 4,
    "<headline>": 4,
    "<area>": 4,
    "<polygon>": 6,
    "</area>": 6,
}
EARLIER = "warnings@example.org,sample.earlier,2026-05-01T09:00:00-03:00"
UPDATE = [("<msgType>Alert<", "<msgType>Update<"), before("<info>", f"<references>{EARLIER}</references>")]
NOTE = b"The siren sounds for one minute.\n"
DIGEST = hashlib.sha1(NOTE, usedforsecurity=False).hexdigest()
RESOURCE = f"""<resource>
      <resourceDesc>What the siren means</resourceDesc>
      <mimeType>text/plain</mimeType>
      <size>{len(NOTE)}</size>
      <uri>https://example.org/siren.txt</uri>
      <digest>{DIGEST}</digest>
    </resource>"""
LINKED = [before("<area>", RESOURCE)]
CARRIED = [
    *LINKED,
    ("<uri>https://example.org/siren.txt</uri>", f"<derefUri>{base64.b64encode(NOTE).decode()}</derefUri>"),
]
POLYGON = "15.40,-45.10 15.40,-45.00 15.30,-45.00 15.30,-45.10 15.40,-45.10"
INNER = "15.38,-45.08 15.38,-45.06 15.36,-45.06 15.36,-45.08 15.38,-45.08"
WEST = "-17.0,179.5 -17.0,180 -18.0,180 -18.0,179.5 -17.0,179.5"
EAST = "-17.0,-180 -17.0,-179.5 -18.0,-179.5 -18.0,-180 -17.0,-180"
INFO = BASE[BASE.index("  <info>") : BASE.index("</alert>")]
AREA = BASE[BASE.index("    <area>") : BASE.index("  </info>")]
GREEK = [
    ("Storm surge: leave the harbour quarter by noon.", "Φεύγετε από το λιμάνι πριν το μεσημέρι."),
    (
        "The sea will stand two metres above the quay at 14:00.",
        "Η θάλασσα θα ανέβει δύο μέτρα πάνω από την προβλήτα.",
    ),
    (
        "Go to the school on the hill. Take medicines and warm clothes.",
        "Πηγαίνετε στο σχολείο πάνω στον λόφο.",
    ),
    ("Storm surge", "Πλημμύρα από τη θάλασσα"),
    ("en-GB", "el"),
]
LONG = "The water stands in the streets. " * 43
MANY_POINTS = " ".join(f"15.4,{lon / 1000 - 45:.3f}" for lon in range(1000))


def gzipped(source: bytes) -> bytes:
    """More than ten megabytes of blanks in few bytes."""
    return gzip.compress(source.replace(b"</alert>", b" " * 10_000_001 + b"</alert>"), 9, mtime=0)


def second_signature(source: bytes) -> bytes:
    """The message with its signature copied behind it."""
    start, end = source.index(b"<ds:Signature"), source.index(b"</ds:Signature>") + 15
    return source[:end] + source[start:end] + source[end:]


def sha1_signed(source: bytes) -> bytes:
    """Signed with an algorithm that nobody should trust any more."""
    import signxml
    from lxml import etree

    class Old(signxml.XMLSigner):
        """A signer that does not refuse SHA-1."""

        def check_deprecated_methods(self):
            pass

    method = signxml.SignatureMethod.RSA_SHA1
    signer = Old(
        signature_algorithm=method,
        digest_algorithm=signxml.DigestAlgorithm.SHA1,
        c14n_algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    )
    key, pem = ((CA / f"signer.{end}").read_text() for end in ("key", "pem"))
    root = signer.sign(etree.fromstring(source), key=key, cert=pem)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="utf-8")


def without_certificate(source: bytes) -> bytes:
    """The signature without the signer's certificate."""
    start, end = source.index(b"<ds:KeyInfo"), source.index(b"</ds:KeyInfo>") + 13
    return source[:start] + source[end:]


def replaced(old: bytes, new: bytes):
    """A change of the bytes after signing."""

    def finish(source: bytes) -> bytes:
        assert old in source
        return source.replace(old, new, 1)

    return finish


WELL_FORMED = [
    S("XML-SIZE", finish={"bad": gzipped}),
    S(
        "XML-ENCODING",
        good=[("Harbour quarter", "Bahía del Puerto")],
        finish={"bad": lambda b: b.decode().encode("latin-1")},
    ),
    S(
        "XML-DECLARED",
        ("UTF-8", "ISO-8859-1"),
        finish={which: lambda b: b"\xef\xbb\xbf" + b for which in ("good", "bad")},
    ),
    S("XML-DOCTYPE", ("<alert ", '<!DOCTYPE alert [<!ENTITY who "Coast warning">]>\n<alert ')),
    S("XML-SYNTAX", ("</headline>", "</headlin>")),
    S("XML-LIMIT", before("<info>", "<note>" + "<b>" * 101 + "surge" + "</b>" * 101 + "</note>")),
]

SCHEMA = [
    S("ROOT", ("cap:1.2", "cap:1.3")),
    S("FEED-EMPTY", cut(ENTRY), base=FEED),
    S("STRUCT-MISSING", cut("  <status>Actual</status>\n")),
    S("STRUCT-REPEATED", ("</event>", "</event>\n    <event>Flood</event>")),
    S(
        "STRUCT-ORDER",
        ("<severity>Severe</severity>\n    ", ""),
        ("</certainty>", "</certainty>\n    <severity>Severe</severity>"),
    ),
    S("STRUCT-UNKNOWN", before("<scope>", "<priority>High</priority>")),
    S("STRUCT-TEXT", before("<headline>", "Please read on:")),
    S("STRUCT-ATTRIBUTE", ("<area>", '<area id="harbour">')),
    S("STRUCT-WORD", (">Severe<", ">Catastrophic<")),
    S("STRUCT-FORM", (f"<size>{len(NOTE)}<", "<size>2 kB<"), good=LINKED),
    S("STRUCT-DATETIME", ("10:00:00-03:00</sent>", "13:00:00Z</sent>")),
    S("SIG-SCHEMA", ("cap:1.2", "cap:1.1"), sign=("signer", "signer")),
]

MESSAGE = [
    S("EMPTY-REQUIRED", cut("Harbour quarter")),
    S("EMPTY-OPTIONAL", before("<area>", "<contact></contact>")),
    S("TIME-READ", ("<sent>2026", "<sent>12026"), base=V11),
    S("ID-CHARS", ("<identifier>sample.", "<identifier>sample ")),
    S("SENDER-CHARS", ("<sender>warnings@", "<sender>warnings,coast@")),
    S(
        "SCOPE-RESTRICTION",
        cut("\n  <restriction>Civil defence staff</restriction>"),
        good=[
            (
                "<scope>Public</scope>",
                "<scope>Restricted</scope>\n  <restriction>Civil defence staff</restriction>",
            )
        ],
        both="DELIVER-GATE",
    ),
    S("SCOPE-UNUSED", before("<info>", "<restriction>Civil defence staff</restriction>")),
    S(
        "SCOPE-ADDRESSES",
        cut("\n  <addresses>harbour@example.org</addresses>"),
        good=[
            ("<scope>Public</scope>", "<scope>Private</scope>\n  <addresses>harbour@example.org</addresses>")
        ],
        both="DELIVER-GATE",
    ),
    S(
        "LIST-QUOTES",
        ('of May" ', "of May "),
        good=[before("<info>", '<incidents>"Surge of May" SURGE-7</incidents>')],
    ),
    S("REF-FORMAT", (EARLIER, "warnings@example.org,sample.earlier"), good=UPDATE),
    S("REF-REQUIRED", cut(f"<references>{EARLIER}</references>\n  "), good=UPDATE),
    S("REF-SELF", (EARLIER, "warnings@example.org,sample.NAME,2026-05-01T10:00:00-03:00"), good=UPDATE),
    S("REF-LATER", ("sample.earlier,2026-05-01T09", "sample.earlier,2026-05-01T11"), good=UPDATE),
    S("REF-REPEATED", (EARLIER, f"{EARLIER} {EARLIER}"), good=UPDATE),
    S(
        "NOTE-EXPECTED",
        cut("\n  <note>An exercise; the sea is calm.</note>"),
        good=[
            ("Actual", "Exercise"),
            ("<scope>Public</scope>", "<scope>Public</scope>\n  <note>An exercise; the sea is calm.</note>"),
        ],
    ),
    S("INFO-MISSING", cut(INFO)),
    S("DT-OFFSET", ("10:00:00-03:00</sent>", "13:00:00Z</sent>"), base=V11),
    S(
        "DT-UTC",
        ("13:00:00-00:00</sent>", "13:00:00+00:00</sent>"),
        good=[("10:00:00-03:00</sent>", "13:00:00-00:00</sent>")],
    ),
    S("PASSWORD", before("<scope>", "<password>harbour</password>"), base=V10),
]

INFOS = [
    S("LANG-KNOWN", (">el<", ">gr<"), good=GREEK),
    S("LANG-MISSING", cut("<language>el</language>\n    "), good=GREEK),
    S("INFO-DUPLICATE", ("</alert>", f"{INFO}</alert>")),
    S("VERY-LIKELY", (">Likely<", ">Very Likely<"), base=V10),
    S(
        "TIME-EXPIRED",
        ("<expires>2026-05-01T20", "<expires>2026-05-01T09"),
        good=[cut("    <onset>2026-05-01T13:00:00-03:00</onset>\n")],
    ),
    S(
        "TIME-EFFECTIVE",
        ("<effective>2026-05-01T10", "<effective>2026-05-01T09"),
        good=[before("<onset>", "<effective>2026-05-01T10:00:00-03:00</effective>\n    ")],
    ),
    S("TIME-ONSET", ("<expires>2026-05-01T20", "<expires>2026-05-01T12")),
    S("EXPIRES-MISSING", cut("    <expires>2026-05-01T20:00:00-03:00</expires>\n")),
    S("HEADLINE-LENGTH", (" by noon.", f" by noon{', and the quay, and the fish market' * 4}.")),
    S(
        "WEB-ABSOLUTE",
        ("https://example.org/surge", "surge/today.html"),
        good=[before("<area>", "<web>https://example.org/surge</web>")],
    ),
    S("TEXT-MARKUP", ("two metres", "&lt;b&gt;two metres&lt;/b&gt;")),
    S(
        "TEXT-UNREADABLE",
        ("caf\u00e9", "caf\ufffd"),
        beside="DELIVER-UCS2",
        good=[("two metres above", "at the caf\u00e9 two metres above")],
    ),
    S(
        "PAIR-FORM",
        ("harbour=12", "harbour 12"),
        base=V10,
        good=[before("</area>", "<geocode>harbour=12</geocode>")],
    ),
]

AREAS = [
    S("POLY-EMPTY", before("<polygon>", "<polygon></polygon>")),
    S("POLY-SYNTAX", ("15.40,-45.10 15.40,-45.00", "15.40;-45.10 15.40,-45.00")),
    S("POLY-4", (POLYGON, "15.40,-45.10 15.40,-45.00 15.40,-45.10")),
    S("POLY-CLOSED", cut(" 15.40,-45.10</polygon>"), ("15.30,-45.10", "15.30,-45.10</polygon>")),
    S("POLY-RANGE", ("15.40,-45.00", "154.0,-45.00")),
    S("POLY-CROSSING", ("15.40,-45.00 15.30,-45.00", "15.30,-45.00 15.40,-45.00")),
    S("POLY-FLAT", (POLYGON, "15.40,-45.10 15.35,-45.05 15.30,-45.00 15.40,-45.10")),
    S("POLY-NESTED", ("</polygon>", f"</polygon>\n      <polygon>{INNER}</polygon>")),
    S(
        "POLY-ANTIMERIDIAN",
        ("-17.0,180 -18.0,180 -18.0,179.5 -17.0,179.5</polygon>\n      <polygon>-17.0,-180 ", ""),
        (" -18.0,-180 -17.0,-180</polygon>", " -18.0,179.5 -17.0,179.5</polygon>"),
        good=[(POLYGON, f"{WEST}</polygon>\n      <polygon>{EAST}")],
    ),
    S(
        "POLY-VERTICES",
        ("15.4,-44.999", f"{MANY_POINTS[13:]} 15.4,-44"),
        good=[(POLYGON, "15.4,-45.000 15.4,-44.999 15.3,-44.5 15.4,-45.000")],
    ),
    S(
        "POLY-SWAPPED",
        (
            "15.39,-45.10 15.39,-45.00 15.30,-45.00 15.30,-45.10 15.39,-45.10",
            "-45.10,15.39 -45.00,15.39 -45.00,15.30 -45.10,15.30 -45.10,15.39",
        ),
        good=[
            (POLYGON, "15.39,-45.10 15.39,-45.00 15.30,-45.00 15.30,-45.10 15.39,-45.10"),
            before("</area>", "  <circle>15.35,-44.95 2</circle>"),
        ],
    ),
    S(
        "AREA-LARGE",
        (" 3</circle>", " 3000</circle>"),
        good=[("<polygon>", "<circle>"), (POLYGON, "15.35,-45.05 3"), ("</polygon>", "</circle>")],
    ),
    S("AREA-TINY", (POLYGON, "15.4,-45.0 15.4,-44.9999 15.3999,-44.9999 15.3999,-45.0 15.4,-45.0")),
    S(
        "CIRCLE-SYNTAX",
        ("15.35,-45.05 3<", "15.35,-45.05,3<"),
        good=[("<polygon>", "<circle>"), (POLYGON, "15.35,-45.05 3"), ("</polygon>", "</circle>")],
    ),
    S(
        "CIRCLE-RANGE",
        (" 3<", " -3<"),
        good=[("<polygon>", "<circle>"), (POLYGON, "15.35,-45.05 3"), ("</polygon>", "</circle>")],
    ),
    S("AREA-SHAPE", cut(f"\n      <polygon>{POLYGON}</polygon>")),
    S("AREA-DUPLICATE", (AREA, AREA + AREA)),
    S("HEIGHT-FORM", (">300<", ">300 feet<"), base=V11, good=[before("</area>", "<altitude>300</altitude>")]),
    S(
        "CEILING-ALONE",
        cut("<altitude>0</altitude>"),
        good=[before("</area>", "<altitude>0</altitude><ceiling>300</ceiling>")],
    ),
    S(
        "CEILING-BELOW",
        (">300<", ">3000<"),
        (">2500<", ">250<"),
        good=[before("</area>", "<altitude>300</altitude><ceiling>2500</ceiling>")],
    ),
]

RESOURCES = [
    S("MIME-FORM", ("text/plain", "text"), good=LINKED),
    S("URI-RELATIVE", ("https://example.org/siren.txt", "siren.txt"), good=LINKED),
    S("RESOURCE-EMPTY", cut("      <uri>https://example.org/siren.txt</uri>\n"), good=LINKED),
    S("DEREF-BASE64", ("<derefUri>", "<derefUri>%"), good=CARRIED, both="DEREF-NETWORK"),
    S("DEREF-NETWORK", (CARRIED[1][0], CARRIED[1][1]), good=LINKED),
    S("SIZE-NEGATIVE", ("<size>", "<size>-"), good=LINKED),
    S("SIZE-DIFFERS", ("<size>", "<size>1"), good=CARRIED, both="DEREF-NETWORK"),
    S("DIGEST-FORM", (DIGEST, DIGEST[:20]), good=LINKED),
    S("DIGEST-DIFFERS", (DIGEST, DIGEST[::-1]), good=CARRIED, both="DEREF-NETWORK"),
]

DELIVERY = [
    S("DELIVER-GATE", ("Actual", "Draft")),
    S(
        "DELIVER-EXPIRED",
        ("<expires>2026-05-01T20", "<expires>2026-05-01T15"),
        at="2026-05-01T18:00:00-03:00",
    ),
    S(
        "DELIVER-TEXT",
        cut("    <description>The sea will stand two metres above the quay at 14:00.</description>\n"),
        policy="uk",
    ),
    S("DELIVER-TRUNCATED", ("The sea will", f"{LONG}The sea will")),
    S("DELIVER-UCS2", ("leave the harbour", "leave the “old” harbour")),
    S("DELIVER-AREA", cut(AREA)),
]

CMAM = "<parameter><valueName>CMAMlongtext</valueName><value>Leave the harbour now.</value></parameter>"
BLOCK = "<parameter><valueName>BLOCKCHANNEL</valueName><value>CMAS</value></parameter>"
WITH_CMAM = [("    <area>", f"    {CMAM}\n    <area>")]
POLICIES = [
    S("DELIVER-TEMPLATE", cut(f"    {CMAM}\n"), good=WITH_CMAM, policy="us"),
    S("DELIVER-SWITCH", ("    <area>", f"    {BLOCK}\n    <area>")),
    S("DELIVER-THRESHOLD", ("Severe", "Minor"), good=WITH_CMAM, policy="us"),
]

SIGNATURES = [
    S("SIGNATURE-BROKEN", sign=("signer", "signer"), finish={"bad": replaced(b"two metres", b"ten metres")}),
    S("SIGNATURE-SCOPE", sign=("signer", "signer"), finish={"bad": replaced(b'URI=""', b'URI="#harbour"')}),
    S("SIGNATURE-UNVERIFIED", sign=("signer", "signer"), finish={"bad": without_certificate}),
    S("SIGNATURE-UNTRUSTED", sign=("signer", "stranger")),
    S("SIGNATURE-EXPIRED", sign=("signer", "expired")),
    S("SIGNATURE-WEAK", sign=("signer", ""), finish={"bad": sha1_signed}),
    S(
        "SIGNATURE-SEVERAL",
        sign=("signer", "signer"),
        finish={"bad": second_signature},
        beside="SIGNATURE-PARALLEL",
    ),
    S(
        "SIGNATURE-PARALLEL",
        sign=("signer", "signer"),
        finish={"bad": second_signature},
        beside="SIGNATURE-SEVERAL",
    ),
]

CORE = [*WELL_FORMED, *SCHEMA, *MESSAGE, *INFOS, *AREAS, *RESOURCES, *DELIVERY, *POLICIES, *SIGNATURES]
