"""The Tab key: scripts for three shells, set up by one command, and what they complete."""

from pathlib import Path

import pytest

from ewsim.cli import cli
from ewsim.cli import run as ewsim


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("shell", "own", "script"),
    [
        ("bash", ".bashrc", ".local/share/ewsim/completion.bash"),
        ("zsh", ".zshrc", ".local/share/ewsim/completion.zsh"),
        ("fish", None, ".config/fish/completions/ewsim.fish"),
    ],
)
def test_one_command_sets_it_up_once(home, shell, own, script, monkeypatch, capsys):
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    if own:
        (home / own).write_text("alias l=ls")
    assert ewsim(["completion", "--install"]) == ewsim(["completion", shell, "--install"]) == 0
    assert "_EWSIM_COMPLETE" in (home / script).read_text()
    assert str(home / script) in capsys.readouterr().out
    if own:
        lines = (home / own).read_text().splitlines()
        assert lines == ["alias l=ls", f'[ -r "{home / script}" ] && . "{home / script}"']


def test_a_shell_that_is_not_known_and_a_home_that_cannot_be_written(home, monkeypatch, capsys):
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert ewsim(["completion"]) == 2
    assert capsys.readouterr().err == "Name a shell: bash, zsh, fish.\n"
    Path(home / ".local").write_text("")
    assert ewsim(["completion", "bash", "--install"]) == 5
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ewsim sc", ["plain,scenario"]),
        ("ewsim cap ru", ["plain,rules"]),
        ("ewsim run --se", ["plain,--seed", "plain,--set"]),
        ("ewsim run sc", ["file,sc"]),
    ],
)
def test_commands_options_and_files_are_completed(words, found, monkeypatch, capsys):
    monkeypatch.setenv("_EWSIM_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    with pytest.raises(SystemExit) as end:
        cli.main(args=[], prog_name="ewsim")
    assert end.value.code == 0
    assert capsys.readouterr().out.splitlines() == found
