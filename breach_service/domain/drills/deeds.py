"""What was done of what was expected, read from the chronology: when, how much of it, and whether it came out so."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from breach_service.domain.deadlines import Obligation
from breach_service.domain.drills.scenario import Deed, Expectation
from breach_service.domain.incident import EntryKind, IncidentStatus, TimelineEntry

NO_DEED = frozenset({EntryKind.DRILL_STARTED, EntryKind.DRILL_INJECTED, EntryKind.DRILL_ENDED})
"""What the exercise itself writes into the chronology."""


@dataclass(frozen=True)
class Done:
    """How far one expectation is done. `at` is when the last part of it was, None while a part is missing."""

    at: datetime | None
    done: int
    of: int
    is_otherwise: bool = False
    """True where it was decided, and not as expected."""


def done_of(
    expected: Expectation, entries: Sequence[TimelineEntry], obligations: Sequence[Obligation], service: str
) -> Done:
    """What was done of one expectation; `service` is the actor whose lines nobody did."""
    by_people = [one for one in entries if one.actor != service and one.kind not in NO_DEED]
    if expected.deed is Deed.DECIDE:
        return _decided(expected, by_people, obligations)
    if expected.deed in (Deed.APPROVE, Deed.FILE):
        return _sent(expected, by_people, obligations)
    found = [one for one in by_people if _TESTS[expected.deed](expected, one)]
    if not found:
        return Done(None, 0, 1)
    wanted = _came_out(expected, found)
    return Done(found[-1].at, 1, 1, is_otherwise=True) if wanted is None else Done(wanted.at, 1, 1)


def _came_out(expected: Expectation, found: Sequence[TimelineEntry]) -> TimelineEntry | None:
    """The first that came out as expected, where the last did too; None where it was decided otherwise."""
    if expected.decision is None:
        return found[0]
    said = [_SAID[expected.deed](one) == expected.decision for one in found]
    return found[said.index(True)] if said[-1] else None


def _decided(expected: Expectation, entries: Sequence[TimelineEntry], obligations: Sequence[Obligation]) -> Done:
    """A notice is decided on by saying so; releasing its text or sending it says that it is given."""
    notified = {EntryKind.DECIDED_TO_NOTIFY, EntryKind.TEXT_APPROVED, EntryKind.FILED}
    wanted, other = notified, {EntryKind.DECIDED_NOT_REQUIRED}
    if expected.decision == "not_required":
        wanted, other = other, notified
    recipients = _recipients(expected, obligations)
    done = _for_each(recipients, wanted, entries)
    against = [one for one in entries if one.kind in other and _recipient(one) in recipients]
    last = {_recipient(one): one.kind for one in entries if one.kind in wanted | other}
    if against and any(last.get(one) in other for one in recipients):
        return Done(against[-1].at, done.done, done.of, is_otherwise=True)
    return done


def _sent(expected: Expectation, entries: Sequence[TimelineEntry], obligations: Sequence[Obligation]) -> Done:
    """Released or sent to each who is still to hear of it; where it was decided that nobody is, that is otherwise."""
    to_all = _recipients(expected, obligations)
    owed = _recipients(expected, [one for one in obligations if one.not_required_reason is None])
    done = _for_each(owed, _KINDS[expected.deed], entries)
    return replace(done, is_otherwise=True) if to_all and not owed else done


def _for_each(recipients: Iterable[str], kinds: Iterable[EntryKind], entries: Iterable[TimelineEntry]) -> Done:
    """Done once it was done for each of them; where nobody is owed anything it cannot be done."""
    wanted, kinds = set(recipients), set(kinds)
    first: dict[str, datetime] = {}
    for one in entries:
        if one.kind in kinds and _recipient(one) in wanted:
            first.setdefault(_recipient(one), one.at)
    at = max(first.values()) if wanted and len(first) == len(wanted) else None
    return Done(at, len(first), max(len(wanted), 1))


def _recipients(expected: Expectation, obligations: Iterable[Obligation]) -> set[str]:
    """Whom the expected duty is owed to; what fell away is expected of nobody."""
    return {
        one.recipient for one in obligations if str(one.duty) == expected.duty and one.withdrawn_at is None
    }  # fmt: skip


def _recipient(entry: TimelineEntry) -> str:
    return (entry.words or {}).get("recipient", "")


def _words(entry: TimelineEntry, name: str) -> str:
    return (entry.words or {}).get(name, "")


_KINDS: dict[Deed, tuple[EntryKind, ...]] = {
    Deed.APPROVE: (EntryKind.TEXT_APPROVED, EntryKind.FILED),
    Deed.FILE: (EntryKind.FILED,),
}
_QUALIFIED = {str(IncidentStatus.CONFIRMED): "breach", str(IncidentStatus.DISMISSED): "no_breach"}
_SAID: dict[Deed, Callable[[TimelineEntry], str]] = {
    Deed.QUALIFY: lambda one: _QUALIFIED.get(_words(one, "to"), ""),
    Deed.GIVE_OPINION: lambda one: {"yes": "breach", "no": "no_breach"}.get(_words(one, "value"), ""),
}
"""What was said, in the words of `Expectation.decision`."""


def _is(kind: EntryKind) -> Callable[[Expectation, TimelineEntry], bool]:
    return lambda _expected, one: one.kind is kind


_TESTS: dict[Deed, Callable[[Expectation, TimelineEntry], bool]] = {
    Deed.TAKE_UP: lambda _expected, _one: True,
    Deed.LEAD: _is(EntryKind.LEAD_CHANGED),
    Deed.RECORD_FACT: lambda expected, one: (
        one.kind is EntryKind.FACT_RECORDED and _words(one, "fact") == expected.fact
    ),
    Deed.KEEP_EVIDENCE: _is(EntryKind.EVIDENCE_HANDLED),
    Deed.WORK_PLAN: _is(EntryKind.STEP_RECORDED),
    Deed.PLAN_MEASURE: _is(EntryKind.MEASURE_CHANGED),
    Deed.RESTRICT: _is(EntryKind.RESTRICTED),
    Deed.RECORD_AWARENESS: lambda _expected, one: (
        one.kind is EntryKind.INSTANT_RECORDED and _words(one, "instant") == "aware_at"
    ),
    Deed.GIVE_OPINION: lambda expected, one: (
        one.kind is EntryKind.OPINION_GIVEN and (expected.decision is None or _words(one, "subject") == "breach")
    ),
    Deed.QUALIFY: lambda _expected, one: one.kind is EntryKind.STATUS_CHANGED and _words(one, "to") in _QUALIFIED,
}
"""Which lines of the chronology are the deed."""
