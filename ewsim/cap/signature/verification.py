"""One signature of a message: what it says of itself, and whether digest and value are right."""

from collections.abc import Collection, Iterable
from typing import Any, Final, Literal, NamedTuple

from lxml import etree

from ewsim.cap.signature import algorithms, canonical
from ewsim.cap.signature.canonical import Form, Style, form_of
from ewsim.cap.signature.references import is_of_element, leaves_out_all, reference_of
from ewsim.cap.xml.node import SIGNATURE

_DS: Final = f"{{{SIGNATURE}}}"
#: With more signatures than this, each is only compared with the message as it is.
_MOST_TRIES: Final = 4

#: How a message must be read so that it is what was signed: as it is, without the signatures after
#: this one, without all other signatures, with none or other white space between elements.
Way = Literal["as it is", "without later", "without others", "re-formatted"]


class Parts(NamedTuple):
    """What a signature says of itself; None for what it does not say or what cannot be read.

    `alone`: it is about the element without what is around it; `unsigned`: without any signature.
    """

    method: str | None
    value: bytes | None
    info: Form | None
    digest_method: str | None
    digest: bytes | None
    forms: tuple[Form, ...]
    alone: bool
    unsigned: bool

    def missing(self) -> str:
        """The first part that is not there, or an empty text."""
        named = {
            "CanonicalizationMethod": self.info,
            "SignatureMethod": self.method,
            "DigestMethod": self.digest_method,
            "DigestValue that can be read": self.digest,
            "SignatureValue that can be read": self.value,
        }
        return next((name for name, found in named.items() if found is None), "")

    def unknown(self) -> str:
        """The first algorithm that is not known, or an empty text."""
        used = (
            (self.method, algorithms.METHODS),
            (self.digest_method, algorithms.DIGESTS),
            (self.info and self.info.algorithm, algorithms.CANONICAL),
        )
        return next((name for name, known in used if name is not None and name not in known), "")


def read_parts(signature: Any) -> Parts:
    """What a <Signature> says of itself."""
    info = f"./{_DS}SignedInfo/{_DS}"
    reference = reference_of(signature)
    found = signature.find(f"{info}CanonicalizationMethod")
    transforms = [] if reference is None else reference.findall(f"./{_DS}Transforms/{_DS}Transform")
    return Parts(
        method=_algorithm(signature.find(f"{info}SignatureMethod")),
        value=algorithms.decoded(signature.find(f"./{_DS}SignatureValue")),
        info=None if found is None or _algorithm(found) is None else form_of(found),
        digest_method=None if reference is None else _algorithm(reference.find(f"./{_DS}DigestMethod")),
        digest=None if reference is None else algorithms.decoded(reference.find(f"./{_DS}DigestValue")),
        forms=tuple(form_of(t) for t in transforms if t.get("Algorithm") in algorithms.CANONICAL),
        alone=is_of_element(reference),
        unsigned=leaves_out_all(reference),
    )


def _algorithm(element: Any) -> str | None:
    return None if element is None else element.get("Algorithm")


class SignedMessage:
    """A message with `count` signatures, in each form that may have been signed.

    `sources` are the documents that it can be: inside a feed or an envelope, as it is written and
    with the namespaces of what is around it. A `ValueError` says why it can be none.
    """

    def __init__(self, sources: Iterable[bytes]) -> None:
        self.sources: list[bytes] = []
        self.signatures: list[Any] = []
        reason = ""
        for source in sources:
            try:
                root = canonical.parsed(source)
            except etree.XMLSyntaxError as error:  # a prefix of the envelope, or no way to write it
                reason = error.msg or ""
                continue
            self.signatures = self.signatures or canonical.signatures_of(root)
            self.sources.append(source)
        if not self.sources:
            raise ValueError(reason)
        self.count = len(self.signatures)
        self._known: dict[object, bytes | None] = {}

    def covered(self, number: int, parts: Parts) -> tuple[Way, bytes] | None:
        """How the message is what the digest of a signature says, and its bytes; None if it is not."""
        every = set(range(self.count))
        own = every if parts.unsigned else {number}
        ways: list[tuple[Way, set[int], set[int]]] = [("as it is", own, set())]
        if 1 < self.count <= _MOST_TRIES and not parts.unsigned:
            later = set(range(number, self.count))
            ways += [("without later", later, added) for added in (set(), later - {number})]
            ways += [("without others", every, added) for added in (set(), every - {number})]
        for way, out, added in ways:
            for source in self.sources:
                made = self._content(source, out, added, parts)
                if made is not None and self._is_digest(made, parts):
                    return way, made
        for style in canonical.STYLES if self.count <= _MOST_TRIES else ():
            for source in self.sources:
                made = self._content(source, own, set(), parts, style)
                if made is not None and self._is_digest(made, parts):
                    return "re-formatted", made
        return None

    def fits(self, number: int, parts: Parts, key: Any, *, blanks: bool = True) -> bool:
        """Whether the value of a signature is that of its <SignedInfo>.

        Parameters
        ----------
        number
            Number of the signature, from 0.
        parts
            What it says of itself: all of it, with known algorithms.
        key
            The signer's public key.
        blanks
            Whether the white space between elements counts.
        """
        assert parts.info is not None
        assert parts.method is not None
        assert parts.value is not None
        for source in self.sources:
            root = canonical.parsed(source, blanks=blanks)
            info = canonical.signatures_of(root)[number].find(f"./{_DS}SignedInfo")
            try:
                data = canonical.part(info, parts.info)
            except (etree.LxmlError, ValueError):
                continue
            if algorithms.fits(parts.method, key, parts.value, data):
                return True
        return False

    def _content(
        self,
        source: bytes,
        leave_out: Collection[int],
        added: Collection[int],
        parts: Parts,
        style: Style | None = None,
    ) -> bytes | None:
        key = (source, frozenset(leave_out), frozenset(added), parts.forms, parts.alone, style)
        if key not in self._known:
            try:
                root = canonical.parsed(source, blanks=style is None)
                root = canonical.alone(root) if parts.alone else root
                made = canonical.content(root, leave_out, parts.forms, added=added, style=style)
            except (etree.LxmlError, ValueError):
                made = None
            self._known[key] = made
        return self._known[key]

    @staticmethod
    def _is_digest(made: bytes, parts: Parts) -> bool:
        assert parts.digest_method is not None
        return algorithms.digest(parts.digest_method, made) == parts.digest
