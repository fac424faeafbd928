"""Every English text that a page says in the reader's language, found in the code and the templates."""

import ast
import json
import re
from itertools import chain
from pathlib import Path

import jinja2
from jinja2 import nodes
from tree import PACKAGE

from ewsim import kinds
from ewsim.cap.tools.faults import FAULTS
from ewsim.cap.tools.slips import SLIPS
from ewsim.metrics.words import CHANNELS
from ewsim.population.people import DISABILITIES, POVERTIES, RESIDENCES, SEXES
from ewsim.report import page, speech
from ewsim.report.brief import story, tables, where
from ewsim.report.exercise import book, documents, matrix, quiz
from ewsim.report.sections.causes import FAMILIES
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
    found += [text for path in sorted((PACKAGE / "studio").rglob("*.js")) for text in in_script(path)]
    found += PANELS.values()
    found += [*page._HEADINGS.values(), *page._READING]
    found += [*tables._KINDS.values(), *tables._STEPS.values()]
    found += [*where._SIDES.values(), *story._WHAT.values()]
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
