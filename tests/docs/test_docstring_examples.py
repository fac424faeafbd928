"""The examples of docstrings are run, as a reader would type them, from the folder of the repository."""

import doctest
import importlib

import pytest
from tree import PACKAGE, ROOT, SOURCES

#: Examples that run a scenario.
LONG = ("ewsim.experiments.comparison", "ewsim.experiments.replications")


def modules():
    """Every module with an example."""
    for path in SOURCES:
        if PACKAGE in path.parents and ">>> " in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield pytest.param(name, marks=pytest.mark.heavy) if name in LONG else name


@pytest.mark.parametrize("name", list(modules()))
def test_examples_give_what_they_say(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = doctest.testmod(importlib.import_module(name))
    assert done.attempted
    assert not done.failed
