"""Plain words: docs/writing.md has the rules, this the words that broke them most."""

import re

import pytest
from tree import ROOT, relative

BANNED = re.compile(
    r"\b(?:anew|foret(?:ell|old)\w*|told|mend(?:s|ed|ing)?|alike but for|whilst|thereof|therein|whereof"
    r"|whence|thence|amongst|as ever|is none of|says as what|is no place of|spoilt"
    r"|yardsticks?(?![.]))\b",
    re.IGNORECASE,
)
#: The list itself, and the page that shows examples.
ABOUT_WORDS = {"tests/architecture/test_words.py", "docs/writing.md"}
SUFFIXES = {".py", ".md", ".html", ".js", ".css", ".yaml", ".toml", ".json"}


def pages():
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for folder in ("ewsim", "docs", "tests", "scenarios"):
        found += [p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in SUFFIXES]
    return [p for p in found if p.is_file() and relative(p) not in ABOUT_WORDS and "_build" not in p.parts]


def test_words_are_plain():
    found = [
        f"{relative(path)}:{number}: {match[0]!r} in {line.strip()}"
        for path in pages()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in BANNED.finditer(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("words", ["reported again", "toldo", "recommended", "amended", "a mended-like word"])
def test_only_whole_words_are_found(words):
    assert bool(BANNED.search(words)) == (words == "a mended-like word")
