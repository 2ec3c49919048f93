"""What people said of two incidents that turned out to be one: nothing is lost, and nothing says more than before.

The earlier instant counts. What was said of a whole incident stays said of its systems: that data of one system were
not read says nothing of another's. A notice that was sent is not owed a second time; what one of the two decided not
to send is asked again where the other still owed it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from breach_service.domain.conditions import Truth, is_unknown
from breach_service.domain.deadlines import DutyKind, Obligation
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance, Scope, ScopeKind, to_json
from breach_service.domain.incident import EntryKind, Instant, instants_for
from breach_service.store import merging, obligations, records, timeline
from breach_service.store.database import Session

Place = tuple[str, Scope]
"""A fact's name and the part of the incident that it is about."""


def instants_of_both(ours: Iterable[Instant], theirs: Iterable[Instant]) -> tuple[Instant, ...]:
    """What to record beside `ours` so that in every perimeter the earlier instant of the two counts."""
    mine, others = tuple(ours), tuple(theirs)
    last = max((one.recorded for one in (*mine, *others)), default=0) + 1
    found: list[Instant] = []
    for perimeter in ("", *sorted({one.perimeter for one in (*mine, *others)} - {""})):
        said = instants_for(perimeter, others)
        before, now = instants_for(perimeter, mine), instants_for(perimeter, (*mine, *found))
        for kind, one in said.items():
            earliest = _earlier(before.get(kind), one)
            if kind not in now or now[kind].at != earliest.at:
                found.append(replace(earliest, perimeter=perimeter, recorded=last + len(found)))
    return tuple(found)


def _earlier(one: Instant | None, other: Instant) -> Instant:
    return one if one is not None and one.at <= other.at else other


@dataclass(frozen=True)
class Said:
    """What was said of one incident, and which systems it was said of."""

    facts: tuple[Fact, ...]
    systems: tuple[str, ...]

    def by_people(self) -> dict[Place, Fact]:
        """What people said last, by fact and part; what a provider answered counts where no person said otherwise."""
        return {
            (one.name, one.scope): one
            for provenance in (Provenance.PROVIDER, Provenance.PERSON)
            for one in self.facts
            if one.provenance is provenance
        }


def facts_of_both(ours: Said, theirs: Said, by: str, now: datetime) -> tuple[Fact, ...]:
    """What to record beside the facts of one incident so that it says what people said of both, and no more.

    Where both said something different of the same part, what was said later counts.
    """
    mine, others = ours.by_people(), theirs.by_people()
    found: dict[Place, Fact] = {}
    for place, one in others.items():
        if place[1] != WHOLE_INCIDENT and _is_news(one, mine.get(place)):
            found[place] = one
    names = dict.fromkeys(name for name, scope in (*mine, *others) if scope == WHOLE_INCIDENT)
    for name in names:
        pair = (mine.get((name, WHOLE_INCIDENT)), others.get((name, WHOLE_INCIDENT)))
        for one in _of_whole(*pair, ours.systems, theirs.systems, by, now):
            place = (one.name, one.scope)
            if place not in found and (one.scope == WHOLE_INCIDENT or place not in {**mine, **others}):
                found[place] = one
    return tuple(found.values())


def _is_news(one: Fact, held: Fact | None) -> bool:
    return held is None or (held.value != one.value and held.established_at <= one.established_at)


def _of_whole(
    mine: Fact | None, yours: Fact | None, ours: tuple[str, ...], theirs: tuple[str, ...], by: str, now: datetime
) -> Iterator[Fact]:
    """What was said of the whole of each: as it is where both are about the same systems, else of each system."""
    only_ours, only_theirs = set(ours) - set(theirs), set(theirs) - set(ours)
    if yours is None:
        if mine is not None and only_theirs and ours and not is_unknown(mine.value):
            yield from _narrowed(mine, ours)
            yield replace(mine, value=Truth.UNKNOWN, by=by, established_at=now, note="")
    elif mine is None or mine.value == yours.value:
        if mine is None:
            yield from _narrowed(yours, theirs) if only_ours and theirs else (yours,)
    elif not (only_ours or only_theirs) or not (ours and theirs):
        if _is_news(yours, mine):
            yield yours
    else:
        yield from _narrowed(mine, sorted(only_ours))
        yield from _narrowed(yours, sorted(only_theirs))
        yield from _narrowed(yours if _is_news(yours, mine) else mine, sorted(set(ours) & set(theirs)))


def _narrowed(one: Fact, systems: Iterable[str]) -> Iterator[Fact]:
    for system in systems:
        yield replace(one, scope=Scope(ScopeKind.SYSTEM, system))


def carry_over_words(
    session: Session, into: int, ours: Said, theirs: Said, instants: tuple[Instant, ...], origin: str, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    """Record in an incident what people said of another that went into it; each line names where it comes from."""
    for instant in instants_of_both(records.instants_of(session, into), instants):
        records.record_instant(session, into, instant, now)
        words = {
            "instant": str(instant.kind), "at": instant.at.isoformat(), "perimeter": instant.perimeter,
            "reason": instant.reason, "incident": origin,
        }  # fmt: skip
        timeline.write_entry(session, into, now, EntryKind.INSTANT_RECORDED, actor, words)
    for fact in facts_of_both(ours, theirs, actor, now):
        records.record_fact(session, into, fact)
        words = {
            "fact": fact.name, "value": _in_words(fact), "scope_kind": str(fact.scope.kind),
            "scope_key": fact.scope.key, "reason": fact.note, "incident": origin,
        }  # fmt: skip
        timeline.write_entry(session, into, now, EntryKind.FACT_RECORDED, actor, words)


def _in_words(fact: Fact) -> str:
    match to_json(fact.value):
        case {"at_least": least, "at_most": most}:
            return f"{'' if least is None else f'{least:g}'}..{'' if most is None else f'{most:g}'}"
        case list() as words:
            return " ".join(map(str, words))
        case word:
            return str(word)


def carry_over_notices(
    session: Session, into: int, owed_before: Iterable[Obligation], origin: str, actor: str, now: datetime
) -> None:
    """Let the notices that were sent for another incident count here, and ask again where only one of the two decided.

    `owed_before`: the obligations of the other one as they stood before it went into this one.
    """
    held = {one.key: one for one in obligations.of_incident(session, into)}
    for one in owed_before:
        if one.duty is DutyKind.REGISTER:  # stands or falls with the status
            continue
        ours = held.get(one.key)
        if one.fulfilled_at is not None and (ours is None or ours.fulfilled_at is None):
            merging.fulfil(session, into, one, ours, now)
            words = {
                "regime": one.terms.regime, "recipient": one.recipient, "sent_at": one.fulfilled_at.isoformat(),
                "incident": origin,
            }  # fmt: skip
            timeline.write_entry(session, into, now, EntryKind.CARRIED_OVER, actor, words)
        elif _is_owed(one) and ours is not None and ours.not_required_reason and ours.fulfilled_at is None:
            merging.reopen(session, into, ours)
            timeline.write_entry(session, into, now, EntryKind.OBLIGATION_CHANGED, actor, _reopened(ours))


def _is_owed(one: Obligation) -> bool:
    return one.fulfilled_at is None and one.withdrawn_at is None and one.not_required_reason is None


def _reopened(one: Obligation) -> Mapping[str, str]:
    return {
        "regime": one.terms.regime, "recipients": one.recipient, "due_at": one.due_at.isoformat() if one.due_at else "",
        "is_provisional": "yes" if one.is_provisional else "no",
    }  # fmt: skip
