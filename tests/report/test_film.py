"""The replay as a GIF or an MP4, and two runs beside each other: what they hold, and what is refused."""

import dataclasses
import html
import io
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image
from support import make_result

from ewsim.cli import run
from ewsim.errors import RunError, UsageError
from ewsim.report.replay import film, page
from ewsim.report.speech import speech_of


@pytest.fixture(scope="module")
def result():
    return make_result(people=400)


def test_a_gif_moves_ends_with_the_run_and_is_small(result, monkeypatch):
    monkeypatch.setattr(film, "_FRAMES", 4)
    made = film.as_gif(result)
    assert len(made) < 1_000_000
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.n_frames == 4
        first = picture.convert("RGB").tobytes()
        picture.seek(3)
        assert picture.convert("RGB").tobytes() != first
        assert picture.info["duration"] == film._LAST_MS


def test_an_mp4_without_ffmpeg_is_refused_with_what_to_do(result, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match="Install it, or use --gif"):
        film.as_mp4(result)


def test_two_runs_have_the_same_moments_and_each_its_own_counts(result):
    other = make_result(people=400, reach={"cell_broadcast": 0.2})
    text = page.render_pair(result, other)
    assert text == page.render_pair(result, other)
    frames = [html.unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', text)]
    films = [json.loads(re.search(r'id="film">(.*?)</script>', inner)[1]) for inner in frames]
    assert films[0]["time_s"] == films[1]["time_s"]
    for one, of in zip(films, (result, other), strict=True):
        assert one["counts"]["reached"]["any"][-1] == of.summary()["reach"]["people"]
    outer = json.loads(re.findall(r'id="film">(.*?)</script>', text)[-1])
    assert len(outer["clocks"]) == len(films[0]["time_s"])


def test_runs_of_different_length_and_options_that_exclude_each_other_are_refused(result, tmp_path, capsys):
    longer = dataclasses.replace(result, horizon_s=7200.0)
    with pytest.raises(UsageError, match="different times: 1 h and 2 h"):
        page.render_pair(result, longer)
    assert run(["replay", str(tmp_path), "--gif", "--language", "tlh"]) == 2
    assert "Languages: en" in capsys.readouterr().err
    assert run(["replay", str(tmp_path), "--gif", "--mp4"]) == 2
    assert "Choose one" in capsys.readouterr().err


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_an_mp4_has_every_picture_and_plays_in_slides(result, monkeypatch):
    monkeypatch.setattr(film, "_FRAMES", 4)
    made = film.as_mp4(result)
    assert made[4:8] == b"ftyp"
    done = subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-f",
            "mp4",
            "-i",
            "pipe:",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-r",
            "4",
            "-",
        ],
        input=made,
        capture_output=True,
        check=True,
    )
    wide, high = (round(inch * film._DPI) for inch in film._SIZE_IN)
    pictures = np.frombuffer(done.stdout, np.uint8).reshape(-1, high, wide)
    assert abs(len(pictures) - 4 - film._LAST_MS // film._EACH_MS) <= 2  # ffmpeg rounds at both ends
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 100
    assert b"avc1" in made  # H.264, which every program for slides plays


def test_the_words_of_a_film_are_in_its_language(result, monkeypatch):
    monkeypatch.setattr(film, "_FRAMES", 1)
    said = []
    monkeypatch.setattr(Axes, "set_title", lambda _, text, **__: said.append(text))
    monkeypatch.setattr(Axes, "legend", lambda _, handles, **__: said.extend(h.get_label() for h in handles))
    film.as_gif(result, speech_of("es"))
    assert {"alcanzadas", "aún no alcanzadas", "antena en servicio", "antena fuera de servicio"} <= {*said}
    assert any(re.search(r"\d,\d\d % alcanzado$", text) for text in said)
