"""Languages of pages: every text has a translation with the same placeholders; figures follow the locale."""

import re
from datetime import UTC, datetime

import pytest
from support import make_result
from texts import all_texts, texts_of_kinds

from ewsim import report
from ewsim.cli import run
from ewsim.errors import DataError, UsageError
from ewsim.report import speech

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
    with pytest.raises(DataError, match="no catalogue of a language"):
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


def test_a_report_in_arabic_runs_from_right_to_left_and_says_that_the_annex_is_english():
    page = report.render(make_result(people=300), speech.speech_of("ar"))
    assert '<html lang="ar" dir="rtl">' in page
    assert "أشكال الملحق وجداوله باللغة الإنجليزية" in page
    brief = page[page.index("<main>") : page.index("<nav")]
    words = re.sub("<[^>]+>|<style>.*?</style>", " ", brief)
    assert not re.search(r"\b(reached|people|missed|network)\b(?!\.parquet)", words), "English in the brief"


def test_a_language_without_a_catalogue_is_refused_by_name(tmp_path, capsys):
    with pytest.raises(UsageError, match="Languages: en, ar, es, fr"):
        speech.speech_of("../fr")
    assert run(["report", str(tmp_path), "--language", "tlh"]) == 2
    assert "tlh" in capsys.readouterr().err
