"""Pages of cell broadcast: what every generation carries, and what the 2G radio makes of it.

References
----------
.. [1] 3GPP TS 23.041 9.4.1.2 (message on 2G), 9.4.2.2.5 (CB data of 3G to 5G).
.. [2] 3GPP TS 23.038 5 (data coding scheme), 6.1.2.2 (packing), 6.2 (alphabets).
.. [3] 3GPP TS 44.012 3.3.1 (blocks of the 2G broadcast channel).
"""

from dataclasses import dataclass
from typing import Final, Literal

from ewsim import coding
from ewsim.errors import WireError
from ewsim.units import CB_MAX_PAGES, CB_PAGE_OCTETS

Charset = Literal["gsm7", "ucs2", "8bit"]

_CR: Final = "\r"
_BLOCK_OCTETS: Final = 22  # TS 44.012: four blocks of 1 + 22 octets a page


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its 82 octets, and how many of them say something."""

    octets: bytes
    used: int


@dataclass(frozen=True, slots=True)
class CbsMessage:
    """One page as 2G phones receive it (TS 23.041 9.4.1.2)."""

    serial_number: int
    message_identifier: int
    coding: int
    page: int
    page_count: int
    octets: bytes


def charset(scheme: int) -> tuple[Charset, bool]:
    """The alphabet of a data coding scheme, and whether the text starts with its language [2]_."""
    group = scheme >> 4
    if scheme in (0x10, 0x11):
        return ("ucs2" if scheme & 1 else "gsm7"), True
    if group in (4, 5, 6, 7, 9):
        return ("gsm7", "8bit", "ucs2", "gsm7")[scheme >> 2 & 3], False
    return ("8bit" if group == 15 and scheme & 4 else "gsm7"), False


def read_page(scheme: int, octets: bytes) -> tuple[str, str]:
    """The text of a page's used octets, and its language where it says one."""
    kind, says = charset(scheme)
    if scheme >> 4 in (6, 7):
        raise WireError("its text is compressed, which is not read")
    if kind == "8bit":
        return octets.hex(" "), ""
    if kind == "ucs2":
        language = unpack(octets[:2])[:2] if says else ""
        text = octets[2 if says else 0 :].decode("utf-16-be", "replace")
    else:
        text = unpack(octets)
        language, text = (text[:2], text[3:]) if says else ("", text)
    return text.rstrip(_CR), language


def unpack(octets: bytes) -> str:
    """The characters of packed septets, the least significant bit first."""
    bits = int.from_bytes(octets, "little")
    return coding.from_septets(bytes(bits >> 7 * n & 0x7F for n in range(8 * len(octets) // 7)))


def pages_of(text: str) -> tuple[int, tuple[Page, ...]]:
    """A text's data coding scheme, and its pages with the length of each."""
    made = coding.encode_cb(text)
    return made.dcs, tuple(Page(octets, _used(made.dcs, octets)) for octets in made.pages)


def _used(scheme: int, octets: bytes) -> int:
    """The octets of a page before its filling of CR."""
    if charset(scheme)[0] == "ucs2":
        return len(octets.decode("utf-16-be", "replace").rstrip(_CR).encode("utf-16-be"))
    bits = int.from_bytes(octets, "little")
    count = 8 * len(octets) // 7
    while count and bits >> 7 * (count - 1) & 0x7F == ord(_CR):
        count -= 1
    return -(-7 * count // 8)


# --- pages in one element (3G, 4G, 5G) ------------------------------------------------------------


def put_contents(pages: tuple[Page, ...]) -> bytes:
    """Pages as CB data: their number, then of each 82 octets and its length [1]_."""
    return bytes([len(pages)]) + b"".join(p.octets + bytes([p.used]) for p in pages)


def get_contents(octets: bytes) -> tuple[Page, ...]:
    """The pages of CB data."""
    size = CB_PAGE_OCTETS + 1
    count = octets[0] if octets else 0
    if not 1 <= count <= CB_MAX_PAGES:
        raise WireError(f"it says that it has {count} pages, and 1 to {CB_MAX_PAGES} are allowed")
    if len(octets) != 1 + count * size:
        wanted = 1 + count * size
        raise WireError(f"its {count} pages take {wanted} octets, and there are {len(octets)}")
    return tuple(
        page_of(octets[n : n + CB_PAGE_OCTETS], octets[n + CB_PAGE_OCTETS])
        for n in range(1, len(octets), size)
    )


def page_of(octets: bytes, used: int) -> Page:
    """A page, if its length can be true."""
    if used > CB_PAGE_OCTETS:
        raise WireError(f"a page says that {used} of its {CB_PAGE_OCTETS} octets are used")
    return Page(octets, used)


# --- a page on the radio of 2G --------------------------------------------------------------------


def put_cbs(message: CbsMessage) -> bytes:
    """The 88 octets of a page on 2G [1]_."""
    if not 1 <= message.page <= message.page_count <= CB_MAX_PAGES:
        raise WireError(f"page {message.page} of {message.page_count}, and at most 15 are allowed")
    head = message.serial_number << 32 | message.message_identifier << 16 | message.coding << 8
    head |= message.page << 4 | message.page_count
    return head.to_bytes(6, "big") + message.octets


def get_cbs(octets: bytes) -> CbsMessage:
    """The page of 88 octets, or of the blocks that a short one takes.

    A page parameter that makes no sense is page 1 of 1 (9.4.1.2.4).
    """
    if not octets or len(octets) % _BLOCK_OCTETS or len(octets) > 6 + CB_PAGE_OCTETS:
        raise WireError(f"a page on 2G has 22, 44, 66 or 88 octets, and there are {len(octets)}")
    page, count = octets[5] >> 4, octets[5] & 0xF
    if not 1 <= page <= count:
        page = count = 1
    serial, identifier = int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:4], "big")
    return CbsMessage(serial, identifier, octets[4], page, count, octets[6:])


def put_blocks(octets: bytes) -> tuple[bytes, ...]:
    """The four blocks of the broadcast channel that carry a page [3]_."""
    last = len(octets) // _BLOCK_OCTETS - 1
    return tuple(
        bytes([0x20 | (n == last) << 4 | n]) + octets[n * _BLOCK_OCTETS : (n + 1) * _BLOCK_OCTETS]
        for n in range(last + 1)
    )
