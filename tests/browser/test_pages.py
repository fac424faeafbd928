"""The report and the replay in a real browser without a network, at a desk and on a telephone."""

import dataclasses
import re
from itertools import pairwise

import pytest
from support import FIGURES, make_result

from ewsim import report
from ewsim.report.replay import page as replay

pytestmark = pytest.mark.browser

WRITERS = {"report": report.write, "replay": replay.write}
HEADLINE = "إعصار: اذهب إلى ملجأ الآن"
HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)>\"'&"


def ordinary():
    """A run with an alert in Arabic, and a scenario whose description says something."""
    result = make_result()
    alert = dataclasses.replace(result.alert, headline=HEADLINE, language="ar")
    broadcast = {**result.sent["cell_broadcast"], "text": HEADLINE, "alphabet": "ucs2"}
    return dataclasses.replace(result, alert=alert, sent={**result.sent, "cell_broadcast": broadcast})


def hostile():
    """A run in which every text that comes from a file tries to be a script."""
    result = make_result(title=HOSTILE)
    people = result.ledger.people
    for column in ("zone", "language", "operator"):
        people[column] = people[column].cat.rename_categories(lambda name: HOSTILE + str(name))
    texts = {
        f.name: HOSTILE
        for f in dataclasses.fields(result.alert)
        if isinstance(getattr(result.alert, f.name), str)
    }
    cells = result.cells.assign(operator=HOSTILE, site_id=HOSTILE + result.cells["site_id"])
    return dataclasses.replace(
        result,
        alert=dataclasses.replace(result.alert, **texts),
        sent={
            name: {key: HOSTILE if isinstance(value, str) else value for key, value in sent.items()}
            for name, sent in result.sent.items()
        },
        cells=cells,
        notes=(HOSTILE,),
        identity=dataclasses.replace(result.identity, name=HOSTILE, arm=HOSTILE),
        targeting={**result.targeting, "by_operator": {HOSTILE: FIGURES, "B": FIGURES}},
        assumptions=(dataclasses.replace(result.assumptions[0], key=HOSTILE, text=HOSTILE),),
    )


MAKERS = {
    "ordinary": ordinary,
    "hostile": hostile,
    "nobody reached": lambda: make_result(reach={"cell_broadcast": 0.0}),
    "nobody there": lambda: make_result(in_area_share=0),
    "no channel": lambda: dataclasses.replace(make_result(reach={}), targeting=None),
}


@pytest.fixture(scope="module")
def results():
    return {name: make() for name, make in MAKERS.items()}


@pytest.fixture(scope="module")
def files(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, result in results.items():
        for page, write in WRITERS.items():
            made[page, name] = folder / f"{page} {name}.html"
            write(result, made[page, name])
    return made


@pytest.mark.parametrize("run", MAKERS)
@pytest.mark.parametrize("page", WRITERS)
def test_a_page_opens_offline_without_a_request_or_a_complaint(page, run, files, look):
    opened = look(files[page, run])
    assert opened.page.locator("h1").count() == 1
    assert opened.requests == []
    assert opened.complaints == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
@pytest.mark.parametrize("run", ["ordinary", "hostile"])
@pytest.mark.parametrize("page", WRITERS)
def test_nothing_runs_out_of_the_page_sideways(page, run, width, files, look):
    opened = look(files[page, run], width=width, height=800)
    wide = opened.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize("page", WRITERS)
def test_what_others_wrote_is_shown_and_never_run(page, files, look):
    opened = look(files[page, "hostile"])
    opened.page.wait_for_timeout(100)
    assert opened.page.title() != "taken"
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("h1").inner_text() == HOSTILE
    assert opened.quiet()


@pytest.mark.parametrize("page", WRITERS)
def test_a_script_that_got_into_the_page_would_not_run(page, files, look, tmp_path):
    broken = tmp_path / "broken.html"
    html = files[page, "ordinary"].read_text(encoding="utf-8")
    bad = "<script>document.title = 'taken'</script><p onclick=\"document.title='taken'\">x</p>"
    broken.write_text(html.replace("</main>", f"{bad}</main>"), encoding="utf-8")
    opened = look(broken)
    opened.page.locator("p", has_text=re.compile("^x$")).click()
    assert opened.page.title() != "taken"


@pytest.mark.parametrize("page", WRITERS)
def test_an_alert_in_arabic_runs_from_right_to_left(page, files, look):
    opened = look(files[page, "ordinary"])
    shown = opened.page.get_by_text(HEADLINE, exact=True).first
    assert shown.is_visible()
    first, last = opened.page.evaluate(
        """(text) => {
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let node;
          while ((node = walk.nextNode()) && node.data.trim() !== text);
          const at = (i) => {
            const range = document.createRange();
            const from = node.data.indexOf(text[0]);
            range.setStart(node, from + i);
            range.setEnd(node, from + i + 1);
            return range.getBoundingClientRect();
          };
          return [at(0), at(text.length - 1)].map((box) => [box.left, box.top]);
        }""",
        HEADLINE,
    )
    assert first[0] > last[0] or first[1] < last[1]


def test_every_picture_of_the_report_has_words_and_a_table(files, look):
    page = look(files["report", "ordinary"]).page
    pictures = page.locator("figure svg[role=img]")
    assert pictures.count() >= 6
    for i in range(pictures.count()):
        assert len(pictures.nth(i).get_attribute("aria-label")) > 30
        section = pictures.nth(i).locator("xpath=ancestor::section[1]")
        assert section.locator("table").count() >= 1, section.get_attribute("id")
        assert section.locator("table tbody tr").count() > 0


def test_the_replays_picture_has_words_and_tables(files, look):
    page = look(files["replay", "ordinary"]).page
    assert "tables below" in page.locator("canvas#map").get_attribute("aria-label")
    for table in ("milestones", "places", "causes"):
        assert page.locator(f"table#{table} tbody tr").count() > 3


def test_the_report_says_which_run_it_is(results, files, look):
    page = look(files["report", "ordinary"]).page
    text = page.locator("#identity").inner_text()
    identity = results["ordinary"].identity
    for value in (identity.scenario_sha256, identity.version, f"{identity.seed}"):
        assert value in text
    for assumption in results["ordinary"].assumptions:
        assert assumption.key in page.locator("#assumptions").inner_text()


def test_headings_go_down_one_step_at_a_time_and_ids_are_unique(files, look):
    for file in files.values():
        page = look(file).page
        levels = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))"
        )
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("page", WRITERS)
def test_a_page_prints(page, files, look):
    opened = look(files[page, "ordinary"])
    opened.page.emulate_media(media="print")
    assert opened.page.locator("h1").is_visible()
    if page == "replay":
        assert not opened.page.locator("#play").is_visible()
        assert opened.page.locator("#clock").is_visible()
        assert opened.page.locator("canvas").is_visible()
    pdf = opened.page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 1 <= pages <= (16 if page == "report" else 4)
