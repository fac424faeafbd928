"""A message of a centre answered, and what peers report to it by themselves (TS 23.041 9.1.3, 9.2)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ewsim.errors import OtherMessage, WireError
from ewsim.peers.air import Air
from ewsim.peers.answering import UNRECOGNISED, Conduct, Peer, Say, error_name
from ewsim.peers.controllers import Bsc, Rnc
from ewsim.peers.mme import Mme
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.reading import read_message
from ewsim.wire.speaking import Utterance, indication, said

_PEERS: Final[dict[str, Callable[[Air, Say], Peer]]] = {"CBSP": Bsc, "SABP": Rnc, "SBc-AP": Mme}


def answer(air: Air, protocol: str, octets: bytes, say: Say, conduct: Conduct | None = None) -> str:
    """Do what a message asks and answer it, now or when the model has done it; what it was, in words.

    Parameters
    ----------
    air
        The cells and their clock.
    protocol
        CBSP, SABP or SBc-AP.
    octets
        The message.
    say
        Sends the answer.
    conduct
        How the peer behaves in a test; None: as the standard says. What it says late or oddly is for `say`.
    """
    try:
        [(name, fields)] = read_message(protocol, octets)
    except WireError as error:
        cause = UNRECOGNISED if isinstance(error, OtherMessage) else "parameter value invalid"
        say(said(protocol, error_name(protocol), {"cause": CAUSES[protocol].index(cause)}))
        return f"ERROR {error}"
    if conduct is not None and name in conduct.deaf:
        return f"{name}: not heard, as the case has it"
    if conduct is not None and (refusal := conduct.refusal(protocol, name, fields)) is not None:
        say(refusal)
        return f"{name}: refused, as the case has it"
    return _PEERS[protocol](air, say).take(name, fields)


def indications(air: Air, protocol: str, cells: Iterable[int], *, failed: bool) -> Iterator[Utterance]:
    """What a peer tells its centre of cells that have failed, or are back without their messages.

    Parameters
    ----------
    air
        The cells and their clock.
    protocol
        The centre's.
    cells
        Their indices.
    failed
        They have failed; else they are back.
    """
    mine = set(air.directory.by_protocol[protocol])
    names = [air.directory.cells[c] for c in cells if c in mine]
    if not names:
        return
    if protocol != "SBc-AP":
        yield indication(protocol, names, failed=failed)
        return
    for site in dict.fromkeys(cell.site for cell in names):
        here = [cell for cell in names if cell.site == site]
        yield indication(protocol, here, failed=failed)
