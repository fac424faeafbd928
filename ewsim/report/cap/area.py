"""The area of a CAP message, drawn; and a page with the message around it."""

import base64
import io
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ewsim.cap.alert import Alert
from ewsim.cap.tools import reading
from ewsim.geography.plane import LocalFrame
from ewsim.report import templating

_RTL = ("ar", "fa", "he", "ur", "ps", "dv", "yi", "ckb", "sd", "ug")


def figure(alert: Alert) -> Figure:
    """All areas of a message, in kilometres around their middle and in degrees."""
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
        axes.fill(
            float(x) / 1000 + circle.radius_km * np.cos(turn),
            float(y) / 1000 + circle.radius_km * np.sin(turn),
            **style,
        )
        axes.plot(float(x) / 1000, float(y) / 1000, "+", color="#b3261e")
    axes.set_aspect("equal", "datalim")
    axes.margins(0.08)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color="#ddd", linewidth=0.6)
    axes.set_xlabel("kilometres east of the middle")
    axes.set_ylabel("kilometres north of the middle")
    axes.set_title(_shapes(alert), fontsize=10)
    _name_degrees(axes, frame)
    return made


def _name_degrees(axes: Axes, frame: LocalFrame) -> None:
    """Longitude above the drawing and latitude at its right."""
    km_a_degree = float(frame.to_xy(frame.lat0_deg + 1, frame.lon0_deg)[1]) / 1000
    scales = (km_a_degree * np.cos(np.radians(frame.lat0_deg)), km_a_degree)
    middles = (frame.lon0_deg, frame.lat0_deg)
    changes = [
        (partial(_to_degrees, middle, scale), partial(_to_km, middle, scale))
        for middle, scale in zip(middles, scales, strict=True)
    ]
    above = axes.secondary_xaxis("top", functions=changes[0]).xaxis
    beside = axes.secondary_yaxis("right", functions=changes[1]).yaxis
    for axis, sides in ((above, "EW"), (beside, "NS")):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(partial(_tick, sides)))


def _to_degrees(middle: float, scale: float, km: Any) -> Any:
    return middle + km / scale


def _to_km(middle: float, scale: float, degrees: Any) -> Any:
    return (degrees - middle) * scale


def _tick(sides: str, degrees: float, number: int) -> str:
    del number
    if sides == "EW":
        degrees = (degrees + 180.0) % 360.0 - 180.0
    elif abs(degrees) > 90.0:  # beyond the pole: the plane goes on, the Earth does not
        return ""
    return f"{abs(degrees):.7g}° {sides[0] if degrees >= 0 else sides[1]}"


def _shapes(alert: Alert) -> str:
    """What an area is made of, in words."""
    counts = {
        "polygon": sum(len(area.polygons) for area in alert.areas),
        "circle": sum(len(area.circles) for area in alert.areas),
    }
    said = [f"{count} {one}" + "s" * (count > 1) for one, count in counts.items() if count]
    return " and ".join(said)


def png(alert: Alert, signature: str = "") -> bytes:
    """The drawing as PNG; of a signature it has nothing to say."""
    del signature
    out = io.BytesIO()
    FigureCanvasAgg(figure(alert)).print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def html(alert: Alert, signature: str = "") -> bytes:
    """A page of its own: the message in each language, each in its direction, and the area.

    `signature` is what is said of it.
    """
    page = templating.render(
        "message.html",
        alert=alert,
        about=(alert.msg_type, alert.status, alert.scope, alert.sender, _time(alert.sent)),
        signature=signature,
        reading=reading,
        side=_side,
        time=_time,
        shapes=_shapes(alert) or "nothing that is drawn",
        picture=base64.b64encode(png(alert)).decode(),
        css=templating.asset("plain.css"),
    )
    return page.encode("utf-8", "replace")


def _side(language: str) -> str:
    """The direction in which a language is written."""
    return "rtl" if language.split("-", maxsplit=1)[0].lower() in _RTL else "ltr"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}, UTC{moment.strftime('%z')[:3]}:{moment.strftime('%z')[3:5]}"
