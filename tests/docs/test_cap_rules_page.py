"""docs/guides/cap_rules.md is generated from the rules in the code and the shipped profiles.

`EWSIM_RENEW=1 pytest tests/docs/test_cap_rules_page.py` writes it again.
"""

import os
import re
from pathlib import Path

from cap.rule_samples import CORE
from cap.rule_samples_profiles import PROFILES

from ewsim.cap.alert import Info
from ewsim.cap.broadcast import policy
from ewsim.cap.catalogue import LAYERS, RULES, THREAD_RULES
from ewsim.cap.profiles.checks import CHECKS
from ewsim.cap.profiles.files import profiles, read_profile
from ewsim.cap.profiles.spec import ProfileSpec, RuleSpec

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guides" / "cap_rules.md"
RENEW = "EWSIM_RENEW=1 pytest tests/docs/test_cap_rules_page.py writes it again"

INTRODUCTION = """# The rules of CAP messages

Every rule that `ewsim cap check` and `ewsim cap thread` know, generated from the code (a test
compares the two). The name of a rule stays the same for ever. *Section* is that of the OASIS
standard CAP 1.2 unless it names another document; a dash is a rule of our own. A rule marked
**stops** keeps a reader from taking the message at all; one marked **lenient** is a warning with
`--lenient`.

Each rule has a message that breaks it and one that does not, in the folders `bad` and `good` of
[cap_samples](../../cap_samples). [CAP messages](cap.md) says how to use the commands,
[Profiles and policies](cap_profiles.md) how to add rules of your own.
"""
TITLES = {
    "well_formed": "Well-formed",
    "schema": "Schema",
    "spec": "Specification",
    "signature": "Signature",
    "deliverable": "Deliverable",
}
ABOUT = {
    "well_formed": """Is it XML that can be read safely? `XML-SIZE.xml.gz` holds more than 10 MB of
blanks; unpack it to try it.""",
    "schema": """Does every element stand where CAP's schema has it, with a value of its form? The
verdict is that of the official schemas.""",
    "spec": """What the text of the standard demands beyond its schema, and what makes trouble for
whoever draws or reads the message.""",
    "signature": """Is the message as it was signed, and by somebody you trust? Try the samples with
`--trust cap_samples/signed/ca.pem`.""",
    "deliverable": """Could it be broadcast, and would the text arrive whole? Notes here tell; they
do not say that a message is wrong.""",
}
HEAD = "| rule | severity | section | what it asks | fix | samples |\n|---|---|---|---|---|---|\n"
#: An element with its content, or a tag: code, or a reader of Markdown swallows it.
TAG = re.compile(r"<(\w+)>[^<]*</\1>|<[^ >][^>]*>")
SAMPLES = {s.rule: s for s in [*CORE, *PROFILES]}


def cell(text):
    return TAG.sub(lambda m: f"`{m[0]}`", text).replace("|", "\\|")


def samples(name):
    """Links to the two samples, with the options that they need."""
    ending = {"XML-SIZE": ".xml.gz"}.get(name, ".xml")
    sample = SAMPLES.get(name)
    if sample is None:
        links = [f"[{w}](../../cap_samples/{w}/{name}/)" for w in ("good", "bad")]
    else:
        links = [f"[good](../../cap_samples/good/{name}.xml)", f"[bad](../../cap_samples/bad/{name}{ending})"]
    options = [f"`--at {sample.at}`"] if sample and sample.at else []
    options += [f"`--policy {sample.policy}`"] if sample and sample.policy else []
    return " ".join([*links, *options])


def row(rule):
    marks = ", lenient" * rule.lenient + ", **stops**" * rule.stops
    texts = (rule.section, rule.requires, rule.fix)
    cells = (f"`{rule.id}`", rule.severity + marks, *map(cell, texts), samples(rule.id))
    return f"| {' | '.join(cells)} |\n"


def page():
    parts = [INTRODUCTION]
    for layer in LAYERS:
        rules = [rule for name, rule in sorted(RULES.items()) if rule.layer == layer]
        if layer in ABOUT:
            head = f"\n## {TITLES[layer]}\n\n{ABOUT[layer]}\n\n{HEAD}"
            parts.append(head + "".join(map(row, rules)))
    parts.append(
        "\n## Threads\n\nWhat `ewsim cap thread` finds between messages; each sample is a "
        f"folder.\n\n{HEAD}{''.join(map(row, THREAD_RULES.values()))}"
    )
    for name in profiles():
        profile = read_profile(name)
        if profile.rules:
            parts.append(
                f"\n## Profile {name}\n\n{profile.title}: `--profile {name}`. Source: "
                f"{cell(profile.source)}.\n\n{HEAD}"
                f"{''.join(row(rule.rule) for rule in profile.rules)}"
            )
    return "".join(parts)


def test_the_page_lists_the_rules_of_the_code():
    if os.environ.get("EWSIM_RENEW"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), RENEW


GUIDE = ROOT / "docs" / "guides" / "cap_profiles.md"
BEGIN = "<!-- generated from the policies by tests/docs/test_cap_rules_page.py -->\n"
END = "<!-- end -->"
HEADS = ("policy", "below the table", "length", "text for phones")
#: Severity, urgency and certainty of the CMAS table, and one of what is below it.
WORDS = [
    (severity, urgency, certainty)
    for severity in ("Extreme", "Severe")
    for urgency in ("Immediate", "Expected")
    for certainty in ("Observed", "Likely")
] + [("Minor", "Future", "Possible")]


def apart(text):
    """What has a source, and what is assumed."""
    source, *assumed = text.split("Assumption: ")
    return source.strip(), " ".join(each.strip()[0].upper() + each.strip()[1:] for each in assumed)


def levels_of(read):
    """What leads to each level of a policy: level -> number -> words, codes and states."""
    found = {}
    for words in WORDS:
        number = read.message_identifier("Actual", Info("en", (), "", words[1], words[0], words[2]))
        where = "below the table" if words[0] == "Minor" else " ".join(words)
        found.setdefault(number, []).append(where)
    for status in ("Test", "Exercise"):
        number = read.message_identifier(status, Info("en", (), "", "", "", ""))
        found.setdefault(number, []).append(f"status {status}")
    for pattern, number in read.codes.items():
        found.setdefault(number, []).append(f"`{pattern}`")
    levels = {}
    for number, wheres in found.items():
        if number:
            levels.setdefault(read.level(number), {})[number] = "; ".join(wheres)
    return levels


def countries():
    """A table for each thing that policies decide, made of the policies themselves."""
    rows = ["| policy | level | identifiers, and from what |\n|---|---|---|\n"]
    limits = [f"| {' | '.join(HEADS)} |\n{'|---' * len(HEADS)}|\n"]
    sources = ["| policy | source | assumed, without a source |\n|---|---|---|\n"]
    switches = {}
    for name in policy.policies():
        read = policy.read_policy(name)
        for level, numbers in levels_of(read).items():
            each = "<br>".join(f"{number}: {where}" for number, where in numbers.items())
            rows.append(f"| `{name}` | {level} | {cell(each)} |\n".replace("`<br>`", "<br>"))
        source, assumed = apart(read.source)
        threshold, assumed_too = apart(read.threshold)
        below = f"message identifier {read.remap.get(read.otherwise, read.otherwise)}"
        if not read.otherwise:
            below = "not broadcast"
        length = f"{read.characters} characters" if read.characters else "15 pages: 1,395 or 615 characters"
        own = ", ".join(f"`{p}`" for p in read.text_parameters)
        if read.templates:
            own += f", else the gateway's own text ({', '.join(read.templates)})"
        own = own or f"{', '.join(read.text)}, as sentences"
        limits.append(f"| `{name}` | {below} | {length} | {cell(own)} |\n")
        found, lacking = f"{threshold} {source}".strip(), f"{assumed_too} {assumed}".strip()
        sources.append(f"| `{name}` | {cell(found)} | {cell(lacking or 'nothing')} |\n")
        for pattern, where in read.blocked.items():
            switches.setdefault((pattern, where or "lets it pass"), []).append(f"`{name}`")
    count = len(policy.policies())
    kept = "".join(
        f"| `{cell(pattern)}` | {where} | {'all' if len(names) == count else ', '.join(names)} |\n"
        for (pattern, where), names in switches.items()
    )
    kept = f"| switch of the sender | where it is written | policies |\n|---|---|---|\n{kept}"
    return f"\n{''.join(limits)}\n{''.join(sources)}\n{kept}\n{''.join(rows)}"


def test_the_tables_of_the_countries_are_those_of_the_policies():
    text = GUIDE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    whole = head + BEGIN + countries() + END + tail
    if os.environ.get("EWSIM_RENEW"):
        GUIDE.write_text(whole, encoding="utf-8")
    assert GUIDE.read_text(encoding="utf-8") == whole, RENEW


def test_every_rule_has_one_entry():
    names = re.findall(r"^\| `([A-Z0-9-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    of_profiles = [c.id for n in profiles() for c in read_profile(n).rules]
    assert sorted(names) == sorted([*RULES, *THREAD_RULES, *of_profiles])


def test_no_tag_stands_outside_code():
    text = re.sub(r"`[^`]*`", "", PAGE.read_text(encoding="utf-8"))
    assert re.findall(r"<[^ ]", text) == []


def cells(text, title, number):
    """The first cells of the number-th table under a heading."""
    part = text.split(f"## {title}\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)
    rows = tables[number].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_the_guide_names_every_key_and_check_of_profiles_and_policies():
    text = GUIDE.read_text(encoding="utf-8")
    assert cells(text, "Profiles", 0) == set(ProfileSpec.model_fields)
    assert cells(text, "Profiles", 1) == set(RuleSpec.model_fields)
    assert cells(text, "Profiles", 2) == set(CHECKS)
    assert cells(text, "Policies", 0) == set(policy.PolicySpec.model_fields)
    for name in (*profiles(), *policy.policies()):
        assert f"`{name}`" in text or name == "core"
