"""Good and bad sets of messages for the rules of threads: what each folder holds."""

from __future__ import annotations

from cap.rule_samples import BASE, before, changed

SENDER = "warnings@example.org"
FIRST, SECOND, THIRD = "10:00", "11:00", "12:00"


def message(name, time, kind="Alert", refers=(), **more):
    """One message of a set; `refers` are (name, time) of others or a text as it shall stand."""
    texts = [
        r if isinstance(r, str) else f"{SENDER},sample.{r[0]},2026-05-01T{r[1]}:00-03:00" for r in refers
    ]
    references = f"<references>{' '.join(texts)}</references>"
    return changed(
        BASE,
        [
            ("sample.NAME", f"sample.{name}"),
            ("T10:00:00-03:00</sent>", f"T{time}:00-03:00</sent>"),
            (">Alert<", f">{kind}<"),
            *([before("<info>", references)] if texts else []),
            *more.get("changes", ()),
        ],
    )


ALERT = message("surge.1", FIRST)
UPDATE = message("surge.2", SECOND, "Update", [("surge.1", FIRST)])
CANCEL = message("surge.3", THIRD, "Cancel", [("surge.2", SECOND)])
AT_NIGHT = [("<expires>2026-05-01T20", "<expires>2026-05-01T21")]

PAIR = [ALERT, UPDATE]
WITHOUT = message("surge.2", SECOND, "Update")
SHORT = message("surge.2", SECOND, "Update", [f"{SENDER},sample.surge.1"])
ITSELF = message("surge.2", SECOND, "Update", [("surge.2", SECOND)])
EARLY = message("surge.2", FIRST, "Update", [("surge.1", SECOND)])
OF_THE_FIRST = message("surge.3", THIRD, "Cancel", [("surge.1", FIRST)])
OTHER = [("<sender>warnings@", "<sender>harbour@")]
BY_OTHER = message("surge.2", SECOND, "Cancel", [("surge.1", FIRST)], changes=OTHER)
DRILL = [("<status>Actual", "<status>Exercise"), before("<info>", "<note>An exercise</note>")]
OF_A_DRILL = message(
    "surge.2",
    SECOND,
    "Cancel",
    changes=[
        *DRILL,
        before("<info>", f"<references>{SENDER},sample.surge.1,2026-05-01T{FIRST}:00-03:00</references>"),
    ],
)
LATE = message("surge.3", "20:30", "Cancel", [("surge.1", FIRST)], changes=AT_NIGHT)

#: The files of the good and of the bad folder, and which file of the bad one the finding is at.
THREADS = {
    "THREAD-DUPLICATE": (PAIR, [ALERT, ALERT], 2),
    "THREAD-IDENTIFIER": (PAIR, [ALERT, message("surge.1", SECOND)], 2),
    "THREAD-NO-REFERENCE": (PAIR, [ALERT, WITHOUT], 2),
    "THREAD-FORMAT": (PAIR, [ALERT, SHORT], 2),
    "THREAD-UNRESOLVED": (PAIR, [UPDATE], 1),
    "THREAD-SELF": (PAIR, [ALERT, ITSELF], 2),
    "THREAD-ORDER": (PAIR, [message("surge.1", SECOND), EARLY], 2),
    "THREAD-SENDER": (PAIR, [ALERT, BY_OTHER], 2),
    "THREAD-STALE": ([ALERT, UPDATE, CANCEL], [ALERT, UPDATE, OF_THE_FIRST], 3),
    "THREAD-STATUS": (PAIR, [ALERT, OF_A_DRILL], 2),
    "THREAD-LATE": ([ALERT, OF_THE_FIRST], [ALERT, LATE], 2),
}
