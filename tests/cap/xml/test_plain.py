"""What is read without the parser is what the parser reads, and what it refuses is refused."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewsim.cap.validate import validate
from ewsim.cap.xml import plain
from ewsim.cap.xml.content import ALERT, Model, Word
from ewsim.cap.xml.document import open_document
from ewsim.cap.xml.node import NAMESPACES

ROOT = Path(__file__).parents[3]
FILES = sorted([*(ROOT / "cap_samples").rglob("*.xml"), *(ROOT / "../shared/cap/corpus").rglob("*.xml")])
MUTANTS = 4  # of each file


def told(node):
    """All that an element says, and where."""
    return (
        node.namespace,
        node.name,
        node.index,
        node.text,
        node.stray,
        node.attributes,
        {name: [child.index for child in twins] for name, twins in node.table.items()},
        [told(child) for child in node.children],
    )


def alike(source):
    """Read and judge a file with and without the parser; whether it could be read without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "read", lambda text: None)
        parsed, _ = open_document(source, "a.xml")
        slow = validate(source, "a.xml", profiles=("auto",))
    quick = validate(source, "a.xml", profiles=("auto",))
    assert quick.findings == slow.findings
    assert quick.verdict == slow.verdict
    read, _ = open_document(source, "a.xml")
    assert (read is None) == (parsed is None)
    if read is None:
        return False
    assert told(read.root) == told(parsed.root)
    assert quick.alerts == slow.alerts
    return isinstance(read.root, plain.Plain)


def test_real_messages_and_our_own_are_read_alike():
    assert sum(alike(path.read_bytes()) for path in FILES) > len(FILES) / 4


# --- changed messages -----------------------------------------------------------------------------

PIECES = (
    "<",
    ">",
    "><",
    "&",
    "&amp;",
    "&#13;",
    "&#x41;",
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "&x;",
    "]]>",
    "&am<!---->p;",
    "<!---->",
    "<!-- <a> -->",
    "<!-- -- -->",
    "<!--->",
    "-->",
    "<![CDATA[a]]>",
    "<?x?>",
    "\r",
    "\r\n",
    "\n",
    "\0",
    "\x0b",
    "\x85",
    "\ufffe",
    "\u2028",
    "\U0001f600",
    "\u00a0",
    " ",
    "/",
    "=",
    ":",
    "a:",
    " a='b'",
    "<x/>",
    "<info/>",
    "<value/>",
    "</alert>",
    "]]",
)


#: What changes nothing, or little, after a tag.
MILD = ("&amp;", "&#13;", "<!-- <a> -->", "\r", "\r\n", "\u2028", " ")


def changed(text, rng):
    """A message with pieces that mean something to XML, put where they may mean the most."""
    mild = rng.random() < 0.5
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        spots = [match.end() for match in re.finditer(">" if mild else "[<>/&;]", text)]
        at = rng.choice(spots or [0]) - (not mild and rng.randrange(2))
        piece = rng.choice(MILD if mild else PIECES)
        text = text[:at] + piece + text[at + (0 if mild else rng.choice([0, 0, 1, 3])) :]
    return text


def test_changed_messages_are_read_alike():
    verdicts = []
    for number, path in enumerate(FILES):
        text = path.read_bytes().decode("utf-8-sig", "replace")[:20_000]
        rng = random.Random(number)
        verdicts += [alike(changed(text, rng).encode()) for _ in range(MUTANTS)]
    assert 0.1 < sum(verdicts) / len(verdicts) < 0.9


# --- grown messages -------------------------------------------------------------------------------

SPACE = st.sampled_from(["", "", "\n", " \t", "\r\n", "<!-- c -->", " <!----> "])
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="<&\0>"), max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            "en",
            "2026-01-31T16:49:00-00:00",
            "2026-02-30T16:49:00-00:00",
            "1,2 3,4 5,6 1,2",
            "&lt;b&gt;",
            "&#65;&#13;&#x20;",
            "&quot;&apos;&amp;",
            "a<!-- & -->b",
            "http://a.example/b",
            "a]]&gt;",
            "&#160;",
        ]
    ),
)


@st.composite
def children(draw, model, prefix):
    """Elements in their order, now and then one too many or too few."""
    grown = []
    for slot in model.slots:
        least = 1 if slot.least or draw(st.integers(0, 3)) == 0 else 0
        count = max(0, least + draw(st.sampled_from([0] * 12 + [1, -1])))
        for _ in range(count):
            grown += [draw(SPACE), draw(element(slot, prefix))]
    return "".join([*grown, draw(SPACE)])


@st.composite
def element(draw, slot, prefix):
    name = prefix + slot.name
    if isinstance(slot.content, Model):
        return f"<{name}>{draw(children(slot.content, prefix))}</{name}>"
    form = draw(st.integers(0, 20))
    if form < 3:
        return (f"<{name}/>", f"<{name} />", f"<{name}></{name}\n>")[form]
    word = isinstance(slot.content, Word) and form < 20
    text = draw(st.sampled_from(slot.content.words)) if word else draw(TEXT)
    return f"<{name}>{text}</{name}>"


@st.composite
def messages(draw):
    version, prefix = draw(st.sampled_from(sorted(ALERT))), draw(st.sampled_from(["", "", "cap:"]))
    head = draw(
        st.sampled_from(
            [
                "",
                "<?xml version='1.0'?>",
                '<?xml version="1.1"?>',
                "<!-- a - b -->\n",
                '<?xml version = "1.0" encoding="UTF-8" standalone="yes" ?>\n<?xml-stylesheet a?>',
            ]
        )
    )
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    inner = draw(children(ALERT[version], prefix))
    end = draw(SPACE)
    return f'{head}<{prefix}alert {declared}="{NAMESPACES[version]}">{inner}</{prefix}alert>{end}'


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(messages())
def test_grown_messages_are_read_alike(text):
    alike(text.encode())
