"""The replay as a picture that moves, for slides: a GIF, or an MP4 where ffmpeg is."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from PIL import Image

from ewsim.errors import RunError
from ewsim.metrics import infrastructure, reach
from ewsim.report import style
from ewsim.report.brief.where import place_table
from ewsim.report.maps import brief
from ewsim.report.maps.ground import boxes, map_ground, squares
from ewsim.report.replay.page import clock
from ewsim.report.replay.scene import milestones, moments
from ewsim.report.speech import ENGLISH, Speech
from ewsim.result.record import Result
from ewsim.units import US

#: Pictures of a film, and how long each is seen [ms]; the last is seen longer.
_FRAMES, _EACH_MS, _LAST_MS = 48, 250, 3000
_SIZE_IN, _DPI = (8.0, 6.0), 100
_PATIENCE_S = 300


def as_gif(result: Result, say: Speech = ENGLISH) -> bytes:
    """The run as an animated GIF, with words in a language."""
    # one palette for all pictures, so that colours do not flicker
    first, *others = [picture.quantize(64) for picture in _pictures(result, say)]
    target = io.BytesIO()
    durations = [_EACH_MS] * len(others) + [_LAST_MS]
    first.save(target, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
    return target.getvalue()


def as_mp4(result: Result, say: Speech = ENGLISH) -> bytes:
    """The run as an MP4; raises RunError where ffmpeg is missing or fails."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise RunError("An MP4 needs ffmpeg, and none was found on the path. Install it, or use --gif.")
    with TemporaryDirectory(prefix="ewsim-") as folder:
        pictures = list(_pictures(result, say))
        for number, picture in enumerate([*pictures, *pictures[-1:] * (_LAST_MS // _EACH_MS)]):
            picture.save(Path(folder, f"{number:04d}.png"))
        arguments = ["-framerate", f"{1000 / _EACH_MS:g}", "-i", f"{folder}/%04d.png"]
        arguments += ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-r", "25", "-movflags", "+faststart"]
        arguments.append(f"{folder}/film.mp4")
        try:
            done = subprocess.run(  # noqa: S603 - a program that was found on the path
                [program, "-v", "error", *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunError(f"{program} failed: {error}") from None
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise RunError(f"{program} failed: {lines[-1] if lines else done.returncode}")
        return Path(folder, "film.mp4").read_bytes()


def _pictures(result: Result, say: Speech) -> Iterator[Image.Image]:
    """The pictures of the film: people and masts at moments, with the clock and the share reached."""
    land, times_us = map_ground(result), moments(result, milestones(result))
    times_us = times_us[np.unique(np.linspace(0, len(times_us) - 1, _FRAMES).astype(np.int64))]
    made, weight = squares(result, land, across=90), reach.weights(result.ledger)
    reached_us, curve = reach.displayed_us(result.ledger), reach.reach_curve(result.ledger)
    changes = infrastructure.cell_changes(result.events)
    points = land.sites[["x_km", "y_km"]].to_numpy(np.float64)
    with style.looks("film"):
        figure = Figure(figsize=_SIZE_IN, dpi=_DPI)
        canvas = FigureCanvasAgg(figure)
        ax = brief.base(figure, land, 0.93)
        brief.names(ax, place_table(result, land, say))
        for outside, colour in ((True, style.PALE), (False, style.MISSED)):
            corners = boxes(land, made, made.size)[made.outside == outside]
            ax.add_collection(PolyCollection(list(corners), facecolors=colour, linewidths=0, zorder=3))
        look = np.where(made.outside, style.REACHED_OUTSIDE, style.REACHED)
        full = PolyCollection(
            list(boxes(land, made, made.size, 0.0)), facecolors=look, linewidths=0, zorder=4
        )
        ax.add_collection(full)
        (on_air,) = ax.plot([], [], "^", color=style.INK, markeredgecolor="white", markersize=6, zorder=7)
        (down,) = ax.plot([], [], "x", color="#a3200a", markersize=6, markeredgewidth=1.8, zorder=7)
        looks = {say("reached"): style.REACHED, say("not reached so far"): style.MISSED}
        handles = [Patch(facecolor=colour, label=name) for name, colour in looks.items()]
        on_air.set_label(say("mast on air"))
        down.set_label(say("mast out of service"))
        ax.legend(handles=[*handles, on_air, down], loc="lower right", frameon=True, fontsize=10)
        for time_us in times_us:
            rows = reached_us <= time_us
            people = np.bincount(made.of_person[rows], weights=weight[rows], minlength=made.people.size)
            full.set_verts(list(boxes(land, made, made.size, people / np.maximum(made.people, 1))))
            serves, sends = infrastructure.cells_at(changes, len(result.cells), time_us / US)
            on_air.set_data(*points[_any(sends, land.site_of_cell)].T)
            down.set_data(*points[~_any(serves, land.site_of_cell)].T)
            share = float(reach.share(int(curve.at(int(time_us))), curve.whole))
            said = say("{share} % reached", share=say.again(f"{share * 100:.2f}"))
            ax.set_title(f"{clock(time_us / US)}   {said}", fontsize=16, loc="left")
            canvas.draw()  # type: ignore[no-untyped-call]
            yield Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]


def _any(cells: NDArray[np.bool_], site_of_cell: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether any cell of each site does something."""
    return np.bincount(site_of_cell, weights=cells, minlength=int(site_of_cell.max(initial=-1)) + 1) > 0
