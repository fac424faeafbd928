"""Keys and certificates from files, and putting a signature on a message."""

from __future__ import annotations

from lxml import etree

from ewsim.cap.xml.document import read_document
from ewsim.cap.xml.node import SIGNATURE
from ewsim.errors import CapError, Diagnostic, UsageError


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
    import signxml
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    document = read_document(source, file)
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
    if isinstance(private, rsa.RSAPrivateKey):
        method = "rsa-sha256"
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        method = "ecdsa-sha256"
    else:
        raise UsageError("Only RSA and EC keys can sign.")
    signer = signxml.XMLSigner(
        method=signxml.methods.enveloped,
        signature_algorithm=method,
        digest_algorithm="sha256",
        c14n_algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    )
    root = etree.fromstring(document.text.encode(), etree.XMLParser(encoding="utf-8"))
    tree = signer.sign(root, key=private, cert=chain)
    element = tree.find(f"{{{SIGNATURE}}}Signature")
    element.tail = None
    return _insert(document.text, etree.tostring(element, encoding="unicode")).encode()


def _insert(text: str, signature: str) -> str:
    """Put the signature before the last end tag; the declaration says what we write: UTF-8."""
    head, end = text[: text.rindex("</")], text[text.rindex("</") :]
    if head.startswith("<?xml"):
        head = '<?xml version="1.0" encoding="UTF-8"?>' + head[head.index("?>") + 2 :]
    return head + signature + end
