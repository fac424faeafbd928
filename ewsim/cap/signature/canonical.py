"""Canonical forms: the bytes that a signature of an alert is about.

libxml2's canonical form of an element inside a document is wrong where a default namespace is
declared between it and the root: it writes `xmlns=""` on the elements below. The form of a whole
document is right, so every form here is that of a document of its own, whose root has what the
element inherits: namespaces, and attributes such as xml:lang.

References
----------
.. [1] W3C, Canonical XML 1.0, sections 2.3 and 2.4; Canonical XML 1.1, section 2.4.
.. [2] W3C, XML Signature Syntax and Processing 1.1, sections 4.4.3.3 (a reference with URI="" is
   the document without comments) and 6.6.4 (enveloped-signature takes out its own signature only).
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from lxml import etree

from ewsim.cap.signature.algorithms import C14N_10, C14N_11, EXCLUSIVE, is_exclusive, keeps_comments
from ewsim.cap.xml.node import SIGNATURE

_DS: Final = f"{{{SIGNATURE}}}"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_PREFIXES: Final = f"./{{{EXCLUSIVE}}}InclusiveNamespaces"
_SAFE: Final[dict[str, Any]] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
_PARSER: Final = etree.XMLParser(**_SAFE)
_WITHOUT_BLANKS: Final = etree.XMLParser(remove_blank_text=True, **_SAFE)
#: Attributes that an element inherits in Canonical XML 1.1; in 1.0 it inherits all of xml:.
_INHERITED_11: Final = (_XML + "lang", _XML + "space")


class Form(NamedTuple):
    """A canonical form; `prefixes` are those that the exclusive one treats like the inclusive one."""

    algorithm: str
    prefixes: tuple[str, ...] = ()


class Style(NamedTuple):
    """How a message may have been laid out: a step of indentation, and what is after the last element."""

    indent: str
    last: str


#: The usual ones, with the places where a signature may have stood.
STYLES: Final = (
    Style("", ""),
    Style("", "\n"),
    *(Style(step, last) for step in ("  ", "    ", "\t") for last in ("\n", "\n\n", f"\n{step}\n")),
)


def parsed(source: bytes, *, blanks: bool = True) -> Any:
    """The root element of a document, with its comments; without `blanks`, without white space
    between elements.
    """
    return etree.fromstring(source, _PARSER if blanks else _WITHOUT_BLANKS)


def signatures_of(root: Any) -> list[Any]:
    """The signatures of an alert, in the order of the document."""
    found: list[Any] = root.findall(f"./{_DS}Signature")
    return found


def content(
    root: Any,
    leave_out: Collection[int],
    forms: Sequence[Form],
    *,
    added: Collection[int] = (),
    style: Style | None = None,
) -> bytes:
    """The canonical document of an alert, without comments.

    Parameters
    ----------
    root
        Its root element; it is changed.
    leave_out
        Numbers of the signatures that are taken out, from 0.
    forms
        The canonical forms, one after the other; Canonical XML 1.0 where there is none.
    added
        Those of them that were put in together with the white space after them.
    style
        The white space to put between the elements of a root that has none.
    """
    for number, signature in enumerate(signatures_of(root)):
        if number in added and not (signature.tail or "").strip():
            signature.tail = None
        if number in leave_out:
            _remove(signature)
    if style:
        if style.indent:
            etree.indent(root, style.indent)
        if len(root):
            root[-1].tail = style.last
    made = _canonical(root.getroottree(), (forms or (Form(C14N_10),))[0], comments=False)
    for form in forms[1:]:
        made = _canonical(parsed(made).getroottree(), form, comments=keeps_comments(form.algorithm))
    return made


def form_of(transform: Any) -> Form:
    """The canonical form that an element names; the default one for None."""
    if transform is None:
        return Form(C14N_10)
    listed = transform.find(_PREFIXES)
    prefixes = () if listed is None else tuple((listed.get("PrefixList") or "").split())
    return Form(transform.get("Algorithm"), prefixes)


def alone(element: Any) -> Any:
    """The root of a document that has an element only, with the namespaces that it inherits."""
    return etree.fromstring(etree.tostring(element, with_tail=False), _PARSER)


def part(element: Any, form: Form) -> bytes:
    """The canonical form of one element of a document, such as <SignedInfo>."""
    root = alone(element)
    if not is_exclusive(form.algorithm):
        for above in element.iterancestors():
            for name, value in above.attrib.items():
                inherited = (
                    name in _INHERITED_11 if form.algorithm.startswith(C14N_11) else name.startswith(_XML)
                )
                if inherited and name not in root.attrib:
                    root.set(name, value)
    return _canonical(root.getroottree(), form, comments=keeps_comments(form.algorithm))


def _canonical(tree: Any, form: Form, *, comments: bool) -> bytes:
    made: bytes = etree.tostring(
        tree,
        method="c14n",
        exclusive=is_exclusive(form.algorithm),
        with_comments=comments,
        inclusive_ns_prefixes=list(form.prefixes) or None,
    )
    return made


def _remove(element: Any) -> None:
    """Take an element out; the text after it stays."""
    before, tail = element.getprevious(), element.tail or ""
    parent = element.getparent()
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(element)
