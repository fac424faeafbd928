"""A scenario's controllers and MME for a real broadcast centre, and who its warnings would reach.

The scenario gives the network, the people and the disaster; the centre outside gives the warnings. Cell
broadcast is what the centre sends, in which cells and when; every other channel runs as the scenario
says. When the session ends, the model runs on to its horizon by itself.

Assumptions: as in `channels.cell_broadcast.commanded`; time 0, the authority's decision, is when the
first warning arrives, so delays before the centre are not in the results. 5G cells hear nothing of a
centre that speaks no HTTP/2 (TS 29.518); on request they follow the 4G cells of their site.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ewsim import coding
from ewsim.channels.cell_broadcast.commanded import CommandedBroadcast
from ewsim.channels.cell_broadcast.kind import KIND
from ewsim.channels.wiring import Made, make_channels
from ewsim.country.build import Country, cells_table
from ewsim.engine import simulation
from ewsim.errors import RunError
from ewsim.peers.air import Air
from ewsim.peers.answering import Conduct
from ewsim.peers.cases.catalogue import Case
from ewsim.peers.connection import Address
from ewsim.peers.dialogue import answer, indications
from ewsim.peers.directory import Directory
from ewsim.peers.serving import Endpoints, Link, Report, run_whole, serve, silent
from ewsim.pipeline import Finished, result_of, setup_of, wiring_of
from ewsim.result.record import Result
from ewsim.streams import Streams
from ewsim.targeting import Geofence
from ewsim.units import NR, US
from ewsim.wire.speaking import Utterance
from ewsim.world import World

#: A centre that has closed its last connection may call again within this time [s].
_LINGER_S: Final = 1.0


@dataclass
class Session:
    """What a real centre does to a scenario's network.

    Parameters
    ----------
    country
        The scenario's, built.
    endpoints
        Where to listen and to call.
    seconds
        How long to serve [s].
    speed
        Seconds of the model in one real second.
    new_radio
        5G cells follow the 4G cells of their site.
    case
        A case of a test plan, as whose peers these behave; of a pool, the one that connects first.
    report
        Called with a line for each thing that happens.
    opened
        Called with each protocol and address that is listened on.
    """

    country: Country
    endpoints: Endpoints
    seconds: float
    speed: float = 1.0
    new_radio: bool = False
    case: Case | None = None
    report: Report = silent
    opened: Callable[[str, Address], None] | None = None
    _indicated: list[tuple[int, bool]] = field(default_factory=list)
    _air: Air | None = None
    _idle_since: float = 0.0
    _first: Link | None = None

    def run(self) -> Result:
        """Serve, run on to the horizon, and say who would have been reached."""
        country, spec = self.country, self.country.loaded.spec
        made = [one for one in make_channels(wiring_of(country)) if one.channel.name != KIND.name]
        own: Any = getattr(spec.channels, KIND.name)
        if own is None:
            raise RunError("The scenario has no channels.cell_broadcast. Add it: its delays are the peers'.")
        fence = spec.targeting.geofence
        geofence = None if fence is None else Geofence(fence, country.area)
        channel = CommandedBroadcast(own, len(country.network.cells), geofence, spec.alert)
        setup, streams = setup_of(country), Streams(spec.seed)
        channels = [channel, *(one.channel for one in made)]
        done = simulation.simulate(setup, channels, streams, lambda world: self._play(world, channel))
        sent = dict(self._sent())
        heard = [Made(channel, sent, tuple(self._notes())), *made]
        targeted = replace(country, targeted=channel.targeted)
        finished = Finished(heard, simulation.ledger(setup, done), done.timing_s)
        return replace(result_of(targeted, finished), languages=None)

    # --- the session --------------------------------------------------------------------------------

    def _play(self, world: World, channel: CommandedBroadcast) -> None:
        directory = Directory(cells_table(self.country.network, self.country.targeted))
        self._air = Air(world, channel.infrastructure, directory, self.speed, self.new_radio)
        channel.infrastructure.when_indicated = lambda cell, failed: self._indicated.append((cell, failed))
        run_whole(serve(self, self.endpoints, self.seconds, self.report, self.opened))
        self.report(f"the session ends at {world.env.now / US:.1f} s of the scenario")
        if not self._air.ended:
            world.run()

    def take(self, link: Link, octets: bytes) -> None:
        """Do what a message of the centre asks."""
        air = self._of()
        air.advance()
        known = len(air.texts)
        self._first = self._first or link
        conduct = self._conduct(link)
        line = answer(air, link.protocol, octets, lambda message: self._say(link, message), conduct)
        self.report(f"{air.world.env.now / US:8.2f} s  {link.protocol} {line}")
        for row in air.texts[known:]:
            self.report(f"             {row['message']}: {row['text'] or row['kind']}")

    def _conduct(self, link: Link) -> Conduct:
        """How this peer behaves: by the standard, or as the case has it."""
        case = self.case
        return Conduct() if case is None or (case.pool and link is not self._first) else case.conduct

    def _say(self, link: Link, message: Utterance) -> None:
        late_s, really = self._conduct(link).spoken(message)
        if late_s:
            asyncio.get_running_loop().call_later(late_s / self.speed, link.say, really.octets)
        else:
            link.say(really.octets)

    def tick(self, links: Sequence[Link]) -> bool:
        """Let time pass; whether the session goes on."""
        air = self._of()
        air.advance()
        self._indicate(air, links)
        now = time.monotonic()
        if links or not air.texts:
            self._idle_since = now
        return not air.ended and now - self._idle_since <= _LINGER_S

    def _of(self) -> Air:
        assert self._air is not None, "it serves only while it plays"
        return self._air

    def _indicate(self, air: Air, links: Sequence[Link]) -> None:
        """Report to every centre which cells have failed or are back."""
        if not self._indicated:
            return
        changed, self._indicated = self._indicated, []
        for failed in (True, False):
            cells = [cell for cell, how in changed if how == failed]
            for link in links if cells else ():
                for message in indications(air, link.protocol, cells, failed=failed):
                    self._say(link, message)
                    self.report(
                        f"{air.world.env.now / US:8.2f} s  {link.protocol} {message.name} to the centre"
                    )

    # --- what it was --------------------------------------------------------------------------------

    def _sent(self) -> Iterator[tuple[str, Any]]:
        """What the centre sent, as a result has it."""
        if self._air is None or not self._air.texts:
            yield "not_sent", "The centre sent no warning."
            return
        plan, texts = self._air.infrastructure.plan, self._air.texts
        first = plan.messages[0]
        yield "message_identifier", first.message_identifier
        yield "level", f"{first.level.replace('_', ' ')}, as the centre sent it"
        yield "serial_number", first.serial_number
        yield "page_count", first.page_count
        yield "alphabet", coding.encode_cb(texts[0]["text"]).alphabet
        yield "text", texts[0]["text"]
        yield "messages", texts

    def _notes(self) -> Iterator[str]:
        yield (
            "Cell broadcast is what a real centre sent in this session, in its cells and at its times: "
            "running the scenario again gives another result. Time 0 is its first warning."
        )
        if NR in self.country.network.cells.rat and not self.new_radio:
            yield (
                "5G cells got nothing from the centre: the way to them (TS 29.518, HTTP/2) is not modelled. "
                "With --with-5g they follow the 4G cells of their site."
            )
