"""The classroom: names and roles, coming back, leading, questions and answers."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.asyncio.client import connect

from ewsim.errors import UsageError
from ewsim.studio import actions
from ewsim.studio.classroom.members import MOST_MEMBERS, Members, plain_name
from ewsim.studio.session import Asker, StudioSession


class Pages:
    """Pages that are connected with a session, without a server."""

    def __init__(self, session):
        self.session = session

    def come(self, number, role="observer"):
        asker = Asker(number, role=role)
        self.session.askers[number] = asker
        actions.joined(self.session, asker)
        return asker

    def go(self, number):
        asker = self.session.askers.pop(number)
        actions.left(self.session, asker)

    def ask(self, number, name, /, **fields):
        return actions.act(self.session, self.session.askers[number], name, fields)

    def state(self):
        return actions.state_of(self.session)["class"]

    def news(self, kind):
        return [document for k, document, _ in self.session.sent if k == kind]


@pytest.fixture
def pages(session):
    made = Pages(session)
    made.come("t", "lead")
    for number in "abc":
        made.come(number)
    assert made.ask("t", "class.join", name="Teacher")["role"] == "lead"
    return made


def test_everybody_has_a_name_of_their_own(pages):
    first = pages.ask("a", "class.join", name="  Ana\u202e\n ")
    second = pages.ask("b", "class.join", name="ana")
    assert (first["name"], second["name"]) == ("Ana", "ana (2)")
    assert [one["name"] for one in pages.state()["people"]] == ["Teacher", "Ana", "ana (2)"]
    assert first["token"] not in str(pages.state())
    assert pages.ask("c", "class.join", name="\u200b ")["faults"] == [
        "Write a name, so that the others know who you are."
    ]


def test_whoever_comes_back_has_the_same_name_and_role(pages):
    token = pages.ask("a", "class.join", name="Ana")["token"]
    assert pages.ask("t", "class.role", name="Ana", role="operator") == {}
    pages.go("a")
    assert [p["here"] for p in pages.state()["people"]] == [True, False]
    pages.come("a2")
    assert pages.ask("a2", "class.join", token=token) == {"name": "Ana", "role": "operator", "token": token}
    assert pages.session.askers["a2"].role == "operator"
    # a token that nobody had gives a new place, and no role
    assert pages.ask("b", "class.join", token="x" * 24, name="Ben")["role"] == "observer"


def test_the_token_of_a_lead_gives_no_lead(pages):
    token = pages.ask("t", "class.join")["token"] or pages.ask("t", "class.join", name="x")["token"]
    pages.ask("a", "class.join", token=token)
    assert pages.session.askers["a"].role == "observer"


def test_only_the_lead_gives_roles_and_each_does_only_its_part(pages):
    pages.ask("a", "class.join", name="Ana")
    assert "role observer" in pages.ask("a", "class.role", name="Ana", role="authority")["faults"][0]
    assert "role observer" in pages.ask("a", "watch.plan")["faults"][0]
    assert pages.ask("t", "class.role", name="Ana", role="authority") == {}
    assert {"id": "a", "role": "authority", "name": "Ana"} in pages.news("you")
    assert pages.ask("a", "watch.plan") == {}
    assert "role authority" in pages.ask("a", "leave.make", what="report", language="en")["faults"][0]
    assert pages.ask("t", "class.role", name="Teacher", role="observer")["faults"]
    assert pages.ask("t", "class.role", name="Nobody", role="observer")["faults"]


def test_all_others_look_where_the_lead_looks_and_newcomers_too(pages):
    assert pages.ask("t", "class.look", x=0.25, y=0.5, zoom=4, panel="watch") == {}
    wanted = {"x": 0.25, "y": 0.5, "zoom": 4.0, "panel": "watch"}
    assert pages.session.sent[-1] == ("class.look", wanted, ("a", "b", "c"))
    pages.come("d")
    assert ("class.look", wanted, ("d",)) in pages.session.sent
    assert pages.ask("a", "class.look", x=0, y=0, zoom=1)["faults"]
    assert pages.ask("t", "class.look", x=float("nan"), y=0, zoom=1)["faults"]


def test_a_question_is_asked_answered_and_closed(pages, tmp_path):
    for number, name in zip("ab", ("Ana", "Ben"), strict=True):
        pages.ask(number, "class.join", name=name)
    choices = [{"text": "Yes"}, {"text": "No"}]
    assert pages.ask("t", "class.write", words="Send?", choices=choices, expected="Yes", at_s=60) == {}
    assert pages.ask("t", "class.write", words="Why?", at_s=120) == {}
    assert pages.state()["question"] is None
    assert pages.ask("a", "class.answer", number=0, text="Yes")["faults"] == ["This question is closed."]
    pages.ask("t", "class.ask", number=0)
    assert pages.state()["question"] == {
        "number": 0, "words": "Send?", "choices": ["Yes", "No"], "state": "open", "answered": 0,
    }  # fmt: skip
    assert pages.ask("a", "class.answer", number=0, text="Yes") == {"text": "Yes"}
    pages.ask("a", "class.answer", number=0, text="No")  # who answers again changes the answer
    pages.ask("b", "class.answer", number=0, text="Yes")
    assert pages.ask("b", "class.answer", number=0, text="<b>")["faults"]
    assert pages.ask("c", "class.answer", number=0, text="Yes")["faults"] == [
        "Give your name first, at Classroom."
    ]
    assert "Yes" not in str({**pages.state()["question"], "choices": None})
    pages.ask("t", "class.close", number=0)
    assert pages.state()["question"]["counts"] == [1, 1]
    assert pages.state()["question"]["expected"] == "Yes"
    assert pages.news("class.lead")[-1]["questions"][0]["answers"] == {"Ana": "No", "Ben": "Yes"}
    # only the lead hears who answered what; a studio that is started again still knows it
    assert {to for kind, _, to in pages.session.sent if kind == "class.lead"} == {("t",)}
    again = StudioSession(pages.session.folder)
    again.resume()
    other = Pages(again)
    other.come("t", "lead")
    assert other.news("class.lead")[-1]["questions"] == pages.news("class.lead")[-1]["questions"]
    assert pages.ask("t", "class.remove", number=0) == {}
    assert [q["words"] for q in pages.news("class.lead")[-1]["questions"]] == ["Why?"]


def test_one_question_is_open_at_a_time(pages):
    for words in ("One?", "Two?"):
        pages.ask("t", "class.write", words=words, at_s=0)
    pages.ask("t", "class.ask", number=0)
    pages.ask("t", "class.ask", number=1)
    assert pages.state()["question"]["words"] == "Two?"
    assert [q["state"] for q in pages.news("class.lead")[-1]["questions"]] == ["closed", "open"]


def test_bad_questions_are_refused_in_sentences(pages):
    for fields in (
        {"words": " ", "at_s": 0},
        {"words": "x" * 601, "at_s": 0},
        {"words": "Send?", "choices": [{"text": "a"}], "expected": "b", "at_s": 0},
        {"words": "Send?", "at_s": "soon"},
    ):
        assert pages.ask("t", "class.write", **fields)["faults"]
    assert pages.ask("t", "class.ask", number=0)["faults"] == ["There is no question. Write one."]
    for _ in range(40):
        pages.ask("t", "class.write", words="?", at_s=0)
    assert "at most 40" in pages.ask("t", "class.write", words="?", at_s=0)["faults"][0]


@pytest.mark.heavy
def test_the_exercise_of_the_scenario_gives_questions(pages):
    assert pages.ask("t", "class.exercise", language="fr") == {}
    found = pages.news("class.lead")[-1]["questions"]
    assert pages.news("class.taken") == [{"count": len(found)}]
    assert found
    assert all(one["expected"] for one in found)
    assert pages.ask("t", "class.exercise", language="fr") == {}
    assert len(pages.news("class.lead")[-1]["questions"]) == len(found)


def test_a_room_has_an_end():
    members = Members()
    for number in range(MOST_MEMBERS):
        members.join(str(number), "x", "observer")
    with pytest.raises(UsageError, match="full"):
        members.join("more", "x", "observer")
    members.gone("7")
    assert members.join("more", "x", "observer")[0].pages == {"more"}
    assert len({one.name for one in members}) == MOST_MEMBERS


def test_names_are_one_plain_line():
    assert plain_name("a\tb\r\nc\x00" + "d" * 100) == "a b c " + "d" * 34


@pytest.mark.heavy
def test_sixty_viewers_hear_the_same_in_the_same_order(studio, session, capsys):
    running, viewers, looks = studio(session, shared=True), 60, 20

    async def view(ready):
        cookie = {"Cookie": f"{running.guard.cookie}={running.guard.codes['observer']}"}
        url = running.origin.replace("http", "ws") + "/live"
        heard = []
        async with connect(url, origin=running.origin, additional_headers=cookie, proxy=None) as socket:
            ready.release()
            while len(heard) < looks:
                message = json.loads(await asyncio.wait_for(socket.recv(), 60))
                if message.get("news") == "class.look":
                    heard.append((message["is"]["x"], time.perf_counter()))
        return heard

    async def all_views():
        ready = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(view(ready)) for _ in range(viewers)]
        for _ in tasks:
            await ready.acquire()
        await asyncio.to_thread(lead)
        return await asyncio.gather(*tasks)

    def lead():
        with running.page(running.guard.codes["lead"]) as page:
            page.hear(lambda message: len(session.askers) == viewers + 1)
            for number in range(looks):
                page.ask("class.look", x=number / looks, y=0.5, zoom=2, panel="watch")

    with ThreadPoolExecutor(1) as apart:  # a browser of other tests may have a loop in this thread
        heard = apart.submit(asyncio.run, all_views()).result()
    assert {tuple(x for x, _ in one) for one in heard} == {tuple(n / looks for n in range(looks))}
    spread_s = [
        max(times) - min(times) for times in zip(*([at for _, at in one] for one in heard), strict=True)
    ]
    with capsys.disabled():
        print(
            f"\n{viewers} viewers, first to last: {1000 * max(spread_s):.0f} ms at most (wanted: under 150)"
        )


def test_a_restart_knows_everybody_again(pages):
    token = pages.ask("a", "class.join", name="Ana")["token"]
    pages.ask("t", "class.role", name="Ana", role="operator")
    again = Pages(StudioSession(pages.session.folder))
    again.come("x")
    assert [one["name"] for one in again.state()["people"]] == ["Teacher", "Ana"]
    assert again.ask("x", "class.join", token="not hers") == {"name": ""}
    back = again.ask("x", "class.join", token=token)
    assert (back["name"], back["role"]) == ("Ana", "operator")
    assert token not in (pages.session.folder / ".studio.class").read_text()


@pytest.mark.parametrize(
    "kept", ["", "[[1, 2]]", '{"a": 1}', "[" * 99, '[["", "lead", "00"], ["A", "king", "00"]]']
)
def test_names_that_cannot_be_read_are_left_out(kept, tmp_path):
    (tmp_path / ".studio.class").write_text(kept)
    assert Pages(StudioSession(tmp_path)).state()["people"] == []


def test_questions_whose_time_comes_at_once_are_asked_one_after_the_other(pages):
    for words, at_s in (("Later?", 61), ("First?", 60), ("Not yet?", 900)):
        pages.ask("t", "class.write", words=words, at_s=at_s)
    for number in (0, 1):
        assert pages.ask("t", "class.due", number=number) == {}
    assert pages.state()["question"]["words"] == "Later?"  # it came first
    pages.ask("t", "class.close", number=0)
    assert (pages.state()["question"]["words"], pages.state()["question"]["state"]) == ("First?", "open")
    pages.ask("t", "class.due", number=1)  # a second page of the lead says the same
    pages.ask("t", "class.remove", number=1)
    assert [q["state"] for q in pages.news("class.lead")[-1]["questions"]] == ["closed", "waiting"]


def test_a_second_tab_is_somebody_else_while_the_first_is_open(pages):
    token = pages.ask("a", "class.join", name="Ana")["token"]
    assert pages.ask("b", "class.join", token=token, if_away=True) == {"name": ""}
    assert pages.ask("c", "class.join", token=token)["name"] == "Ana"  # a tab that was reloaded
    pages.go("a")
    assert pages.state()["people"][1] == {"here": True, "name": "Ana", "role": "observer"}
    pages.go("c")
    assert pages.ask("b", "class.join", token=token, if_away=True)["name"] == "Ana"


def test_whoever_is_away_can_be_removed_and_a_page_given_to_somebody_else(pages):
    pages.ask("a", "class.join", name="Ana")
    pages.ask("t", "class.role", name="Ana", role="operator")
    assert pages.ask("t", "class.remove_away", name="Ana")["faults"]
    assert pages.ask("a", "class.leave") == {}
    assert pages.session.askers["a"].role == "observer"
    assert pages.ask("a", "class.join", name="Ben")["role"] == "observer"
    assert pages.ask("a", "class.remove_away", name="Ana")["faults"]
    assert pages.ask("t", "class.remove_away", name="Ana") == {}
    assert [one["name"] for one in pages.state()["people"]] == ["Teacher", "Ben"]
    again = Pages(StudioSession(pages.session.folder))
    assert [one["name"] for one in again.state()["people"]] == ["Teacher", "Ben"]
