"""The documentation site: `python -m sphinx -W docs out_docs`.

The pages are plain Markdown that a forge shows as it is. What only the site needs is added here:
the side bar, and what becomes of links to files outside docs/.
"""

import os
import re
from pathlib import Path

import ewsim

project = "ewsim"
author = "the authors of ewsim"
copyright = "the authors of ewsim, Apache License 2.0"  # noqa: A001
version = release = ewsim.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build", "schema"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
autodoc_default_options = {"exclude-members": "__init__, __new__"}
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
default_role = "code"
napoleon_google_docstring = False

html_theme = "furo"
html_title = f"ewsim {version}"
html_copy_source = False
html_static_path = ["site"]
html_css_files = ["tables.css"]

#: Where links to files outside docs/ lead, for example https://forge.example/ewsim/blob/main.
repository = os.environ.get("EWSIM_REPOSITORY", "").rstrip("/")

#: The side bar: a caption, and the pages in their order.
PARTS = {
    "Learn": ["tutorials/first_run", "tutorials/studio", "guides/reading_a_report", "guides/scenario_files"],
    "Lessons": [
        "lessons/index",
        "lessons/cb_only",
        "lessons/dense_city",
        "lessons/deployables",
        "lessons/islands",
        "lessons/language_minority",
        "lessons/late_decision",
        "lessons/night",
        "lessons/power_loss",
        "lessons/rural_gap",
        "lessons/sms_only",
        "lessons/tourists",
        "lessons/wrong_polygon",
    ],
    "Guides": [
        "guides/new_country",
        "guides/data",
        "guides/targeting",
        "guides/studio_alert",
        "guides/coverage",
        "guides/exercises",
        "guides/survey",
        "guides/outages",
        "guides/hazards",
        "guides/hostile",
        "guides/recovery",
        "guides/outage_outlook",
        "guides/connectivity",
        "guides/reconstructions",
        "guides/synthetic_countries",
        "guides/national_test",
        "guides/compare",
        "guides/many_runs",
        "guides/response",
        "guides/exports",
        "guides/sweeps",
        "guides/cluster",
        "guides/nations",
        "guides/cap",
        "guides/cap_profiles",
        "guides/wire",
        "guides/wire_cases",
        "guides/python",
        "guides/own_channel",
    ],
    "Models": [
        "background/model",
        "background/radio",
        "channels/*",
        "metrics",
        "assumptions",
        "validation",
        "performance",
    ],
    "Look up": [
        "nomenclature",
        "guides/scenario_keys",
        "guides/cap_rules",
        "background/cap_corpus",
        "reference/*",
    ],
    "Project": ["background/architecture", "writing", "changelog", "decisions/*"],
}
_OUTSIDE = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#\s]+)(#[^)\s]*)?\)")
_HERE = Path(__file__).parent


def _toctree(caption, pages):
    entries = "\n".join(pages)
    return f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n{entries}\n```\n"


def _adapt(_app, name, source):
    """Add the side bar to the index; lead links outside docs/ to the repository, or leave their text."""
    page = (_HERE / name).parent

    def outside(match):
        target = (page / match[2]).resolve()
        if target.is_relative_to(_HERE):
            return match[0]
        place = target.relative_to(_HERE.parent).as_posix()
        return f"[{match[1]}]({repository}/{place}{match[3] or ''})" if repository else match[1]

    source[0] = _OUTSIDE.sub(outside, source[0])
    if name == "index":
        source[0] += "".join(_toctree(*part) for part in PARTS.items())


def setup(app):
    """Connect the above."""
    app.connect("source-read", _adapt)
