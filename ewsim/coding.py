"""How a text travels: alphabets, cell broadcast pages, SMS parts, numbers on the wire.

The alphabet is the GSM 7-bit default one when it holds every character, else UCS-2 (TS 23.038 6.2);
no national shift tables, no compression.

References
----------
.. [1] 3GPP TS 23.038, Alphabets and language-specific information, 6.1.2.2, 6.2.1, 5.
.. [2] 3GPP TS 23.041, Technical realization of Cell Broadcast Service, 9.3, 9.4.1.2.
.. [3] 3GPP TS 23.040, Technical realization of the Short Message Service, 9.2.3.24.
.. [4] 3GPP TS 29.168, Cell Broadcast Centre interfaces (Warning-Message-Contents).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np

from ewsim.units import (
    CB_MAX_PAGES,
    CB_PAGE_GSM7_CHARS,
    CB_PAGE_OCTETS,
    CB_PAGE_UCS2_CHARS,
    SMS_GSM7_PART,
    SMS_GSM7_SINGLE,
    SMS_UCS2_PART,
    SMS_UCS2_SINGLE,
)

Alphabet = Literal["gsm7", "ucs2"]

#: TS 23.038 6.2.1: the default alphabet, in the order of its codes; 0x1B is the escape.
GSM7: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: TS 23.038 6.2.1.1: reached through the escape, so each counts twice.
GSM7_EXTENSION: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ESCAPE: Final = 0x1B
_EXTENDED: Final = {code: c for c, code in GSM7_EXTENSION.items()}
_ESCAPED: Final = re.compile("\x1b(.?)", re.DOTALL)
_SEPTETS: Final = {c: (code,) for code, c in enumerate(GSM7) if code != _ESCAPE} | {
    c: (_ESCAPE, code) for c, code in GSM7_EXTENSION.items()
}
_PLAIN: Final = re.compile(f"[{re.escape(GSM7.replace(chr(_ESCAPE), ''))}]*")
#: Makes 0 of the ASCII characters that are one septet, 1 of all others.
_NOT_PLAIN: Final = bytes(chr(n) not in GSM7 or n in (_ESCAPE, *range(128, 256)) for n in range(256))
_IN_GSM7: Final = re.compile(f"[{re.escape(''.join(_SEPTETS))}]*")
_OUTSIDE_GSM7: Final = re.compile(f"[^{re.escape(''.join(_SEPTETS))}]+")
_TO_CODES: Final = {ord(c): "".join(map(chr, codes)) for c, codes in _SEPTETS.items()}
_CR: Final = 0x0D  # TS 23.041 9.4.1.2: fills what a page has left

#: TS 23.038 5: language unspecified; and UCS-2 without a message class.
DCS: Final[dict[Alphabet, int]] = {"gsm7": 0x0F, "ucs2": 0x48}

#: TS 23.040 9.2.3.24.1: the parts of one message are numbered with one octet.
SMS_MAX_PARTS: Final = 255

#: TS 23.041 9.4.1.2.1, in the order of the codes.
GEOGRAPHICAL_SCOPES: Final = ("cell_immediate", "plmn", "tracking_area", "cell")


@dataclass(frozen=True, slots=True)
class CbText:
    """A text as cell broadcast carries it; `text` is what is sent, `truncated` if not all of it."""

    dcs: int
    pages: tuple[bytes, ...]
    alphabet: Alphabet
    truncated: bool
    text: str


@dataclass(frozen=True, slots=True)
class SmsText:
    """A text as SMS carries it; `text` is what is sent, `truncated` if not all of it."""

    alphabet: Alphabet
    parts: int
    text: str
    truncated: bool


def not_in_gsm7(text: str) -> tuple[str, ...]:
    """The characters that force UCS-2, each once, in the order they appear."""
    return tuple(dict.fromkeys(outside_gsm7(text)))


def outside_gsm7(text: str) -> str:
    """The characters of a text that force UCS-2, as often as they appear."""
    return "" if _is_plain(text) else "".join(_OUTSIDE_GSM7.findall(text))


def outside_ucs2(text: str) -> tuple[str, ...]:
    """The characters that UCS-2 has no code for, each once: those beyond U+FFFF, and halves."""
    return tuple(dict.fromkeys(c for c in text if c > "\uffff" or "\ud800" <= c <= "\udfff"))


def alphabet_of(text: str) -> Alphabet:
    """The alphabet that carries a text."""
    return "gsm7" if _IN_GSM7.fullmatch(text) else "ucs2"


@lru_cache(maxsize=16)
def encode_cb(text: str) -> CbText:
    """A text in cell broadcast pages of 82 octets, cut at 15 pages at a whole character.

    93 characters of the default alphabet or 41 of UCS-2 a page, filled with CR [2]_. An escape
    pair or a surrogate pair is never split over two pages; the page before is filled instead. A lone
    surrogate becomes U+FFFD.
    """
    text = _sound(text)
    alphabet = alphabet_of(text)
    chunks = split(text, CB_PAGE_GSM7_CHARS if alphabet == "gsm7" else CB_PAGE_UCS2_CHARS)
    kept = _cut(chunks, CB_MAX_PAGES)
    return CbText(
        dcs=DCS[alphabet],
        pages=_gsm7_pages(kept) if alphabet == "gsm7" else tuple(map(_ucs2_page, kept)),
        alphabet=alphabet,
        truncated=len(chunks) > CB_MAX_PAGES,
        text="".join(kept),
    )


def fits_cb(text: str) -> bool:
    """Whether cell broadcast carries all of a text (pages are made only where it is not plain)."""
    if _is_plain(text):
        return len(text) <= CB_MAX_PAGES * CB_PAGE_GSM7_CHARS
    # A page is one short at most, where a pair would be split; UCS-2 takes more room than escapes.
    surely = 2 * CB_MAX_PAGES * (CB_PAGE_UCS2_CHARS - 1)
    return len(text.encode("utf-16-le", "surrogatepass")) <= surely or not encode_cb(text).truncated


def fits_plainly(text: str) -> bool:
    """Whether each character of a text is one septet, and cell broadcast carries all of them."""
    return len(text) <= CB_MAX_PAGES * CB_PAGE_GSM7_CHARS and _is_plain(text)


def septets(character: str) -> tuple[int, ...]:
    """The codes of a character of the default alphabet; two where it needs the escape."""
    return _SEPTETS[character]


def from_septets(codes: bytes) -> str:
    """The characters of codes of the default alphabet, one an octet; escapes are followed."""
    plain = "".join(GSM7[code & 0x7F] for code in codes)
    if chr(_ESCAPE) not in plain:
        return plain
    return _ESCAPED.sub(lambda pair: _EXTENDED.get(GSM7.find(pair[1]), pair[1]), plain)


def _is_plain(text: str) -> bool:
    """Whether every character is one septet."""
    if text.isascii():
        return b"\1" not in text.encode().translate(_NOT_PLAIN)
    return _PLAIN.fullmatch(text) is not None


def sms_parts(text: str) -> SmsText:
    """How many SMS a text takes: 160 or 70 characters alone, 153 or 67 a part [3]_."""
    text = _sound(text)
    alphabet = alphabet_of(text)
    single, part = (
        (SMS_GSM7_SINGLE, SMS_GSM7_PART) if alphabet == "gsm7" else (SMS_UCS2_SINGLE, SMS_UCS2_PART)
    )
    if len(split(text, single)) == 1:
        return SmsText(alphabet, 1, text, truncated=False)
    chunks = split(text, part)
    kept = _cut(chunks, SMS_MAX_PARTS)
    return SmsText(alphabet, len(kept), "".join(kept), truncated=len(chunks) > SMS_MAX_PARTS)


def _sound(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def split(text: str, size: int) -> list[str]:
    """Chunks of at most `size` units that never split a character; one at least."""
    if _PLAIN.fullmatch(text) or not (_IN_GSM7.fullmatch(text) or max(text) > "\uffff"):
        return [text[n : n + size] for n in range(0, len(text), size)] or [""]
    gsm7 = alphabet_of(text) == "gsm7"
    chunks, start, used = [], 0, 0
    for n, c in enumerate(text):
        width = len(_SEPTETS[c]) if gsm7 else 1 + (c > "\uffff")
        if used + width > size:
            chunks.append(text[start:n])
            start, used = n, 0
        used += width
    return [*chunks, text[start:]]


def _cut(chunks: list[str], most: int) -> list[str]:
    """The first chunks; where the rest goes on with a combining mark, its base goes too."""
    kept = chunks[:most]
    if len(chunks) > most and unicodedata.combining(chunks[most][0]):
        last = kept[-1]
        while last and unicodedata.combining(last[-1]):
            last = last[:-1]
        kept[-1] = last[:-1]
    return kept


def _gsm7_pages(chunks: list[str]) -> tuple[bytes, ...]:
    """Septets packed with the least significant bit first (TS 23.038 6.1.2.2)."""
    filled = (c.translate(_TO_CODES).ljust(CB_PAGE_GSM7_CHARS, chr(_CR)) for c in chunks)
    codes = np.frombuffer("".join(filled).encode("ascii"), dtype=np.uint8)
    bits = np.unpackbits(codes[:, None], axis=1, count=7, bitorder="little")
    pages = np.packbits(bits.reshape(len(chunks), -1), axis=1, bitorder="little")
    return tuple(page.tobytes() for page in pages)


def _ucs2_page(chunk: str) -> bytes:
    octets = chunk.encode("utf-16-be")
    return octets + bytes((0, _CR)) * ((CB_PAGE_OCTETS - len(octets)) // 2)


def warning_contents_octets(pages: int) -> int:
    """Octets of the Warning-Message-Contents element: pages of 82 and a length octet each [4]_."""
    return 1 + (CB_PAGE_OCTETS + 1) * pages


def serial_number(scope: str, code: int, update: int) -> int:
    """The 16-bit serial number.

    Parameters
    ----------
    scope
        One of `GEOGRAPHICAL_SCOPES`, 2 bits.
    code
        The message code, 0 to 1023.
    update
        The update number, 0 to 15.
    """
    if not (0 <= code < 1 << 10 and 0 <= update < 1 << 4):
        raise ValueError(f"message code {code} is not in 0..1023 or update {update} not in 0..15")
    return GEOGRAPHICAL_SCOPES.index(scope) << 14 | code << 4 | update


_BY_URGENCY: Final = {
    ("Extreme", "Immediate", "Observed"): 4371,
    ("Extreme", "Immediate", "Likely"): 4372,
    ("Extreme", "Expected", "Observed"): 4373,
    ("Extreme", "Expected", "Likely"): 4374,
    ("Severe", "Immediate", "Observed"): 4375,
    ("Severe", "Immediate", "Likely"): 4376,
    ("Severe", "Expected", "Observed"): 4377,
    ("Severe", "Expected", "Likely"): 4378,
}
_BY_STATUS: Final = {"Test": 4380, "Exercise": 4381}
_PUBLIC_SAFETY: Final = 4396
GEOFENCING_TRIGGER: Final = 4400  # it has no text for people (TS 23.041 9.4.1.2.2)


def message_identifier(status: str, severity: str, urgency: str, certainty: str) -> int:
    """The message identifier that CAP's words ask for (TS 23.041 9.4.1.2.2, the CMAS table).

    Test and Exercise have their own. Assumption: what the table does not name (Moderate, Possible,
    Future ...) goes out as public safety, 4396. CAP 1.0's Very Likely is Likely.

    Parameters
    ----------
    status, severity, urgency, certainty
        The values of the CAP elements of these names.
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    certainty = "Likely" if certainty == "Very Likely" else certainty
    return _BY_URGENCY.get((severity, urgency, certainty), _PUBLIC_SAFETY)


def additional_language(identifier: int) -> int:
    """The twin of a message identifier for further languages; itself where it has none.

    TS 23.041 9.4.1.2.2: 4370 to 4382 and 4383 to 4395, 4396 and 4397, 4398 and 4399.
    """
    if 4370 <= identifier <= 4382:
        return identifier + 13
    return identifier + 1 if identifier in (4396, 4398) else identifier


_LEVELS: Final = {
    "level_1": (4352, 4353, 4354, 4356, 4370, 4383),
    "level_2": (4371, 4372, 4384, 4385),
    "level_3": (*range(4373, 4379), *range(4386, 4392)),
    "level_4": (4396, 4397),
    "amber": (4379, 4392),
    "test": (4355, 4380, 4393, 4398, 4399),
    "exercise": (4381, 4394),
}
_LEVEL_OF: Final = {number: level for level, numbers in _LEVELS.items() for number in numbers}


def level_of(message_identifier: int) -> str:
    """The level that a phone's owner switches on or off for a message identifier.

    EU-Alert levels (ETSI TS 102 900). Assumptions: ETWS stands with level 1, which nobody can
    switch off; every other number is an information channel.
    """
    return _LEVEL_OF.get(message_identifier, "info")
