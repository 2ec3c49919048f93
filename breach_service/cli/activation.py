"""`content`: which version of playbooks/ is in force, what the files on disk would change, and making it so."""

from typing import Annotated, Any

import typer

from breach_service.acts import content as acts
from breach_service.app import OPERATOR, Service
from breach_service.cli.audited import write_down_shown
from breach_service.cli.output import AsJson, fail, opened, read, show, table
from breach_service.domain.differences import Comparison, Difference, comparison_as_json
from breach_service.store import activations

content = typer.Typer(no_args_is_help=True, help="The version of playbooks/ in force, and putting another in force.")
MOST_SHOWN = 50
"""Incidents that are named in words; `--json` has all."""


@content.command("status")
def status(as_json: AsJson = False) -> None:
    """The versions that were put in force, newest first, and whether the files on disk are the first of them."""
    with opened() as service:
        found = read(service, activations.versions)
        disk = service.on_disk()
    value = {
        "versions": [vars(one) for one in found],
        "is_on_disk": disk.catalogue is not None and bool(found) and disk.catalogue.digest == found[0].digest,
        "faults": list(disk.faults),
    }
    rows = [(one.digest[:12], one.activated_at.isoformat("T", "seconds"), one.by, one.differing) for one in found]
    show(value, as_json, lambda: table(rows, ("version", "in force since", "by", "judged differently")))


@content.command("diff")
def diff(as_json: AsJson = False) -> None:
    """Which incidents of the last 24 months the files on disk would judge differently; nothing is stored."""
    with opened() as service:
        comparison = _compared(service)
    show(_value(comparison), as_json, lambda: _words(comparison))


@content.command("activate")
def activate(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: what would change is printed all the same.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the files on disk would change, ask, and put them in force."""
    with opened() as service:
        disk, comparison = service.on_disk(), _compared(service)
        if not as_json:
            print(_words(comparison))
        if comparison.is_of_anything and not yes:
            if as_json:
                fail("say --yes to put the content in force without being asked")
            typer.confirm("Put these files in force?", abort=True)
        catalogue = disk.ready()
        is_new = service.database.write(
            lambda session: acts.activate_content(session, OPERATOR, catalogue, service.now(), comparison)
        )
    show({"is_new": is_new, **_value(comparison)}, as_json, lambda: "in force" if is_new else "nothing changed")


def _compared(service: Service) -> Comparison:
    catalogue, knowledge = service.on_disk().ready(), service.knowledge()
    found: Comparison = read(
        service, lambda session: acts.preview(session, OPERATOR, catalogue, knowledge, service.now())
    )
    write_down_shown(service, "content diff", (one.reference for one in found.incidents))
    return found


def _value(comparison: Comparison) -> dict[str, Any]:
    return {**comparison_as_json(comparison), "digest": acts.digest_of(comparison)}


def _words(one: Comparison) -> str:
    if not one.is_of_anything:
        return "the files on disk are what is in force"
    files = "\n".join(f"  {change}  {path}" for path, change in one.files)
    head = f"{len(one.incidents)} of {one.looked_at} incidents of the last 24 months would be judged differently"
    left = f" ({one.left_out} older ones were left out)" if one.left_out else ""
    lines = [f"files that differ:\n{files}", head + left]
    for each in one.incidents[:MOST_SHOWN]:
        state = "open" if each.is_open else f"{each.status}, stays as it was judged"
        lines.append(f"{each.reference} ({state})")
        lines += [f"  {_difference(difference)}" for difference in each.differences]
    if len(one.incidents) > MOST_SHOWN:
        lines.append(f"and {len(one.incidents) - MOST_SHOWN} more: --json names them all")
    return "\n".join([*lines, f"comparison {acts.digest_of(one)}"])


def _difference(one: Difference) -> str:
    before, after = one.before, one.after
    words = []
    if before.personal_data is not after.personal_data:
        words.append(f"personal data {before.personal_data} -> {after.personal_data}")
    if before.risk != after.risk:
        risks = [f"{risk.least.word}..{risk.most.word}" for risk in (before.risk, after.risk)]
        words.append(f"risk {risks[0]} -> {risks[1]}")
    words += [f"{duty} {was} -> {will}" for duty, (was, will) in one.duties.items()]
    because = ", ".join(f"{each.rule} ({each.before or 'none'} -> {each.after or 'none'})" for each in one.findings)
    return f"{one.perimeter}: {'; '.join(words)}; because of {because or 'what alerts speak for'}"
