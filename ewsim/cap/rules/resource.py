"""Rules of <resource>: files named by or carried in a message (CAP 1.2, 3.2.3)."""

import base64
import binascii
import hashlib
import re
from typing import Final

from ewsim.cap.marks import Marks
from ewsim.cap.xml import values
from ewsim.cap.xml.node import Node

_MIME: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?", re.ASCII | re.DOTALL)
_SHA1: Final = re.compile(r"[0-9A-Fa-f]{40}")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def check(resource: Node, marks: Marks) -> None:
    """Judge one <resource>."""
    table = resource.table
    for node in table.get("mimeType", ()):
        text = node.text.strip()
        if text and not _MIME.fullmatch(text):
            marks.add("MIME-FORM", node, f"<mimeType> is {text[:60]!r}, not type/subtype", offset=0)
    carried = [node for node in table.get("derefUri", ()) if node.text.strip()]
    named = [node for node in table.get("uri", ()) if node.text.strip()]
    for node in named:
        text = node.text.strip()
        if not _ABSOLUTE.match(text) and not carried:
            message = f"<uri> is {text[:60]!r}, relative, and there is no <derefUri>"
            marks.add("URI-RELATIVE", node, message, offset=0)
    if not named and not carried:
        marks.add("RESOURCE-EMPTY", resource, "<resource> has neither <uri> nor <derefUri>")
    content = None
    for node in carried:
        marks.add("DEREF-NETWORK", node, "the content travels inside the message")
        content = _decoded(node, marks)
    for node in table.get("size", ()):
        _size(node, content, marks)
    for node in table.get("digest", ()):
        _digest(node, content, marks)


def _decoded(node: Node, marks: Marks) -> bytes | None:
    try:
        plain = node.text.encode("ascii").translate(None, b" \t\r\n")
        return base64.b64decode(plain, validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        reason = "it holds other characters" if isinstance(error, UnicodeEncodeError) else error
        marks.add("DEREF-BASE64", node, f"<derefUri> is not base64: {reason}", offset=0)
        return None


def _size(node: Node, content: bytes | None, marks: Marks) -> None:
    text = node.text.strip()
    if not values.is_integer(text):
        return
    if text.startswith("-") and text.strip("-0"):
        marks.add("SIZE-NEGATIVE", node, f"<size> is {text[:40]}", offset=0)
    elif content is not None and text.lstrip("+0") != str(len(content)).lstrip("0"):
        message = f"<size> is {text[:40]}, and <derefUri> carries {len(content)} bytes"
        marks.add("SIZE-DIFFERS", node, message, offset=0)


def _digest(node: Node, content: bytes | None, marks: Marks) -> None:
    text = node.text.strip()
    if not text:
        return
    if not _SHA1.fullmatch(text):
        marks.add("DIGEST-FORM", node, f"<digest> is {text[:60]!r}, not a SHA-1 hash", offset=0)
    elif content is not None:
        found = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if found != text.lower():
            message = f"<digest> is not the hash of what <derefUri> carries, {found}"
            marks.add("DIGEST-DIFFERS", node, message, offset=0)
