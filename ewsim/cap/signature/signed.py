"""What was signed, as a tree of its own: nothing else of a verified file is used afterwards.

The signed bytes are parsed again, without the file around them. Their elements get the places of
those in the file, one by one; where the two do not agree there is nothing to use.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, Final

from lxml import etree

from ewsim.cap.xml.document import open_document
from ewsim.cap.xml.node import SIGNATURE, Node

_DS: Final = f"{{{SIGNATURE}}}"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_PARSER: Final = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
)
#: Digests that are compared without a signer, by the end of their name.
_DIGESTS: Final = ("sha1", "sha224", "sha256", "sha384", "sha512")


def signed_alert(alert: Node, signed: bytes, file: str) -> Node | None:
    """The alert that was signed; None when it is not the one in the file.

    Parameters
    ----------
    alert
        The <alert> of the file, whose signature verified.
    signed
        What the signature covers, canonical.
    file
        What messages call it.

    Returns
    -------
    An element made of `signed` alone, with the indices of the file's elements. Only its signatures,
    which no signature can cover, are the file's: they say that it is signed.
    """
    document, _ = open_document(signed, file)
    if document is None or not _align(document.root, alert, top=True):
        return None
    root = document.root
    kept = [child for child in root.children if not _is_signature(child)]
    marks = [child for child in alert.children if _is_signature(child)]
    root.children = sorted([*kept, *marks], key=lambda child: child.index)
    return root


def _is_signature(node: Node) -> bool:
    return node.namespace == SIGNATURE


def _align(ours: Node, theirs: Node, *, top: bool = False) -> bool:
    """Whether two elements say the same; the first one then gets the place of the second."""
    mine, other = ours.children, theirs.children
    if top:
        mine = [child for child in mine if not _is_signature(child)]
        other = [child for child in other if not _is_signature(child)]
    ours.index = theirs.index
    return (
        (ours.namespace, ours.name, ours.stray) == (theirs.namespace, theirs.name, theirs.stray)
        and (bool(mine) or top or ours.text == theirs.text)
        and ours.attributes == theirs.attributes
        and len(mine) == len(other)
        and all(map(_align, mine, other))
    )


def digest_differs(root: Any, number: int) -> bool:
    """Whether a message is not what the digest in its signature says: no key is needed for that.

    False where the algorithm of the digest is not known. The signature has one reference, to the
    whole alert, without foreign transforms.
    """
    tree = etree.fromstring(etree.tostring(root), _PARSER)
    signature = tree.findall(f"./{_DS}Signature")[number]
    method = signature.find(f"./{_DS}SignedInfo/{_DS}Reference/{_DS}DigestMethod")
    value = signature.find(f"./{_DS}SignedInfo/{_DS}Reference/{_DS}DigestValue")
    name = "" if method is None else (method.get("Algorithm") or "").rpartition("#")[2]
    if name not in _DIGESTS or value is None:
        return False
    forms = [t for t in signature.iter(f"{_DS}Transform") if "c14n" in (t.get("Algorithm") or "")]
    algorithm = str(forms[0].get("Algorithm")) if forms else ""
    listed = forms[0].find(f"./{{{_EXCLUSIVE}}}InclusiveNamespaces") if forms else None
    prefixes = None if listed is None else (listed.get("PrefixList") or "").split()
    before, tail = signature.getprevious(), signature.tail or ""
    if before is None:
        tree.text = (tree.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    tree.remove(signature)
    try:
        content = etree.tostring(
            tree,
            method="c14n",
            exclusive=algorithm.startswith(_EXCLUSIVE),
            with_comments=algorithm.endswith("WithComments"),
            inclusive_ns_prefixes=prefixes,
        )
        said = base64.b64decode("".join((value.text or "").split()), validate=True)
    except (ValueError, binascii.Error, etree.C14NError):
        return True
    return hashlib.new(name, content, usedforsecurity=False).digest() != said
