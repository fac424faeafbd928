"""A finished run: what was asked, what happened, and its folder on disk.

A folder holds `run.json` (identity, message, areas, notes, assumptions, summary, and the index of the
tables), `scenario.json`, `people.parquet` and `events.parquet` (the ledger, `ewsim.result.partitions`),
`cells.csv`, `squares.parquet` where cells failed, `replications.csv` after several runs, the pages, and
`timing.json`, the only file that differs between two runs of the same scenario, seed and version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ewsim.errors import DataError, expect
from ewsim.kinds import kinds_of
from ewsim.ledger import Ledger
from ewsim.metrics import causes, latency, reach, table, words
from ewsim.metrics.comparison.advice import sentences, table_of
from ewsim.metrics.denominators import Languages
from ewsim.metrics.protection.signal import SignalSquares
from ewsim.metrics.reach import merged
from ewsim.metrics.replications import interval
from ewsim.metrics.summary import counts_of, summarise
from ewsim.result import folder
from ewsim.result.fields import AlertSummary, Assumption, Identity, read_fields
from ewsim.result.notebook import html_of
from ewsim.result.partitions import NAMES, index_of
from ewsim.result.squares import SQUARES_FILE, grid_document, squares_frame
from ewsim.result.tables import NONSENSE, LedgerField, StoredLedger, check_figures, check_words
from ewsim.scenario.spec import Scenario

#: The format of `run.json`, and the one before it, which is read as well: a file a table, without an index.
FORMAT, _BEFORE = "ewsim.result/3", "ewsim.result/2"

_LEDGER = LedgerField()

#: Writes one page of a result to a path.
PageWriter = Callable[["Result", Path], object]


@dataclass(frozen=True, repr=False)
class Result:
    """A finished run.

    Parameters
    ----------
    scenario, identity, alert
        What was asked for.
    ledger
        What happened to whom, in replication 0; of a folder it is read when it is first used.
    cells
        One row a cell; the row number is the `cell_id` of events.
    area, land
        GeoJSON geometries in degrees.
    notes
        Sentences a report must print: rows dropped, values assumed, areas replaced.
    replications
        One row of headline metrics for each replication, or None after a single run.
    targeting
        What the choice of cells does by itself (`ewsim.targeting.fit`).
    network
        Sites, planned coverage and availability by operator and technology (`ewsim.metrics.network`).
    sent
        What each channel sent, by its name; `sent_rows` puts it in words.
    languages
        The languages of the message; None where the scenario does not say what people read.
    not_modelled
        Columns of people that change nothing in this run: no difference between their groups is shown.
    advice
        What would help (`ewsim.metrics.comparison.advice`), where it was asked.
    squares
        Squares of the land and the cells heard there, where cells failed (`ewsim.metrics.protection.signal`).
    sweep
        A finished sweep of the assumptions of this scenario, where one lies beside; not saved.
    figures
        The summary, where it was counted beside the run and the people may not be kept.
    """

    scenario: Scenario
    identity: Identity
    cells: pd.DataFrame
    alert: AlertSummary
    area: dict[str, Any]
    land: dict[str, Any] | None
    notes: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    horizon_s: float
    ledger: LedgerField = _LEDGER
    timing_s: dict[str, float] = field(default_factory=dict)
    replications: pd.DataFrame | None = None
    targeting: Mapping[str, Any] | None = None
    network: tuple[Mapping[str, Any], ...] = ()
    sent: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    languages: Languages | None = None
    not_modelled: tuple[str, ...] = ()
    advice: Mapping[str, Any] | None = None
    squares: SignalSquares | None = None
    sweep: Mapping[str, Any] | None = None
    figures: Mapping[str, Any] | None = None

    # --- tables -----------------------------------------------------------------------------------

    @property
    def people(self) -> pd.DataFrame:
        """The people table, times in seconds."""
        return self.ledger.people_frame()

    @property
    def _stored(self) -> StoredLedger | None:
        stored: StoredLedger | None = self.__dict__["stored"]
        return stored

    def parts(self) -> Iterator[Ledger]:
        """The ledger a part of the people at a time, as they stand in the folder; in memory it has one."""
        return iter([self.ledger]) if self._stored is None else self._stored.parts()

    @property
    def events(self) -> pd.DataFrame:
        """The events table."""
        return self.ledger.events if self._stored is None else self._stored.events()

    @property
    def causes(self) -> pd.DataFrame:
        """People in the alert area who were missed, by cause."""
        return causes.by_cause(self.ledger)

    @property
    def reach(self) -> pd.DataFrame:
        """Reach over time: channel, time_s, people, share."""
        curves = reach.reach_curves(self.ledger)
        return pd.concat(
            [curve.frame().assign(channel=name) for name, curve in curves.items()], ignore_index=True
        )[["channel", "time_s", "people", "share"]]

    @property
    def latency(self) -> pd.DataFrame:
        """Percentiles of each stage of each channel [s]."""
        return latency.stages(self.ledger)

    def by_group(self, column: str) -> pd.DataFrame:
        """Reach by a column of the people table (see `ewsim.metrics.reach.GROUPS`)."""
        return reach.by_group(self.ledger, column, modelled=column not in self.not_modelled)

    def by_zone(self) -> pd.DataFrame:
        """Reach by place, the place with most people missed first."""
        return reach.by_zone(self.ledger)

    def sent_rows(self) -> list[tuple[str, str]]:
        """What each channel sent, in its own words: label, value."""
        kinds, rows = kinds_of("channel"), []
        for name, sent in self.sent.items():
            title = kinds[name].title
            head = words.capital(title)
            rows += [(f"{head}: {label}", value) for label, value in kinds[name].describe(sent)]
        return rows

    # --- the answer -------------------------------------------------------------------------------

    @cached_property
    def _summary(self) -> dict[str, Any]:
        if self.figures is not None:
            return dict(self.figures)
        if self._stored is None or self._stored.document is None:
            return self._counted()
        with self._stored.reading():
            document = self._counted()
            check_figures(self._stored.document, document)
        return document

    def _counted(self) -> dict[str, Any]:
        return self.document_of(merged([counts_of(part) for part in self.parts()]))

    def document_of(self, counts: Mapping[str, Any]) -> dict[str, Any]:
        """The summary, of what was counted of all people (`ewsim.metrics.summary.counts_of`)."""
        document = summarise(
            counts,
            self.events,
            scenario=self.identity.name,
            seed=self.identity.seed,
            version=self.identity.version,
            arm=self.identity.arm,
            cell_count=len(self.cells),
            horizon_s=self.horizon_s,
            own_phone_age_years=self.scenario.population.handsets.own_phone_age_years,
            languages=self.languages,
            not_modelled=self.not_modelled,
        )
        if self.targeting is not None:
            document["targeting"] = dict(self.targeting)
        if self.network:
            document["network"] = [dict(row) for row in self.network]
        if self.replications is not None:
            document["replications"] = {"count": len(self.replications), **interval(self.replications)}
        return document

    def summary(self, outputs: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The document of `ewsim run --json`, format `ewsim.run/1`."""
        return {**self._summary, "timing_s": dict(self.timing_s), "outputs": dict(outputs or {})}

    def text(self) -> str:
        """The answer for a terminal: in sentences, then the figures they stand on."""
        return table.text(self._summary, self.scenario.title, self.horizon_s)

    def __repr__(self) -> str:
        arm = f", arm {self.identity.arm}" if self.identity.arm else ""
        reach = self._summary["reach"]
        whole, share = f"{self._summary['in_area']:,} people", words.percent(reach["share"])
        said = f"{reach['people']:,} of {whole} reached ({share})"
        return f"<Result of {self.identity.name}{arm}, seed {self.identity.seed}: {said}>"

    def _repr_html_(self) -> str:
        title = self.scenario.title or self.identity.name
        return html_of(title, self._summary, reach.reach_curve(self.ledger), self.horizon_s)

    # --- the folder -------------------------------------------------------------------------------

    def save(
        self, path: Path | str, *, force: bool = False, pages: Mapping[str, PageWriter] | None = None
    ) -> dict[str, str]:
        """Write the folder, whole or not at all; return the paths by name.

        Parameters
        ----------
        path
            The folder. It must not exist, unless `force`, and then it must be a result.
        force
            Whether an older result is replaced.
        pages
            Further files, by name, with what writes them (the report, the replay).

        Raises
        ------
        RunError
            The folder exists, or it cannot be written.
        """

        def fill(into: Path) -> None:
            with ThreadPoolExecutor(1) as beside:  # Parquet files are packed while pages are drawn
                tables = beside.submit(self._write_tables, into)
                folder.write_csv(self.cells, into / "cells.csv")
                if self.squares is not None:
                    folder.write_parquet(squares_frame(self.squares), into / SQUARES_FILE)
                if self.replications is not None:
                    file = into / "replications.csv"
                    self.replications.to_csv(file, index_label="replication", lineterminator="\n")
                folder.write_json(self.scenario.model_dump(mode="json"), into / "scenario.json")
                digests = folder.digests(file for file in sorted(into.iterdir()) if file.stem not in NAMES)
                folder.write_json({"timing_s": self.timing_s}, into / "timing.json")
                for name, writer in (pages or {}).items():
                    writer(self, into / name)
                tables.result()
            document = {**self.document(), "tables": index_of(into), "files": digests}
            folder.write_json({**document, "sha256": folder.own_digest(document)}, into / "run.json")

        return folder.write(Path(path), fill, force=force)

    def _write_tables(self, into: Path) -> None:
        if self._stored is None:
            folder.write_parquet(self.people, into / "people.parquet")
            folder.write_parquet(self.events, into / "events.parquet")
        else:
            for stored in self._stored.tables.values():
                stored.copy(into)

    @classmethod
    def load(cls, path: Path | str) -> Result:
        """Read a folder that `save` wrote; raises DataError with what is wrong with it.

        The tables of people and events are read when they are first used, and held against `run.json` then;
        of a part that is missing or of another run it is known before.
        """
        expect(path, Path | str, "Result.load takes the folder of a result")
        path = Path(path)
        if not (path / "run.json").is_file():
            raise folder.fault(path, "is not a result of ewsim", "Name a folder that ewsim run -o wrote.")
        document = folder.read_json(path / "run.json")
        folder.check_format(path / "run.json", document, FORMAT, _BEFORE)
        try:
            result = cls(**read_fields(path, document))
            check_words(document, result.scenario.horizon_s)
            result.sent_rows()
            folder.check_digests(path, document)
            _ = result.figures and result.text()
            _ = result.advice and (sentences(result.advice), table_of(result.advice))
        except NONSENSE as error:
            changed = folder.fault(path, f"is damaged or was changed: {error}")
            raise error if isinstance(error, DataError) else changed from error
        return result

    def document(self) -> dict[str, Any]:
        """What `run.json` holds; nothing in it differs between two runs of the same identity."""
        return {
            "format": FORMAT,
            "identity": asdict(self.identity),
            "alert": asdict(self.alert),
            "sent": {name: dict(sent) for name, sent in self.sent.items()},
            "horizon_s": self.horizon_s,
            "area": self.area,
            "land": self.land,
            "notes": list(self.notes),
            "languages": None if self.languages is None else self.languages._asdict(),
            "not_modelled": list(self.not_modelled),
            **({} if self.advice is None else {"advice": dict(self.advice)}),
            **({} if self.squares is None else {"squares": grid_document(self.squares)}),
            "assumptions": [asdict(a) for a in self.assumptions],
            "summary": {k: v for k, v in self._summary.items() if k not in ("timing_s", "outputs")},
        }
