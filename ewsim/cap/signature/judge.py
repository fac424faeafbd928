"""XML signatures: is the message as it was signed, and is the signer trusted.

CAP 1.2 allows one kind (3.3.4.1): an enveloped signature, a child of `alert`, over the whole
document. Trust never comes from the certificate inside the message: it is either pinned or issued
by a certificate authority of the caller. What verified is handed back as bytes, and only those
bytes are worth reading on.

References
----------
.. [1] OASIS, Common Alerting Protocol 1.2, section 3.3.4.1.
.. [2] W3C, XML Signature Syntax and Processing 1.1, and its Best Practices note (wrapping, foreign
   transforms, "see what is signed").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from lxml import etree

from ewsim.cap.findings import Rule
from ewsim.cap.marks import Marks
from ewsim.cap.signature.certificates import certificates_in, is_trusted
from ewsim.cap.signature.signed import digest_differs, signed_alert
from ewsim.cap.xml.document import XmlDocument
from ewsim.cap.xml.markup import cut
from ewsim.cap.xml.node import SIGNATURE, Node

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SignatureState = Literal["unsigned", "trusted", "intact", "expired", "unverified", "broken"]
#: From best to worst; a message with several signatures is as good as its best unbroken one.
_ORDER: Final[tuple[SignatureState, ...]] = ("trusted", "intact", "expired", "unverified")
_DS: Final = f"{{{SIGNATURE}}}"
_ENVELOPED: Final = SIGNATURE + "enveloped-signature"
_C14N: Final = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
)
_TRANSFORMS: Final = {_ENVELOPED, *_C14N, *(f"{c.rstrip('#')}#WithComments" for c in _C14N)}
_WEAK: Final = ("md5", "sha1")
_PARSER: Final = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
)

#: Signatures of one file that are verified: each takes some milliseconds.
MOST_SIGNATURES: Final = 100

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


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What the signatures of one message are worth.

    `signed` is what was signed, canonical and without the signature: None unless the state is
    trusted, intact or expired; `alert` is made of these bytes alone, with places in the file.
    `signers` are the subjects of the certificates, as they call themselves.
    """

    state: SignatureState
    signed: bytes | None = None
    signers: tuple[str, ...] = ()
    alert: Node | None = None


def judge_signatures(
    document: XmlDocument,
    alert: Node,
    marks: Marks,
    *,
    trust: Sequence[Certificate] = (),
    at: datetime | None = None,
) -> SignatureVerdict:
    """Verify every signature of one message of a document.

    Parameters
    ----------
    document
        The file.
    alert
        The message's <alert>.
    marks
        Gets what is found.
    trust
        Pinned signers and certificate authorities, from `read_trust`.
    at
        The time of verification; the message's own `sent` when None.
    """
    nodes = [c for c in alert.children if c.namespace == SIGNATURE and c.name == "Signature"]
    if not nodes:
        return SignatureVerdict("unsigned")
    if len(nodes) > 1:
        marks.add(SEVERAL, nodes[1], f"The message has {len(nodes)} signatures.")
    elements, before = _signed_file(document)
    if before[alert.index] + len(nodes) > MOST_SIGNATURES:
        marks.add(UNVERIFIED, nodes[0], f"The file has more than {MOST_SIGNATURES} signatures.")
        return SignatureVerdict("unverified")
    when = (at or _sent(alert)).astimezone(UTC)
    root = elements[alert.index]
    sources = [etree.tostring(root, with_tail=False)]
    if alert is not document.root:  # signed before it was put into the feed or envelope, mostly
        sources.insert(0, cut(document.text, document.offset(alert)).encode())
    each = [_one(sources, n, node, marks, trust, when) for n, node in enumerate(nodes)]
    if any(verdict.state == "broken" for verdict in each):
        return SignatureVerdict("broken", None, tuple(s for v in each for s in v.signers))
    best = min(each, key=lambda verdict: _ORDER.index(verdict.state))
    signers = tuple(s for v in each for s in v.signers)
    if best.signed is None:
        return SignatureVerdict(best.state, None, signers)
    meant = signed_alert(alert, best.signed, document.file)
    if meant is None:
        marks.add(SCOPE, nodes[0], "What is signed is not the message in the file.")
        return SignatureVerdict("broken", None, signers)
    return SignatureVerdict(best.state, best.signed, signers, meant)


@lru_cache(maxsize=1)
def _signed_file(document: XmlDocument) -> tuple[list[Any], dict[int, int]]:
    """The parser's elements, comments in them, and how many signatures come before each alert."""
    tree = etree.fromstring(document.text.encode(), _PARSER)
    before, count = {}, 0
    for alert in document.alerts:
        before[alert.index] = count
        count += sum(child.namespace == SIGNATURE for child in alert.children)
    return list(tree.iter("*")), before


def _sent(alert: Node) -> datetime:
    try:
        sent = datetime.fromisoformat(alert.value("sent"))
    except ValueError:
        return datetime.now(UTC)
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def _one(
    sources: Sequence[bytes],
    number: int,
    node: Node,
    marks: Marks,
    trust: Sequence[Certificate],
    when: datetime,
) -> SignatureVerdict:
    roots = []
    for source in sources:
        try:
            roots.append(etree.fromstring(source, _PARSER))
        except etree.XMLSyntaxError as error:  # a prefix of the envelope, or no way to write it
            reason = error.msg
    if not roots:
        marks.add(BROKEN, node, f"The message has no canonical form: {reason}.")
        return SignatureVerdict("broken")
    root = roots[0]
    element = root.findall(f"./{_DS}Signature")[number]
    wrong = _scope(element)
    for fault in wrong:
        marks.add(SCOPE, node, fault)
    if wrong:
        return SignatureVerdict("broken")
    chain = certificates_in(element)
    if not chain:  # the signer may be pinned all the same
        chain = [c for c in trust if any(_verify(r, number, c)[0] is not None for r in roots)][:1]
    if not chain:
        return _unverified("it carries no certificate that can be read", roots, number, node, marks)
    for weak in _weaknesses(element, chain[0]):
        marks.add(WEAK, node, weak)
    name = chain[0].subject.rfc4514_string()
    signed, reason, known = _verify(root, number, chain[0])
    for other in roots[1:]:
        if signed is None:
            signed = _verify(other, number, chain[0])[0]
    if signed is None:
        if not known:
            return _unverified(reason, roots, number, node, marks, name)
        hint = ""
        if _verify(_without_blanks(sources[-1]), number, chain[0])[0] is not None:
            hint = " It verifies without the white space between elements: re-formatted after"
            hint += " signing."
        marks.add(BROKEN, node, f"The signature does not match: {reason}.{hint}")
        return SignatureVerdict("broken", None, (name,))
    if not chain[0].not_valid_before_utc <= when <= chain[0].not_valid_after_utc:
        marks.add(
            EXPIRED,
            node,
            f"The certificate of {name} is valid from {chain[0].not_valid_before_utc:%Y-%m-%d} to "
            f"{chain[0].not_valid_after_utc:%Y-%m-%d}, not on {when:%Y-%m-%d}.",
        )
        return SignatureVerdict("expired", signed, (name,))
    if is_trusted(chain, trust, when):
        return SignatureVerdict("trusted", signed, (name,))
    marks.add(UNTRUSTED, node, f"The message is intact, but {name} is not among the trusted certificates.")
    return SignatureVerdict("intact", signed, (name,))


def _unverified(
    reason: str, roots: Sequence[Any], number: int, node: Node, marks: Marks, *signers: str
) -> SignatureVerdict:
    """A signature that cannot be verified; its digest can still be compared with the content."""
    if all(digest_differs(root, number) for root in roots):
        marks.add(BROKEN, node, "The digest in the signature is not that of the message.")
        return SignatureVerdict("broken", None, signers)
    marks.add(UNVERIFIED, node, f"The signature cannot be verified: {reason}.")
    return SignatureVerdict("unverified", None, signers)


def _scope(signature: Any) -> list[str]:
    """What keeps a signature from covering its own alert and nothing else."""
    faults: list[str] = []
    references = signature.findall(f"./{_DS}SignedInfo/{_DS}Reference")
    if len(references) != 1:
        faults.append(f"The signature has {len(references)} references instead of one.")
    for reference in references:
        if reference.get("URI") != "":
            faults.append(f"The reference points at {reference.get('URI')!r}: the alert itself is unsigned.")
        transforms = [t.get("Algorithm") for t in reference.iter(f"{_DS}Transform")]
        foreign = [str(t) for t in transforms if t not in _TRANSFORMS]
        faults += [f"The transform {t} may change what is signed." for t in foreign]
        if _ENVELOPED not in transforms:
            faults.append("The transform enveloped-signature is missing.")
    if signature.find(f"./{_DS}Object") is not None:
        faults.append("The signature carries an Object: an enveloping signature is not allowed.")
    return faults


def _weaknesses(signature: Any, certificate: Certificate) -> list[str]:
    from cryptography.hazmat.primitives.asymmetric import rsa

    names = [
        element.get("Algorithm") or ""
        for tag in ("SignatureMethod", "DigestMethod")
        for element in signature.iter(_DS + tag)
    ]
    faults = [f"The algorithm {n} is weak." for n in names if n.lower().endswith(_WEAK)]
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        faults.append(f"The signer's RSA key has {key.key_size} bits.")
    return faults


def _verify(root: Any, number: int, signer: Certificate) -> tuple[bytes | None, str, bool]:
    """The signed bytes, or None with the reason, and whether the algorithms are known ones."""
    import signxml

    class Nth(signxml.XMLVerifier):  # type: ignore[misc]
        """The verifier, pointed at one of several signatures."""

        def _get_signature(self, root: Any) -> Any:
            return root.findall(f"./{_DS}Signature")[number]

    methods = ((signxml.SignatureMethod, "SignatureMethod"), (signxml.DigestAlgorithm, "DigestMethod"))
    element = root.findall(f"./{_DS}Signature")[number]
    for kind, tag in methods:
        algorithm = next((e.get("Algorithm") for e in element.iter(_DS + tag)), None)
        if algorithm is None:
            return None, f"it has no {tag}", True
        if algorithm not in {m.value for m in kind} or "hmac" in str(algorithm):
            return None, f"the algorithm {algorithm} is not known", False
    config = signxml.SignatureConfiguration(
        location="./",
        signature_methods=frozenset(signxml.SignatureMethod),
        digest_algorithms=frozenset(signxml.DigestAlgorithm),
        verification_time=signer.not_valid_before_utc,  # dates are judged by the caller
    )
    try:
        result = Nth().verify(root, x509_cert=signer, expect_config=config, validate_schema=False)
    except Exception as error:  # noqa: BLE001 - hostile input reaches other people's code
        return None, (str(error).rstrip(": .") or type(error).__name__), True
    return result.signed_data, "", True


def _without_blanks(source: bytes) -> Any:
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    return etree.fromstring(source, parser)
