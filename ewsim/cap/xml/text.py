"""From bytes to text: what is no XML at all is named here, before a parser sees it."""

import codecs
import re
from typing import Final

from ewsim.cap.findings import Finding, finding
from ewsim.cap.xml.markup import prolog_end

MAX_OCTETS: Final = 10_000_000
MAX_DEPTH: Final = 100
MAX_ELEMENTS: Final = 100_000
MAX_ATTRIBUTES: Final = 1_000
MAX_ALERTS: Final = 2_000


_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_UNMARKED: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED: Final = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_KNOWN: Final = re.compile(
    r"utf-?(8|16|32)(-?[lb]e)?|(us-)?ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d"
    r"|koi8-[ru]|shift[_-]jis|euc-(jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5(-hkscs)?|tis-620",
    re.IGNORECASE,
)
_WIDE: Final = re.compile(r"utf-?(16|32)", re.IGNORECASE)
#: How lines end, as places are counted; and what no XML may hold.
LINE_END: Final = re.compile(r"\r\n|\r|\n")
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAGIC: Final = {
    b"\x1f\x8b": "gzip data",
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_MAGIC_BYTES: Final = tuple(_MAGIC)
#: A part of what the parser says; the same in plain words where its own are not plain; what to do.
_FIXES: Final = (
    ("EntityRef", "an & that begins no entity", "Write &amp; for &."),
    ("Entity '", "", "Write the character itself: XML knows &amp; &lt; &gt; &quot; &apos; only."),
    ("tag mismatch", "", "Close each element with the name it was opened with."),
    ("Premature end", "", "The file is cut off, or an end tag is missing."),
    ("Extra content", "", "End the file after the root: one file is one document."),
    ("XML declaration allowed only", "", "Begin the file with <?xml, with nothing before it."),
    ("AttValue", "the value of an attribute is not in quotes", "Put it in quotes."),
    ("invalid element name", "a < that begins no element", "Write &lt; for < in a text."),
    ("parsing attribute name", "", "Write &lt; for < in a text."),
    ("Namespace prefix", "", 'Declare it: xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2".'),
)


def decode(source: bytes) -> tuple[str | None, list[Finding]]:
    """The text of a file, or None, and what is wrong with it."""
    if len(source) > MAX_OCTETS:
        return None, [finding("XML-SIZE", f"the file has more than {MAX_OCTETS / 1e6:.0f} MB")]
    if source.startswith(_MAGIC_BYTES):
        what = next(what for magic, what in _MAGIC.items() if source.startswith(magic))
        return None, [finding("XML-SYNTAX", f"this is {what}, not XML", "Unpack it first.")]
    if not source.strip(b"\0 \t\r\n"):
        return None, [finding("XML-SYNTAX", "the file is empty", "Write the alert into it.")]
    encoding, start, declared = _encoding(source)
    if encoding is None:
        text = f"the declared encoding {declared!r} is not one that is read here"
        return None, [finding("XML-ENCODING", text, line=1, column=1)]
    problems = []
    if declared not in ("", encoding) and not _same(declared, encoding):
        text = f"the declaration says {declared}, the bytes are {encoding}"
        problems.append(finding("XML-DECLARED", text, line=1, column=1))
    try:
        decoded = source[start:].decode(encoding)
    except UnicodeDecodeError as error:
        before = source[start : start + error.start].decode(encoding, "replace")
        line, column = _place(before, len(before))
        text = f"byte {source[start + error.start]:#04x} is not valid {encoding}"
        return None, [*problems, finding("XML-ENCODING", text, line=line, column=column)]
    if decoded.startswith("\ufeff"):
        text = "the file begins with two byte-order marks"
        return None, [*problems, finding("XML-SYNTAX", text, "Remove it.", 1, 1)]
    refused = _doctype(decoded)
    return (None, [*problems, refused]) if refused else (decoded, problems)


def _encoding(source: bytes) -> tuple[str | None, int, str]:
    """The encoding, where the text begins, and what the declaration says ('' for nothing)."""
    if source[:1] != b"<" or source[1:2] == b"\0":  # most files are spared this
        for bom, name in _BOMS:
            if source.startswith(bom):
                head = source[len(bom) : len(bom) + 800].decode(name, "replace")
                match = _DECLARED.match(head.encode("ascii", "replace"))
                return name, len(bom), match[1].decode() if match else ""
        for head_bytes, name in _UNMARKED:
            if source.startswith(head_bytes):
                return name, 0, ""
    match = _DECLARED.match(source[:400])
    if match is None:
        return "utf-8", 0, ""
    declared = match[1].decode()
    if declared in ("UTF-8", "utf-8"):
        return declared, 0, declared
    if _WIDE.match(declared):
        return "utf-8", 0, declared
    return (declared if _is_read(declared) else None), 0, declared


def _is_read(encoding: str) -> bool:
    """Whether an encoding is a known and harmless one, and there is such a one."""
    try:
        return _KNOWN.fullmatch(encoding) is not None and bool(codecs.lookup(encoding))
    except LookupError:  # ISO-8859-12, windows-1259
        return False


def _same(declared: str, actual: str) -> bool:
    """Whether two names mean one encoding; utf-16 means either byte order."""

    def plain(name: str) -> str:
        return re.sub(r"[^a-z0-9]", "", name.lower())

    return plain(actual).startswith(plain(declared)) or plain(declared) == plain(actual)


def _doctype(text: str) -> Finding | None:
    """Refuse a document type declaration, unseen by any parser; name a web page."""
    at = prolog_end(text)
    begins = text[at : at + 40]
    if not begins.startswith(("<!", "<h", "<H")):
        return None
    line, column = _place(text, at)
    if re.match(r"<!DOCTYPE\s+html|<html\b", begins, re.IGNORECASE):
        message = "this is a web page (HTML), not a CAP alert"
        return finding("XML-SYNTAX", message, "Save the alert itself.", line, column)
    if begins[:9].upper() == "<!DOCTYPE":
        return finding("XML-DOCTYPE", "the file has a document type declaration", "", line, column)
    return None


def glimpse(source: bytes) -> str:
    """The text of a file as far as it can be made out, to quote from it."""
    encoding, start, _ = _encoding(source)
    return source[start:].decode(encoding or "utf-8", "replace")


def explain(text: str, message: str, line: int, column: int) -> Finding:
    """Why a text is not XML, in plain words.

    Parameters
    ----------
    text
        The text.
    message, line, column
        What the parser says, and where.
    """
    illegal = NOT_XML.search(text)
    if illegal:
        line, column = _place(text, illegal.start())
        what = "a NUL character" if illegal[0] == "\0" else f"character U+{ord(illegal[0]):04X}"
        return finding("XML-SYNTAX", f"{what} is not allowed in XML", "Remove it.", line, column)
    if not text.lstrip().startswith("<"):
        return finding("XML-SYNTAX", "this is not XML: it does not begin with '<'", "", 1, 1)
    if "Excessive depth" in message or "depth" in message.lower():
        too_deep = f"elements are nested more than {MAX_DEPTH} deep"
        return finding("XML-LIMIT", too_deep, "", line, 1)
    reason = re.sub(r", line \d+, column \d+.*", "", message, flags=re.DOTALL).strip()
    plain, fix = next(((plain, fix) for words, plain, fix in _FIXES if words in reason), ("", ""))
    return finding("XML-SYNTAX", f"not well-formed: {plain or reason}", fix, line, column)


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
