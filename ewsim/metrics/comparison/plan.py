"""What to bring, equip or repair first: a choice as a document, in words, and as an arm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ewsim.metrics.words import aligned, duration

FORMAT = "ewsim.plan/1"
UNITS = {"hours": "person-hours of service", "people": "people who can be warned"}
NOUNS = {
    "deployables": "Where to put deployable cells",
    "batteries": "Which sites get the next batteries",
    "generators": "Which sites get the next generators",
    "repairs": "In which order to repair",
}


@dataclass(frozen=True, repr=False)
class HelpPlan:
    """A choice; `document` is what `ewsim optimise --json` prints, `arm` the changes of a scenario."""

    document: Mapping[str, Any]
    arm: Mapping[str, Any]

    def text(self) -> str:
        """The plan for a terminal: what it wins, a table, and how sure it is."""
        own = self.document
        head = f"{NOUNS[own['what']]}, for most {UNITS[own['goal']]}"
        if not own["choices"]:
            return f"{head}: nothing that can be chosen wins any. {own['reason']}".rstrip()
        total = own["choices"][-1]["total"]
        lost = "" if own["lost"] is None else f" of {own['lost']:,.0f} that are lost"
        lines = [f"{head}: {total:,.0f}{lost}.", "", *aligned(self._table(), 2), "", own["method"]]
        if own["ratio"] is not None:
            proof = "the best" if own["proved"] else "the best found"
            lines.append(f"Greedy reaches {own['ratio']:.4f} of {proof}.")
        if own.get("problem_ratio") is not None:
            best = "the best" if own["problem_solved"] else "the best found in time"
            lines.append(
                "As a problem of scheduling, without driving and batteries, it reaches "
                f"{own['problem_ratio']:.4f} of {best} (mixed-integer programming)."
            )
        if own["reached_people"] is not None:
            before, after = own["reached_before_people"], own["reached_people"]
            lines.append(
                f"A run with it reaches {after:,} of {own['in_area']:,} people in the area; "
                f"without it {before:,}."
            )
        return "\n".join(lines)

    def _table(self) -> list[tuple[str, ...]]:
        with_place = self.document["what"] == "deployables"
        first = ("Place", "In service") if with_place else ("What",)
        rows = [("", *first, "Wins", "In all")]
        for row in self.document["choices"]:
            where = f"{row['lat']:.4f}, {row['lon']:.4f}" if with_place else ", ".join(row["names"])
            when = (duration(row["in_service_s"]),) if with_place else ()
            rows.append((str(row["rank"]), where, *when, f"{row['gain']:,.0f}", f"{row['total']:,.0f}"))
        return rows

    def yaml(self) -> str:
        """The arm as YAML, for a file that `ewsim run --arm` takes."""
        own = self.document
        lines = [
            f"# {NOUNS[own['what']]}: an arm of {own['scenario']}, written by ewsim optimise.",
            "# Paths count from the folder of the scenario.",
        ]
        for key, value in self.arm.items():
            if isinstance(value, list):
                lines += [f"{key}:", *(f"  - {json.dumps(item)}" for item in value)]
            else:
                lines.append(f"{key}: {json.dumps(value)}")
        return "\n".join([*lines, ""])

    def __repr__(self) -> str:
        own = self.document
        return f"<Plan for {own['scenario']}: {len(own['choices'])} {own['what']}>"
