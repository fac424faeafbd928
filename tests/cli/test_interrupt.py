"""Signals at any moment of the program's life: one line, the right code, nothing half written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ewsim import files
from ewsim.scenario.starting.starter import write_starter

SIGNALS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "terminated")}


#: The command line, which says when a signal can be heard: Python itself dies of those before, with
#: words of its own. Whoever starts the tests in the background has them ignore SIGINT.
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from ewsim import interrupt; interrupt.stop_at_once(); print('begun', flush=True); "
    "from ewsim.__main__ import main; main()"
)


def started(*arguments):
    """A command line in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("after_s", [0.0, 0.4, 1.4])
def test_a_signal_ends_a_run_with_one_line_and_no_leftovers(tmp_path, number, after_s):
    write_starter(tmp_path / "a.yaml")
    before = set(tmp_path.iterdir())
    run = started("run", str(tmp_path / "a.yaml"), "--replications", "200", "-o", str(tmp_path / "out"))
    time.sleep(after_s)
    run.send_signal(number)
    _, said = run.communicate(timeout=60)
    code, word = SIGNALS[number]
    assert (run.returncode, said.count("\n")) == (code, 1), said
    assert word in said
    kept = tmp_path / "out.unfinished"  # several runs may be finished by then
    assert kept.exists() == ("kept in" in said)
    assert set(tmp_path.iterdir()) - {kept} == before


def test_a_signal_waits_for_what_is_done_whole():
    later = []
    assert not files.held(lambda: later.append("now"))
    with files.whole():
        assert files.held(lambda: later.append("then"))
        assert later == []
    assert later == ["then"]


def test_what_a_killed_program_left_is_removed_by_the_next(tmp_path):
    place = tmp_path / ("a" * 250)
    with files.beside(place) as part:
        dead = part.with_name(part.name.replace(f".{os.getpid()}.", ".4194304."))
        living = part.with_name(part.name.replace(f".{os.getpid()}.", f".{os.getppid()}."))
        for left in (dead, living):
            left.mkdir()
            (left / "people.parquet").touch()
    files.write_file(place, b"whole")
    assert {left for left in tmp_path.iterdir() if left != place} == {living}


def test_what_is_being_written_is_no_leftover_under_any_of_its_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with files.beside(tmp_path / "out") as part:
        part.mkdir()
        files.remove_leftovers(Path("out"))
        assert part.is_dir()


def test_a_folder_takes_the_place_of_another_or_neither_goes(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    with pytest.raises(FileNotFoundError):
        files.swap(new, old)
    assert old.is_dir()
    new.mkdir()
    (new / "here").touch()
    files.swap(new, old)
    assert [item.name for item in tmp_path.iterdir()] == ["old"]
    assert (old / "here").exists()


def test_a_reader_that_stops_reading_is_no_fault(tmp_path):
    (tmp_path / "a.xml").write_text("no alert")
    reading, writing = os.pipe()
    os.close(reading)  # as `| head -1` does, but before the first line: no race between the two
    command = [sys.executable, "-m", "ewsim", "cap", "check", str(tmp_path)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_closed_are_no_fault(tmp_path, closed):
    (tmp_path / "a.xml").write_text("no alert")
    done = subprocess.run(["bash", "-c", f'"{sys.executable}" -m ewsim cap check "{tmp_path}" {closed}'])
    assert done.returncode == 4


def test_texts_of_files_cannot_steer_a_terminal(tmp_path):
    file = tmp_path / "a.yaml"
    write_starter(file)
    title = r'title: "Red \e[31m bell \a link \e]8;;http://example.org\e\\ C1 \x9b2J tab\tend \u202e turned"'
    text = "\n".join(title if line.startswith("title:") else line for line in file.read_text().splitlines())
    file.write_text(text)
    said, _ = started("scenario", "list", str(file)).communicate()
    assert "Red" in said
    assert not any(sign in said for sign in "\x1b\a\x9b\u202e")
    assert "\t" in said


@pytest.mark.parametrize("name", ["rich_click", "ewsim.files", "ewsim.kinds", "numpy"])
def test_a_signal_counts_while_any_module_loads(name):
    program = (
        "import signal, sys, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Slow:\n"
        "    def find_spec(self, module, *_):\n"
        f"        while module == {name!r}:\n"
        "            print('begun', flush=True)\n"
        "            try: time.sleep(60)\n"
        "            except BaseException: pass\n"  # as modules written in C do
        "sys.meta_path.insert(0, Slow()); sys.argv[1:] = ['run', 'scenarios/island_cyclone.yaml']\n"
        "from ewsim.__main__ import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "ewsim: interrupted; nothing is left half written.\n")


def on_a_terminal(*arguments):
    """What a command writes where standard output and error are a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ewsim", *arguments],
        cwd=Path(__file__).parents[2],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
    )
    os.close(theirs)
    said = b""
    try:
        while some := os.read(ours, 65536):
            said += some
    except OSError:  # Linux ends a terminal so
        pass
    os.close(ours)
    process.wait(timeout=60)
    return said.decode()


def test_a_terminal_gets_the_bar_of_progress_and_no_colour_of_a_text(tmp_path):
    file = tmp_path / "a.yaml"
    write_starter(file)
    text = file.read_text().replace("title: A", 'title: "hidden \\e[8m here"', 1)
    file.write_text(text.replace("50000", "2000"))
    said = on_a_terminal("run", str(file))
    assert "hidden" in said
    assert "\x1b[8m" not in said
    assert "\x1b[?25l" in said  # the bar hides the cursor, and shows it again
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l")
    assert "\N{REPLACEMENT CHARACTER}[?25" not in said
    assert "\x1b[1" in on_a_terminal("run", "--help")
