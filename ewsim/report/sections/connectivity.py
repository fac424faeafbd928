"""Where phones had a signal while the network failed: the section of the report."""

from typing import Any

from ewsim.metrics.protection import signal as connectivity
from ewsim.metrics.protection.signal import ANY
from ewsim.report.maps import connectivity as maps
from ewsim.report.speech import Speech
from ewsim.report.table import PageTable, make_table
from ewsim.result.record import Result


def section(result: Result, say: Speech) -> dict[str, Any] | None:
    """Sentences, maps and a table; None where no cell failed."""
    series = maps.series_of(result)
    if series is None:
        return None
    return {
        "lines": [say.again(line) for line in connectivity.in_words(series)],
        "svg": maps.figure(result, series, say),
        "table": _table(result, series),
    }


def _table(result: Result, series: connectivity.SignalSeries) -> PageTable:
    """People without a signal by operator and technology at the worst moment and at the end."""
    assert result.squares is not None
    moments = series.time_s[[series.worst, -1]]
    frame = connectivity.by_hour(result.squares, result.cells, result.events, moments)
    pairs = frame.groupby(["operator", "rat"], sort=False)
    whole = int(result.squares.people.sum())
    return make_table(
        "People whose phone had a signal outdoors, by operator and technology",
        (
            "Operator",
            "Technology",
            "Before",
            f"Most lost ({connectivity.when_of(float(moments[0]))})",
            "At the end",
        ),
        (
            (
                operator,
                rat,
                whole - int((rows["people_without"] - rows["people_lost"]).iloc[0]),
                *(int(n) for n in rows["people_signal"]),
            )
            for (operator, rat), rows in pairs
        ),
        f"Of {whole:,} people. {ANY}: of one operator or technology at least. ewsim network connectivity "
        "writes every hour as maps and tables.",
    )
