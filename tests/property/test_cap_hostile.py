"""Whatever the bytes: an answer by name, within 2 s and bounded memory, and never a traceback.

Bytes of real messages are changed, documents are grown from CAP's own words, and what hurts readers
of XML is tried by name. Every report is also written in every format.
"""

import json
import random
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewsim.cap.tools import formats
from ewsim.cap.validator import validate
from ewsim.cap.xml.content import ALERT, names_of
from ewsim.cap.xml.node import NAMESPACES

ROOT = Path(__file__).parents[2]
#: Real messages where the corpus is beside the project, our own samples everywhere.
FILES = sorted([*(ROOT / "cap_samples").rglob("*.xml"), *(ROOT / "../shared/cap/corpus").rglob("*.xml")])
SECONDS = 5.0
FEW, MANY = 15, 60  # mutants of each file


def judged(source):
    """Validate, write every format, hold the time; the report."""
    start = time.process_time()
    report = validate(source, "hostile.xml", profiles=("auto",))
    lines = list(formats.text([report], colour=True))
    json.loads(formats.as_json([report]))
    json.loads(formats.as_sarif([report]))
    ET.fromstring(formats.as_junit([report]))
    assert time.process_time() - start < SECONDS, source[:200]
    assert lines
    for found in report.findings:
        assert found.message
        assert found.line >= 0
        assert found.column >= 0
    for message in report.messages:
        assert (message.alert is not None) == message.readable
    return report


def rules(source):
    return {found.rule for found in judged(source).findings}


# --- changed bytes --------------------------------------------------------------------------------

PIECES = (
    b"<",
    b">",
    b"&",
    b"\0",
    b"\xff",
    b"\x1b[31m",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"-->",
    b"&#0;",
    b"&lt;",
    b"<?x?>",
    b"\xef\xbb\xbf",
    b"</alert>",
    b"<alert>",
    b"</info>",
    b"<info>",
    b'"',
    b"'",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
    b"9" * 400,
    b"-",
    b",",
    b" " * 300,
    b"nan",
    b"1e999",
)


def mutated(source, rng):
    text = bytearray(source[:60_000])
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            text[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del text[at : at + rng.choice([1, 3, 30, 300])]
        elif kind == 2:
            text[at:at] = rng.choice(PIECES)
        elif kind == 3:
            other = rng.randrange(len(text) + 1)
            text[at:at] = text[other : other + rng.choice([5, 50, 500])]
        else:
            del text[at:]
    return bytes(text)


def mutate_all(count, seed):
    for number, path in enumerate(FILES):
        rng = random.Random(seed * 100_003 + number)
        source = path.read_bytes()
        for _ in range(count):
            judged(mutated(source, rng))


def test_changed_bytes_of_real_messages_are_judged():
    assert len(FILES) >= 20
    mutate_all(FEW, seed=1)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(2, 4))
def test_many_changed_bytes_of_real_messages_are_judged(seed):
    mutate_all(MANY, seed)


# --- grown documents ------------------------------------------------------------------------------

NAMES = sorted({name for model in ALERT.values() for name in names_of(model)} | {"alert", "x"})
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "Actual",
            "2026-01-31T16:49:00-00:00",
            "2026-01-31T16:49:00Z",
            "1,2 3,4 5,6 1,2",
            "1,2 3",
            "a,b,2026-01-31T16:49:00-00:00",
            "en",
            "-1",
            '"a b" c"',
            "9" * 5_000,
            "Cancel",
            "1e400",
            "10,170 10,-170 11,-170 10,170",
            "0,0 0,0 0,0 0,0",
            "0,0 1,1 1,0 0,1 0,0",
            "=",
            "a=b",
        ]
    ),
)
ESCAPES = str.maketrans({"<": "&lt;", "&": "&amp;"})


@st.composite
def elements(draw, depth=0):
    name = draw(st.sampled_from(NAMES))
    if depth > 4 or draw(st.booleans()):
        return f"<{name}>{draw(TEXTS).translate(ESCAPES)}</{name}>"
    return f"<{name}>{''.join(draw(st.lists(elements(depth=depth + 1), max_size=6)))}</{name}>"


COMMON = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(COMMON, max_examples=60)
@given(st.lists(elements(), max_size=8), st.sampled_from(sorted(NAMESPACES.values())))
def test_any_tree_of_cap_elements_is_judged(inner, namespace):
    text = f'<alert xmlns="{namespace}">{"".join(inner)}</alert>'
    judged(text.encode("utf-8", "surrogatepass"))


@settings(COMMON, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_judged(source):
    assert judged(source).failed


@pytest.mark.heavy
@settings(COMMON, max_examples=2_000)
@given(st.lists(elements(), max_size=12), st.sampled_from(sorted(NAMESPACES.values())))
def test_many_trees_of_cap_elements_are_judged(inner, namespace):
    text = f'<alert xmlns="{namespace}">{"".join(inner)}</alert>'
    judged(text.encode("utf-8", "surrogatepass"))


# --- by name --------------------------------------------------------------------------------------

GOOD = (ROOT / "cap_samples/full/exercise.xml").read_text(encoding="utf-8")
HEAD = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'


def info(inner):
    """A message whose <info> ends with something."""
    at = GOOD.index("</info>")
    return (GOOD[:at] + inner + GOOD[at:]).encode()


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + HEAD + "&e;</alert>", "XML-DOCTYPE"),
        (
            "<!DOCTYPE a ["
            + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
            + "]>"
            + HEAD
            + "&e29;</alert>",
            "XML-DOCTYPE",
        ),
        ('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>' + HEAD + "</alert>", "XML-DOCTYPE"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">' + HEAD + "</alert>", "XML-DOCTYPE"),
        (HEAD + "<info>" * 300 + "</info>" * 300 + "</alert>", "XML-LIMIT"),
        (b"<alert>" + b"x" * 50_000_000, "XML-SIZE"),
        (GOOD.replace("UTF-8", "UTF-16").encode(), "XML-DECLARED"),
        (GOOD.encode("utf-8-sig"), ""),
        (GOOD.replace("UTF-8", "UTF-16").encode("utf-16"), ""),
        (GOOD.encode("latin-1", "replace").replace(b"Exercise", b"\xe9xercise", 1), "XML-ENCODING"),
        (GOOD.encode()[: len(GOOD) // 2], "XML-SYNTAX"),
        (random.Random(1).randbytes(5_000), "XML-ENCODING"),
        (b"\x7fELF" + bytes(range(256)) * 9, "XML-ENCODING"),
        ("<!DOCTYPE html><html><head><title>404</title></head></html>", "XML-SYNTAX"),
        ("<html><body>Bad gateway</body></html>", "XML-SYNTAX"),
        ("", "XML-SYNTAX"),
    ],
    ids=[
        "file entity",
        "entity bomb",
        "parameter entity",
        "external subset",
        "300 levels",
        "50 MB",
        "wrong declaration",
        "byte-order mark",
        "UTF-16",
        "latin 1 as UTF-8",
        "truncated",
        "random bytes",
        "a program",
        "HTML with DOCTYPE",
        "HTML",
        "nothing",
    ],
)
def test_what_hurts_readers_is_refused_by_name(source, rule):
    found = rules(source.encode() if isinstance(source, str) else source)
    assert rule in found if rule else not any(name.startswith("XML") for name in found)


SIGNED = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
BODY = GOOD.partition("?>")[2]
#: Areas with 500 polygons, each in the next one; and rings of 10,000 points that cross everywhere.
NESTED = "".join(
    f"<areaDesc>x</areaDesc>{nest}</area><area>"
    for nest in [
        "".join(
            f"<polygon>-{r},-{r} -{r},{r} {r},{r} {r},-{r} -{r},-{r}</polygon>"
            for r in (1 + n / 1_000 for n in range(500))
        )
    ]
    * 30
)
_LUCK = random.Random(2)
TANGLED = "".join(
    f"<areaDesc>x</areaDesc><polygon>0,0 {ring} 0,0</polygon></area><area>"
    for ring in (
        " ".join(f"{_LUCK.random():.4f},{_LUCK.random():.4f}" for _ in range(10_000)) for _ in range(40)
    )
)


@pytest.mark.parametrize(
    "source",
    [
        info("<area><areaDesc>x</areaDesc>" + "<polygon>" + "1,1 " * 200_000 + "</polygon></area>"),
        info("<area><areaDesc>x</areaDesc><polygon>" + "1" * 900_000 + "</polygon></area>"),
        info("<area><areaDesc>x</areaDesc><polygon>" + "1,1 " * 90_000 + "x</polygon></area>"),
        info("<area><areaDesc>x</areaDesc><circle>" + "1" * 900_000 + "</circle></area>"),
        info("<area><areaDesc>x</areaDesc>" + "<polygon>1,1 1,2 2,2 1,1</polygon>" * 5_000 + "</area>"),
        info("<area><areaDesc>x</areaDesc></area>" * 20_000),
        info(
            "<resource><resourceDesc>x</resourceDesc><mimeType>"
            + "a/" * 300_000
            + "</mimeType><uri>"
            + "%" * 500_000
            + "</uri><derefUri>"
            + "A" * 2_000_001
            + "</derefUri><size>"
            + "9" * 100_000
            + "</size></resource>"
        ),
        info("<web>" + "http://a" * 200_000 + "</web>"),
        info("<language>" + "a-" * 300_000 + "</language>"),
        GOOD.replace("<description>", "<description>" + "&lt;" * 400_000).encode(),
        GOOD.replace("<description>", "<description>" + "ก้" * 300_000).encode(),
        GOOD.replace("<scope>", "<incidents>" + '"a ' * 300_000 + "</incidents><scope>").encode(),
        GOOD.replace("<info>", "<references>" + "a,b " * 100_000 + "</references><info>").encode(),
        GOOD.replace("<info>", "<references>" + "a," * 300_000 + "</references><info>").encode(),
        (HEAD + "<x/>" * 95_000 + "</alert>").encode(),
        (HEAD + "<info/>" * 95_000 + "</alert>").encode(),
        (HEAD[:-1] + "".join(f' a{n}="x"' for n in range(50_000)) + "></alert>").encode(),
        (f"<feed>{(HEAD + '</alert>') * 20_000}</feed>").encode(),
        GOOD.replace(
            "</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>' * 300 + "</alert>"
        ).encode(),
        ("\n" * 5_000_000 + GOOD).encode(),
        GOOD.replace("<info>", f"<references>{'x ' * 4_000_000}</references><info>").encode(),
        f"<feed>{BODY.replace('</alert>', f'{SIGNED}</alert>') * 700}</feed>".encode(),
        GOOD.replace("</alert>", SIGNED * 20_000 + "</alert>").encode(),
        GOOD.replace("<areaDesc>", NESTED + "<areaDesc>").encode(),
        GOOD.replace("<areaDesc>", TANGLED + "<areaDesc>").encode(),
    ],
    ids=[
        "200,000 points",
        "one number",
        "a fault after 90,000 points",
        "a long radius",
        "5,000 polygons",
        "20,000 areas",
        "a long resource",
        "a long URI",
        "a long language",
        "400,000 entities",
        "long Thai",
        "open quotes",
        "bad references",
        "one reference",
        "unknown elements",
        "empty infos",
        "50,000 attributes",
        "20,000 alerts",
        "300 signatures",
        "5,000,000 lines",
        "4,000,000 bad references",
        "700 signed alerts",
        "20,000 signatures",
        "areas with nests",
        "tangled rings",
    ],
)
def test_large_and_contrived_messages_take_little_time(source):
    judged(source)
