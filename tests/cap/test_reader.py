"""The strict reader: what it reads, where it says the faults are, and what it refuses."""

import importlib.util
import re
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewsim.cap.alert import Position
from ewsim.cap.reader import parse_alert, read_alert
from ewsim.cap.xml.document import open_document, read_document
from ewsim.cap.xml.text import MAX_DEPTH
from ewsim.errors import CapError

_spec = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
GOOD, corpus, good_with = samples.GOOD, samples.corpus, samples.good_with


def faults(source):
    """(rule, line, column, message) of each fault that stops the reader."""
    if isinstance(source, str):
        source = source.encode()
    with pytest.raises(CapError) as caught:
        parse_alert(source, "a.xml")
    assert caught.value.exit_code == 4
    for found in caught.value.diagnostics:
        assert found.file == "a.xml"
        assert found.message
    return [(d.rule, d.line, d.column, d.message) for d in caught.value.diagnostics]


def rules(source):
    return [fault[0] for fault in faults(source)]


# --- what it reads --------------------------------------------------------------------------------


def test_every_element_is_read():
    alert = parse_alert(GOOD.encode(), "a.xml")
    assert (alert.version, alert.identifier, alert.sender) == ("1.2", "EX-2026-001", "warnings@met.example")
    assert alert.sent == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (alert.status, alert.msg_type, alert.scope) == ("Actual", "Alert", "Public")
    assert not alert.signed
    (info,) = alert.infos
    assert (info.language, info.categories, info.event) == ("en-GB", ("Met",), "Cyclone")
    assert (info.urgency, info.severity, info.certainty) == ("Immediate", "Extreme", "Observed")
    assert info.event_codes == (("local", "CYC"),)
    assert info.expires - info.onset == timedelta(hours=10)
    assert info.parameter("WIND") == "180"
    (area,) = alert.areas
    assert area.polygons[0].points[0] == area.polygons[0].points[-1] == (17.1, -61.9)
    assert (area.circles[0].lat, area.circles[0].radius_km) == (17.05, 5.5)
    assert (area.geocodes[0].name, area.geocodes[0].value) == ("ISO3166-2", "AG-04")
    assert (area.altitude_ft, area.ceiling_ft) == (0.0, 3000.0)


def test_positions_are_those_an_editor_shows():
    alert = parse_alert(GOOD.encode(), "a.xml")
    lines = GOOD.splitlines()

    def shown(position):
        return lines[position.line - 1][position.column - 1 :]

    assert shown(alert.position).startswith("<alert")
    assert shown(alert.positions["sent"]).startswith("<sent>")
    assert shown(alert.positions["info[1]/expires"]).startswith("<expires>")
    area = alert.infos[0].areas[0]
    assert shown(area.position).startswith("<area>")
    assert shown(area.polygons[0].position).startswith("<polygon>")
    assert shown(area.geocodes[0].position).startswith("<geocode>")


def test_version_1_0_pairs_and_defaults():
    text = """<alert xmlns="http://www.incident.com/cap/1.0"><identifier>a</identifier>
    <sender>b</sender><sent>2003-06-11T22:39:00-07:00</sent><status>Actual</status>
    <msgType>Alert</msgType><password>x</password><info><category>Met</category><event>e</event>
    <urgency>Expected</urgency><severity>Severe</severity><certainty>Very Likely</certainty>
    <eventCode>SAME=SVR</eventCode><area><areaDesc>d</areaDesc><geocode>fips6=006109</geocode>
    </area></info></alert>"""
    alert = parse_alert(text.encode(), "a.xml")
    assert (alert.version, alert.scope, alert.infos[0].language) == ("1.0", "Public", "en-US")
    assert alert.infos[0].event_codes == (("SAME", "SVR"),)
    assert alert.areas[0].geocodes[0].value == "006109"
    assert alert.sent.tzinfo == timezone(timedelta(hours=-7))


def test_lists_quotes_comments_cdata_and_entities():
    source = good_with(
        ("<scope>Public</scope>", '<scope>Private</scope>\n<addresses>a@b "Civil Defence" c</addresses>'),
        ("Winds of", "<![CDATA[Winds <of>]]> &amp; rain<!-- aside --> at"),
    )
    alert = parse_alert(source, "a.xml")
    assert alert.addresses == ("a@b", "Civil Defence", "c")
    assert alert.infos[0].description.startswith("Winds <of> & rain at 180")


def test_newlines_and_trailing_dots_in_coordinates():
    source = good_with(("17.1,-61.9 17.1,-61.7", "\n 17.1,-61.9\n\t17.1,-61.7\r\n"), ("5.5", "5."))
    area = parse_alert(source, "a.xml").areas[0]
    assert len(area.polygons[0].points) == 5
    assert area.circles[0].radius_km == 5.0


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("iso-8859-1", "ISO-8859-1"),
        ("windows-1252", "windows-1252"),
        ("utf-32", "UTF-32"),
    ],
)
def test_encodings(encoding, declared):
    text = GOOD.replace('"UTF-8"', f'"{declared}"').replace("Cyclone warning", "Cyclone à l’île")
    text = text if "utf" in encoding or "125" in encoding else text.replace("’", "'")
    alert = parse_alert(text.encode(encoding), "a.xml")
    assert "à l" in alert.infos[0].headline
    assert alert.position == Position(2, 1)


def test_an_alert_in_an_envelope_is_read():
    inner = GOOD.split("\n", 1)[1]
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>{inner}</content></entry></feed>'
    assert parse_alert(feed.encode(), "a.xml").identifier == "EX-2026-001"
    twice = feed.replace("</entry>", f"<content>{inner}</content></entry>")
    assert "2 alerts" in faults(twice)[0][3]


@pytest.mark.parametrize("path", corpus("valid"))
def test_the_valid_corpus_is_read(path):
    alert = read_alert(path)
    assert alert.identifier


# --- what it refuses, and where -----------------------------------------------------------------


def test_every_fault_at_once_each_in_its_place():
    source = good_with(
        ("<sender>warnings@met.example</sender>\n", "\n"),
        ("<sent>2026-11-20T10:00:00-00:00</sent>", "<sent>yesterday</sent>"),
        ("<urgency>Immediate</urgency>", "<urgency>immediate</urgency>"),
        ("17.1,-61.7 17.0", "95,-61.7 17.0"),
        ("17.05,-61.8 5.5", "17.05,-61.8 -1"),
    )
    lines = source.decode().splitlines()
    found = faults(source)
    assert [f[0] for f in found] == [
        "STRUCT-MISSING",
        "TIME-READ",
        "STRUCT-WORD",
        "POLY-RANGE",
        "CIRCLE-RANGE",
    ]
    shown = [lines[line - 1][column - 1 :] for _, line, column, _ in found]
    starts = ["<alert", "yesterday", "immediate", "95,-61.7", "17.05,-61.8 -1"]
    for text, start in zip(shown, starts, strict=True):
        assert text.startswith(start)
    assert "Latitude 95 is" in found[3][3]


def test_an_open_polygon_says_where_it_begins_and_ends():
    ((name, line, column, message),) = faults(good_with((" 17.1,-61.9</polygon>", "</polygon>")))
    assert name == "POLY-CLOSED"
    assert "17.1,-61.9" in message
    assert "17,-61.9" in message
    assert GOOD.splitlines()[line - 1][column - 10 : column].endswith("-61.9"[: column and 5])


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("17.0,-61.7", "17.0, -61.7", "POLY-SYNTAX"),
        ("17.0,-61.7", "17.0;-61.7", "POLY-SYNTAX"),
        ("17.0,-61.7", "1e1,-61.7", "POLY-SYNTAX"),
        ("17.0,-61.7", "17.0,-181", "POLY-RANGE"),
        ("17.0,-61.7", "nan,-61.7", "POLY-SYNTAX"),
        ("17.0,-61.7", "1_7,-61.7", "POLY-SYNTAX"),
        ("17.0,-61.7 17.0,-61.9 17.1,-61.9", "17.1,-61.9", "POLY-4"),
        ("17.05,-61.8 5.5", "17.05,-61.8", "CIRCLE-SYNTAX"),
        ("17.05,-61.8 5.5", "17.05, -61.8 5", "CIRCLE-SYNTAX"),
        ("17.05,-61.8 5.5", "", "CIRCLE-SYNTAX"),
        ("17.05,-61.8 5.5", "91,0 5", "CIRCLE-RANGE"),
        ("2026-11-20T22:00:00-00:00", "2026-02-30T22:00:00-00:00", "TIME-READ"),
        ("2026-11-20T22:00:00-00:00", "20261120T2200", "TIME-READ"),
        ("<status>Actual</status>", "<status/>", "STRUCT-WORD"),
        ("      <areaDesc>North coast</areaDesc>\n", "", "STRUCT-MISSING"),
    ],
)
def test_one_fault(old, new, rule):
    assert set(rules(good_with((old, new)))) == {rule}


@pytest.mark.parametrize(
    ("write", "message", "fix"),
    [
        ("{},{},30", "'17.1,-61.9,30' has more than two numbers (and 4 more like it)", "two numbers"),
        ("{}, {}", "'17.1,' is half of a pair (and 9 more like it)", "no space after the comma"),
        (
            "{};{}",
            "'17.1;-61.9' is not a pair latitude,longitude (and 4 more like it)",
            "Write a comma between",
        ),
        ("{},5,{},5", "'17.1,5,-61.9,5' has more than two numbers (and 4 more like it)", "decimal point"),
        ("{}N,{}W", "'17.1N,-61.9W' is not a pair latitude,longitude (and 4 more like it)", "a minus"),
        ("1{},{}", "atitude 117.1 is not between -90 and 90 (and 4 more like it)", "latitude first"),
    ],
)
def test_a_mistake_that_every_point_repeats_is_reported_once(write, message, fix):
    """The reader's words, with the place of the first point."""
    ring = GOOD[GOOD.index("<polygon>") + 9 : GOOD.index("</polygon>")]
    made = " ".join(write.format(*point.split(",")) for point in ring.split())
    with pytest.raises(CapError) as raised:
        parse_alert(good_with((ring, made)), "a.xml")
    (found,) = raised.value.diagnostics
    assert message in found.message
    assert fix in found.fix
    assert GOOD.splitlines()[found.line - 1][: found.column - 1].endswith("<polygon>")


def test_a_height_in_a_circle_gets_its_advice():
    with pytest.raises(CapError) as raised:
        parse_alert(good_with(("17.05,-61.8 5.5", "17.05,-61.8,30 5.5")), "a.xml")
    (found,) = raised.value.diagnostics
    assert (found.rule, "<altitude>" in found.fix) == ("CIRCLE-SYNTAX", True)


def test_two_mistakes_in_one_ring_are_two_findings():
    ring = GOOD[GOOD.index("<polygon>") + 9 : GOOD.index("</polygon>")]
    assert rules(good_with((ring, "1,2,3 1;2 1,3,4 1;3 1,2"))) == ["POLY-SYNTAX", "POLY-SYNTAX"]
    assert rules(good_with((ring, "91,2 92,2 3,181 91,2"))) == ["POLY-RANGE", "POLY-RANGE"]


def test_an_empty_polygon_is_left_out():
    text = re.sub("<polygon>.*</polygon>", "<polygon/>", GOOD)
    assert parse_alert(text.encode(), "a.xml").areas[0].polygons == ()


SECRET = "the-content-of-a-local-file"


def test_a_document_type_is_refused_unread(tmp_path):
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    entity = f'<!DOCTYPE alert [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>\n<alert'
    source = good_with(("<alert", entity), ("Cyclone warning", "&x;"))
    ((name, line, column, message),) = faults(source)
    assert (name, line, column) == ("XML-DOCTYPE", 2, 1)
    assert SECRET not in message


@pytest.mark.parametrize("prefix", ["", "<!-- a comment -->\n", "<?pi?>  ", "\n\n"])
def test_a_document_type_is_found_behind_a_prolog(prefix):
    body = GOOD.split("\n", 1)[1]
    assert rules(f"{prefix}<!DOCTYPE alert>{body}") == ["XML-DOCTYPE"]
    assert rules(f"{prefix}<!DOCTYPE alert>{body}".encode("utf-16")) == ["XML-DOCTYPE"]


def test_a_second_byte_order_mark_hides_nothing():
    source = "\ufeff<!DOCTYPE alert>" + GOOD.split("\n", 1)[1]
    for encoding in ("utf-8-sig", "utf-16"):
        assert rules(source.encode(encoding)) == ["XML-SYNTAX"]


def test_an_entity_bomb_costs_nothing():
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    source = f'<!DOCTYPE alert [<!ENTITY a0 "ha">{bomb}]><alert>&a11;</alert>'
    start = perf_counter()
    assert rules(source) == ["XML-DOCTYPE"]
    assert perf_counter() - start < 5


@pytest.mark.parametrize(
    ("source", "rule", "words"),
    [
        (b"", "XML-SYNTAX", "empty"),
        (b"  \n", "XML-SYNTAX", "empty"),
        (b"\0" * 100, "XML-SYNTAX", "empty"),
        (b"hello", "XML-SYNTAX", "does not begin with '<'"),
        (b'{"alert": 1}', "XML-SYNTAX", "does not begin with '<'"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "XML-SYNTAX", "web page"),
        (b"<html><head>", "XML-SYNTAX", "web page"),
        (b"\x1f\x8b\x08\0\0\0", "XML-SYNTAX", "gzip"),
        (b"PK\x03\x04", "XML-SYNTAX", "ZIP"),
        (GOOD.encode()[:700], "XML-SYNTAX", "ot well-formed"),
        (GOOD.replace("Cyclone w", "Cyclone \0 w").encode(), "XML-SYNTAX", "NUL"),
        (GOOD.replace("Cyclone w", "Cyclone \x07 w").encode(), "XML-SYNTAX", "U+0007"),
        (GOOD.replace("Cyclone w", "Cyclone é w").encode("latin-1"), "XML-ENCODING", "0xe9"),
        (GOOD.replace("UTF-8", "EBCDIC-9").encode(), "XML-ENCODING", "EBCDIC-9"),
        (GOOD.replace("UTF-8", "rot13").encode(), "XML-ENCODING", "rot13"),
        (b"<alert/>", "ROOT", "no namespace"),
        (b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.3"/>', "ROOT", "cap:1.3"),
        (b"<foo/>", "ROOT", "<foo>"),
        (b"<rss><channel/></rss>", "FEED-EMPTY", "no alert is in force"),
        (b"<rss><channel><item/></channel></rss>", "ROOT", "no CAP alert"),
        (b"<a" * 5000, "XML-SYNTAX", "ot well-formed"),
        (b"<a>" * 300 + b"</a>" * 300, "XML-LIMIT", "deep"),
    ],
)
def test_what_is_no_alert_is_named(source, rule, words):
    found = faults(source)
    assert found[0][0] == rule
    assert words in found[0][3]


@pytest.mark.parametrize("name", ["ISO-8859-12", "windows-1259", "utf-7", "hex", "idna"])
def test_an_encoding_that_there_is_not_or_that_is_none_of_text_is_refused(name):
    text = GOOD.replace("UTF-8", name, 1)
    assert name in text
    assert rules(text.encode()) == ["XML-ENCODING"]


def test_a_bad_byte_is_placed():
    source = GOOD.replace("Cyclone w", "Cyclone é w").encode("latin-1")
    line = next(n for n, text in enumerate(GOOD.splitlines(), 1) if "Cyclone w" in text)
    column = GOOD.splitlines()[line - 1].index("Cyclone w") + len("Cyclone ") + 1
    assert faults(source)[0][1:3] == (line, column)


def test_depth_is_bounded_where_the_limit_says():
    inner = GOOD.split("\n", 1)[1]
    deepest = 5  # alert, info, area, geocode, value

    def nested(depth):
        return ("<x>" * depth + inner + "</x>" * depth).encode()

    assert parse_alert(nested(MAX_DEPTH - deepest), "a.xml").identifier == "EX-2026-001"
    assert rules(nested(MAX_DEPTH - deepest + 1)) == ["XML-LIMIT"]


def test_large_files_are_refused_in_little_time_and_memory(tmp_path):
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.write(b"<alert>")
        for _ in range(50):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    start = perf_counter()
    with pytest.raises(CapError, match="has more than 10 MB"):
        read_alert(path)
    assert perf_counter() - start < 10
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def test_many_elements_are_refused():
    start = perf_counter()
    assert rules(b"<a>" + b"<b/>" * 2_000_000 + b"</a>") == ["XML-LIMIT"]
    assert perf_counter() - start < 20


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CapError, match="cannot be read") as caught:
        read_alert(tmp_path / "none.xml")
    assert caught.value.exit_code == 4


# --- places against another parser ----------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "alert", "x-y", "n:c"])
TEXTS = st.text("ab \n\r\t>é😀'\"", max_size=6)
BITS = st.one_of(
    TEXTS,
    TEXTS.map(lambda t: f"<!--{t}<a>-->"),
    TEXTS.map(lambda t: f"<![CDATA[{t}<b>]]>"),
    st.just("<?p <a> ?>"),
    st.just("&lt;"),
)


def attributes(values):
    pairs = zip("kl", "\"'", values, strict=False)
    return "".join(f" {name}={quote}{value}{quote}" for name, quote, value in pairs)


ATTRIBUTES = st.lists(st.text("ab >/é\n", max_size=4), max_size=2).map(attributes)


@st.composite
def trees(draw, depth=0):
    name, attributes = draw(NAMES), draw(ATTRIBUTES)
    if depth > 3 or draw(st.booleans()):
        return f"<{name}{attributes}/>"
    inner = draw(st.lists(st.one_of(BITS, trees(depth=depth + 1)), max_size=4))
    return f"<{name}{attributes}>{''.join(inner)}</{name} >"


HEADS = ("", "<?xml version='1.0'?>", "<?p <b> ?>", "\n<?p <b>?>", "<?xml version='1.0'?><?p <b>?>")


@given(st.sampled_from(HEADS), trees(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_every_start_tag_is_where_expat_sees_it(head, tree, encoding):
    from xml.parsers import expat

    text = f'{head}<r xmlns:n="u">{tree}</r>'
    document, _ = open_document(text.encode(encoding), "a.xml")
    seen = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: seen.append(
        (name.rpartition(":")[2], parser.CurrentLineNumber, parser.CurrentByteIndex)
    )
    plain = text.encode()
    parser.Parse(plain, True)
    nodes = []

    def walk(node):
        nodes.append(node)
        for child in node.children:
            walk(child)

    walk(document.root)
    assert [node.name for node in nodes] == [name for name, _, _ in seen]
    for node, (_, line, byte) in zip(nodes, seen, strict=True):
        assert document.offset(node) == len(plain[:byte].decode())
        assert document.place(node).line == line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_asked_in_any_order_are_the_same(end):
    text = GOOD.replace("\n", end)
    document = read_document(text.encode(), "a.xml")
    offsets = [n for n, character in enumerate(text) if character not in "\r\n"]
    lines = text.split(end)
    for offset in [*offsets[::97], *offsets[::-89], *offsets[::101]]:
        line, column = document.line_and_column(offset)
        assert lines[line - 1][column - 1] == text[offset]
        assert len(end.join(lines[: line - 1])) + (len(end) if line > 1 else 0) + column - 1 == offset
