"""What becomes of a message on the air, and what is wrong with it: what `cap plan` and `cap check` say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ewsim.cap.acceptance import signature_of
from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.broadcast.policy import BroadcastPolicy
from ewsim.cap.reader import parse_alert
from ewsim.cap.tools import formats
from ewsim.cap.validator import validate
from ewsim.errors import CapError


def planned(source: bytes, policy: BroadcastPolicy | None = None) -> dict[str, Any]:
    """The document of `ewsim cap plan --json` without the file's name; raises CapError."""
    alert = parse_alert(source, "alert.xml")
    signature = signature_of(source, "alert.xml") if alert.signed else "unsigned"
    made = plan_broadcast(replace(alert, broken=signature == "broken"), policy=policy)
    return {**made.as_json(), "signature": signature}


def checked(
    source: bytes, profiles: Sequence[str] = ("core",), policy: BroadcastPolicy | None = None
) -> dict[str, Any]:
    """The verdict and the findings of `ewsim cap check --format json` on one file.

    Parameters
    ----------
    source
        The message as it is written.
    profiles
        Names, or paths of files.
    policy
        Who decides what is broadcast; `default` where there is none.
    """
    report = validate(source, "alert.xml", profiles=profiles, policy=policy)
    (found,) = formats.as_dict([report])["files"]
    return {"verdict": found["verdict"], "findings": found["findings"]}


def judged(
    source: bytes, profiles: Sequence[str] = ("core",), policy: BroadcastPolicy | None = None
) -> dict[str, Any]:
    """Both together; the plan is None for a message that cannot be read.

    Parameters
    ----------
    source, profiles, policy
        As in `checked`.
    """
    try:
        plan = planned(source, policy)
    except CapError:
        plan = None
    return {"plan": plan, **checked(source, profiles, policy)}
