"""A message that is written from what it says reads back as the same message."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ewsim.cap.reader import parse_alert
from ewsim.cap.tools.writing import write_alert
from ewsim.cap.validator import validate
from ewsim.errors import CapError

SAMPLES = sorted((Path(__file__).parents[3] / "cap_samples").glob("[fgt]*/**/*.xml"))


def without_places(alert):
    """A message without what is of its file: places, version, signature."""

    def bare(value):
        if hasattr(value, "__dataclass_fields__"):
            fields = [f for f in value.__dataclass_fields__ if "position" not in f]
            return tuple((f, bare(getattr(value, f))) for f in fields)
        return tuple(map(bare, value)) if isinstance(value, tuple) else value

    return bare(replace(alert, file="", version="1.2", signed=False, broken=False))


def test_what_is_written_reads_the_same():
    for path in SAMPLES[::6]:
        with suppress(CapError):  # a file with several messages
            alert = parse_alert(path.read_bytes(), path.name)
            written = write_alert(alert)
            again = parse_alert(written, "written.xml")
            assert without_places(again) == without_places(alert), path
            assert write_alert(again) == written, path
            assert not {
                f.rule for f in validate(written, "written.xml").findings if f.severity == "error"
            } - {f.rule for f in validate(path.read_bytes(), path.name).findings}, path
