"""Entries of feeds as RSS and Atom in the wild write them: each finds its alert or is named."""

import base64
from html import escape

import pytest
from cap.tools.test_feed import alert, parse_name

from ewsim.cap.tools.entries import read_entries
from ewsim.cap.tools.feed import read_feed
from ewsim.cap.xml.document import read_document

ATOM, MEDIA = "http://www.w3.org/2005/Atom", "http://search.yahoo.com/mrss/"
CAP = "application/cap+xml"
TEXT = alert("inside").decode()
DECLARED = "<?xml version='1.0' encoding='latin-1'?>"


def links(entry, base="http://example.org/feeds/all.xml"):
    source = f"<feed xmlns='{ATOM}' xmlns:m='{MEDIA}'><entry>{entry}</entry></feed>"
    (found,) = read_entries(read_document(source.encode(), "feed").root, base)
    return list(found.links)


@pytest.mark.parametrize(
    ("entry", "first"),
    [
        (f"<link href='a.html'/><link type='{CAP}' href='a'/>", "a"),
        ("<link href='b'/><link rel='related' type='Application/CAP+xml; charset=utf-8' href='a'/>", "a"),
        (f"<link rel='self' href='b'/><link rel='enclosure' type='{CAP}' href='a'/>", "a"),
        ("<link type='text/html' href='b'/><link type='application/xml' href='a'/>", "a"),
        ("<link href='b'/><link href='a.XML?x=1'/>", "a.XML?x=1"),
        ("<link rel='self' href='b'/><link rel='alternate' href='a'/>", "a"),
        ("<link rel='http://www.iana.org/assignments/relation/alternate' href='a'/>", "a"),
        (f"<content type='{CAP}' src='a'/>", "a"),
        (f"<m:content type='{CAP}' url='a'/>", "a"),
        ("<link> a\n</link><guid>b</guid>", "a"),
        ("<guid>a</guid>", "a"),
        ("<guid isPermaLink='true'>a</guid>", "a"),
        ("<link>page</link><enclosure url='a' type='text/xml' length='1'/>", "a"),
        ("<link href='http://[bad'/>", "http://[bad"),
    ],
)
def test_the_likeliest_link_comes_first(entry, first):
    assert links(entry, "")[0] == first


@pytest.mark.parametrize(
    "entry",
    [
        "<guid isPermaLink='false'>a</guid>",
        "<link type='text/html' href='a'/>",
        "<link rel='enclosure' type='image/png' href='a'/>",
        "<link/><link href=' '/><title>a</title><id>http://example.org/a</id>",
    ],
)
def test_what_leads_to_no_alert_is_not_followed(entry):
    assert links(entry) == []


@pytest.mark.parametrize(
    ("entry", "first"),
    [
        ("<link href='a'/>", "http://example.org/feeds/a"),
        ("<link href='/a'/>", "http://example.org/a"),
        ("<link href='//cap.example/a'/>", "http://cap.example/a"),
        ("<link xml:base='http://x.example/b/' href='a'/>", "http://x.example/b/a"),
        ("<link xml:base='sub/' href='a'/>", "http://example.org/feeds/sub/a"),
    ],
)
def test_relative_links_have_their_base(entry, first):
    assert links(entry) == [first]


def test_the_base_of_a_feed_is_that_of_its_entries(tmp_path):
    """Relative to the file, when the base is: a sub-folder here."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one two.xml").write_bytes(alert("a"))
    feed = f"<feed xmlns='{ATOM}' xml:base='sub/'><entry><link href='one%20two.xml#top'/></entry></feed>"
    (tmp_path / "feed.xml").write_text(feed)
    assert [parse_name(item) for item in read_feed(str(tmp_path / "feed.xml"))] == ["a"]


@pytest.mark.parametrize(
    "entry",
    [
        f"<description><![CDATA[{TEXT}]]></description>",
        f"<description>{escape(TEXT)}</description>",
        f"<description>two &lt;b&gt;metres</description><encoded><![CDATA[\n{DECLARED}{TEXT}]]></encoded>",
        f"<content type='text/xml'>{TEXT}</content><link>none.xml</link>",
        f"<content><wrap>{TEXT}</wrap></content>",
    ],
)
def test_an_alert_inside_an_entry_is_taken_however_it_is_packed(entry, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text(f"<rss><channel><item>{entry}</item></channel></rss>", encoding="utf-8")
    assert [parse_name(item) for item in read_feed(str(path))] == ["inside"]


def test_alerts_of_entries_that_link_to_one_home_page_are_all_there(tmp_path):
    """And an alert that two entries link to is fetched once."""
    items = [
        f"<item><link>page.html</link><description><![CDATA[{alert(name).decode()}]]></description></item>"
        for name in "abc"
    ]
    (tmp_path / "d.xml").write_bytes(alert("d"))
    items += ["<item><link>d.xml</link></item>"] * 2
    path = tmp_path / "feed.xml"
    path.write_text(f"<rss><channel>{''.join(items)}</channel></rss>", encoding="utf-8")
    assert [parse_name(item) for item in read_feed(str(path))] == ["a", "b", "c", "d"]


def test_every_entry_without_an_alert_is_named_and_the_next_link_is_tried(tmp_path):
    (tmp_path / "a.xml").write_bytes(alert("a"))
    (tmp_path / "page.xml").write_bytes(b"<html><p>a flood alert </p></html>")
    (tmp_path / "feed.xml").write_text(
        "<rss><channel>"
        "<item><title>no\n link</title><description>&lt;p>a flood alert &lt;/p></description></item>"
        "<item><link>page.xml</link><guid>a.xml</guid></item>"
        "<item><link>page.xml</link><guid isPermaLink='false'>a.xml</guid></item>"
        f"<item><link>http://[bad</link></item><item><link>{'x' * 5000}</link></item>"
        "<item><link>a%00b</link></item>"
        "</channel></rss>"
    )
    one, two, three, four, five, six = read_feed(str(tmp_path / "feed.xml"))
    assert one.place.endswith("entry 1 (no link)")
    assert one.problem == "it holds no alert and has no link to one"
    assert parse_name(two) == "a"
    assert "a web page" in three.problem
    assert "not a URL" in four.problem
    assert "name too long" in five.problem.lower()
    assert six.source is None
    assert all(item.lost for item in (one, three, four, five, six))


@pytest.mark.parametrize(("coded", "kept"), [(TEXT.encode(), ["inside"]), (b"\xff", []), (b"a picture", [])])
def test_content_of_an_envelope_in_base64_is_an_alert_or_is_named(coded, kept, tmp_path):
    """EDXL-DE carries what is not XML to it as base64."""
    data = f"<nonXMLContent><contentData>{base64.b64encode(coded).decode()}</contentData></nonXMLContent>"
    inside = f"<contentObject>{data}</contentObject>"
    path = tmp_path / "de.xml"
    names = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
    path.write_text(f'<EDXLDistribution xmlns="{names}">{inside}</EDXLDistribution>', encoding="utf-8")
    items = read_feed(str(path))
    assert [parse_name(item) for item in items if item.source] == kept
    assert len(items) == 1
