"""Keys and certificates from files, and putting a signature on a message."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from ewsim.cap.reader import must_hold_alert
from ewsim.cap.signature import canonical
from ewsim.cap.signature.algorithms import C14N_10, ECDSA_SHA256, ENVELOPED, RSA_SHA256, SHA256, digest
from ewsim.cap.xml.document import read_document
from ewsim.cap.xml.node import SIGNATURE
from ewsim.errors import CapError, Diagnostic, UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_TEMPLATE: Final = (
    f'<ds:Signature xmlns:ds="{SIGNATURE}"><ds:SignedInfo>'
    f'<ds:CanonicalizationMethod Algorithm="{C14N_10}"/><ds:SignatureMethod Algorithm="{{method}}"/>'
    f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"/>'
    f'<ds:Transform Algorithm="{C14N_10}"/></ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    "<ds:SignatureValue></ds:SignatureValue>"
    "<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo></ds:Signature>"
)


def sign(source: bytes, file: str, *, key: bytes, certificate: bytes) -> bytes:
    """A message with an enveloped signature as its last child; not one other byte of it changes.

    Parameters
    ----------
    source
        The bytes of the message.
    file
        What messages call it.
    key, certificate
        PEM; RSA or EC, without a passphrase. Further certificates of the file go in as a chain.

    Raises
    ------
    CapError
        The message has a signature already, or the file is not one alert.
    UsageError
        The key cannot be read or does not belong to the certificate.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    document = read_document(source, file)
    must_hold_alert(document)
    if len(document.alerts) != 1 or document.alerts[0] is not document.root:
        raise CapError([Diagnostic(file, 1, 1, "Only a file that is one alert can be signed.")])
    signed = [c for c in document.root.children if c.namespace == SIGNATURE]
    if signed:
        place = document.place(signed[0])
        message = "The message is signed already."
        fix = "Sign the unsigned original: a second signature would cover the first."
        raise CapError([Diagnostic(file, place.line, place.column, message, fix)])
    try:
        private = serialization.load_pem_private_key(key, password=None)
        chain = x509.load_pem_x509_certificates(certificate)
    except (ValueError, TypeError) as error:
        reason = str(error).partition(". See")[0].rstrip(".")
        raise UsageError(
            f"The key or the certificate cannot be read ({reason}). Both are PEM, the key without "
            "a passphrase."
        ) from None
    if private.public_key() != chain[0].public_key():
        raise UsageError("The key does not belong to the certificate (the file's first).")
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UsageError("Only RSA and EC keys can sign.")
    method = RSA_SHA256 if isinstance(private, rsa.RSAPrivateKey) else ECDSA_SHA256
    unsigned = canonical.content(canonical.parsed(document.text.encode()), (), ())
    written = _TEMPLATE.format(
        method=method,
        digest=base64.b64encode(digest(SHA256, unsigned)).decode(),
        certificates="".join(f"<ds:X509Certificate>{_body(c)}</ds:X509Certificate>" for c in chain),
    )
    whole = _insert(document.text, written)
    info = canonical.signatures_of(canonical.parsed(whole.encode()))[0][0]
    value = _value(private, canonical.part(info, canonical.Form(C14N_10)))
    empty = "<ds:SignatureValue>"
    at = whole.rindex(empty) + len(empty)
    return (whole[:at] + base64.b64encode(value).decode() + whole[at:]).encode()


def _value(key: Any, data: bytes) -> bytes:
    """The signature value of some bytes: RSA or ECDSA with SHA-256."""
    from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    if not isinstance(key, ec.EllipticCurvePrivateKey):
        made: bytes = key.sign(data, padding.PKCS1v15(), SHA256())
        return made
    size = (key.key_size + 7) // 8
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(size) + s.to_bytes(size)


def _body(certificate: Certificate) -> str:
    """A certificate in base64."""
    from cryptography.hazmat.primitives.serialization import Encoding

    lines = certificate.public_bytes(Encoding.PEM).decode().splitlines(keepends=True)
    return "".join(lines[1:-1])


def _insert(text: str, signature: str) -> str:
    """Put the signature before the last end tag; the declaration says what we write: UTF-8."""
    head, end = text[: text.rindex("</")], text[text.rindex("</") :]
    if head.startswith("<?xml"):
        head = '<?xml version="1.0" encoding="UTF-8"?>' + head[head.index("?>") + 2 :]
    return head + signature + end
