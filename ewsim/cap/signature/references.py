"""What a signature covers: its own alert, and nothing else but properties of the signature itself.

A reference with URI="" is the document, one to the Id of <alert> the element. XAdES signs a second
part, properties such as the time of signing, which stand in the signature.

References
----------
.. [1] W3C, XML Signature Syntax and Processing 1.1, sections 4.4.3.3 and 6.6.4.
.. [2] ETSI EN 319 132-1, XAdES baseline signatures, sections 4.3 and 5.2.
"""

import re
from typing import Any, Final

from lxml import etree

from ewsim.cap.signature import algorithms, canonical
from ewsim.cap.xml.node import SIGNATURE

_DS: Final = f"{{{SIGNATURE}}}"
_IDS: Final = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_XPATH: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
#: The one XPath that takes out all signatures, as the library of the European Commission writes it.
_NO_SIGNATURES: Final = re.compile(r"not\(ancestor-or-self::([\w.-]+):Signature\)")


def reference_of(signature: Any) -> Any:
    """The <Reference> over the alert: the first that points at it, or the first of all; None without one."""
    found = signature.findall(f"./{_DS}SignedInfo/{_DS}Reference")
    return next((each for each in found if _of_alert(each, signature)), found[0] if found else None)


def is_of_element(reference: Any) -> bool:
    """Whether a reference is to the element alone, not to the document with what is around it."""
    return bool(reference is not None and reference.get("URI"))


def leaves_out_all(reference: Any) -> bool:
    """Whether a reference leaves out every signature, not its own alone."""
    return reference is not None and any(map(_is_without_signatures, reference.iter(f"{_DS}Transform")))


def scope_faults(signature: Any) -> list[str]:
    """What keeps a signature from covering its own alert and nothing else."""
    own = reference_of(signature)
    if own is None:
        return ["The signature has no reference."]
    faults = []
    for reference in signature.findall(f"./{_DS}SignedInfo/{_DS}Reference"):
        if reference is not own:
            if not _property_fits(reference, signature):
                uri = (reference.get("URI") or "")[:80]
                faults.append(f"Its second reference, to {uri!r}, is no property of the signature as signed.")
            continue
        uri = reference.get("URI")
        if uri is None or uri.startswith("#xpointer("):  # it is said that it cannot be verified
            continue
        if not _of_alert(reference, signature):
            faults.append(f"The reference points at {uri[:80]!r}: the alert itself is unsigned.")
        faults += _foreign(reference)
    return faults


def _of_alert(reference: Any, signature: Any) -> bool:
    """Whether a reference is to the alert that the signature stands in."""
    uri, alert = reference.get("URI"), signature.getparent()
    return uri == "" or bool(uri and alert is not None and uri in {f"#{alert.get(name)}" for name in _IDS})


def _foreign(reference: Any) -> list[str]:
    """What is wrong with the transforms of the reference over the alert."""
    transforms = list(reference.iter(f"{_DS}Transform"))
    taking_out = [
        t for t in transforms if t.get("Algorithm") == algorithms.ENVELOPED or _is_without_signatures(t)
    ]
    foreign = [
        t for t in transforms if t not in taking_out and t.get("Algorithm") not in algorithms.CANONICAL
    ]
    faults = [f"The transform {t.get('Algorithm')} may change what is signed." for t in foreign]
    if not taking_out:
        faults.append("The transform enveloped-signature is missing.")
    elif not foreign and transforms[: len(taking_out)] != taking_out:
        faults.append("The transform enveloped-signature is not the first.")
    return faults


def _is_without_signatures(transform: Any) -> bool:
    path = transform.find(f"./{_DS}XPath") if transform.get("Algorithm") == _XPATH else None
    if path is None:
        return False
    found = _NO_SIGNATURES.fullmatch("".join((path.text or "").split()))
    return found is not None and path.nsmap.get(found[1]) == SIGNATURE


def _property_fits(reference: Any, signature: Any) -> bool:
    """Whether a reference is to a part of its own signature, which is as it was signed."""
    uri = reference.get("URI") or ""
    everywhere = [
        e for e in signature.getroottree().iter("*") if any(uri == f"#{e.get(name)}" for name in _IDS)
    ]
    if len(everywhere) != 1 or signature not in everywhere[0].iterancestors():
        return False
    forms = [t.get("Algorithm") for t in reference.iter(f"{_DS}Transform")] or [algorithms.C14N_10]
    method, value = reference.find(f"./{_DS}DigestMethod"), reference.find(f"./{_DS}DigestValue")
    if method is None or value is None or method.get("Algorithm") not in algorithms.DIGESTS or len(forms) > 1:
        return False
    if forms[0] not in algorithms.CANONICAL:
        return False
    try:
        made = canonical.part(everywhere[0], canonical.form_of(reference.find(f".//{_DS}Transform")))
    except (etree.LxmlError, ValueError):
        return False
    return algorithms.digest(method.get("Algorithm"), made) == algorithms.decoded(value)
