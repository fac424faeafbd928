"""Any message in words: its name, its fields for people and for JSON, its text."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ewsim import coding
from ewsim.errors import WireError
from ewsim.units import CB_PAGE_OCTETS
from ewsim.wire.protocols import cbsp, rrc, sabp, sbcap, smpp
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.protocols.ngap import NGAP
from ewsim.wire.protocols.pages import Page, charset, get_cbs, get_contents, page_of, read_page
from ewsim.wire.protocols.s1ap import S1AP

_LIST_SHOWN: Final = 3  # entries of a list that are printed


def read_message(protocol: str, octets: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The messages in the octets of a protocol, each its name and its fields; WireError for none."""
    match protocol:
        case "4G" | "5G":
            return [(block.name, block.fields) for block in rrc.decode_information(protocol, octets)]
        case "2G":
            page = get_cbs(octets)
            fields = {
                "message_identifier": page.message_identifier,
                "serial_number": page.serial_number,
                "coding": page.coding,
                "page": page.page,
                "page_count": page.page_count,
                "pages": (page_of(page.octets.ljust(CB_PAGE_OCTETS, b"\0"), len(page.octets)),),
            }
            return [("page", fields)]
    return [_DECODERS[protocol](octets)]


_DECODERS: Final[dict[str, Callable[[bytes], tuple[str, dict[str, Any]]]]] = {
    "CBSP": cbsp.decode,
    "SMPP": smpp.decode,
    **{each.name: each.decode for each in (sabp.SABP, sbcap.SBCAP, S1AP, NGAP)},
}


def pages_in(fields: dict[str, Any]) -> tuple[Page, ...]:
    """The pages of a message that writes a warning; none for all others."""
    if "pages" in fields:
        return tuple(fields["pages"])
    contents = None if "contents_not_valid" in fields else fields.get("contents")
    if isinstance(contents, tuple):  # a bit string, on 3G
        if contents[1] % 8:
            raise WireError(f"its content has {contents[1]} bits, which is not whole octets")
        contents = contents[0].to_bytes(contents[1] // 8, "big")
    return () if contents is None else get_contents(contents)


def text_of(scheme: int, pages: tuple[Page, ...]) -> str:
    """The text of pages."""
    return "".join(read_page(scheme, page.octets[: page.used])[0] for page in pages)


def scheme_of(fields: dict[str, Any]) -> int | None:
    """The data coding scheme of a message."""
    value = fields.get("coding")
    return value[0] if isinstance(value, bytes) else value


def serial_words(serial: int) -> str:
    """What a serial number says."""
    scope = coding.GEOGRAPHICAL_SCOPES[serial >> 14].replace("_", " ")
    return f"{serial:#06x}: {scope}, message code {serial >> 4 & 0x3FF}, update {serial & 0xF}"


def lines(protocol: str, fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of a message as people read them: name, value; the text of a warning last."""
    for name, value in fields.items():
        if name not in ("pages", "contents", "short_message"):
            yield name.replace("_", " "), _words(protocol, name, value)
    if protocol == "SMPP" and fields.get("short_message"):
        receipt = smpp.read_receipt(fields)
        text, (_, number, count) = smpp.read_text(fields)
        yield ("receipt", " ".join(receipt)) if receipt else (f"text (part {number} of {count})", text)
        return
    scheme, pages = scheme_of(fields), pages_in(fields)
    for number, page in enumerate(pages, fields.get("page", 1)):
        text, language = read_page(scheme if scheme is not None else 0x0F, page.octets[: page.used])
        said = f" in {language}" if language else ""
        yield f"page {number}{said}, {page.used} octets", text


def dump(octets: bytes) -> Iterator[str]:
    """Octets in rows of 16, each with its offset."""
    return (f"{at:04x}  {octets[at : at + 16].hex(' ')}" for at in range(0, len(octets), 16))


def _words(protocol: str, name: str, value: Any) -> str:
    if name == "message_identifier":
        return f"{value} ({value:#06x}), {coding.level_of(value).replace('_', ' ')}"
    if name in ("serial_number", "old_serial_number"):
        return serial_words(value)
    if name == "coding":
        scheme = value[0] if isinstance(value, bytes) else value
        return f"{scheme:#04x}: {charset(scheme)[0]}"
    if name == "cause":
        known = CAUSES.get(protocol, ())
        return f"{value}: {known[value]}" if value < len(known) else str(value)
    if name == "repetition_period":
        return f"{value} x 1.883 s = {value * 1.883:.1f} s"
    if name == "broadcasts":
        return str(value) if value else "0: until it is stopped"
    return _plain(value)


def _plain(value: Any) -> str:
    """Any value in one line; long lists begin and say how long they are."""
    match value:
        case bytes():
            return value.hex() or "empty"
        case dict():
            return " ".join(f"{key} {_plain(each)}" for key, each in value.items())
        case cbsp.Cell():
            return value.octets.hex() + (f" ({value.said:#x})" if value.said else "")
        case (str() as name, inner):
            return f"{name}: {_plain(inner)}"
        case list() | tuple():
            shown = ", ".join(_plain(each) for each in value[:_LIST_SHOWN])
            more = f", ... ({len(value)} in all)" if len(value) > _LIST_SHOWN else ""
            return f"{shown}{more}"
    return str(value)


def as_json(value: Any) -> Any:
    """Any value for JSON: octets as hex, the rest as it is."""
    match value:
        case bytes():
            return value.hex()
        case Page():
            return {"octets": value.octets.hex(), "used": value.used}
        case cbsp.Cell():
            return {"kind": value.kind, "octets": value.octets.hex(), "said": value.said}
        case dict():
            return {key: as_json(each) for key, each in value.items()}
        case list() | tuple():
            return [as_json(each) for each in value]
    return value
