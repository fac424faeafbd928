"""Rules of signatures (CAP 1.2, 3.3.4.1)."""

from __future__ import annotations

from typing import Final

from ewsim.cap.findings import Rule

_SECTION: Final = "3.3.4.1"
BROKEN: Final = Rule(
    "SIGNATURE-BROKEN",
    "signature",
    "error",
    _SECTION,
    "The signed digest and the signature value match the document.",
    "Do not act on this message; get it again from its source, byte for byte.",
)
SCOPE: Final = Rule(
    "SIGNATURE-SCOPE",
    "signature",
    "error",
    _SECTION,
    'The signature is enveloped: one reference with URI="" over the whole alert, and no '
    "transforms but enveloped-signature and canonicalization.",
    "Sign the whole alert with an enveloped signature (ewsim cap sign).",
)
UNVERIFIED: Final = Rule(
    "SIGNATURE-UNVERIFIED",
    "signature",
    "warning",
    _SECTION,
    "The signature can be verified: a known algorithm and the signer's certificate are in it.",
    "Ask the sender for the certificate; the message is not rejected for this alone.",
)
UNTRUSTED: Final = Rule(
    "SIGNATURE-UNTRUSTED",
    "signature",
    "warning",
    _SECTION,
    "The signer's certificate is pinned, or issued by a certificate authority you trust.",
    "Give the sender's certificate or its authority with --trust FILE.pem.",
)
EXPIRED: Final = Rule(
    "SIGNATURE-EXPIRED",
    "signature",
    "warning",
    _SECTION,
    "The signer's certificate is valid at the time of verification.",
    "Verify at the time it was sent (the default), or renew the certificate.",
)
WEAK: Final = Rule(
    "SIGNATURE-WEAK",
    "signature",
    "warning",
    _SECTION,
    "Digest and signature use SHA-256 or stronger, RSA keys have 2048 bits or more.",
    "Sign again with rsa-sha256 or ecdsa-sha256.",
)
SEVERAL: Final = Rule(
    "SIGNATURE-SEVERAL",
    "signature",
    "info",
    _SECTION,
    "One signature says who vouches for the message.",
    "Say which of them recipients should rely on.",
)
PARALLEL: Final = Rule(
    "SIGNATURE-PARALLEL",
    "signature",
    "warning",
    "XML Signature 1.1, 6.6.4",
    "A signature covers the whole alert, with every other signature in it.",
    "Have the second signer sign the message with the first signature in it, or send one signature.",
)
