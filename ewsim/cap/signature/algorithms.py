"""The algorithms of XML signatures: digests, signature values, canonical forms.

References
----------
.. [1] W3C, XML Signature Syntax and Processing 1.1, section 6.
.. [2] RFC 9231, Additional XML Security Uniform Resource Identifiers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any, Final

from ewsim.cap.xml.node import SIGNATURE

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007: Final = "http://www.w3.org/2007/05/xmldsig-more#"
_ENC: Final = "http://www.w3.org/2001/04/xmlenc#"

ENVELOPED: Final = SIGNATURE + "enveloped-signature"
C14N_10: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11: Final = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_WITH_COMMENTS: Final = "#WithComments"
#: Every canonical form, with and without comments.
CANONICAL: Final = frozenset(
    name for form in (C14N_10, C14N_11, EXCLUSIVE) for name in (form, form.rstrip("#") + _WITH_COMMENTS)
)

#: Digests, by the name that hashlib has for them.
DIGESTS: Final = {
    SIGNATURE + "sha1": "sha1",
    _MORE + "sha224": "sha224",
    _ENC + "sha256": "sha256",
    _MORE + "sha384": "sha384",
    _ENC + "sha512": "sha512",
    **{f"{_MORE_2007}sha3-{bits}": f"sha3_{bits}" for bits in (224, 256, 384, 512)},
}
#: Signature methods: the sort of key, and the hash.
METHODS: Final = {
    SIGNATURE + "rsa-sha1": ("rsa", "sha1"),
    SIGNATURE + "dsa-sha1": ("dsa", "sha1"),
    "http://www.w3.org/2009/xmldsig11#dsa-sha256": ("dsa", "sha256"),
    _MORE + "ecdsa-sha1": ("ecdsa", "sha1"),
    _MORE_2007 + "sha1-rsa-MGF1": ("pss", "sha1"),
    **{f"{_MORE}rsa-sha{bits}": ("rsa", f"sha{bits}") for bits in (224, 256, 384, 512)},
    **{f"{_MORE}ecdsa-sha{bits}": ("ecdsa", f"sha{bits}") for bits in (224, 256, 384, 512)},
    **{f"{_MORE_2007}sha{bits}-rsa-MGF1": ("pss", f"sha{bits}") for bits in (224, 256, 384, 512)},
}
RSA_SHA256: Final = _MORE + "rsa-sha256"
ECDSA_SHA256: Final = _MORE + "ecdsa-sha256"
SHA256: Final = _ENC + "sha256"


def is_exclusive(form: str) -> bool:
    """Whether a canonical form leaves out the namespaces that are not used."""
    return form.startswith(EXCLUSIVE.rstrip("#"))


def keeps_comments(form: str) -> bool:
    """Whether a canonical form has the comments."""
    return form.endswith(_WITH_COMMENTS)


def digest(algorithm: str, data: bytes) -> bytes:
    """The digest of some bytes by an algorithm of `DIGESTS`."""
    return hashlib.new(DIGESTS[algorithm], data, usedforsecurity=False).digest()


def decoded(element: Any) -> bytes | None:
    """The octets that an element has in base64; None without the element, or where it has something else."""
    if element is None:
        return None
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def fits(method: str, key: Any, value: bytes, data: bytes) -> bool:
    """Whether a signature value is that of some bytes.

    Parameters
    ----------
    method
        A method of `METHODS`.
    key
        The signer's public key.
    value
        The signature value.
    data
        What was signed.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

    sort, name = METHODS[method]
    used = _hash(name)
    try:
        if sort == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_from_pair(value, (key.key_size + 7) // 8), data, ec.ECDSA(used))
        elif sort == "dsa" and isinstance(key, dsa.DSAPublicKey):
            key.verify(_from_pair(value, len(value) // 2), data, used)
        elif sort == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PKCS1v15(), used)
        elif sort == "pss" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PSS(padding.MGF1(used), used.digest_size), used)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _from_pair(value: bytes, size: int) -> bytes:
    """The two numbers of a signature, each of `size` bytes, in the form that cryptography takes."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if not size or len(value) != 2 * size:
        raise ValueError("the value has a wrong length")
    return encode_dss_signature(int.from_bytes(value[:size]), int.from_bytes(value[size:]))


def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    made: HashAlgorithm = getattr(hashes, name.upper())()
    return made
