"""A folder of cases: for each the CAP messages that trigger it, a scenario, captures, and what to look at."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.reader import parse_alert
from ewsim.cap.tools import templates
from ewsim.cap.tools.follow_up import Where, earlier
from ewsim.cap.tools.writing import cap_time
from ewsim.country.build import Country, build_country
from ewsim.files import write_file, write_folder
from ewsim.peers.cases.catalogue import AREAS, Case, Step
from ewsim.peers.cases.playing import Played
from ewsim.scenario.load import load_scenario
from ewsim.units import US
from ewsim.wire.capture.file import write_capture
from ewsim.wire.capture.writing import Packer, Spoken
from ewsim.wire.reading import lines, read_message

_SENT: Final = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
_WORDS: Final = {"start": "alert", "text": "update", "area": "update", "timing": "update", "stop": "cancel"}
_SITES: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "west": ((45.0, -30.30), (45.02, -30.26), (44.98, -30.26))
}
_SITES["east"] = tuple((lat, -60.40 - lon) for lat, lon in _SITES["west"])
_SCENARIO: Final = """# {name} of the cases of `ewsim wire cases`: {shows}
# An invented network: two tracking areas, three masts in each, two sectors of 2G and 4G on each.
format: ewsim.scenario/1
name: {slug}
title: "{name}"
seed: 1
horizon_s: {horizon}
alert: {{path: 1_alert.xml, authoring_delay_s: 0.001}}
network:
  path: ../sites.csv
  operators: [{{name: Test, share: 1}}]
population: {{people_count: 600}}
targeting: {{policy: site_in}}
channels:
  cell_broadcast: {{repetition_period_s: 20, duration_s: 300{channel}}}
disturbances:{disturbances}
"""


def sites() -> str:
    """The table of sites that all cases share."""
    rows = ["site_id,lat,lon,operator,radio_type,azimuth,tracking_area,backhaul_type,power_source"]
    for area, (side, places) in enumerate(_SITES.items(), 1):
        for number, (lat, lon) in enumerate(places, 1):
            place = f"{side}_{number},{lat:.2f},{lon:.2f}"
            rows += [f"{place},Test,2G/4G,{azimuth},{area},fibre,grid" for azimuth in (90, 270)]
    return "\n".join(rows) + "\n"


def triggers(case: Case) -> list[tuple[str, bytes]]:
    """The CAP messages of a case in their order, each with the name of its file."""
    made: list[tuple[str, bytes]] = []
    starts: list[int] = []
    for number, step in enumerate(case.steps, 1):
        name = f"{number}_{_WORDS[step.does]}.xml"
        about = starts[step.about] if step.does != "start" else number - 1
        if step.does == "start":
            starts.append(about)
        made.append((name, _trigger(case, step, number, [made[about][1]] if about < number - 1 else [])))
    return made


def _trigger(case: Case, step: Step, number: int, about: Sequence[bytes]) -> bytes:
    south, west, north, east = AREAS[step.area]
    ring = f"{south},{west} {north},{west} {north},{east} {south},{east} {south},{west}"
    alerts = [parse_alert(octets, case.name) for octets in about]
    octets = templates.new(
        {"stop": "cancel", "text": "update"}.get(step.does, "chemical"),
        sent=_SENT + timedelta(seconds=step.at_s),
        identifier=f"ewsim.case.{case.name.lower()}.{number}",
        tags=step.tags,
        where=Where(f"The {step.area} of the test network", (ring,)),
        references=[f"{a.sender},{a.identifier},{cap_time(a.sent)}" for a in alerts if a.sent],
        hours=1 if step.does == "timing" else None,
        before=earlier(alerts),
    )
    if step.does in ("area", "timing"):  # the same text again
        octets = octets.replace(b"<msgType>Alert</msgType>", b"<msgType>Update</msgType>")
    return octets


def case_files(case: Case) -> tuple[dict[str, bytes], dict[str, int]]:
    """A case as files by their names, and how many messages each of its captures has.

    Its scenario finds the table of sites in the folder above.
    """
    made = triggers(case)
    files = {**dict(made), "scenario.yaml": _scenario(case).encode()}
    country = _country(files)
    plans = [plan_broadcast(parse_alert(octets, name)) for name, octets in made]
    texts = [{text.language: text.sent for text in plan.texts} for plan in plans]
    counts, said = {}, []
    for protocol in case.protocols:
        spoken = Played(case, protocol, country, texts, plans[0].texts[0].message_identifier).play()
        packer = Packer()
        start_us = round(_SENT.timestamp() * US)
        packets = [
            packet
            for each in spoken
            for packet in packer.pack(each._replace(time_us=each.time_us + start_us))
        ]
        files[f"{protocol}.pcapng"] = write_capture(packets, packer.names)
        counts[protocol] = len(spoken)
        said.append(f"## {protocol}\n\n```text\n" + "\n".join(_dialogue(spoken)) + "\n```\n")
    steps = zip(made, case.steps, strict=True)
    listed = "".join(f"* `{name}`, {step.at_s:g} s: {_does(step)}\n" for (name, _), step in steps)
    page = f"# {case.name}\n\n{case.shows}\n\n{listed}\n" + "\n".join(said)
    return {**files, "README.md": page.encode()}, counts


def _country(files: dict[str, bytes]) -> Country:
    """The country of a case, which is read from files."""
    with TemporaryDirectory() as folder:
        here = Path(folder) / "case"
        write_folder(here, files)
        write_file(here.parent / "sites.csv", sites().encode())
        return build_country(load_scenario(here / "scenario.yaml"))


def _scenario(case: Case) -> str:
    horizon = round(case.steps[-1].at_s) + 600
    channel = f", {case.channel}" if case.channel else ""
    disturbances = f"\n  {case.disturbances}" if case.disturbances else " []"
    slug = case.name.lower().replace("-", "_")
    return _SCENARIO.format(
        name=case.name,
        shows=case.shows,
        slug=slug,
        horizon=horizon,
        channel=channel,
        disturbances=disturbances,
    )


def _does(step: Step) -> str:
    does = {
        "start": "a new warning",
        "text": "the warning has a new text",
        "area": "the warning has a new area",
        "timing": "the warning has a new time of expiry",
        "stop": "the warning is cancelled",
    }[step.does]
    return f"{does}, {step.area} ({', '.join(step.tags)})"


def _dialogue(spoken: Sequence[Spoken]) -> Iterator[str]:
    """Who says what, when, and what distinguishes it."""
    shown = (
        "serial number",
        "old serial number",
        "cause",
        "unknown tracking areas",
        "failures",
        "broadcasts",
    )
    for each in spoken:
        [(name, fields)] = read_message(each.protocol, each.octets)
        words = dict(lines(each.protocol, fields))
        about = "; ".join(f"{key} {words[key]}" for key in shown if key in words)
        cells = _count(fields)
        ends = f"{each.sender} -> {each.receiver}"
        yield f"{each.time_us / US:8.3f} s  {ends:<13} {name}{cells}{': ' if about else ''}{about}"


def _count(fields: dict[str, object]) -> str:
    """How many cells a message names."""
    for key in ("warning_area", "scheduled", "cancelled", "failed_cells", "restarted_cells", "cells"):
        found = fields.get(key)
        found = found[1] if isinstance(found, tuple) and key == "warning_area" else found
        found = found.get("cells", ()) if isinstance(found, dict) else found
        if found is not None and hasattr(found, "__len__"):
            return f", {len(found)} cell{'s' * (len(found) != 1)}"
    return ""
