"""A result as a notebook shows it: the key figures, the curve of reach and the causes. No script."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from ewsim.metrics import words
from ewsim.metrics.reach import Curve, share
from ewsim.units import US

#: Width and height of the curve [px], and the room for its words.
_WIDE, _HIGH, _MARGIN = 360, 120, 30


def html_of(title: str, summary: Mapping[str, Any], curve: Curve, horizon_s: float) -> str:
    """The whole of it.

    Parameters
    ----------
    title
        What the run is called.
    summary
        The document of `ewsim run --json`.
    curve
        Reach by any channel.
    horizon_s
        The simulated time after the decision to warn [s].
    """
    missed = ((words.CAUSES[name], f"{people:,}") for name, people in summary["causes"].items() if people)
    return (
        f"<div>{_table(title, words.key_figures(summary, horizon_s))}"
        f"{_curve(curve, horizon_s)}"
        f"{_table('People in the area who were missed, because', missed)}</div>"
    )


def _table(caption: str, rows: Iterable[tuple[str, str]]) -> str:
    made = "".join(
        f"<tr><th scope='row' style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:right'>{escape(value)}</td></tr>"
        for name, value in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{made}</tbody></table>"


def _curve(curve: Curve, horizon_s: float) -> str:
    """Reach over time as SVG: a step at each time, from the decision to the end of the run."""
    count = len(curve.time_us)
    some = sorted({*range(0, count, max(1, count // 200)), count - 1} - {-1})
    points, at = [(0.0, 0.0)], 0.0
    for number in some:
        x = float(curve.time_us[number]) / US / horizon_s
        points.append((x, at))
        at = float(share(int(curve.people[number]), curve.whole))
        points.append((x, at))
    points.append((1.0, at))
    path = " ".join(f"{_MARGIN + x * _WIDE:.1f},{5 + (1 - y) * _HIGH:.1f}" for x, y in points)
    foot, right = 5 + _HIGH, _MARGIN + _WIDE
    end = escape(words.duration(horizon_s))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right + 20}" height="{foot + 20}" role="img" '
        f'aria-label="Share of people in the area reached over time: {words.percent(at)} at the end">'
        f'<path d="M{_MARGIN},5V{foot}H{right}" fill="none" stroke="#767676"/>'
        f'<polyline points="{path}" fill="none" stroke="#0072b2" stroke-width="2"/>'
        f'<g font-size="10" fill="currentColor"><text x="0" y="12">100 %</text>'
        f'<text x="{_MARGIN}" y="{foot + 14}">0</text>'
        f'<text x="{right}" y="{foot + 14}" text-anchor="end">{end}</text></g></svg>'
    )
