"""The server as pages and strangers find it: who may come in, and what comes back."""

import contextlib
import json
import os
import time
from pathlib import Path

import pytest
from studios import TINY, Page, alert_bytes
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ewsim.errors import RunError
from ewsim.studio import guard, server
from ewsim.studio import open as opening
from ewsim.studio.guard import Allowance, Guard
from ewsim.studio.offers import Offered, Offers
from ewsim.studio.session import StudioSession


@pytest.fixture
def empty(tmp_path):
    return StudioSession(tmp_path / "studio")


def test_the_page_loads_nothing_from_elsewhere_and_allows_no_inline_script(studio, empty):
    running = studio(empty)
    status, headers, html = running.ask("/")
    assert status == 200
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in html
    assert "http" not in html
    names = [part.split('"')[0] for part in html.split('src="')[1:]]
    assert names == ["/page/studio.js"]
    for name in [*(f"/page/{one}.js" for one in server.SCRIPTS), "/page/map.js", "/page/studio.css"]:
        status, headers, text = running.ask(name)
        assert status == 200
        assert headers["x-content-type-options"] == "nosniff"
        assert "innerHTML" not in text
        assert "eval(" not in text
    assert json.loads(running.ask("/words/ar")[2])["Undo"] == "تراجع"


def test_there_is_no_other_file(studio, empty, tmp_path):
    running = studio(empty)
    (tmp_path / "secret.js").write_text("secret")
    for path in (
        "/page/../guard.py",
        "/page/%2e%2e/guard.py",
        "/page//etc/passwd",
        "/out/x",
        "/words/%2e%2e",
    ):
        status, _, text = running.ask(path)
        assert status == 404 or text == "{}"
        assert "import" not in text


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "127.0.0.1"}, {"Host": ""}, {"Origin": "http://evil.example"}],
)
def test_a_page_of_another_site_gets_nothing(headers, studio, empty):
    running = studio(empty)
    status, _, text = running.ask("/upload" if "Origin" in headers else "/", "POST", b"x", **headers)
    assert (status, len(empty.offers)) == (403, 0)
    assert text.endswith(".")
    with pytest.raises(InvalidStatus), Page(running, headers=headers):
        pass


def test_a_script_without_an_origin_changes_nothing(studio, empty):
    running = studio(empty)
    assert running.ask("/upload", "POST", b"x")[0] == 403
    with pytest.raises(InvalidStatus), Page(running, headers={"Origin": None}):
        pass


def test_a_shared_studio_needs_a_code_for_everything(studio, empty):
    running = studio(empty, shared=True)
    for path in ("/", "/page/studio.js", "/words/en", "/out/x"):
        assert running.ask(path)[0] == 403
    for code in (None, "wrong"):
        with pytest.raises(InvalidStatus), running.page(code):
            pass
    code = running.guard.codes["observer"]
    status, headers, _ = running.ask(f"/?code={code}")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert running.ask("/", Cookie=cookie.split(";")[0])[0] == 200
    assert "set-cookie" not in running.ask("/?code=wrong")[1]
    with running.page(code) as page:
        assert page.hear(lambda m: m.get("news") == "you")["is"]["role"] == "observer"
        assert "observer" in page.ask("start.new")["faults"][0]
        assert running.ask("/upload", "POST", b"x", Origin=running.origin, Cookie=cookie)[0] == 403
    with running.page(running.guard.codes["lead"]) as page:
        assert page.hear(lambda m: m.get("news") == "you")["is"]["role"] == "lead"


def test_guessing_a_code_is_slow():
    now = [0.0]
    one = Guard(["127.0.0.1"], 80, shared=True, clock=lambda: now[0])
    code = one.codes["observer"]
    for _ in range(guard.MOST_GUESSES):
        assert one.role("wrong", "10.0.0.1") is None
    assert one.role(code, "10.0.0.1") is None
    assert one.role(code, "10.0.0.2") == "observer"
    now[0] = 61
    assert one.role(code, "10.0.0.1") == "observer"


def test_an_allowance_gives_a_burst_and_then_a_rate():
    now = [0.0]
    one = Allowance(3, 2, clock=lambda: now[0])
    assert [one.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 1.0
    assert [one.take() for _ in range(3)] == [True, True, False]


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr("ewsim.studio.offers.MOST_WAITING_BYTES", 10)
    offers = Offers()
    tokens = [offers.add(Offered("x", b"1234")) for _ in range(4)]
    assert len(offers) == 2
    assert offers.take(tokens[-1]).content == b"1234"


def test_two_pages_see_one_state(studio, empty):
    running = studio(empty)
    with running.page() as first, running.page() as second:
        fields = {"people": 300, "area_km2": 60, "hazard": "none", "name": "one"}
        assert "faults" not in first.ask("start.new", **fields)
        state = second.hear(lambda m: "state" in m and m["state"]["start"]["open"])
        assert state["state"]["start"]["open"]["title"] == "One"
        assert "faults" not in second.ask("start.leave")
        first.hear(lambda m: "state" in m and m["revision"] > state["revision"])


def test_a_room_has_room_for_so_many(studio, empty, monkeypatch):
    monkeypatch.setattr("ewsim.studio.live.MOST_PAGES", 2)
    running = studio(empty)
    with running.page() as one, running.page() as two:
        for page in (one, two):
            page.hear(lambda m: "state" in m)
        with running.page() as third, pytest.raises(ConnectionClosed) as closed:
            third.hear(lambda m: "state" in m)
        assert "full" in closed.value.rcvd.reason


HOSTILE = [
    *("", "x", "[]", "null", "1", "\x00", b"\xff\x00", "[" * 5000, '{"a":' * 5000, "x" * 200_000),
    *('{"do": 1}', '{"do": "start.choose", "id": "x"}', '{"id": 1e999}', '{"do": "__class__", "id": 1}'),
    '{"do": "start.choose", "fields": {"number": NaN}, "id": 1}',
    '{"do": "start.open", "fields": {"name": "../.."}, "id": 1}',
    '{"do": "start.files", "fields": {"files": [{"upload": "../../etc/passwd"}]}, "id": 1}',
    '{"do": "work.edit", "fields": {"text": "\\ud800"}, "id": 1}',
    f'{{"id": {"9" * 5000}}}',
]


def test_hostile_messages_are_answered_and_change_nothing(studio, session):
    running, before = studio(session), session.version
    with running.page() as page:
        for text in HOSTILE:
            page.socket.send(text)
            assert page.hear(lambda m: "answer" in m)["faults"]
        assert page.ask("work.text")["text"].startswith("format:")
    with running.page() as page, contextlib.suppress(ConnectionClosed):
        page.socket.send("x" * (guard.MOST_MESSAGE_BYTES + 1))
        page.hear(lambda m: "answer" in m)
    assert session.version is before
    with running.page() as page:
        assert page.hear(lambda m: "state" in m)["state"]["start"]["open"]["title"] == TINY["title"]


def test_a_page_that_sends_without_end_is_let_go(studio, session, monkeypatch):
    monkeypatch.setattr("ewsim.studio.live.BURST", 5)
    monkeypatch.setattr("ewsim.studio.live.RATE_HZ", 0)
    running = studio(session)
    with running.page() as page:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(50):
                page.socket.send("{}")
        with pytest.raises(ConnectionClosed) as closed:
            page.hear(lambda _m: False)
    assert closed.value.rcvd.code == 1008


def test_an_upload_is_bounded_and_its_name_is_a_name(studio, session, monkeypatch):
    monkeypatch.setattr(server, "MOST_BYTES", 1000)
    running = studio(session)
    own = {"Origin": running.origin}
    assert running.ask("/upload", "POST", b"x" * 1001, **own)[0] == 413
    status, _, text = running.ask(
        "/upload", "POST", alert_bytes()[:500], **own, **{"X-Name": "..%2F..%2Fx.xml"}
    )
    assert status == 200
    assert session.uploaded(json.loads(text)["upload"]).name == "../../x.xml"
    path = session.offer('a"b\r\nc.html', b"<script>alert(1)</script>", "text/html")
    status, headers, _ = running.ask(path)
    assert status == 200
    assert headers["content-disposition"].startswith("attachment")
    assert "\n" not in headers["content-disposition"]


def test_a_port_in_use_is_a_sentence_and_the_next_is_taken():
    taken = server.listen(0)
    with pytest.raises(RunError, match="--port"):
        server.listen(taken.port)
    other = server.listen(None)
    assert other.port != taken.port
    for one in (*taken.sockets, *other.sockets):
        one.close()


def test_a_folder_has_one_studio(tmp_path):
    folder = tmp_path / "studio"

    def second():
        with opening.alone_in(folder, "there"):
            pass

    with opening.alone_in(folder, "here"), pytest.raises(RunError, match="open at here"):
        second()
    second()


@pytest.mark.parametrize("addresses", [[], ["10.1.2.3"]])
def test_whoever_starts_it_is_shown_where_others_join(addresses):
    said = []
    shared = Guard(["127.0.0.1", *addresses], 8765, shared=True)
    links = [f"http://{one}:8765/?code={shared.codes['observer']}" for one in addresses]
    lead = opening.addresses(server.Listening([], 8765, addresses), shared, links, said.append)
    assert lead == f"http://127.0.0.1:8765/?code={shared.codes['lead']}"
    text = "\n".join(said)
    assert all(link in text for link in links)
    assert ("nobody can join" in text) != bool(addresses)
    assert "unencrypted" in text
    said.clear()
    alone = opening.addresses(server.Listening([], 80), Guard(["x"], 80), [], said.append)
    assert (alone, len(said)) == ("http://127.0.0.1:80/", 2)


def test_codes_outlive_a_restart_and_not_the_day(tmp_path):
    path = tmp_path / ".studio.codes"
    codes = guard.codes_kept_in(path)
    assert guard.codes_kept_in(path) == codes
    assert path.stat().st_mode & 0o77 == 0
    one = Guard(["127.0.0.1"], 80, shared=True, codes=codes)
    assert one.role(codes["observer"], "a") == "observer"
    for wrong in ("", "[]", '{"lead": "", "observer": ""}', '{"lead": 1, "observer": null}'):
        path.write_text(wrong)
        assert guard.codes_kept_in(path).keys() == codes.keys()
        assert guard.codes_kept_in(path) != codes
    codes = guard.codes_kept_in(path)
    before = time.time() - guard.KEPT_S - 60
    os.utime(path, (before, before))
    assert guard.codes_kept_in(path) != codes


def test_a_header_that_browsers_ignore_without_encryption_is_sent_to_this_machine_alone():
    assert len(server.headers_at("localhost:8765")) == len(guard.HEADERS)
    there = dict(server.headers_at("192.0.2.7:8765"))
    assert guard.HEADERS.keys() - there.keys() == {"Cross-Origin-Opener-Policy"}


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_codes_are_never_in_a_file_that_others_may_read(tmp_path, monkeypatch):
    modes, write = [], Path.write_bytes

    def watched(path, content):
        write(path, content)
        modes.append(path.stat().st_mode & 0o777)

    monkeypatch.setattr(Path, "write_bytes", watched)
    for _ in range(2):
        guard.write_recent(tmp_path / ".studio.codes", {"lead": "secret"})
    assert modes == [0o600, 0o600]
