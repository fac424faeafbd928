"""Sentences and meanings of words in the language of each page; what is English is marked."""

import ast
import json
import re
from importlib import resources

import pytest
from studios import TINY
from texts import in_script, in_template
from tree import PACKAGE

from ewsim.errors import UsageError
from ewsim.report import speech
from ewsim.studio import actions, saying
from ewsim.studio.alert import area, message
from ewsim.studio.given import GivenFields
from ewsim.studio.session import Asker
from ewsim.studio.watch.injects import Placement, place_inject

TAGS = [tag for tag in speech.languages() if tag != "en"]
#: What the terminal says, and sentences that are put together, which `put_together` has whole.
TERMINAL = ("open.py", "server.py")
PARTS = re.compile(
    r"This is not for the role 7.*|7 has 7, and a message .*|77 7\. 7|7 changed the scenario .*"
    r"|The network has no mast 7\. 7"
)
#: Words that stand in English in every language: names, codes, keys.
SAME = re.compile(
    r"[\u2066-\u2069]|scenario\.yaml:[\d:]*|ewsim( studio SCENARIO)?|\.yaml|CAP|pt-BR|\b(en|fr|ar)\b"
    r"|population\.weight|true|false|[a-z]+_[a-z_\d]+|'[^']*'|\w+\.xml|\b[a-z]\b|MB"
)


def raised(path):
    """The sentences of a file's UsageErrors that stand there whole, 7 in each place of an f-string."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "UsageError":
            text = node.args[0]
            if isinstance(text, ast.Constant):
                yield text.value
            elif isinstance(text, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "7" for part in text.values)
                yield "".join(map(str, parts))


def said_of(function):
    """The sentence of a UsageError."""
    with pytest.raises(UsageError) as caught:
        function()
    return str(caught.value)


@pytest.fixture
def put_together(session):
    """Sentences that are put together of parts."""
    given = GivenFields({"x": 3.5, "t": "abc", "l": [1, 2]})
    found = [
        said_of(lambda: given.number("no", 0, 5)),
        said_of(lambda: given.number("x", 0, 1)),
        said_of(lambda: given.whole("x", 0, 5)),
        said_of(lambda: given.text("x")),
        said_of(lambda: given.text("t", 2)),
        said_of(lambda: given.choice("t", ["a"])),
        said_of(lambda: given.truth("t")),
        said_of(lambda: given.points("l")),
        said_of(lambda: given.points("l", 1)),
        said_of(lambda: given.points("t")),
        said_of(lambda: given.rows("l")),
    ]
    square = [[0, 0], [1, 1], [1, 0], [0, 1]]
    for drawn in (
        {},
        {"polygons": [square]},
        {"polygons": [[[0, 0], [1, 1]]]},
        {"polygons": [[[0, 0], [1, 1], [2, 2]]]},
        {"polygons": [[[95, 20], [1, 1]]]},
        {
            "circles": [
                {"centre": [1, 1]},
                {"centre": [1, 1], "radius_m": -5},
                {"centre": [1], "radius_m": 9},
                1,
            ]
        },
        {"circles": [{}] * 60},
    ):
        found += area.read_drawing(drawn)[1]
    country = session.country()
    for there in (1.0, -40.0):
        found += area.off_network(area.Drawing(circles=((there, 60.0 + there, 100.0),)), country.network)
    name = country.network.built.sites.name[0]
    for mast in ("nowhere", f"{name}x"):
        inject = Placement("mast_lost", 60, mast=mast)
        found.append(said_of(lambda inject=inject: place_inject(TINY, country, inject)))
    for role in ("observer", "operator", "authority"):
        found += actions.act(session, Asker("1", role=role), "work.edit", {})["faults"]
    found.append(said_of(lambda: message.open_message(b" " * 2_100_000, "big.xml")))
    session.asker, session.seen = Asker("2"), 0
    found.append(said_of(lambda: session.keep("test", TINY)))
    found += actions.act(
        session, Asker("1"), "work.edit", {"text": json.dumps({**TINY, "alert": {"path": "b"}})}
    )["faults"]
    return found


@pytest.mark.parametrize("tag", TAGS)
def test_every_sentence_of_the_studio_has_a_translation(tag):
    say, missing = speech.speech_of(tag), []
    for path in sorted((PACKAGE / "studio").rglob("*.py")):
        texts = [] if path.name in TERMINAL else raised(path)
        missing += [text for text in texts if not PARTS.fullmatch(text) and say.sentence(text) is None]
    assert not missing


def test_sentences_that_are_put_together_are_whole_in_arabic(put_together):
    said = saying.in_language({"faults": put_together}, "ar")["faults"]
    left = {one: re.findall("[A-Za-z]{2,}", SAME.sub("", one)) for one in said if isinstance(one, str)}
    assert {one: words for one, words in left.items() if words} == {}
    assert [one for one in said if not isinstance(one, str)] == []


def test_what_files_say_is_marked_as_english_wherever_it_stands():
    note = "No coastline is given: the ground around the cells and the people is taken as land."
    state = {"state": {"start": {"notes": [note]}, "n": 1}, "faults": ["This question is closed."]}
    said = saying.in_language(state, "fr")
    assert said["state"] == {"start": {"notes": [{"text": note, "lang": "en"}]}, "n": 1}
    assert said["faults"] == ["Cette question est close."]
    assert saying.in_language(state, "en") is state
    assert saying.known_language("../x") == saying.known_language(None) == "en"


def test_each_page_gets_sentences_in_its_language(studio, session):
    running = studio(session)
    with running.page() as english, running.page(lang="fr") as french:
        for page, said in ((english, "There is no question."), (french, "Il n’y a pas de question.")):
            assert page.ask("class.answer", number=0, text="x")["faults"][0].startswith(said)
        session.news("faults", {"of": "", "faults": ["This question is closed."]})
        for page, said in ((english, "This question is closed."), (french, "Cette question est close.")):
            assert page.hear(lambda message: message.get("news") == "faults")["is"]["faults"] == [said]
        status, _, text = running.ask("/upload?lang=fr", "POST", b"x" * 41_000_000, Origin=running.origin)
        assert (status, "dépasse 40 Mo" in json.loads(text)["faults"][0]) == (413, True)


@pytest.mark.parametrize("tag", TAGS)
def test_words_that_stand_on_the_page_have_their_meaning_in_each_language(tag):
    page = resources.files("ewsim.studio") / "page"
    shown = [text for path in sorted((PACKAGE / "studio" / "page").glob("*.js")) for text in in_script(path)]
    shown += in_template(PACKAGE / "report" / "templates" / "studio.html")
    catalogue = speech.speech_of(tag).catalogue
    terms = json.loads((page / "terms.json").read_text(encoding="utf-8"))
    wanted = []
    for one in terms:
        names = "|".join(map(re.escape, re.sub(r" \(.*", "", one["word"]).split(", ")))
        if re.search(rf"(?<![^\W\d_])({names})(e?s)?(?![^\W\d_])", "\n".join(shown), re.IGNORECASE):
            wanted.append(f"{one['word']} = {one['means']}")
    assert len(wanted) > 20
    assert [one for one in wanted if catalogue.get(one, "").count(" = ") != 1] == []
