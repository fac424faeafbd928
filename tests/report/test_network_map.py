"""Maps of networks: round degrees, one legend for maps that say the same, assumptions said."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ewsim.country.drafting.invented import invent
from ewsim.geography.plane import LocalFrame
from ewsim.network.rollout.links import with_links
from ewsim.network.tables.standalone import open_network
from ewsim.report.maps import country as country_map
from ewsim.report.maps import network as network_map
from ewsim.report.maps.axes import degree_ticks
from ewsim.scenario.presets import preset, validated

TABLE = """site_id,lat,lon,operator,radio_type
a,-17.8,177.4,north,4G
b,-17.7,177.5,south,4G
c,-17.6,177.6,south,3G
"""


@pytest.fixture
def network(tmp_path):
    (tmp_path / "sites.csv").write_text(TABLE)
    return open_network(tmp_path / "sites.csv")


def labels(lat, lon, half_km):
    made = Figure()
    FigureCanvasAgg(made)
    ax = made.add_subplot()
    ax.set_xlim(-half_km, half_km)
    ax.set_ylim(-half_km, half_km)
    degree_ticks(ax, LocalFrame(lat, lon), 4)
    made.canvas.draw()
    return [
        [t.get_text() for t in axis.get_majorticklabels() if t.get_text()] for axis in (ax.xaxis, ax.yaxis)
    ]


def test_degrees_are_round_and_change_sides_at_180_and_0():
    assert labels(-17.5, 179.6, 160) == [["179°E", "180°", "179°W"], ["18°S", "17°S"]]
    assert labels(0.1, 0.2, 130) == [
        ["0.5°W", "0.0°", "0.5°E", "1.0°E"],
        ["1.0°S", "0.5°S", "0.0°", "0.5°N", "1.0°N"],
    ]


@pytest.mark.parametrize("half_km", [0.4, 3, 20, 150, 1_000])
@pytest.mark.parametrize("lat", [0.0, -33.3, 69.7])
def test_a_map_of_any_size_has_a_few_round_ticks(lat, half_km):
    for axis in labels(lat, 25.13, half_km):
        assert 2 <= len(axis) <= 9
        assert len(set(axis)) == len(axis)
        steps = np.diff([float(t.rstrip("°NSEW")) for t in axis if t[-1] == axis[-1][-1]])
        for step in np.abs(steps):
            mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
            assert min(abs(mantissa - nice) for nice in (1, 2, 5, 10)) < 1e-6


def test_links_that_no_file_gives_are_drawn_as_assumed(network, tmp_path):
    assert b"link towards the core (assumed)" in network_map.svg(network)
    (tmp_path / "links.csv").write_text("from,to\na,core\nb,a\nc,b\n")
    given = with_links(network, tmp_path / "links.csv")
    assert b"(assumed)" not in network_map.svg(given)


def test_maps_that_say_the_same_share_a_legend_below_them(network):
    one = network_map.Panel("one")
    made = network_map.figure(network, [one, one, one])
    assert len(made.legends) == 1
    assert all(ax.get_legend() is None for ax in made.axes)
    alone = network_map.figure(network, [one])
    assert not alone.legends
    assert alone.axes[0].get_legend() is not None


@pytest.mark.parametrize("name", ["small_island_state", "mountainous"])
def test_an_invented_country_is_drawn_with_all_it_has(name):
    made = invent(validated(preset(name, 1)), Path)
    figure = network_map.figure(made.network, country_map.panels(made))
    FigureCanvasAgg(figure).draw()
    ground, network = figure.axes
    said = {t.get_text() for ax in figure.axes for t in ax.get_legend().get_texts()}
    assert {"plain", "hill", "mountain", "road", "ring of fibre", "link towards the core"} <= said
    kinds = [t for t in said if t.startswith(("city", "town", "village"))]
    assert sum(int(t.split("(")[1].rstrip(")")) for t in kinds) == len(made.settlements.name)
    roads = [c for c in ground.collections if isinstance(c, LineCollection)]
    assert sum(len(c.get_segments()) for c in roads) == len(made.roads)
    hops, closed = sorted(
        (c for c in network.collections if isinstance(c, LineCollection)),
        key=lambda c: -len(c.get_segments()),
    )
    assert len(hops.get_segments()) == (made.hung.parent >= 0).sum()
    for ring in closed.get_segments():
        assert (ring[0] == ring[-1]).all()
    box = ground.get_window_extent()
    for label in ground.texts:  # names stay on the map
        inside = label.get_window_extent()
        assert box.x0 <= inside.x0
        assert inside.x1 <= box.x1
