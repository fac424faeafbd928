"""Every English text that a page says in the reader's language, found in the code and the templates."""

import ast
import json
import re
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import jinja2
from jinja2 import nodes
from tree import PACKAGE

from ewsim import kinds
from ewsim.cap.tools.faults import FAULTS
from ewsim.cap.tools.slips import SLIPS
from ewsim.metrics.comparison.places import SIDES
from ewsim.metrics.words import CHANNELS
from ewsim.population.people import DISABILITIES, POVERTIES, RESIDENCES, SEXES
from ewsim.report import page, speech
from ewsim.report.brief import story, tables
from ewsim.report.exercise import book, documents, matrix, quiz
from ewsim.report.sections.causes import FAMILIES
from ewsim.scenario.starting.starter import hazards
from ewsim.settlement.kinds import SETTLEMENTS
from ewsim.studio.server import PANELS

REPORT = PACKAGE / "report"


def in_code(path):
    """The texts that stand as they are in calls of `say`."""
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if called in ("say", "self") and isinstance(node.args[0].value, str):
                yield node.args[0].value


def in_template(path):
    """The texts of calls of `say` in a template."""
    tree = jinja2.Environment(autoescape=True).parse(Path(path).read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if (
            isinstance(call.node, nodes.Name)
            and call.node.name == "say"
            and isinstance(call.args[0], nodes.Const)
        ):
            yield call.args[0].value


def in_script(path):
    """The texts that stand as they are in calls of `words` in a script of the studio."""
    for text in re.findall(r'\bwords\(\s*("(?:[^"\\]|\\.)*")', Path(path).read_text(encoding="utf-8")):
        yield json.loads(text)


def all_texts():
    """Every text, in the order of the files; those of tables of words at the end."""
    found = [text for path in sorted(REPORT.rglob("*.py")) for text in in_code(path)]
    found += [text for path in sorted(REPORT.rglob("*.html")) for text in in_template(path)]
    scripts = [*sorted((PACKAGE / "studio").rglob("*.js")), *sorted((REPORT / "templates").glob("*.js"))]
    found += [text for path in scripts for text in in_script(path)]
    found += [*PANELS.values(), *(name.replace("_", " ") for name in hazards())]
    found += [*page._HEADINGS.values(), *page._READING]
    found += [*tables._KINDS.values(), *tables._STEPS.values()]
    found += [*SIDES.values(), *story._WHAT.values()]
    found += [*FAMILIES.values(), CHANNELS["any"], *speech.UNITS.values()]
    groups = (*SEXES, *DISABILITIES, *POVERTIES, *RESIDENCES, *SETTLEMENTS)
    found += [name.replace("_", " ") for name in groups]
    found += [*matrix.HEAD, *matrix.OBJECTIVES, *matrix.WHO, *chain(*book.ROLES), *book.DISCUSSION]
    found += [*chain(*documents.CRITERIA), documents.RATINGS, quiz.NOTHING, book.NOTHING_WRONG]
    found += [text for fault in (*FAULTS, *SLIPS) for text in (fault.title, fault.effect)]
    return list(dict.fromkeys(found))


def texts_of_kinds():
    """What channels, disturbances and causes are called; a new kind may wait for its translations."""
    found = [cause.words for cause in kinds.causes().values()]
    return found + [k.title for family in ("channel", "disturbance") for k in kinds.kinds_of(family).values()]


#: Files whose texts stand in English in tables, figures and documents, and are translated when shown.
SHOWN_AGAIN = (
    *sorted((REPORT / "sections").glob("*.py")),
    *(REPORT / "maps" / f"{name}.py" for name in ("run", "hazard", "connectivity")),
    REPORT / "replay" / "scene.py",
    *sorted((REPORT / "sweep").glob("*.py")),
    REPORT / "survey.py",
    PACKAGE / "metrics" / "sensitivity" / "record.py",
    PACKAGE / "experiments" / "measures.py",
)


def samples(path, value="7"):
    """Every text of a file as it is shown, a value in each place of an f-string; docstrings are none."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    inside = {id(part) for f in ast.walk(tree) if isinstance(f, ast.JoinedStr) for part in ast.walk(f)}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else value for part in node.values]
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | docs:
            yield node.value


def notes_of_runs():
    """What the rooms that make a run note for its author, a value in each place of an f-string."""
    paths = [*(PACKAGE / "channels").rglob("*.py"), *(PACKAGE / "population").rglob("*.py")]
    paths += [*(PACKAGE / "network").rglob("synthesis.py"), PACKAGE / "country" / "ground.py"]
    for path in sorted(paths):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            noted = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("notes.append")
            if isinstance(node, ast.Assign | ast.AugAssign):
                noted = "note" in ast.unparse(
                    node.targets[0] if isinstance(node, ast.Assign) else node.target
                )
            for part in ast.walk(node) if noted else ():
                parts = part.values if isinstance(part, ast.JoinedStr) else ()
                text = "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in parts)
                if text.endswith("."):
                    yield text


class _Shown(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts, self.inside = set(), []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("lang") == "en" and tag == "span":
            tag = "code"  # it says itself that it is English
            self.inside.append(tag)
        elif tag in ("script", "style", "code"):
            self.inside.append(tag)
        self.texts |= {given[name] for name in ("aria-label", "title", "data-name") if given.get(name)}

    def handle_endtag(self, tag):
        if self.inside and tag in (self.inside[-1], "span"):
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside and data.strip():
            self.texts.add(" ".join(re.sub("[\u2066-\u2069]", "", data).split()))


def shown_in(page):
    """The texts that a page shows or says, without scripts, code and what is marked as English."""
    parser = _Shown()
    parser.feed(page)
    return parser.texts
