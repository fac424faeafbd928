"""Figures of a run for Python and notebooks, as the report has them."""

from collections.abc import Callable

from matplotlib.figure import Figure

from ewsim.errors import expect
from ewsim.report import style
from ewsim.report.brief.where import place_table
from ewsim.report.maps.brief import around_the_area, people_drawing
from ewsim.report.maps.ground import map_ground
from ewsim.report.sections import reach
from ewsim.report.speech import speech_of
from ewsim.result.record import Result


def plot_reach(result: Result, language: str = "en") -> Figure:
    """Reach over time by every channel, as a figure of matplotlib.

    Parameters
    ----------
    result
        A finished run.
    language
        The language of the words: "en", or another of the report's.
    """
    expect(result, Result, "plot_reach takes a Result")
    expect(language, str, "language takes a tag")
    return _figure("reach", (7.0, 3.5), reach.drawing(result, speech_of(language)))


def plot_map(result: Result, language: str = "en") -> Figure:
    """People in squares, filled as far as they were reached, with places and silent masts.

    Parameters
    ----------
    result
        A finished run.
    language
        The language of the words.
    """
    expect(result, Result, "plot_map takes a Result")
    expect(language, str, "language takes a tag")
    land = map_ground(result)
    places = place_table(result, land, speech_of(language))
    west, south, east, north = land.bounds_km
    size = (7.0, min(max(7.0 * (north - south) / (east - west), 3.0), 9.0))
    return _figure("map", size, people_drawing(result, around_the_area(result, land), places))


def _figure(name: str, size_in: tuple[float, float], draw: Callable[[Figure], None]) -> Figure:
    with style.looks(name):
        made = Figure(figsize=size_in, layout="constrained")
        draw(made)
    return made
