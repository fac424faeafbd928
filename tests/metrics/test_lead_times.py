"""Who was warned before the hazard came: figures, words, and the report's section."""

import numpy as np
import pytest
from support import make_result

from ewsim.metrics.latency import lead_times
from ewsim.metrics.words import answer
from ewsim.report import page
from ewsim.units import NEVER


def with_hazard(arrival_s):
    """A made-up run whose hazard arrives at these times: a number for all, or one for each person."""
    result = make_result(people=400)
    result.ledger.people["hazard_arrival_s"] = np.broadcast_to(arrival_s, 400).astype(float)
    return result


def test_without_a_hazard_nothing_is_said():
    result = make_result(people=400)
    assert lead_times(result.ledger) is None
    assert "hazard" not in result.summary()
    assert "What the hazard did" not in page.render(result)


def test_lead_time_is_from_the_first_display_to_the_arrival():
    arrival = np.where(np.arange(400) % 4 == 0, np.nan, 1000.0)
    result = with_hazard(arrival)
    people, reached_s = result.ledger.people, result.ledger.reached_us / 1e6
    hit = people["in_area"].to_numpy() & ~np.isnan(arrival)
    before = hit & (result.ledger.reached_us < NEVER) & (reached_s < 1000)
    found = lead_times(result.ledger)
    weight = people["weight"].to_numpy()
    assert found["people"] == weight[hit].sum()
    assert found["reached_before"] == weight[before].sum()
    assert found["reached_before_share"] == pytest.approx(before.sum() / hit.sum())
    lead = np.sort(1000 - reached_s[before])
    assert found["lead_time_s"]["p50"] == pytest.approx(np.quantile(lead, 0.5, method="inverted_cdf"))
    assert found["there_at_decision"] == 0


@pytest.mark.parametrize(
    ("arrival_s", "said"),
    [
        (-60, "The hazard was there before the decision to warn"),
        (1800, "people in the area whom the hazard reaches were warned before it came"),
    ],
)
def test_the_answer_says_who_was_warned_in_time(arrival_s, said):
    result = with_hazard(arrival_s)
    assert any(said in line for line in answer(result.summary(), result.horizon_s))


def test_nobody_was_warned_in_time_where_nobody_was_reached():
    result = make_result(people=400, reach={"cell_broadcast": 0.0, "location_based_sms": 0.0})
    result.ledger.people["hazard_arrival_s"] = 1800.0
    (line,) = (line for line in answer(result.summary(), result.horizon_s) if "hazard" in line)
    assert line.startswith("Nobody of 8,")
    assert lead_times(result.ledger)["lead_time_s"]["p50"] is None


def test_the_report_has_the_story_and_a_map():
    result = with_hazard(1800)
    result.events.loc[len(result.events)] = (
        60.0,
        "hazard",
        "arrives",
        "",
        -1,
        -1,
        "",
        "Alpha: it is <here>",
        "a",
    )
    text = page.render(result)
    section = text[text.index('id="hazard"') : text.index('id="timeline"')]
    assert "Alpha: it is &lt;here&gt;" in section
    assert "after 1 min" in section
    assert "Map of people by when the hazard reaches them" in section
