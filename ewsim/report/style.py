"""How everything looks: colours that the colour-blind can tell apart, names, and SVG for a page.

Colours: M. Okabe and K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/. No
meaning rests on colour alone: lines differ in dashes and markers, areas in hatches, points in
shape.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any, NamedTuple

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from ewsim.metrics.words import CHANNELS, capital
from ewsim.report.speech import ENGLISH, Speech

BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILLION, PURPLE = "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
GREY, PALE, LAND, INK = "#767676", "#d9d9d9", "#f4f1ea", "#1a1a1a"
#: People and the edge of the alert area: at least 3:1 on land, sea and paper, and missed beside reached.
MISSED, REACHED, REACHED_OUTSIDE, EDGE = "#cb6d00", "#003a63", "#004a35", "#a03f7f"


class Line(NamedTuple):
    """How a channel is drawn."""

    colour: str
    dashes: str | tuple[int, tuple[int, ...]]
    marker: str
    hatch: str


#: Further channels take the rest in turn; orange and sky blue are darker here, 3:1 on paper.
_LINES = (
    Line(BLUE, "--", "o", "///"),
    Line(VERMILLION, "-.", "s", "..."),
    Line(GREEN, ":", "^", "xxx"),
    Line(PURPLE, (0, (5, 1, 1, 1)), "D", "\\\\\\"),
    Line("#996a00", (0, (8, 2)), "v", "++"),
    Line("#2a7fb5", (0, (1, 1, 4, 1)), "P", "--"),
)
ANY_LINE = Line(BLACK, "-", "", "")


def channel_line(index: int) -> Line:
    """How the n-th channel is drawn."""
    return _LINES[index % len(_LINES)]


def channel_name(channel: str) -> str:
    """What a channel is called in figures and tables."""
    name = CHANNELS.get(channel, channel.replace("_", " "))
    return capital(name)


#: Keys are Any: newer stubs of matplotlib want its own names, older ones text.
_RC: Mapping[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 100,
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "savefig.dpi": 200,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}

#: Width of a figure on A4 paper [inch], of one that a telephone shows too, and of one of two on a line.
WIDTH_IN, WIDE_IN, HALF_IN = 7.0, 5.0, 3.5


@contextmanager
def looks(name: str, size: float = 9) -> Iterator[None]:
    """The style of all figures; `name` keeps the bytes of a figure the same, `size` is that of text [pt].

    Names of places and operators may be in scripts that matplotlib's font lacks. A browser has them,
    so that is no reason for a warning.
    """
    with mpl.rc_context({**_RC, "svg.hashsalt": name, "font.size": size}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph .*")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def svg(
    name: str,
    alt: str,
    height_in: float,
    draw: Callable[[Figure], None],
    width_in: float = WIDTH_IN,
    say: Speech = ENGLISH,
) -> Markup:
    """Draw a figure as SVG for a page; the same figure gives the same bytes.

    Text stays text, so that it can be searched and every script is shown.

    Parameters
    ----------
    name
        The figure's name.
    alt
        What a screen reader says in its place.
    height_in
        Its height [inch].
    draw
        Draws on the figure.
    width_in
        Its width [inch].
    say
        The language into which the English texts of the figure are put.
    """
    with looks(name, 9 if width_in > HALF_IN else 7.5):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        draw(figure)
        if say is not ENGLISH:
            _put_into(say, figure)
        FigureCanvasSVG(figure)
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
            figure.set_layout_engine(None)  # or all is drawn twice, the first time only for the layout
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = target.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # every figure has the same names of groups
    width, height, alt = width_in * 72, height_in * 72, escape(say.again(alt))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {height:g}" direction="ltr" role="img" aria-label="{alt}">'
    )
    body = text[text.index(">") + 1 :]
    body = body.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, 'Noto Sans', sans-serif")
    return Markup(head + body)  # noqa: S704 - matplotlib escapes text, and alt is escaped here


def _put_into(say: Speech, figure: Figure) -> None:
    """Put every text of a figure into a language; labels of ticks are made when it is drawn."""

    def put(text: str) -> str:
        return say.in_figure(say.again(text)) if text.strip() else text

    def ticks(made: Callable[..., list[str]]) -> Callable[..., list[str]]:
        return lambda values: [put(text) for text in made(values)]

    for text in figure.findobj(Text):
        text.set_text(put(text.get_text()))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            formatter = axis.get_major_formatter()
            formatter.format_ticks = ticks(formatter.format_ticks)  # type: ignore[method-assign]


class TimeUnit(NamedTuple):
    """A unit in which times are drawn."""

    name: str
    seconds: float


def time_unit(longest_s: float) -> TimeUnit:
    """The unit in which an axis of this length reads well."""
    if longest_s <= 180:
        return TimeUnit("seconds", 1)
    if longest_s <= 3 * 3600:
        return TimeUnit("minutes", 60)
    if longest_s <= 4 * 86400:
        return TimeUnit("hours", 3600)
    return TimeUnit("days", 86400)
