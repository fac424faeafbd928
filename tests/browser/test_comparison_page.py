"""The page of a comparison in a real browser without a network: quiet, in its frame, and no script."""

import dataclasses

import pytest
from support import make_result

import ewsim
from ewsim.ledger import combined_cause
from ewsim.report.comparison import page
from ewsim.report.templating import write_page

pytestmark = [pytest.mark.browser, pytest.mark.heavy]

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)>\"'&"


def hostile():
    """A run whose names try to be scripts."""
    result = make_result(title=HOSTILE)
    for column in ("zone", "language", "operator"):
        names = result.ledger.people[column].cat
        result.ledger.people[column] = names.rename_categories(lambda name: HOSTILE + str(name))
    return dataclasses.replace(result, identity=dataclasses.replace(result.identity, arm=HOSTILE))


MAKERS = {
    "ordinary": make_result,
    "hostile": hostile,
    "nobody reached": lambda: make_result(reach={"cell_broadcast": 0.0}),
    "nobody there": lambda: make_result(in_area_share=0),
    "no channel": lambda: make_result(reach={}),
}


def with_one_channel(result):
    """The same people with the last channel only."""
    outcomes = dict([*result.ledger.outcomes.items()][-1:])
    cause = combined_cause(outcomes, len(result.ledger.people))
    ledger = dataclasses.replace(result.ledger, outcomes=outcomes, cause=cause)
    scenario = result.scenario.model_copy(update={"horizon_s": 5000.0})
    identity = dataclasses.replace(result.identity, scenario_sha256="cd" * 32)
    return dataclasses.replace(result, ledger=ledger, scenario=scenario, identity=identity)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("compared"), {}
    for name, make in {**MAKERS, "itself": make_result}.items():
        result = make()
        other = result if name == "itself" else with_one_channel(result)
        made[name] = folder / f"{name}.html"
        write_page(made[name], page.render(ewsim.compare(result, other)))
    return made


def test_the_page_opens_offline_without_a_request_or_a_complaint(files, look):
    for name, file in files.items():
        opened = look(file)
        assert opened.page.locator("h1").count() == 1, name
        assert opened.quiet(), name


def test_nothing_runs_out_of_the_page_sideways(files, look):
    for width in (320, 1440):
        for name in ("ordinary", "hostile"):
            wide = look(files[name], width=width).page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width


def test_what_others_wrote_is_shown_and_never_run(files, look):
    opened = look(files["hostile"])
    assert opened.page.title() != "taken"
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("h1").inner_text() == HOSTILE
    assert HOSTILE[:20] in opened.page.locator("main").inner_text()


def test_the_count_shown_is_that_of_the_ledger_and_pictures_have_words(files, look):
    result = make_result()
    pair = ewsim.compare(MAKERS["ordinary"](), with_one_channel(MAKERS["ordinary"]())).document["pairs"][0]
    opened = look(files["ordinary"]).page
    assert f"{pair['lost_people']:,}" in opened.locator("#answer table").inner_text()
    for i in range(opened.locator("figure svg[role=img]").count()):
        assert len(opened.locator("figure svg[role=img]").nth(i).get_attribute("aria-label")) > 30
    assert f"{result.summary()['in_area']:,}" in opened.locator("header").inner_text()
    assert "exactly the people" in look(files["itself"]).page.locator("#answer").inner_text()
