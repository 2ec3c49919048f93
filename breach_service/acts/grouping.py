"""Trying changed rules of grouping on the alerts of the last days; nothing is stored and nothing changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import visibility_of
from breach_service.catalog import Catalogue, Fault
from breach_service.domain.access import Act, Actor
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.dry_running import DryRun, changed_rules, dry_run
from breach_service.store.database import Session

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Trial:
    """What came of a try: a dry run, or every fault of the rules with its line."""

    run: DryRun | None
    faults: tuple[Fault, ...] = ()


def try_grouping(
    session: Session, actor: Actor, text: str, back: timedelta, catalogue: Catalogue, now: datetime
) -> Trial:  # fmt: skip
    """Play what came in during the last time under a changed `grouping.yaml`, beside the rules in force."""
    authorise(actor, Act.TRY_GROUPING)
    if not timedelta() < back <= LONGEST:
        raise InvalidCommand(N_("choose how far back: more than nothing, and at most %(days)s days"), days=LONGEST.days)
    changed, faults = changed_rules(catalogue, text)
    if changed is None:
        return Trial(None, faults)
    return Trial(dry_run(session, catalogue, changed, now - back, visibility_of(actor, now)))
