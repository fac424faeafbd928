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

from ewsim.cap.marks import Marks
from ewsim.cap.signature.algorithms import DIGESTS
from ewsim.cap.signature.canonical import parsed
from ewsim.cap.signature.certificates import certificates_in, is_trusted, key_in
from ewsim.cap.signature.references import reference_of, scope_faults
from ewsim.cap.signature.signed import signed_alert
from ewsim.cap.signature.verification import Parts, SignedMessage, Way, read_parts
from ewsim.cap.xml.document import XmlDocument
from ewsim.cap.xml.markup import cut
from ewsim.cap.xml.node import SIGNATURE, Node

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SignatureState = Literal["unsigned", "trusted", "intact", "expired", "unverified", "broken"]
#: From best to worst; a message with several signatures is as good as its best unbroken one.
_ORDER: Final[tuple[SignatureState, ...]] = ("trusted", "intact", "expired", "unverified")
#: Signatures of one file that are verified: each takes some milliseconds.
MOST_SIGNATURES: Final = 100


@dataclass(frozen=True, slots=True)
class _Single:
    """What one signature is worth; `way` is how the message must be read so that it matches."""

    state: SignatureState
    name: str = ""
    way: Way = "as it is"
    signed: bytes | None = None


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
    elements, before = _signed_file(document)
    if before[alert.index] + len(nodes) > MOST_SIGNATURES:
        marks.add("SIGNATURE-UNVERIFIED", nodes[0], f"The file has more than {MOST_SIGNATURES} signatures.")
        return SignatureVerdict("unverified")
    when = (at or _sent(alert)).astimezone(UTC)
    if alert is document.root:
        sources = [document.text.encode()]
    else:  # signed before it was put into the feed or envelope, mostly
        root = elements[alert.index]
        sources = [cut(document.text, document.offset(alert)).encode(), etree.tostring(root, with_tail=False)]
    try:
        message = SignedMessage(sources)
    except ValueError as error:
        marks.add("SIGNATURE-BROKEN", nodes[0], f"The message has no canonical form: {error}.")
        return SignatureVerdict("broken")
    each = [_one(message, n, node, marks, trust, when) for n, node in enumerate(nodes)]
    signers = tuple(one.name for one in each if one.name)
    if len(nodes) > 1:
        _several(each, nodes, marks)
    if any(one.state == "broken" for one in each):
        return SignatureVerdict("broken", None, signers)
    best = min(each, key=lambda one: _ORDER.index(one.state))
    if best.signed is None:
        return SignatureVerdict(best.state, None, signers)
    meant = signed_alert(alert, best.signed, document.file)
    if meant is None:
        marks.add("SIGNATURE-SCOPE", nodes[0], "What is signed is not the message in the file.")
        return SignatureVerdict("broken", None, signers)
    return SignatureVerdict(best.state, best.signed, signers, meant)


def _several(each: Sequence[_Single], nodes: Sequence[Node], marks: Marks) -> None:
    """Say who signed, and which signatures match only without another one."""
    names = ", ".join(f"{n} of {one.name or 'unknown'} ({one.state})" for n, one in enumerate(each, 1))
    marks.add("SIGNATURE-SEVERAL", nodes[0], f"The message has {len(nodes)} signatures: {names}.")
    alone = [str(n) for n, one in enumerate(each, 1) if one.way in ("without later", "without others")]
    if alone:
        those = (
            f"signatures {' and '.join(alone)} match" if len(alone) > 1 else f"signature {alone[0]} matches"
        )
        said = (
            f"By the letter of the standard {those} only without the other; the message is as it was signed."
        )
        marks.add("SIGNATURE-PARALLEL", nodes[0], said)


@lru_cache(maxsize=1)
def _signed_file(document: XmlDocument) -> tuple[list[Any], dict[int, int]]:
    """The parser's elements, comments in them, and how many signatures come before each alert."""
    tree = parsed(document.text.encode())
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
    message: SignedMessage,
    number: int,
    node: Node,
    marks: Marks,
    trust: Sequence[Certificate],
    when: datetime,
) -> _Single:
    """Judge one signature, from 0, by itself."""
    element = message.signatures[number]
    wrong = scope_faults(element)
    for fault in wrong:
        _say(marks, "SIGNATURE-SCOPE", node, fault)
    if wrong:
        return _Single("broken")
    parts = read_parts(element)
    if missing := parts.missing():
        _say(marks, "SIGNATURE-BROKEN", node, f"The signature has no {missing}.")
        return _Single("broken")
    chain = certificates_in(element)
    name = chain[0].subject.rfc4514_string() if chain else ""
    uri = reference_of(element).get("URI")
    if uri is None:
        reason = "its reference has no URI, so only sender and recipient know what is signed"
        return _unverified(reason, node, marks, name)
    if uri.startswith("#xpointer("):
        return _unverified("its reference is an XPointer, which is not followed here", node, marks, name)
    unknown = parts.unknown()
    found = None
    if parts.digest_method in DIGESTS:
        found = message.covered(number, parts)
        if found is None:
            said = "The message is not what was signed: its digest differs from that in the signature."
            _say(marks, "SIGNATURE-BROKEN", node, said)
            return _Single("broken", name)
    if unknown:
        return _unverified(f"the algorithm {unknown} is not known", node, marks, name)
    assert found is not None
    if not chain:  # the signer may be pinned all the same
        chain = [c for c in trust if message.fits(number, parts, c.public_key())][:1]
        name = chain[0].subject.rfc4514_string() if chain else ""
    key = chain[0].public_key() if chain else key_in(element)
    if key is None:
        return _unverified("it carries no certificate and no key that can be read", node, marks)
    if weak := _weaknesses(parts, key):
        _say(marks, "SIGNATURE-WEAK", node, " ".join(weak))
    way, signed = found
    fits = message.fits(number, parts, key)
    if way == "re-formatted":
        _say(marks, "SIGNATURE-BROKEN", node, _REFORMATTED)
        return _Single("broken", name)
    if not fits:
        reformatted = message.fits(number, parts, key, blanks=False)
        _say(marks, "SIGNATURE-BROKEN", node, _REFORMATTED if reformatted else _FORGED)
        return _Single("broken", name)
    if not chain:
        said = (
            "The message is intact, but it names no signer: it carries a bare key, and anybody can make one."
        )
        _say(marks, "SIGNATURE-UNTRUSTED", node, said)
        return _Single("intact", "", way, signed)
    if not chain[0].not_valid_before_utc <= when <= chain[0].not_valid_after_utc:
        _say(
            marks,
            "SIGNATURE-EXPIRED",
            node,
            f"The certificate of {name} is valid from {chain[0].not_valid_before_utc:%Y-%m-%d} to "
            f"{chain[0].not_valid_after_utc:%Y-%m-%d}, not on {when:%Y-%m-%d}.",
        )
        return _Single("expired", name, way, signed)
    if is_trusted(chain, trust, when):
        return _Single("trusted", name, way, signed)
    _say(
        marks,
        "SIGNATURE-UNTRUSTED",
        node,
        f"The message is intact, but {name} is not among the trusted certificates.",
    )
    return _Single("intact", name, way, signed)


_REFORMATTED: Final = (
    "The message was re-formatted after signing: it is what was signed but for the white space between "
    "elements."
)
_FORGED: Final = "The signature value does not match: the signature was changed, or another key made it."


def _unverified(reason: str, node: Node, marks: Marks, name: str = "") -> _Single:
    """A signature that cannot be verified."""
    _say(marks, "SIGNATURE-UNVERIFIED", node, f"The signature cannot be verified: {reason}.")
    return _Single("unverified", name)


def _say(marks: Marks, rule: str, node: Node, said: str) -> None:
    """Note what is not noted of an earlier signature of the message: two often have one signer."""
    if all(mark.message != said for mark in marks.items):
        marks.add(rule, node, said)


def _weaknesses(parts: Parts, key: Any) -> list[str]:
    from cryptography.hazmat.primitives.asymmetric import rsa

    used = (parts.method or "", parts.digest_method or "")
    weak = [name.rpartition("#")[2] for name in used if "sha1" in name]
    faults = []
    if weak:
        faults.append(f"The signature uses {' and '.join(weak)}: SHA-1 can be forged.")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        faults.append(f"The signer's RSA key has {key.key_size} bits.")
    return faults
