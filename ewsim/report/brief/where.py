"""Places as the brief and its maps name them, in the reader's language."""

import pandas as pd

from ewsim.metrics.comparison import places
from ewsim.report.maps.ground import MapGround
from ewsim.report.speech import Speech
from ewsim.result.record import Result

#: Letters of a name on a map.
_LONGEST = 24


def place_table(result: Result, land: MapGround, say: Speech) -> pd.DataFrame:
    """Every place with people: its code, name, short name for a figure, centre [km], and people in the area.

    A place of an invented country has no name: it is called by its rank and its side of the country.

    Parameters
    ----------
    result, land
        A run, and its geography.
    say
        The language.
    """
    table = places.place_table(result.ledger, land.people_x_km, land.people_y_km)
    invented = table["name"] != table["zone"]
    table["short"] = [
        say.in_figure(say.again(short) if made_up else _shortened(short))
        for short, made_up in zip(table["short"], invented, strict=True)
    ]
    table["name"] = [
        say.again(name) if made_up else name for name, made_up in zip(table["name"], invented, strict=True)
    ]
    return table.rename(columns={"x": "x_km", "y": "y_km"})


def _shortened(name: str) -> str:
    plain = "".join(character for character in name if character.isprintable())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
