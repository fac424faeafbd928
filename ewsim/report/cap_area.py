"""The area of a CAP message, drawn; and a page with the message around it."""

from __future__ import annotations

import base64
import html as markup
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ewsim.cap.alert import Alert, Info
from ewsim.geo import LocalFrame

_RTL = ("ar", "fa", "he", "ur", "ps", "dv", "yi")
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}h1{font-size:1.4rem;margin:.2rem 0}.m{color:#555;margin:.3rem 0}
img{max-width:100%;margin-top:1rem}
section{border-top:3px solid #b3261e;margin-top:1.5rem;padding-top:.5rem}"""


def figure(alert: Alert) -> Figure:
    """All areas of a message, in kilometres around their middle; longitude and latitude named."""
    made = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = made.add_subplot()
    rings = [np.array(p.points) for a in alert.areas for p in a.polygons]
    circles = [c for a in alert.areas for c in a.circles]
    points = [*rings, *(np.array([[c.lat, c.lon]]) for c in circles)]
    if not points:
        axes.text(0.5, 0.5, "No polygon or circle", ha="center", va="center")
        axes.set_axis_off()
        return made
    every = np.vstack(points)
    frame = LocalFrame.around(every[:, 0], every[:, 1])
    style: dict[str, Any] = {"facecolor": "#b3261e33", "edgecolor": "#b3261e", "linewidth": 1.5}
    for ring in rings:
        x, y = frame.to_xy(ring[:, 0], ring[:, 1])
        axes.fill(x / 1000, y / 1000, **style)
    for circle in circles:
        turn = np.linspace(0, 2 * np.pi, 181)
        x, y = frame.to_xy(circle.lat, circle.lon)
        axes.fill(float(x) / 1000 + circle.radius_km * np.cos(turn),
                  float(y) / 1000 + circle.radius_km * np.sin(turn), **style)  # fmt: skip
        axes.plot(float(x) / 1000, float(y) / 1000, "+", color="#b3261e")
    axes.set_aspect("equal", "datalim")
    axes.margins(0.08)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color="#ddd", linewidth=0.6)
    axes.set_xlabel(f"east of {_degrees(frame.lon0_deg, 'EW')} [km]")
    axes.set_ylabel(f"north of {_degrees(frame.lat0_deg, 'NS')} [km]")
    axes.set_title(_shapes(alert), fontsize=10)
    return made


def _degrees(angle: float, sides: str) -> str:
    return f"{abs(angle):.3f}° {sides[0] if angle >= 0 else sides[1]}"


def _shapes(alert: Alert) -> str:
    """What an area is made of, in words."""
    counts = {
        "polygon": sum(len(area.polygons) for area in alert.areas),
        "circle": sum(len(area.circles) for area in alert.areas),
    }
    said = [f"{count} {one}" + "s" * (count > 1) for one, count in counts.items() if count]
    return " and ".join(said)


def png(alert: Alert, infos: Sequence[Info] = ()) -> bytes:
    """The drawing as PNG."""
    del infos
    out = io.BytesIO()
    FigureCanvasAgg(figure(alert)).print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def html(alert: Alert, infos: Sequence[Info]) -> bytes:
    """A page of its own: the message in each language, each in its direction, and the area."""
    say = markup.escape
    picture = base64.b64encode(png(alert)).decode()
    about = (alert.msg_type, alert.status, alert.scope, alert.sender, _time(alert.sent))
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<meta name=viewport content='width=device-width'><title>{say(alert.identifier)}</title>",
        f"<style>{_STYLE}</style>",
        f"<p class=m>{say(' · '.join(about))}<br>{say(alert.identifier)}</p>",
    ]
    if alert.references:
        parts.append(f"<p class=m>About: {say(' '.join(alert.references))}</p>")
    if alert.note:
        parts.append(f"<p class=m dir=auto>Note: {say(alert.note)}</p>")
    for info in infos:
        side = "rtl" if info.language.split("-")[0].lower() in _RTL else "ltr"
        parts.append(f"<section lang='{say(info.language)}' dir={side}>")
        parts.append(f"<h1>{say(info.headline or info.event)}</h1>")
        parts += [f"<p>{say(text)}</p>" for text in (info.description, info.instruction) if text]
        until = f" · until {_time(info.expires)}" if info.expires else ""
        parts.append(
            f"<p class=m dir=ltr>{say(info.language)} · {say(info.severity)} · {say(info.urgency)}"
            f" · {say(info.certainty)}{until}</p>"
        )
        parts += [f"<p class=m dir=auto>{say(area.description)}</p>" for area in info.areas]
        if info.sender_name:
            parts.append(f"<p class=m dir=auto>{say(info.sender_name)}</p>")
        parts.append("</section>")
    what = f"The area of the message: {_shapes(alert) or 'nothing that is drawn'}"
    parts.append(f"<img alt='{say(what)}' src='data:image/png;base64,{picture}'></html>")
    return "\n".join(parts).encode()


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}, UTC{moment.strftime('%z')[:3]}:{moment.strftime('%z')[3:5]}"
