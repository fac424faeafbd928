"""Where a geocode is: the user's GeoJSON of districts, counties or forecast zones.

CAP leaves open what a geocode means; its valueName says the scheme (SAME, UGC, EMMA_ID ...), and a
scenario says which property of the GeoJSON holds that scheme's values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from ewsim.cap.alert import Area
from ewsim.errors import Diagnostic
from ewsim.geography import plane
from ewsim.geography.features import Feature, Features
from ewsim.geography.plane import LocalFrame
from ewsim.scenario.spec import GeocodeSpec


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Areas by code; `schemes` maps a valueName to the property that holds its values."""

    schemes: Mapping[str, GeocodeSpec]
    places: Mapping[str, Mapping[str, tuple[Feature, ...]]]  # by scheme, then by value
    file: str

    @classmethod
    def of(cls, features: Features, schemes: Mapping[str, GeocodeSpec]) -> Gazetteer:
        """A gazetteer over a file's areas; several areas of one code are one place.

        Raises
        ------
        DataError
            No area has one of the properties.
        """
        places: dict[str, Mapping[str, tuple[Feature, ...]]] = {}
        for name, scheme in schemes.items():
            features.require(scheme.property)
            found: dict[str, tuple[Feature, ...]] = {}
            for row in features.rows:
                if value := row.text(scheme.property):
                    key = scheme.prefix + value
                    found[key] = (*found.get(key, ()), row)
            places[name] = found
        return cls(schemes, places, features.file)

    def area(self, area: Area, frame: LocalFrame, file: str, faults: list[Diagnostic]) -> BaseGeometry | None:
        """The area that a CAP area's geocodes say, in metres; faults of codes that are nowhere.

        Schemes are other ways to say the same (CAP 1.2, 3.2.4), so the first that the scenario
        knows is read, and all its codes are joined.

        Parameters
        ----------
        area
            An area of the message.
        frame
            The plane.
        file
            The message's file, for the faults.
        faults
            Takes the faults.
        """
        name = next((n for n in self.schemes if any(c.name == n for c in area.geocodes)), None)
        if name is None:
            code = area.geocodes[0]
            names = ", ".join(dict.fromkeys(code.name for code in area.geocodes))
            faults.append(
                Diagnostic(
                    file,
                    code.position.line,
                    code.position.column,
                    f"the area is given by geocodes that the scenario does not know ({names}).",
                    f"Say under alert.geocodes which property of {self.file} holds them.",
                )
            )
            return None
        found: list[Feature] = []
        for code in area.geocodes:
            if code.name != name:
                continue
            here = self.places[name].get(code.value, ())
            if not here:
                key = self.schemes[name].property
                faults.append(
                    Diagnostic(
                        file,
                        code.position.line,
                        code.position.column,
                        f"there is no area with the {name} code {code.value!r} in {self.file}.",
                        f"Its property {key!r} has {_some(self.places[name])}.",
                    )
                )
            found += here
        return plane.union(row.within(frame) for row in found) if found else None


def _some(values: Mapping[str, object]) -> str:
    names = list(values)[:3]
    return f"{', '.join(repr(n[:40]) for n in names)} and others" if names else "no values"
