"""The words of hazards, for notes and reports."""

from __future__ import annotations

#: Of each measure: a level of it, and the largest value at a site.
MEASURES = {
    "gust_m_s": ("gusts of {:.0f} m/s", "strongest gust at a site {:.0f} m/s"),
    "rain_mm": ("{:.0f} mm of rain", "most rain at a site {:.0f} mm"),
}
#: Of each component: one that fails, and several.
COMPONENTS = {
    "tower": ("mast falls", "masts fall"),
    "rooftop": ("rooftop site is lost", "rooftop sites are lost"),
    "shelter": ("equipment shelter is lost", "equipment shelters are lost"),
    "feeder": ("feeder loses its lines", "feeders lose their lines"),
    "substation": ("feeder loses its substation", "feeders lose their substations"),
    "microwave": ("microwave link breaks", "microwave links break"),
    "fibre": ("fibre link is cut", "fibre links are cut"),
    "washout": ("fibre link is washed away", "fibre links are washed away"),
}
