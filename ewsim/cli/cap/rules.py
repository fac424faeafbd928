"""`ewsim cap rules`: what a rule asks, where it stands and how to fix what breaks it."""

import json

import rich_click as click

from ewsim.cli.options import json_option


@click.command()
@click.argument("names", metavar="[RULE]...", nargs=-1)
@json_option
def rules(names: tuple[str, ...], as_json: bool) -> None:
    """Explain rules of CAP messages, of threads and of the profiles that come with ewsim; or list all.

    RULE is an id such as POLY-CLOSED, or its beginning such as SIG.

    \b
    ewsim cap rules
    ewsim cap rules POLY-CLOSED
    ewsim cap rules SIG --json
    """
    import difflib
    from dataclasses import asdict

    from ewsim.cap.catalogue import RULES, THREAD_RULES
    from ewsim.cap.profiles.files import profiles, read_profile
    from ewsim.errors import UsageError

    known = {**RULES, **THREAD_RULES}
    known |= {one.rule.id: one.rule for name in profiles() for one in read_profile(name).rules}
    wanted = [name.upper() for name in names]
    for name in wanted:
        if not any(rule.startswith(name) for rule in known):
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"There is no rule {name!r}. "
                + (f"Did you mean {near[0]!r}?" if near else "ewsim cap rules lists them all.")
            )
    found = [rule for rule in known.values() if not wanted or rule.id.startswith(tuple(wanted))]
    if as_json:
        click.echo(json.dumps({"format": "ewsim.cap_rules/1", "rules": list(map(asdict, found))}, indent=2))
        return
    for rule in found:
        if not wanted:
            click.echo(f"{rule.id:<24} {rule.severity:<8} {rule.requires}")
            continue
        section = "a rule of ewsim" if rule.section == "-" else rule.section
        also = "; a warning with --lenient" * rule.lenient + "; no such message can be read" * rule.stops
        click.echo(f"{rule.id}: {rule.severity} ({rule.layer.replace('_', '-')}), {section}{also}")
        click.echo(f"  {rule.requires}\n" + (f"  Fix: {rule.fix}\n" if rule.fix else ""))
