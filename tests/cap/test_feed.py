"""Feeds over a server on this machine: links, redirects, bombs, private addresses, the folder."""

import gzip
import http.server
import threading
import time

import pytest

from ewsim.cap import feed
from ewsim.cap.feed import FetchError, Limits
from ewsim.errors import CapError

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


def test_an_rss_feed(server):
    server.pages = {
        "/feed": (200, {}, RSS % f"{server.url}/one.xml".encode()),
        "/one.xml": (200, {}, alert("one")),
    }
    assert [i.source for i in feed.read_feed(server.url + "/feed", OPEN)] == [alert("one")]


def test_private_addresses_are_refused_unless_allowed(server):
    server.pages = {"/a": (200, {}, alert("a"))}
    with pytest.raises(FetchError, match="an address of this machine or a private network"):
        feed.fetch(server.url + "/a")
    assert feed.fetch(server.url + "/a", OPEN) == alert("a")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "0.0.0.0",
     "[fe80::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "100.64.0.1", "2130706433", "224.0.0.1"],
)  # fmt: skip
def test_no_spelling_of_a_private_address_gets_through(host):
    with pytest.raises(FetchError, match=r"private network|not known"):
        feed.fetch(f"http://{host}/")


def test_a_redirect_to_a_private_address_is_refused(server, monkeypatch):
    real = feed._address

    def address(url, host, port, limits):
        """The first server counts as public; what it redirects to is judged as ever."""
        public = port == server.server_port
        return real(url, host, port, Limits(private=True) if public else limits)

    monkeypatch.setattr(feed, "_address", address)
    server.pages = {"/a": (302, {"Location": "http://127.0.0.1:1/secret"}, b"")}
    with pytest.raises(FetchError, match="private network"):
        feed.fetch(server.url + "/a", Limits(seconds=5))


def test_redirects_are_followed_and_counted(server):
    server.pages = {
        "/a": (301, {"Location": "/b"}, b""),
        "/b": (200, {}, alert("b")),
        "/loop": (302, {"Location": "/loop"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    }
    assert feed.fetch(server.url + "/a", OPEN) == alert("b")
    with pytest.raises(FetchError, match="more than 5 redirects"):
        feed.fetch(server.url + "/loop", OPEN)
    with pytest.raises(FetchError, match="only http"):
        feed.fetch(server.url + "/file", OPEN)


def test_a_gzip_bomb_stops_at_the_limit(server):
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.pages = {"/bomb": (200, {"Content-Encoding": "gzip"}, bomb),
                    "/cut": (200, {"Content-Encoding": "gzip"}, gzip.compress(alert("a"))[:-9]),
                    "/bad": (200, {"Content-Encoding": "gzip"}, b"no gzip")}  # fmt: skip
    with pytest.raises(FetchError, match="larger than 100000 bytes"):
        feed.fetch(server.url + "/bomb", Limits(octets=100_000, private=True))
    with pytest.raises(FetchError, match="ends too early"):
        feed.fetch(server.url + "/cut", OPEN)
    with pytest.raises(FetchError, match="broken"):
        feed.fetch(server.url + "/bad", OPEN)


def test_too_large_and_too_slow(server):
    server.pages = {"/big": (200, {}, b"x" * 2000), "/slow": (200, {}, "drip")}
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        feed.fetch(server.url + "/big", Limits(octets=1000, private=True))
    start = time.monotonic()
    with pytest.raises(FetchError):
        feed.fetch(server.url + "/slow", Limits(seconds=0.4, private=True))
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("url", ["ftp://example.org/", "http://u:p@example.org/", "http://:1/"])
def test_other_urls_are_not_fetched(url):
    with pytest.raises(FetchError):
        feed.fetch(url)


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
    assert items[-1].problem == "6 more alerts are beyond the limit"


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
