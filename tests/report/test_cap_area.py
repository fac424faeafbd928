"""The drawing of a message's area: where its edges are named, and whose areas are drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ewsim.cap.alert import Alert, Area, Circle, Info, Polygon
from ewsim.report.cap import area as cap_area


def alert(*areas: Area) -> Alert:
    infos = tuple(
        Info(
            tag,
            ("Met",),
            "Flood",
            "Immediate",
            "Severe",
            "Likely",
            areas=(area,),
            description="First line\n* second line",
            web="https://example.org/a",
        )
        for tag, area in zip(("en", "ar"), areas, strict=False)
    )
    sent = datetime(2026, 5, 1, 10, tzinfo=UTC)
    return Alert("1.2", "a", "b", sent, "Actual", "Alert", "Public", infos=infos)


def square(lat: float, lon: float) -> Area:
    ring = tuple((lat + a, lon + b) for a, b in ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0)))
    return Area("Square", polygons=(Polygon(ring),))


@pytest.mark.parametrize("lon", [10.0, -62.5, 179.5])
def test_the_degrees_beside_the_drawing_are_those_of_the_message(lon: float) -> None:
    """A degree of the axes above and beside spans the square exactly, also across 180 degrees."""
    made = cap_area.figure(alert(square(15.0, lon)))
    FigureCanvasAgg(made).draw()
    (axes,) = made.axes
    above, beside = axes.child_axes
    ring = axes.patches[0].get_xy()
    for axis, column, first in ((above.xaxis, 0, lon), (beside.yaxis, 1, 15.0)):
        low, high = ring[:, column].min(), ring[:, column].max()
        view = axis.get_view_interval()
        main = (axes.xaxis if column == 0 else axes.yaxis).get_view_interval()
        a_km = (view[1] - view[0]) / (main[1] - main[0])
        assert (high - low) * a_km == pytest.approx(1.0)
        found = view[0] + (low - main[0]) * a_km
        assert (found - first + 180) % 360 - 180 == pytest.approx(0.0, abs=1e-9)


def test_ticks_say_their_side_and_nothing_beyond_the_pole() -> None:
    assert [cap_area._tick("EW", d, 0) for d in (-61.25, 0.0, 179.5, 180.5)] == [
        "61.25° W",
        "0° E",
        "179.5° E",
        "179.5° W",
    ]
    assert [cap_area._tick("NS", d, 0) for d in (-15.0, 90.0, 90.5)] == ["15° S", "90° N", ""]


def test_only_the_languages_that_are_asked_for_are_drawn() -> None:
    both = alert(square(15.0, 10.0), Area("Disc", circles=(Circle(15.5, 10.5, 4.0),)))
    one = replace(both, infos=both.infos[1:])
    titles = [cap_area.figure(a).axes[0].get_title() for a in (both, one)]
    assert titles == ["1 polygon and 1 circle", "1 circle"]
    assert cap_area.png(both) != cap_area.png(one)


def test_the_page_keeps_lines_and_says_what_is_known_of_the_signature() -> None:
    page = cap_area.html(alert(square(15.0, 10.0)), "THE SIGNATURE IS BROKEN").decode()
    assert "white-space: pre-line" in page
    assert "First line\n* second line" in page
    assert '<p class="m broken">THE SIGNATURE IS BROKEN.</p>' in page
    assert "https://example.org/a" in page
    assert "signature" not in cap_area.html(alert(square(15.0, 10.0))).decode().casefold()
