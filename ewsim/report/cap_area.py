"""The area of a CAP message, drawn; and a page with the message around it."""

from __future__ import annotations

import base64
import html as markup
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ewsim.cap.alert import Alert, Info
from ewsim.geo import LocalFrame

_RTL = ("ar", "fa", "he", "ur", "ps", "dv", "yi")
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}h1{font-size:1.4rem;margin:.2rem 0}.m{color:#555}img{max-width:100%}
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
    axes.grid(visible=True, color="#ddd", linewidth=0.6)
    axes.set_xlabel(f"east of {frame.lon0_deg:.3f}° [km]")
    axes.set_ylabel(f"north of {frame.lat0_deg:.3f}° [km]")
    axes.set_title(f"{len(rings)} polygons, {len(circles)} circles", fontsize=10)
    return made


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
    about = f"{alert.msg_type} · {alert.status} · {alert.scope} · {alert.sender} · "
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<meta name=viewport content='width=device-width'><title>{say(alert.identifier)}</title>",
        f"<style>{_STYLE}</style>",
        f"<p class=m>{say(about)}{alert.sent.isoformat()}</p>",
    ]
    for info in infos:
        side = "rtl" if info.language.split("-")[0].lower() in _RTL else "ltr"
        parts.append(f"<section lang='{say(info.language)}' dir={side}>")
        parts.append(f"<h1>{say(info.headline or info.event)}</h1>")
        parts += [f"<p>{say(text)}</p>" for text in (info.description, info.instruction) if text]
        until = f" · expires {info.expires.isoformat()}" if info.expires else ""
        areas = ", ".join(area.description for area in info.areas)
        parts.append(
            f"<p class=m dir=ltr>{say(info.severity)} · {say(info.urgency)} · "
            f"{say(info.certainty)}{until}<br>{say(areas)}</p></section>"
        )
    source = f"data:image/png;base64,{picture}"
    parts.append(f"<img alt='The area of the message' src='{source}'></html>")
    return "\n".join(parts).encode()
