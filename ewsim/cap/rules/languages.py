"""Language codes, and which script a text is in."""

import unicodedata
from collections import Counter
from difflib import get_close_matches
from typing import Final

_CODES: Final = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv
cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr
ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw
ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq
sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh
yi yo za zh zu
"""
#: ISO 639-1.
TWO_LETTERS: Final = frozenset(_CODES.split())
_MEANT: Final = {"sp": "es", "cn": "zh", "jp": "ja", "gr": "el", "cz": "cs", "dk": "da", "kp": "ko"}


def is_known(tag: str) -> bool:
    """Whether a tag begins with a code of ISO 639-1, any of three letters, or `i` or `x`."""
    primary = tag.split("-", 1)[0].lower()
    return primary in TWO_LETTERS or len(primary) == 3 or primary in {"i", "x"}


def closest(tag: str) -> str:
    """What was probably meant, or ''."""
    primary, dash, rest = tag.partition("-")
    low = primary.lower()
    meant = _MEANT.get(low)
    if meant is None:
        close = get_close_matches(low[:20], sorted(TWO_LETTERS), 1, 0.75)
        meant = close[0] if close else ""
    return f"{meant}{dash}{rest}" if meant else ""


def script_of(text: str) -> str:
    """The script that most letters of a text are in; '' for Latin or too little text."""
    if text.isascii():
        return ""
    letters = [c for c in text[:2000] if c.isalpha()]
    if len(letters) < 10:
        return ""
    script, count = Counter(map(_script, letters)).most_common(1)[0]
    return "" if script == "Latin" or count * 2 < len(letters) else script


def _script(letter: str) -> str:
    if letter.isascii():
        return "Latin"
    word = unicodedata.name(letter, "unknown").split()[0]
    return "Chinese characters" if word == "CJK" else word.capitalize()
