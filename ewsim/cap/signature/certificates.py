"""Certificates: those that a user trusts, those inside a signature, and who vouches for whom."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ewsim.cap.xml.node import SIGNATURE
from ewsim.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_DS: Final = f"{{{SIGNATURE}}}"
_DS11: Final = "{http://www.w3.org/2009/xmldsig11#}"


def read_trust(paths: Iterable[Path]) -> tuple[Certificate, ...]:
    """Every certificate of some PEM files: pinned signers and certificate authorities."""
    found: list[Certificate] = []
    for path in paths:
        from cryptography import x509

        try:
            found += x509.load_pem_x509_certificates(_read(path))
        except ValueError:
            raise UsageError(f"{path} has no certificate in PEM form.") from None
    return tuple(found)


def certificates_in(signature: Any) -> list[Certificate]:
    """The certificates in a signature, signer first (the order of the file is not binding)."""
    found: list[Certificate] = []
    path = f"./{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate"
    for element in signature.findall(path)[:10]:
        try:
            der = _octets(element)
        except ValueError:
            continue
        certificate = _certificate(der)
        if certificate is not None:
            found.append(certificate)
    issuers = {c.issuer.public_bytes() for c in found if c.issuer != c.subject}
    return sorted(found, key=lambda c: c.subject.public_bytes() in issuers)


def key_in(signature: Any) -> Any | None:
    """The bare key in a signature (KeyValue of RSA or ECDSA), which says that it is whole but not whose."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    given = signature.find(f"./{_DS}KeyInfo/{_DS}KeyValue")
    if given is None:
        return None
    curve = given.find(f"./{_DS11}ECKeyValue/{_DS11}NamedCurve")
    try:
        if curve is not None:
            named = x509.ObjectIdentifier((curve.get("URI") or "").removeprefix("urn:oid:"))
            point = _octets(given.find(f"./{_DS11}ECKeyValue/{_DS11}PublicKey"))
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.get_curve_for_oid(named)(), point)
        exponent, modulus = (
            int.from_bytes(_octets(given.find(f"./{_DS}RSAKeyValue/{_DS}{part}")))
            for part in ("Exponent", "Modulus")
        )
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, LookupError, UnsupportedAlgorithm):
        return None


def is_trusted(chain: list[Certificate], trust: Sequence[Certificate], when: datetime) -> bool:
    """Whether a signer is pinned, or issued by a trusted authority.

    Parameters
    ----------
    chain
        The signer's certificate, then those that came with it.
    trust
        Pinned signers and certificate authorities.
    when
        The time of verification.
    """
    from cryptography import x509
    from cryptography.x509 import verification as v

    if chain[0] in trust:
        return True
    authorities = [c for c in trust if _is_authority(c)]
    if not authorities:
        return False
    builder = v.PolicyBuilder().store(v.Store(authorities)).time(when.replace(tzinfo=None))
    builder = builder.extension_policies(
        ee_policy=v.ExtensionPolicy.permit_all(),
        ca_policy=v.ExtensionPolicy.permit_all().require_present(
            x509.BasicConstraints, v.Criticality.AGNOSTIC, None
        ),
    )
    try:
        builder.build_client_verifier().verify(chain[0], chain[1:])
    except (v.VerificationError, ValueError):
        return False
    return True


def _octets(element: Any) -> bytes:
    """What an element says in base 64; a ValueError where it does not."""
    text = "" if element is None else element.text or ""
    return base64.b64decode("".join(text.split()), validate=True)


def _certificate(der: bytes) -> Certificate | None:
    """A certificate whose every part that is used later can be read; other parts are lazy."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # oddities of other people's certificates
            made = x509.load_der_x509_certificate(der)
            for name in (made.subject, made.issuer):
                name.rfc4514_string()
                name.public_bytes()
            made.public_key()
            _ = made.not_valid_before_utc, made.not_valid_after_utc, _is_authority(made)
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ):
        return None
    return made


def _is_authority(certificate: Certificate) -> bool:
    from cryptography import x509

    try:
        extension = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return bool(extension.value.ca)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError.of(path, error) from None
