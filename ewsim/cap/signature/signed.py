"""What was signed, as a tree of its own: nothing else of a verified file is used afterwards.

The signed bytes are parsed again, without the file around them. Their elements get the places of
those in the file, one by one; where the two do not agree there is nothing to use.
"""

from ewsim.cap.xml.document import open_document
from ewsim.cap.xml.node import SIGNATURE, Node


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
