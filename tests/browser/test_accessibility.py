"""axe-core finds no serious fault on any page, in English and in Arabic, at a desk and on a telephone."""

import pytest
from support import make_result

import ewsim
from ewsim import report
from ewsim.report.comparison import page as comparison
from ewsim.report.replay import page as replay
from ewsim.report.speech import speech_of

pytestmark = [pytest.mark.browser, pytest.mark.heavy]


@pytest.fixture(scope="module")
def pages():
    result = make_result(people=600)
    other = make_result(people=600, reach={"cell_broadcast": 0.3})
    return {
        "report": report.render(result),
        "report in Arabic": report.render(result, speech_of("ar")),
        "comparison": comparison.render(ewsim.compare(result, result)),
        "replay": replay.render(result),
        "two replays": replay.render_pair(result, other),
    }


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_a_serious_fault(width, pages, look, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = {}
    for name, html in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(html, encoding="utf-8")
        page = look(path, width=width).page
        page.wait_for_timeout(300)
        for fault in axe.run(page).response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                where = [node["html"][:120] for node in fault["nodes"][:3]]
                found[name, fault["id"]] = (fault["help"], len(fault["nodes"]), where)
    assert not found, "\n".join(f"{key}: {value}" for key, value in found.items())
