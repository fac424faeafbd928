"""Feeds over a server on this machine: links, redirects, bombs, private addresses, the folder."""

import gzip
import http.server
import threading
import time
from pathlib import Path

import pytest

from ewsim.cap.tools import feed, fetch
from ewsim.cap.tools.fetch import FetchError, Limits
from ewsim.cap.xml.document import read_document
from ewsim.errors import CapError, RunError

OPEN = Limits(private=True, seconds=5)


def alert(name, note="x"):
    return (
        f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{name}</identifier>'
        f"<sender>s@x</sender><sent>2026-05-01T10:00:00+02:00</sent><note>{note}</note></alert>"
    ).encode()


ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom">
<entry><link rel="alternate" type="text/html" href="/page.html"/>
<link type="application/cap+xml" href="/one.xml"/></entry>
<entry><link href="two.xml"/></entry><entry><link href="/gone.xml"/></entry>
<entry><content type="text/xml">%s</content></entry></feed>""" % alert("inside")
RSS = b"""<rss version="2.0"><channel><link>http://127.0.0.1/</link>
<item><link>%s</link></item></channel></rss>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body == "drip":
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.wfile.write(body)

    def log_message(self, *arguments):
        del arguments


@pytest.fixture
def server():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    made.pages = {}
    made.handle_error = lambda *a: None
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    made.url = f"http://127.0.0.1:{made.server_port}"
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_an_atom_feed_with_links_and_an_alert_inside(server):
    server.pages = {
        "/feed": (200, {}, ATOM),
        "/one.xml": (200, {}, alert("one")),
        "/two.xml": (200, {"Content-Encoding": "gzip"}, gzip.compress(alert("two"))),
    }
    items = feed.read_feed(server.url + "/feed", OPEN)
    assert [b"inside" in i.source for i in items if i.source] == [True, False, False]
    assert [i.source for i in items[1:3]] == [alert("one"), alert("two")]
    assert items[3].problem == "the server answers 404 Not Found"


def test_a_feed_survives_a_bad_link_and_a_notice(server):
    """Relative links count from where the feed was found in the end."""
    entry = b'<entry><link type="application/cap+xml" href="%s"/></entry>'
    links = (b"http://[bad", b"feed?all=1", b"a.xml", b"http://127.0.0.1:0/")
    server.pages = {
        "/feed": (302, {"Location": "/new/feed?all=1"}, b""),
        "/new/feed?all=1": (200, {}, b"<feed>%s</feed>" % b"".join(entry % link for link in links)),
        "/new/a.xml": (200, {}, alert("a")),
    }
    bad, notice, good, port = feed.read_feed(server.url + "/feed", OPEN)
    assert (bad.lost, bad.problem) == (True, "this is not a URL: Invalid IPv6 URL")
    assert (notice.lost, notice.source) == (False, None)
    assert good.source == alert("a")
    assert port.lost


def test_an_rss_feed(server):
    server.pages = {
        "/feed": (200, {}, RSS % f"{server.url}/one.xml".encode()),
        "/one.xml": (200, {}, alert("one")),
    }
    assert [i.source for i in feed.read_feed(server.url + "/feed", OPEN)] == [alert("one")]


def test_private_addresses_are_refused_unless_allowed(server):
    server.pages = {"/a": (200, {}, alert("a"))}
    with pytest.raises(FetchError, match="an address of this machine or a private network"):
        fetch.fetch_url(server.url + "/a")
    assert fetch.fetch_url(server.url + "/a", OPEN) == alert("a")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "0.0.0.0",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b:1::808:808]",
        "[64:ff9b:1:fffe::7f00:1]",
        "[::7f00:1]",
        "[::127.0.0.1]",
        "[::808:808]",
        "[::ffff:0:127.0.0.1]",
        "[fec0::1]",
        "[feff::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[100::1]",
        "[5f00::1]",
        "[2a00:1450::5efe:7f00:1]",
        "[fe80::1%25lo]",
        "127.1",
        "0x7f.0.0.1",
        "017700000001",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "100.64.0.1",
        "2130706433",
        "224.0.0.1",
    ],
)
def test_no_spelling_of_a_private_address_gets_through(host):
    with pytest.raises(FetchError, match=r"private network|not known"):
        fetch.fetch_url(f"http://{host}/")


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_addresses_of_the_internet_are_asked(text):
    assert fetch._is_public(text)


def test_a_redirect_to_a_private_address_is_refused(server, monkeypatch):
    real = fetch._address

    def address(url, host, port, limits):
        """The first server counts as public; what it redirects to is judged as usual."""
        public = port == server.server_port
        return real(url, host, port, Limits(private=True) if public else limits)

    monkeypatch.setattr(fetch, "_address", address)
    server.pages = {"/a": (302, {"Location": "http://127.0.0.1:1/secret"}, b"")}
    with pytest.raises(FetchError, match="private network"):
        fetch.fetch_url(server.url + "/a", Limits(seconds=5))


def test_redirects_are_followed_and_counted(server):
    server.pages = {
        "/a": (301, {"Location": "/b"}, b""),
        "/b": (200, {}, alert("b")),
        "/loop": (302, {"Location": "/loop"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    }
    assert fetch.fetch_url(server.url + "/a", OPEN) == alert("b")
    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetch.fetch_url(server.url + "/loop", OPEN)
    with pytest.raises(FetchError, match="only http"):
        fetch.fetch_url(server.url + "/file", OPEN)


def test_a_redirect_to_what_is_no_url_is_named(server):
    server.pages = {"/a": (302, {"Location": "http://[::1"}, b"")}
    with pytest.raises(FetchError, match=r"it redirects to 'http://.::1', which is not a URL"):
        fetch.fetch_url(server.url + "/a", OPEN)


def test_a_url_with_letters_of_any_script_is_asked_with_percent_signs(server):
    server.pages = {"/%C3%A9%20a%2Fb?x=%C3%A9&y=[1]": (200, {}, alert("a"))}
    assert fetch.fetch_url(server.url + "/\u00e9 a%2Fb?x=\u00e9&y=[1]", OPEN) == alert("a")


def test_a_gzip_bomb_stops_at_the_limit(server):
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.pages = {
        "/bomb": (200, {"Content-Encoding": "gzip"}, bomb),
        "/cut": (200, {"Content-Encoding": "gzip"}, gzip.compress(alert("a"))[:-9]),
        "/bad": (200, {"Content-Encoding": "gzip"}, b"no gzip"),
    }
    with pytest.raises(FetchError, match="larger than 100000 bytes"):
        fetch.fetch_url(server.url + "/bomb", Limits(octets=100_000, private=True))
    with pytest.raises(FetchError, match="ends too early"):
        fetch.fetch_url(server.url + "/cut", OPEN)
    with pytest.raises(FetchError, match="broken"):
        fetch.fetch_url(server.url + "/bad", OPEN)


def test_too_large_and_too_slow(server):
    server.pages = {"/big": (200, {}, b"x" * 2000), "/slow": (200, {}, "drip")}
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        fetch.fetch_url(server.url + "/big", Limits(octets=1000, private=True))
    start = time.monotonic()
    with pytest.raises(FetchError):
        fetch.fetch_url(server.url + "/slow", Limits(seconds=0.4, private=True))
    assert time.monotonic() - start < 4  # the whole answer takes 5 s


@pytest.mark.parametrize("url", ["ftp://example.org/", "http://u:p@example.org/", "http://:1/"])
def test_other_urls_are_not_fetched(url):
    with pytest.raises(FetchError):
        fetch.fetch_url(url)


def test_a_feed_in_a_file_stays_in_its_folder(tmp_path):
    (tmp_path / "secret.xml").write_bytes(alert("secret"))
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "one.xml").write_bytes(alert("one"))
    (folder / "feed.xml").write_bytes(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="one.xml"/></entry>'
        b'<entry><link href="../secret.xml"/></entry></feed>'
    )
    one, secret = feed.read_feed(str(folder / "feed.xml"))
    assert one.source == alert("one")
    assert (secret.source, secret.problem) == (None, "it leads out of the feed's folder")


def test_the_number_of_alerts_is_bounded(tmp_path):
    links = b"".join(b'<entry><link href="%d.xml"/></entry>' % n for n in range(9))
    path = tmp_path / "feed.xml"
    path.write_bytes(b'<feed xmlns="http://www.w3.org/2005/Atom">' + links + b"</feed>")
    items = feed.read_feed(str(path), Limits(alerts=3))
    assert len(items) == 4
    assert items[-1].problem == "6 more alerts are beyond the limit of 3"


def test_the_folder_keeps_each_message_once(tmp_path):
    folder = tmp_path / "alerts"
    first, again = (feed.keep(alert("a/../b\0c".replace("\0", "")), folder) for _ in range(2))
    assert (first.state, again.state) == ("new", "known")
    assert feed.keep(alert("a/../bc", "other"), folder).state == "changed"
    assert [p.name for p in folder.iterdir()] == [first.path.name]
    assert first.path.parent == folder
    assert first.path.name.startswith("a-bc.")


def test_what_is_no_xml_is_not_kept(tmp_path):
    with pytest.raises(CapError):
        feed.keep(b"<html><p>error</html>", tmp_path / "alerts")
    assert not (tmp_path / "alerts").exists()
    with pytest.raises(CapError, match="not <alert>"):
        feed.keep(b'<svg xmlns="http://www.w3.org/2000/svg"/>', tmp_path / "alerts")
    assert not (tmp_path / "alerts").exists()


def test_what_a_link_leads_to_is_an_alert_or_a_problem_with_its_reason(tmp_path):
    """A picture is not kept, and an envelope is its alerts."""
    (tmp_path / "picture.xml").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "both.xml").write_bytes(b"<envelope>%s%s</envelope>" % (alert("a"), alert("b")))
    links = [b"<item><link>%s</link></item>" % n for n in (b"picture.xml", b"both.xml", b"no.xml")]
    (tmp_path / "feed.xml").write_bytes(b"<rss><channel>%s</channel></rss>" % b"".join(links))
    picture, one, two, missing = feed.read_feed(str(tmp_path / "feed.xml"))
    assert picture.problem == "line 1: The root is <svg>, not <alert>."
    assert [parse_name(item) for item in (one, two)] == ["a", "b"]
    assert missing.problem == "it cannot be read: No such file or directory"


def parse_name(item):
    return read_document(item.source, item.place).alerts[0].value("identifier")


def test_an_alert_is_cut_out_of_a_feed_as_it_is_written(tmp_path):
    own = alert("a").replace(b"<note>", b"<note  >&#65;")
    named = b"<c:alert>%s</c:alert>" % alert("b").split(b">", 1)[1].rpartition(b"<")[0]
    named = named.replace(b"</", b"<~").replace(b"<", b"<c:").replace(b"<c:~", b"</c:")
    named = named.replace(b"<c:c:", b"<c:").replace(b"</c:c:", b"</c:")
    path = tmp_path / "feed.xml"
    path.write_bytes(
        b'<feed xmlns:c="urn:oasis:names:tc:emergency:cap:1.2" xmlns:d="urn:d">%s%s</feed>' % (own, named)
    )
    first, second = feed.read_feed(str(path))
    assert first.source.partition(b"\n")[2] == own
    assert parse_name(second) == "b"


def test_a_feed_without_alerts_is_empty_and_another_file_is_none(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(b'<feed xmlns="http://www.w3.org/2005/Atom"/>')
    assert feed.read_feed(str(path)) == ()
    path.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    with pytest.raises(CapError, match="not <alert>"):
        feed.read_feed(str(path))


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="cannot be written"):
        feed.keep(alert("a"), tmp_path / "file")


def test_an_entry_that_says_that_nothing_is_in_force_is_a_notice(tmp_path):
    path = tmp_path / "feed.xml"
    title = "There are no active watches, warnings or advisories"
    path.write_text(f"<feed><entry><title>{title}</title><link href='x.html'/></entry></feed>")
    (item,) = feed.read_feed(str(path))
    assert (item.lost, item.problem) == (False, "it says that nothing is in force")


def test_a_link_that_leads_to_nothing_is_named_with_its_entry(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text("<feed><entry><title>Flood in B</title><link href='x.xml'/></entry></feed>")
    (item,) = feed.read_feed(str(path))
    assert "entry 1 (Flood in B): " in item.place
    assert item.place.endswith("x.xml")
    assert item.lost


def test_a_disk_that_is_full_leaves_no_empty_folder(tmp_path, monkeypatch):
    def full(self, _):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    there = tmp_path / "there"
    there.mkdir()
    for folder in (tmp_path / "alerts", there):
        with pytest.raises(RunError, match="No space left"):
            feed.keep(alert("a"), folder)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
