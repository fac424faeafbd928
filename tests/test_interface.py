"""The Python interface of README: five names, imported when they are used."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from lxml import etree
from support import make_result

import ewsim
from ewsim.cli import cli
from ewsim.cli import run as command_line
from ewsim.errors import CapError, ScenarioError, UsageError
from ewsim.metrics import words

ROOT = Path(__file__).parents[1]
ISLAND = ROOT / "scenarios" / "island_cyclone.yaml"
ALERT = (ROOT / "scenarios" / "island_cyclone.xml").read_bytes()


def python(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout


def test_every_name_that_is_promised_is_there_and_no_other():
    assert set(ewsim.__all__) <= set(dir(ewsim))
    assert all(getattr(ewsim, name) is not None for name in ewsim.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = ewsim.nothing_like_it


def test_the_import_brings_no_heavy_library_with_it():
    heavy = ["numpy", "pandas", "numba", "scipy", "matplotlib", "lxml", "simpy", "pydantic"]
    program = f"import ewsim, sys; print([n for n in {heavy} if n in sys.modules])"
    assert python(program).strip() == "[]"


def test_the_import_and_the_help_take_under_a_third_of_a_second():
    def fastest(arguments):
        """Seconds of a processor, which other work on the machine lengthens less than the clock."""
        times = []
        for _ in range(5):
            before = os.times()
            subprocess.run([sys.executable, *arguments], capture_output=True, check=True, cwd=ROOT)
            after = os.times()
            times.append(
                after.children_user + after.children_system - before.children_user - before.children_system
            )
        return min(times)

    assert fastest(["-c", "import ewsim"]) < 0.1
    assert fastest(["-m", "ewsim", "--help"]) < 0.3


@pytest.mark.parametrize("names", [("wire", "check"), ("cap", "feed"), ("scenario", "new"), ("run",)])
def test_the_help_of_a_command_has_every_word_of_its_options(names, capsys):
    """A unit in brackets is a word there, and not a mark of style."""
    context, command = click.Context(cli), cli
    for name in names:
        command = command.get_command(context, name)
    assert command_line([*names, "--help"]) == 0
    shown = re.sub(r"[\s│]", "", capsys.readouterr().out)
    words_of_help = " ".join(getattr(option, "help", None) or "" for option in command.params).split()
    assert words_of_help
    assert not [word for word in words_of_help if word not in shown]


def test_a_scenario_is_loaded_run_saved_and_reported(tmp_path):
    loaded = ewsim.load_scenario(ISLAND, sets=["population.people_count=3000"])
    result = ewsim.run_scenario(loaded)
    assert isinstance(result, ewsim.Result)
    result.save(tmp_path / "out")
    assert ewsim.Result.load(tmp_path / "out").summary() == result.summary()
    ewsim.report.write(result, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    ewsim.report.write(result, str(tmp_path / "again.html"))
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "report.html").read_bytes()
    with pytest.raises(ScenarioError, match="people_count"):
        ewsim.load_scenario(ISLAND, sets=["population.people_count=0"])


def test_a_result_shows_itself_in_a_notebook():
    result = make_result()
    html = result._repr_html_()
    etree.fromstring(html)  # every element is closed
    assert f"{result.summary()['reach']['share']:.0%}".replace("%", " %") in html
    for cause, people in result.summary()["causes"].items():
        assert (words.CAUSES[cause] in html) == (people > 0)
    summary = result.summary()
    for value in (f"{summary['in_area']:,}", f"{summary['reach']['people']:,}"):
        assert value in html
    assert "<script" not in make_result(title="<script>alert(1)</script>")._repr_html_()


def test_a_result_says_itself_in_one_line():
    result = make_result()
    assert len(repr(result)) < 120
    assert f"{result.summary()['reach']['people']:,} of" in repr(result)


def test_a_message_is_parsed_and_validated_by_functions_whatever_was_imported_before():
    alert = ewsim.cap.parse(ALERT, "island_cyclone.xml")
    assert alert.infos[0].areas
    assert not ewsim.cap.validate(ALERT, "island_cyclone.xml").failed
    with pytest.raises(CapError):
        ewsim.cap.parse(b"no xml", "a.xml")
    program = (
        "import ewsim.cap.reader, ewsim.cap.validator, json, ewsim;"
        "print(json.dumps([callable(ewsim.cap.parse), callable(ewsim.cap.validate)]))"
    )
    assert json.loads(python(program)) == [True, True]


def test_figures_are_of_matplotlib_and_have_the_curves_and_places(tmp_path):
    result = make_result()
    curves = ewsim.report.plot_reach(result)
    (axes,) = curves.axes
    share = result.summary()["reach"]["share"]
    assert any(abs(line.get_ydata()[-1] - share) < 1e-9 for line in axes.lines)
    curves.savefig(tmp_path / "reach.png")
    ewsim.report.plot_map(result).savefig(tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 5000


@pytest.mark.parametrize("plot", ["plot_reach", "plot_map"])
def test_a_figure_of_something_else_is_refused_in_words(plot):
    with pytest.raises(TypeError, match=f"{plot} takes a Result, not dict"):
        getattr(ewsim.report, plot)({})
    with pytest.raises(UsageError, match="language"):
        getattr(ewsim.report, plot)(make_result(), language="tlh")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ewsim.Result.load(5), "Result.load takes the folder of a result, not int"),
        (lambda: ewsim.compare([1, 2]), "compare takes runs one after another"),
        (lambda: ewsim.report.plot_reach(make_result(), 3), "language takes a tag, not int"),
        (lambda: ewsim.compare(1, 2), "compare takes results or folders of results, not int"),
        (lambda: ewsim.run_scenario(5), "run_scenario takes a scenario file, not int"),
        (lambda: ewsim.run_scenario(ISLAND, arm=5), "arm takes the name of an arm, not int"),
        (lambda: ewsim.run_scenario(ISLAND, set=[1]), "set takes a mapping of keys to values, not list"),
        (lambda: ewsim.run_scenario(ISLAND, set={1: 2}), "set takes keys as text, not int"),
        (lambda: ewsim.run_scenario(ISLAND, set={"seed": {1}}), "for seed, not set"),
        (lambda: ewsim.run_scenario(ISLAND, replications="3"), "replications takes a whole number, not str"),
        (lambda: ewsim.run_scenario(ISLAND, workers=True), "workers takes a whole number, not bool"),
        (lambda: ewsim.load_scenario(5), "load_scenario takes a scenario file, not int"),
        (lambda: ewsim.load_scenario(ISLAND, sets="a=b"), "sets takes a list of changes as text"),
        (lambda: ewsim.report.write({}, "report.html"), "a report takes a Result, not dict"),
        (lambda: ewsim.cap.parse("<alert/>", "a.xml"), "parse takes the bytes of a message"),
        (lambda: ewsim.cap.validate("<alert/>", "a.xml"), "validate takes the bytes of a file"),
    ],
)
def test_an_argument_of_another_type_is_refused_in_words(call, said):
    with pytest.raises(TypeError, match=said.replace(".", r"\.")):
        call()


def test_values_of_numpy_and_paths_are_set():
    set_to = {"population.people_count": np.int64(500), "horizon_s": np.float64(60), "disturbances": ()}
    set_to |= {"alert.path": ISLAND.with_suffix(".xml"), "seed": np.arange(3)[2]}
    result = ewsim.run_scenario(ISLAND, set=set_to)
    assert (result.horizon_s, result.identity.seed, len(result.people)) == (60, 2, 500)


def test_fewer_than_one_run_is_refused():
    with pytest.raises(UsageError, match="replications is 0"):
        ewsim.run_scenario(ISLAND, replications=0)


def test_a_loaded_scenario_says_itself_in_one_line():
    loaded = ewsim.load_scenario(ISLAND, arm="cb_only")
    assert repr(loaded) == f"<LoadedScenario island_cyclone, arm cb_only from {ISLAND}>"
