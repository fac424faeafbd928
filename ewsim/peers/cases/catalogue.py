"""The cases: what the authority sends, how the network and its peers behave, and what each case shows.

Their names are those of the published test plan for EU-Alert centres [1]_, which has neither triggers
nor captures; the texts and all that is made of them are this project's own. FAILRESTART-R is one more.

References
----------
.. [1] R. M. Noguera-Oishi, Test specification for CBC (github.com/raquelnoguera/cbctest, MIT), LTE.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

from ewsim.errors import UsageError
from ewsim.peers.answering import Conduct
from ewsim.wire.places import TEST_PLMN
from ewsim.wire.protocols.causes import CAUSES

#: The language that the country has first; messages in others have identifiers of their own.
LOCAL: Final = "en-US"
OTHER, THIRD = "fr-FR", "es-ES"
AreaName = Literal["west", "middle", "both"]
#: Areas of warnings: south, west, north, east [deg]. West is one tracking area, both are two.
AREAS: Final[dict[AreaName, tuple[float, float, float, float]]] = {
    "west": (44.9, -30.35, 45.1, -30.2),
    "middle": (44.9, -30.28, 45.1, -30.12),
    "both": (44.9, -30.35, 45.1, -30.05),
}
_BOTH: Final = ("SBc-AP", "CBSP")
_MME: Final = ("SBc-AP",)
_CUT: Final = "- {{kind: backhaul_cut, at_s: -600, where: {{sites: [{}]}}}}"


class Step(NamedTuple):
    """A CAP message: when it comes [s], what it does, where, in which languages, about which warning."""

    at_s: float
    does: Literal["start", "text", "area", "timing", "stop"]
    area: AreaName = "west"
    tags: tuple[str, ...] = (LOCAL,)
    about: int = 0
    everywhere: bool = False


class Case(NamedTuple):
    """A case. `broadcasts` 0: until it is stopped; `wrong`: tracking areas that the centre has wrong."""

    name: str
    shows: str
    steps: tuple[Step, ...]
    protocols: tuple[str, ...] = _BOTH
    indication: bool = True
    broadcasts: int = 15
    mmes: int = 1
    pool: bool = False
    centres: int = 1
    wrong: tuple[int, ...] = ()
    conduct: Conduct = Conduct()
    complains: tuple[str, int] = ("", 0)  # an odd message, and its element that the centre reports
    channel: str = ""
    disturbances: str = ""


def cases() -> tuple[Case, ...]:
    """Every case, in the order of the plan."""
    return (*_starts(), *_stops(), *_updates(), *_concurrent(), *_failures(), *_errors(), *_timeouts())


def cases_named(names: Sequence[str]) -> list[Case]:
    """Cases by their names, or all of a group, in the order of the plan; every case where no name is given.

    Raises
    ------
    UsageError
        There is no such case.
    """
    every = cases()
    wanted = {name.strip().upper() for name in names}
    groups = dict.fromkeys(case.name.partition("-")[0] for case in every)
    strange = sorted(wanted - {case.name for case in every} - set(groups))
    if strange:
        raise UsageError(
            f"There is no case {', '.join(strange)}. Write one as START-8, or a group: {', '.join(groups)}; "
            "ewsim wire cases lists them."
        )
    return [c for c in every if not wanted or c.name in wanted or c.name.partition("-")[0] in wanted]


def _languages(indication: bool) -> Iterator[tuple[str, str]]:
    asks = "; the centre asks for indications" if indication else ""
    yield LOCAL, f"in the country's first language{asks}"
    yield OTHER, f"in a further language, which has its own message identifier{asks}"


def _starts() -> Iterator[Case]:
    number = 0
    for indication in (False, True):
        for tag, words in _languages(indication):
            number += 1
            protocols = _MME if indication else _BOTH
            yield Case(
                f"START-{number}",
                f"A warning {words}.",
                (Step(0, "start", tags=(tag,)),),
                protocols,
                indication,
            )
    yield Case(
        "START-5",
        "Two warnings of one level and language together: one identifier, two message codes, both on air.",
        (Step(0, "start"), Step(60, "start")),
    )
    for number, tag in ((6, LOCAL), (7, OTHER)):
        yield Case(
            f"START-{number}",
            f"A warning to the whole network ({tag}), through two MMEs: no lists of areas or cells in it.",
            (Step(0, "start", "both", (tag,), everywhere=True),),
            _MME,
            mmes=2,
        )
    yield Case(
        "START-8",
        "The centre has a wrong area code for every cell: nothing is broadcast, and the answer says which "
        "area is unknown.",
        (Step(0, "start"),),
        wrong=(1,),
    )
    yield Case(
        "START-9",
        "The centre has one of two area codes wrong: the other area broadcasts, and the answer says which is "
        "unknown.",
        (Step(0, "start", "both"),),
        wrong=(1,),
    )
    for number, sites, words in ((10, "west_2", "One base station does"), (11, "west_2, west_3", "Two do")):
        shows = f"{words} not broadcast, missing where the peer says who does."
        yield Case(f"START-{number}", shows, (Step(0, "start"),), disturbances=_CUT.format(sites))
    late = "Write-Replace-Warning-Response"
    yield Case(
        "START-12",
        "The answer to a write comes 40 s late, after a usual timer: the warning is on air all the same.",
        (Step(0, "start"),),
        _MME,
        False,
        conduct=Conduct(late_s={late: 40}),
    )
    yield Case(
        "START-13",
        "The first of two MMEs of a pool does not answer: after 30 s the second one gets the same request.",
        (Step(0, "start"),),
        _MME,
        False,
        mmes=2,
        pool=True,
        conduct=Conduct(frozenset({"Write-Replace-Warning-Request"})),
    )


def _stops() -> Iterator[Case]:
    number = 0
    for broadcasts, kind in ((15, "a warning of 15 broadcasts"), (0, "a warning without an end")):
        for indication in (False, True):
            for tag, words in _languages(indication):
                number += 1
                yield Case(
                    f"STOP-{number}",
                    f"What stops {kind} {words}.",
                    (Step(0, "start", tags=(tag,)), Step(90, "stop", tags=(tag,))),
                    _MME if indication else _BOTH,
                    indication,
                    broadcasts,
                )
    yield Case(
        "STOP-9",
        "A warning is stopped in the west of its area, and goes on in the rest.",
        (Step(0, "start", "both"), Step(90, "stop", "west")),
    )


def _updates() -> Iterator[Case]:
    number = 0
    changes: tuple[tuple[Literal["text", "area", "timing"], AreaName, str], ...] = (
        ("text", "west", "A new text: the same message code, the update number one up, the old one stopped"),
        ("area", "middle", "A new area: same numbers; new cells are written, others stopped"),
        ("timing", "west", "A new timing: stopped and written again, same numbers"),
    )
    for change, area, words in changes:
        for indication in (False, True):
            for tag, language in _languages(indication):
                number += 1
                yield Case(
                    f"UPDATE-{number}",
                    f"{words} ({language}).",
                    (Step(0, "start", tags=(tag,)), Step(90, change, area, (tag,))),
                    _MME if indication else _BOTH,
                    indication,
                )


def _concurrent() -> Iterator[Case]:
    two, three = (LOCAL, OTHER), (LOCAL, OTHER, THIRD)
    yield Case(
        "CONCURRENCY-1",
        "A second warning while one is active, in areas that overlap: both are on air in the overlap.",
        (Step(0, "start"), Step(60, "start", "middle")),
    )
    yield Case(
        "CONCURRENCY-2",
        "Of two active warnings one is stopped: the other goes on.",
        (Step(0, "start"), Step(60, "start"), Step(120, "stop", about=0)),
    )
    yield Case(
        "CONCURRENCY-3",
        "One message in two languages, started and stopped together.",
        (Step(0, "start", tags=two), Step(90, "stop", tags=two)),
    )
    yield Case(
        "CONCURRENCY-4",
        "Two languages in two areas, through two MMEs, started and stopped together.",
        (
            Step(0, "start"),
            Step(0, "start", "middle", (OTHER,)),
            Step(90, "stop"),
            Step(90, "stop", "middle", (OTHER,), about=1),
        ),
        _MME,
        mmes=2,
    )
    yield Case(
        "CONCURRENCY-5",
        "One message in three languages, started and stopped together.",
        (Step(0, "start", tags=three), Step(90, "stop", tags=three)),
    )
    yield Case(
        "CONCURRENCY-6",
        "One message in three languages, stopped one after another; CAP 1.2 has no cancel of one language, "
        "so each is a message of its own here.",
        (
            *(Step(0, "start", tags=(tag,)) for tag in three),
            *(Step(60 + 30 * n, "stop", tags=(tag,), about=n) for n, tag in enumerate(three)),
        ),
    )


def _failures() -> Iterator[Case]:
    yield Case(
        "FAILRESTART-1",
        "Single cells of base stations refuse as the warning starts; their neighbours broadcast.",
        (Step(0, "start"),),
        channel="supported_cell_share: 0.7",
    )
    yield Case(
        "FAILRESTART-2",
        "All cells of one base station refuse as the warning starts.",
        (Step(0, "start"),),
        disturbances=_CUT.format("west_1"),
    )
    for number, words, steps in (
        (3, "Cells fail during the broadcast: each base station's are reported.", (Step(0, "start"),)),
        (4, "Cells fail, and a second centre hears of what is not its own.", (Step(0, "start"),)),
        (5, "Cells fail while two warnings are active.", (Step(0, "start"), Step(20, "start"))),
    ):
        channel = "failing_cell_share: 0.4"
        yield Case(f"FAILRESTART-{number}", words, steps, centres=1 + (number == 4), channel=channel)
    yield Case(
        "FAILRESTART-R",
        "A base station goes and returns without its warning: it says so, and the centre writes again.",
        (Step(0, "start"),),
        disturbances="- {kind: backhaul_cut, at_s: 60, restored_at_s: 120, where: {sites: [west_2]}}",
    )


def _odd(name: str, **values: Any) -> Conduct:
    return Conduct(says={name: values})


def _errors() -> Iterator[Case]:
    start, stop = Step(0, "start"), Step(90, "stop")
    unknown = CAUSES["SBc-AP"].index("parameter not recognised")
    area = [{"tracking_area": {"plmn": b"\x99\xf9\x09", "tac": b"\x03\xe7"}}]
    cell = {"plmn": TEST_PLMN, "cell": 0xFFFFF00}
    for number, (does, element) in enumerate((("Write-Replace-Warning", 10), ("Stop-Warning", 11)), 1):
        fault = {"criticality": "reject", "element": element, "error": "not_understood"}
        says = {"cause": unknown, "diagnostics": {"elements": [fault]}}
        yield Case(
            f"ERROR-{number}",
            f"The MME does not understand element {element} of a {does}-Request, and does nothing.",
            (start,) if number == 1 else (start, stop),
            _MME,
            conduct=Conduct(refuses={f"{does}-Request": (f"{does}-Response", says)}),
        )
    for number, name, element, odd in (
        (3, "Write-Replace-Warning-Indication", 11, {"serial_number": 0x7FF0}),
        (4, "Stop-Warning-Indication", 11, {"serial_number": 0x7FF0}),
        (5, "PWS-Failure-Indication", 28, {"node": {"plmn": TEST_PLMN, "node": ("macro", 0xFFFFF)}}),
    ):
        yield Case(
            f"ERROR-{number}",
            f"Element {element} of a {name} means nothing to the centre, which says so.",
            (start, stop) if number == 4 else (start,),
            _MME,
            conduct=_odd(name, **odd),
            complains=(name, element),
            channel="failing_cell_share: 0.4" if number == 5 else "",
        )
    for number, does in ((6, "Write-Replace-Warning"), (7, "Stop-Warning")):
        yield Case(
            f"ERROR-{number}",
            f"A {does}-Response names an unknown area that nobody asked for: the centre logs it.",
            (start,) if number == 6 else (start, stop),
            _MME,
            conduct=_odd(f"{does}-Response", unknown_tracking_areas=area),
        )
    yield Case(
        "ERROR-8",
        "A Write-Replace-Warning-Indication names only a cell that nobody asked for: the centre logs it.",
        (start,),
        _MME,
        conduct=_odd("Write-Replace-Warning-Indication", scheduled={"cells": [{"cell": cell}]}),
    )
    yield Case(
        "ERROR-9",
        "A Stop-Warning-Indication names a base station that nobody asked for: the centre logs it.",
        (start, stop),
        _MME,
        conduct=_odd(
            "Stop-Warning-Indication", empty_nodes=[{"plmn": TEST_PLMN, "node": ("macro", 0xFFFFF)}]
        ),
    )


def _timeouts() -> Iterator[Case]:
    yield Case(
        "TIMEOUT-1",
        "A write is not answered: nothing is on air.",
        (Step(0, "start"),),
        conduct=Conduct(frozenset({"Write-Replace-Warning-Request", "WRITE-REPLACE"})),
    )
    yield Case(
        "TIMEOUT-2",
        "A stop is not answered: the warning stays on air.",
        (Step(0, "start"), Step(90, "stop")),
        conduct=Conduct(frozenset({"Stop-Warning-Request", "KILL"})),
    )
