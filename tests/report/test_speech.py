"""Languages of pages: every text has a translation with the same placeholders; figures follow the locale."""

import dataclasses
import re
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import pytest
from support import make_result
from texts import SHOWN_AGAIN, all_texts, notes_of_runs, samples, shown_in, texts_of_kinds

from ewsim import compare, report
from ewsim.cli import run
from ewsim.disturbances.hazards.words import COMPONENTS, MEASURES
from ewsim.errors import DataError, UsageError
from ewsim.experiments.sweep.running import FIGURES
from ewsim.metrics.comparison.survey import Answered, laid_over
from ewsim.metrics.comparison.verdict import verdict_of
from ewsim.metrics.sensitivity.record import Sweep
from ewsim.report import speech, survey
from ewsim.report.comparison import page as comparison
from ewsim.report.replay import page as replay
from ewsim.report.sections.run import message
from ewsim.report.sweep import page as sweep
from ewsim.report.table import said

TAGS = [tag for tag in speech.languages() if tag != "en"]


def plain(text):
    """A text without isolates, and with ordinary spaces."""
    return re.sub("[\u2066-\u2069]", "", text).replace("\u00a0", " ").replace("\u202f", " ")


def test_there_are_french_spanish_and_arabic():
    assert {"en", "fr", "es", "ar"} <= set(speech.languages())
    assert speech.speech_of("ar").direction == "rtl"
    assert speech.speech_of("fr").direction == "ltr"


@pytest.mark.parametrize("tag", TAGS)
def test_every_text_of_code_and_templates_has_a_translation(tag):
    catalogue = speech.read_catalogue(speech._FOLDER / f"{tag}.po")
    missing = [text for text in all_texts() if text not in catalogue]
    assert not missing
    of_kinds = texts_of_kinds()
    assert sum(text in catalogue for text in of_kinds) >= 0.9 * len(of_kinds)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("{people} atteintes", "{whole}"),
        ("{people} sur {whole} et {more}", "{more}"),
        ("{people} sur {whole", "braces that do not match"),
        ("{people.real} sur {whole}", "braces that do not match"),
        ("{people!r} sur {whole}", "braces that do not match"),
        ("{people:>9} sur {whole}", "braces that do not match"),
        ("{} sur {whole}", "braces that do not match"),
    ],
)
def test_wrong_placeholders_are_refused_with_their_line(said, fault, tmp_path):
    path = tmp_path / "fr.po"
    good = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "b"\n\n'
    path.write_text(f'{good}msgid "{{people}} of {{whole}}"\nmsgstr "{said}"\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        speech.read_catalogue(path)
    (found,) = caught.value.diagnostics
    assert fault in str(found)
    assert found.line == 7
    assert "{people}, {whole}" in str(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [("fr", "msgid broken"), ("xx_not_a_language", 'msgid "a"\nmsgstr "b"\n'), ("fr", b"\xff\xfe\x00")],
)
def test_a_file_that_is_no_catalogue_is_refused(name, text, tmp_path):
    path = tmp_path / f"{name}.po"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match="not a language catalogue"):
        speech.read_catalogue(path)


def test_a_text_that_is_not_translated_yet_is_said_in_english(tmp_path):
    path = tmp_path / "fr.po"
    path.write_text('msgid "a"\nmsgstr ""\n\n#, fuzzy\nmsgid "b"\nmsgstr "c"\n', encoding="utf-8")
    assert speech.read_catalogue(path) == {}


@pytest.mark.parametrize(
    ("tag", "number", "percent", "duration", "date"),
    [
        ("en", "65,000", "64 %", "3 min 5 s", "14 September 2026, 12:00"),
        ("fr", "65 000", "64 %", "3 min 5 s", "14 septembre 2026, 12:00"),
        ("es", "65.000", "64 %", "3 min 5 s", "14 de septiembre de 2026, 12:00"),
        ("ar", "65,000", "64 %", "3 د 5 ث", "14 سبتمبر 2026, 12:00"),
    ],
)
def test_numbers_times_and_dates_follow_the_locale(tag, number, percent, duration, date):
    say = speech.speech_of(tag)
    said = (
        say.number(65_000),
        say.percent(0.64),
        say.duration(185),
        say.moment(datetime(2026, 9, 14, 12, tzinfo=UTC)),
    )
    assert tuple(map(plain, said)) == (number, percent, duration, date)
    assert plain(speech.speech_of("fr").duration(8.3)) == "8,3 s"


#: Words for matplotlib, and parts of texts that never stand alone.
PARTS = re.compile(
    r"(upper|lower|outside) .*|(offset|axes) .*|No power at|Cut link of|(Damage|Loss|Outage) .*|\^power of .*"
    r"|Further failures .*|What it means|\(in English\)|Of 7 people\. 7.*|Maps of where phones have .*"
    r"|\(black: .*|the decision|When it came back7|site 7|backup power for the whole run at 7"
    r"|these 7 sites: 7|<Sweep of .*|Part of the variance|Without effect here.*"
    r"|\(sweep.json and .*|7 reached|7 people in the area|The message has no text in 7, which 7 read.*"
)


@pytest.mark.parametrize("tag", TAGS)
def test_texts_that_are_put_into_a_language_when_they_are_shown_are_known_in_it(tag):
    say = speech.speech_of(tag)
    hazards = [
        f"The storm: {text}"
        for rows in COMPONENTS.values()
        for text in (f"1 {rows[0]}", f"2,345 {rows[1]} over the next 5.8 h")
    ]
    hazards += [f"Flood: {reaches.format(level.format(2))}." for level, reaches, _ in MEASURES.values()]
    hazards += [
        f"Quake: {most.format(7.5)}; it reaches 30 of 41 sites in all" for *_, most in MEASURES.values()
    ]
    shown = [" ".join(text.split()) for path in SHOWN_AGAIN for text in samples(path)]
    sentences = [text for text in shown if " " in text and re.search("[a-z]{2}", text)]
    assert len(sentences) > 150
    missing = [text for text in sentences + hazards if say.again(text) == text and not PARTS.fullmatch(text)]
    assert not missing


@pytest.mark.parametrize("tag", TAGS)
def test_notes_and_reasons_are_known_and_others_are_marked_as_english(tag):
    say = speech.speech_of(tag)
    noted = list(notes_of_runs())
    assert len(noted) > 6
    assert [text for text in noted if say.again(text) == text] == []
    for reason in ("no siren stands in the alert area.", "the message has no <info> in 'de'."):
        assert say.again(reason) != reason
    assert said("Something new <b>.", say) == '<span lang="en" dir="ltr">Something new &lt;b&gt;.</span>'
    assert plain(say.again("97.5%")) == plain(say.again("97.5 %"))


def test_catalogues_have_the_same_texts():
    keys = [speech.read_catalogue(speech._FOLDER / f"{tag}.po").keys() for tag in TAGS]
    assert all(one == keys[0] for one in keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12,345", "12.345"),
        ("+1,200 to +3,400", "+1.200 a +3.400"),
        ("12.34 %", "12,34 %"),
        ("-2 min 10 s", "-2 min 10 s"),
        ("not in 2 h", "no en 2 h"),
        ("about 1,700", "unas 1.700"),
        ("Sex: female", "Sexo: mujeres"),
        ("language, sex", "idioma, sexo"),
        ("Blue to Green", "Blue to Green"),
        ("15.5, -45.0", "15.5, -45.0"),
        ("{braces} stay", "{braces} stay"),
    ],
)
def test_a_finished_text_is_said_again_and_names_stay_as_they_are(text, said):
    assert plain(speech.speech_of("es").again(text)) == said
    assert speech.ENGLISH.again(text) == text


def verdicts():
    """Verdicts of every kind on runs called X and Y."""
    causes = {"site_down_power": 30, "opted_out": 2}
    for net, won, lost in [(0, 0, 0), (1, 1, 0), (-1, 0, 1), (0, 3, 3), (40, 50, 10), (-40, 10, 50)]:
        for before, after in [
            (60, 60),
            (None, 60.0),
            (60.0, None),
            (60.0, 700.0),
            (700.0, 60.0),
            (60.0, 60.2),
        ]:
            for low, high in [(-3, 5), (4, 9), (4, 4), (None, None)]:
                runs = [
                    {
                        "name": n,
                        "time_to_share_s": {"0.5": t, "0.9": 3.0, "0.93": t},
                        "reach": {"share": share},
                    }
                    for n, t, share in (("X", before, 0.5), ("Y", after, 0.6))
                ]
                pair = {"name": "Y", "net_people": net, "won_people": won, "lost_people": lost}
                pair |= {"won_by_cause": causes, "lost_by_cause": causes}
                pair |= {"sooner": {"people": won}, "later": {"people": lost}}
                if low is not None:
                    pair["replications"] = {"count": 7, "net_people": {"low": low, "high": high}}
                yield from verdict_of({"runs": runs}, pair)


@pytest.mark.parametrize("tag", TAGS)
def test_every_verdict_is_said_whole(tag):
    say = speech.speech_of(tag)
    of_english = re.compile(
        r"\b(people|person|won|lost|everyone|alert|earlier|later|pairs|the|because|in each)\b"
    )
    texts = dict.fromkeys(verdicts())
    assert len(texts) > 30
    assert [text for text in texts if of_english.search(say.again(text))] == []


PAGES = ("report", "comparison", "replay", "two replays", "sweep", "survey")
#: One of each page, in the language that runs from right to left; the others are heavy.
SOME = [("report", "ar"), ("comparison", "ar"), ("two replays", "ar"), ("sweep", "ar"), ("survey", "ar")]
OTHERS = [(name, tag) for name in PAGES for tag in TAGS if (name, tag) not in SOME]


@pytest.mark.parametrize(
    ("name", "tag"), [*SOME, *(pytest.param(*one, marks=pytest.mark.heavy) for one in OTHERS)]
)
def test_a_page_is_all_in_its_language_but_for_names_and_what_authors_wrote(name, tag, made):
    result, render = made[name]
    page, say = render(speech.speech_of(tag)), speech.speech_of(tag)
    assert f'<html lang="{tag}" dir="{say.direction}">' in page
    both = shown_in(page) & shown_in(render(speech.ENGLISH))
    written = {result.scenario.title, result.alert.headline, *result.notes}
    written |= {" ".join(value.split()) for _, value in message(result)}
    left = {text for text in both - written if len(re.findall("[a-z]{3,}", text)) > 2}
    assert not left


RANGE = {"low": 0.4, "median": 0.5, "high": 0.6, "count": 30, "attained": 30}
ENDS = [{"value": 0.1, "figure": 0.4}, {"value": 0.9, "figure": 0.6}]
#: A sweep in which everything is there that its page may say.
SWEEP = {
    "scenario": "s",
    "title": "",
    "seed": 1,
    "version": "1",
    "design": "sobol",
    "samples": 8,
    "runs": 1234,
    "figure": "reach_share",
    "figure_words": FIGURES["reach_share"],
    "now": 0.5,
    "assumptions": True,
    "luck": RANGE,
    "ignorance": {**RANGE, "low": 0.2},
    "words": {"a.b": "assumption: range 0.1 to 0.9"},
    "tornado": [{"key": "a.b", "now": 0.5, "ends": ENDS, "swing": 0.2}],
    "indices": [{"key": "a.b", "first": 0.6, "first_low": 0.5, "first_high": 0.7}],
    "responses": {"a.b": [{"value": one, "mean": one, "low": 0.1, "high": 0.9} for one in (0.1, 0.9)]},
    "without_effect": ["c.d"],
    "stated_by_the_scenario": ["e.f"],
    "left_out": {"g.h": "must be at most 1."},
}
SWEEP["indices"][0] |= {"total": 0.7, "total_low": 0.6, "total_high": 0.8}


@pytest.fixture(scope="module")
def made():
    """Pages by their names: a run of theirs, and how they are made."""
    result, other = make_result(people=300), make_result(people=300, reach={"cell_broadcast": 0.3})
    other = dataclasses.replace(
        other, identity=dataclasses.replace(other.identity, scenario_sha256="cd" * 32)
    )
    compared = compare(result, other)
    asked = laid_over(result.ledger, [Answered("sex", "female", 100, 63)], "owners", 10)
    return {
        "sweep": (result, partial(sweep.render, Sweep(SWEEP, pd.DataFrame()))),
        "survey": (result, partial(survey.render, result, asked)),
        "report": (result, partial(report.render, result)),
        "comparison": (result, partial(comparison.render, compared)),
        "replay": (result, lambda say: replay.render(result, say=say)),
        "two replays": (result, partial(replay.render_pair, result, other)),
    }


def test_a_language_without_a_catalogue_is_refused_by_name(tmp_path, capsys):
    with pytest.raises(UsageError, match="Languages: en, ar, es, fr"):
        speech.speech_of("../fr")
    assert run(["report", str(tmp_path), "--language", "tlh"]) == 2
    assert "tlh" in capsys.readouterr().err
