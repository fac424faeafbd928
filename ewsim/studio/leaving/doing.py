"""The actions of what is taken away: a page asks, and hears when it is ready and where."""

from functools import partial

from ewsim.report.speech import languages
from ewsim.studio.actions import action
from ewsim.studio.given import GivenFields
from ewsim.studio.leaving.making import MAKERS, Wanted
from ewsim.studio.offers import Offered
from ewsim.studio.session import StudioSession
from ewsim.studio.starting.beginnings import safe_name


@action("leave.make")
def make(session: StudioSession, fields: GivenFields) -> None:
    """Make a file to take away; the news "leave.ready" has its address."""
    what = fields.choice("what", list(MAKERS))
    language = fields.choice("language", list(languages()))
    version, to = session.version, (session.asker.id,)

    def progress(phase: str, share: float) -> None:
        session.news("leave.progress", {"what": what, "phase": phase, "share": share}, to)

    def done(made: Offered) -> None:
        path = session.offer(made.name, made.content, made.kind)
        session.news("leave.ready", {"what": what, "name": made.name, "path": path}, to)

    name = safe_name(str(version.scenario.get("name") or "scenario"))
    wanted = Wanted(version, name, language, progress)
    session.later(f"leave.{what}", partial(MAKERS[what], wanted), done)
