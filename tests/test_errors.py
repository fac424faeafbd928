"""Errors: one tree, one exit code each, every finding in one message."""

import pytest

from ewsim import errors
from ewsim.errors import CapError, DataError, Diagnostic, EwsimError, InputError, ScenarioError

# The promise of the command line (docs/nomenclature.md); 0 and 130 are not exceptions.
PROMISED = {
    "EwsimError": 1,
    "UsageError": 2,
    "UnreadableError": 3,
    "WireError": 3,
    "OtherMessage": 3,
    "InputError": 3,
    "ScenarioError": 3,
    "DataError": 3,
    "CapError": 4,
    "RunError": 5,
    "TargetMissed": 6,
}


def test_every_error_has_its_promised_exit_code():
    tree = {
        name: value.exit_code
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, EwsimError)
    }
    assert tree == PROMISED


def test_the_tree_drawn_in_the_docstring_is_the_tree():
    drawn = {}
    for line in (errors.__doc__ or "").splitlines():
        words = line.replace("│", " ").replace("├──", "   ").replace("└──", "   ").split()
        if len(words) > 2 and words[1] == "exit":
            drawn[words[0]] = int(words[2])
    assert drawn == PROMISED


@pytest.mark.parametrize(
    ("diagnostic", "text"),
    [
        (
            Diagnostic("a.yaml", 3, 7, "no such key", "Did you mean `seed`?"),
            "a.yaml:3:7: no such key Did you mean `seed`?",
        ),
        (Diagnostic("a.yaml", 3, 0, "wrong"), "a.yaml:3:1: wrong"),
        (Diagnostic("a.xml", 0, 0, "empty file"), "a.xml: empty file"),
        (
            Diagnostic("a.xml", 9, 1, "is old", severity="warning", rule="sent-future"),
            "a.xml:9:1: warning: is old [sent-future]",
        ),
    ],
)
def test_a_diagnostic_reads_as_file_line_column_what_and_mend(diagnostic, text):
    assert str(diagnostic) == text


@pytest.mark.parametrize("kind", [ScenarioError, DataError, CapError])
def test_bad_input_carries_every_finding_in_order(kind):
    findings = [Diagnostic("f", line, 1, f"fault {line}") for line in (4, 2, 9)]
    with pytest.raises(InputError) as caught:
        raise kind(iter(findings))
    assert caught.value.diagnostics == tuple(findings)
    assert str(caught.value).splitlines() == ["f:4:1: fault 4", "f:2:1: fault 2", "f:9:1: fault 9"]
