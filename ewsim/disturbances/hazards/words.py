"""The words of hazards, for notes and reports."""

#: Of each measure: a level of it, its arrival, and the largest value at a site (a front has none).
MEASURES = {
    "gust_m_s": ("gusts of {:.0f} m/s", "{} reach the first site", "strongest gust at a site {:.0f} m/s"),
    "mmi": (
        "shaking of intensity {:.0f}",
        "{} reaches the first site",
        "strongest shaking at a site: {:.1f} (MMI)",
    ),
    "depth_m": ("water {:.1f} m deep", "{} reaches the first site", "deepest water at a site {:.1f} m"),
    "burnt": ("the front", "{} reaches the first site", ""),
}
#: Of each component: one that fails, and several.
COMPONENTS = {
    "tower": ("mast falls", "masts fall"),
    "rooftop": ("rooftop site is lost", "rooftop sites are lost"),
    "shelter": ("equipment shelter is lost", "equipment shelters are lost"),
    "feeder": ("feeder loses its lines", "feeders lose their lines"),
    "feeder_part": (
        "site loses the grid with a part of its feeder",
        "sites lose the grid with a part of theirs",
    ),
    "substation": ("substation fails", "substations fail"),
    "microwave": ("microwave link breaks", "microwave links break"),
    "fibre": ("fibre link is cut", "fibre links are cut"),
    "road": ("road is cut", "roads are cut"),
    "washout": ("fibre link is washed away", "fibre links are washed away"),
}
