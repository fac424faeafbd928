"""Whether the simulator takes a scenario's message: the validator's findings against `require`.

`alert.require` names the last layer whose errors refuse a message; each includes those before it:

* `parse`: what keeps a reader from taking it (a missing <sent>, an area that is none);
* `schema`: every error of the schema;
* `spec`: every error: of the specification, of the profiles in `alert.profiles`, of a signature;
* `deliverable`: also what `alert.policy` would not broadcast (a draft, a private message).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, get_args

from ewsim.cap.alert import Alert
from ewsim.cap.broadcast.policy import BroadcastPolicy, read_policy
from ewsim.cap.findings import Finding
from ewsim.cap.reader import parse_alert, read_source
from ewsim.cap.signature.certificates import read_trust
from ewsim.cap.validator import Report, validate
from ewsim.cap.yaml_files import is_file
from ewsim.errors import CapError, Diagnostic, ScenarioError, UsageError
from ewsim.scenario.load import LoadedScenario

Require = Literal["parse", "schema", "spec", "deliverable"]
REQUIRES: Final[tuple[Require, ...]] = get_args(Require)
#: Findings among a run's notes; more would hide the others.
MOST_NOTES: Final = 10


def accept(
    path: Path,
    require: Require = "spec",
    profiles: Sequence[str] = (),
    trust: Sequence[Path] = (),
    policy: BroadcastPolicy | None = None,
) -> tuple[Alert, tuple[Diagnostic, ...]]:
    """The message in a file, and the errors and warnings that `require` lets pass.

    Parameters
    ----------
    path
        The CAP file.
    require
        The last layer whose errors refuse the message.
    profiles
        Names, or paths of files, of profiles.
    trust
        Certificates of signers or authorities; when there are any, the message must be signed by
        one of them, whatever `require` is.
    policy
        Who decides what may be broadcast; `default` where there is none.

    Raises
    ------
    CapError
        The message falls short of `require`: what refuses it, then every other error and warning.
    """
    source, file = read_source(path), str(path)
    certificates = read_trust(trust)
    report = validate(source, file, profiles=("core", *profiles), trust=certificates, policy=policy)
    serious = [found for found in report.findings if found.severity != "info"]
    refusing = [d.diagnostic(file) for d in _refusing(report, require)]
    hint = _hint(path, report, require) if refusing else []
    if certificates and any(message.signature != "trusted" for message in report.messages):
        refusing += _untrusted(report)
    alert = report.messages[0].read() if len(report.messages) == 1 else None
    if alert is None:
        refusing = [*_unreadable(source, file), *refusing]
    if refusing or alert is None:
        rest = (found.diagnostic(file) for found in serious)
        raise CapError(dict.fromkeys((*refusing, *rest, *hint)))
    return alert, tuple(found.diagnostic(file) for found in serious)


def read_trusted(source: bytes, file: str, trust: Sequence[Path]) -> Alert:
    """The message of a file, made of what a signer in `trust` signed and of nothing else.

    Parameters
    ----------
    source
        The bytes of the file.
    file
        What messages call it.
    trust
        PEM files of signers and authorities.

    Raises
    ------
    CapError
        The message cannot be read, or no trusted signer has signed it.
    """
    report = validate(source, file, trust=read_trust(trust))
    alert = report.messages[0].read() if len(report.messages) == 1 else None
    if alert is None:
        raise CapError(_unreadable(source, file))
    if report.messages[0].signature != "trusted":
        raise CapError(_untrusted(report))
    return alert


def signature_of(source: bytes, file: str) -> str:
    """What the signatures of a file's one message are worth without anybody's certificate."""
    messages = validate(source, file).messages
    return messages[0].signature if len(messages) == 1 else "unsigned"


def _unreadable(source: bytes, file: str) -> tuple[Diagnostic, ...]:
    """Every fault that keeps a reader from taking a message."""
    try:
        parse_alert(source, file)
    except CapError as error:
        return tuple(error.diagnostics)
    message = "the message cannot be read; `ewsim cap check` says more"
    return (Diagnostic(file, 1, 1, message),)


def _refusing(report: Report, require: Require) -> list[Finding]:
    """The findings that `require` does not let pass."""
    gated = require == "deliverable" and report.verdict["deliverable"] == "fail"

    def refuses(found: Finding) -> bool:
        if found.stops:
            return True
        if found.severity == "error":
            in_schema = found.layer in ("well_formed", "schema")
            return require != "parse" and (require != "schema" or in_schema)
        return gated and found.layer == "deliverable" and found.severity == "info"

    return [found for found in report.findings if refuses(found)]


def _untrusted(report: Report) -> list[Diagnostic]:
    """Why a message is not signed by a trusted signer."""
    found = [f for f in report.findings if f.layer == "signature" and f.severity != "info"]
    if found:
        return [f.diagnostic(report.file) for f in found]
    message = "The message is not signed, and a trusted signer must have signed it."
    return [Diagnostic(report.file, 1, 1, message, "Sign it: ewsim cap sign.")]


def _hint(path: Path, report: Report, require: Require) -> list[Diagnostic]:
    """How the scenario could let it pass, where it could."""
    below = REQUIRES[: REQUIRES.index(require)]
    enough = next((r for r in reversed(below) if not _refusing(report, r)), None)
    if enough is None or len(report.messages) != 1:
        return []
    message = f"alert.require is {require}, and the message does not meet it."
    fix = f"Fix the message, or set alert.require: {enough} to let it pass."
    return [Diagnostic(str(path), 0, 0, message, fix, "info")]


def scenario_policy(loaded: LoadedScenario) -> BroadcastPolicy:
    """Who decides in a scenario what may be broadcast, and as what."""
    name = loaded.spec.alert.policy
    try:
        return read_policy(str(loaded.resolve(name)) if is_file(name) else name)
    except UsageError as error:
        line, column = loaded.position("alert.policy")
        raise ScenarioError([Diagnostic(str(loaded.path), line, column, str(error))]) from None


def scenario_alert(loaded: LoadedScenario) -> tuple[Alert, tuple[str, ...]]:
    """The message of a scenario, and what a run's notes say of it; raises as `accept` does."""
    spec, policy = loaded.spec.alert, scenario_policy(loaded)
    names = [str(loaded.resolve(p)) if is_file(p) else p for p in spec.profiles]
    path = loaded.resolve(spec.path)
    try:
        trust = [loaded.resolve(p) for p in spec.trust]
        alert, passed = accept(path, spec.require, names, trust, policy)
    except UsageError as error:  # a profile or a certificate that is none
        line, column = loaded.position("alert")
        raise ScenarioError([Diagnostic(str(loaded.path), line, column, str(error))]) from None
    notes = [str(replace(found, file=path.name)) for found in passed[:MOST_NOTES]]
    if len(passed) > MOST_NOTES:
        notes.append(f"{path.name}: {len(passed) - MOST_NOTES} more; see ewsim cap check.")
    return alert, tuple(notes)
