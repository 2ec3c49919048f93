"""What people do with measures: plan one, change it, say what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, need_reason
from breach_service.acts.work.taking_up import row_for_work
from breach_service.domain.access import Act, Actor, UserRole, sight_of
from breach_service.domain.incident import EntryKind, perimeters_of
from breach_service.domain.measures import Audience, Measure, MeasureState
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents, measures, people, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow, UserRow
from breach_service.store.work_tables import MeasureRow

KINDS_OF = "measures.taken"
"""The fact whose choices are the kinds of measures."""
MOST_LETTERS = 300
"""Of what a measure is, in its one line."""
DONE_LATER = N_("what was done lies in the past: give today or an earlier day, or plan the measure without a result")


@dataclass(frozen=True)
class NewMeasure:
    """A measure as a person wants it. Days are those of the organisation's zone."""

    what: str
    owner: str = ""
    """Who answers for it, where they have no account."""
    owner_id: int | None = None
    due_on: date | None = None
    kind: str = ""
    perimeter: str = ""
    audience: Audience = Audience.AUTHORITY
    is_follow_up: bool = False
    outcome: str = ""
    """With a result it was done already when it was written down."""
    done_on: date | None = None
    """When it was done; None for today, where there is a result."""
    revision: int = 0
    """Of a change: the revision that was looked at; 0 does not ask."""


def plan_measure(
    session: Session, actor: Actor, reference: str, new: NewMeasure, knowledge: Knowledge, now: datetime, today: date
) -> int:
    """Plan a measure, or write down one that was taken already; its number. `today` in the organisation's zone."""
    authorise(actor, Act.MANAGE_MEASURES)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    if new.done_on is not None and new.done_on > today:
        raise InvalidCommand(DONE_LATER)
    outcome = new.outcome.strip()
    state = MeasureState.DONE if outcome else MeasureState.PLANNED
    what, owner = _checked(session, row, new, knowledge, now, today, is_open=state is MeasureState.PLANNED)
    measure = Measure(
        0, id_of(row), what, owner, new.due_on, state, now, actor.name, new.kind, new.perimeter, new.audience,
        new.is_follow_up, outcome, (new.done_on or today) if outcome else None, actor.name if outcome else "",
        new.owner_id,
    )  # fmt: skip
    number = measures.add(session, measure)
    what, words = "done" if outcome else "planned", {**_words(number, measure), **_result(outcome)}
    _write(session, row, actor, now, what, words, "")
    return number


def change_measure(
    session: Session, actor: Actor, reference: str, number: int, new: NewMeasure, knowledge: Knowledge, now: datetime,
    today: date,
) -> None:  # fmt: skip
    """Change what is planned: its words, owner, day, kind, part and audience; the chronology says what it was."""
    authorise(actor, Act.MANAGE_MEASURES)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    held = measures.row_in(session, id_of(row), number)
    _need_same(held, new.revision)
    is_open = held.state == MeasureState.PLANNED
    before = measures.measure_of(held)
    is_moved = new.due_on != before.due_on
    what, owner = _checked(session, row, new, knowledge, now, today if is_moved else None, is_open=is_open)
    held.what, held.owner, held.owner_id, held.due_on = what, owner, new.owner_id, new.due_on
    held.kind, held.perimeter, held.audience = new.kind, new.perimeter, str(new.audience)
    after = measures.measure_of(held)
    if after == before:
        raise InvalidCommand(N_("nothing was changed"))
    measures.save(session, held)
    _write(session, row, actor, now, "changed", {**_words(number, after), **_former(before, after)}, "")


def settle_measure(
    session: Session, actor: Actor, reference: str, number: int, state: MeasureState, outcome: str, now: datetime,
    today: date, settled_on: date | None = None,
) -> None:  # fmt: skip
    """Say that a measure is done, with its result, or dropped, with the reason; or that it is to be done again.

    `settled_on` is the day on which it was done; None is today.
    """
    authorise(actor, Act.MANAGE_MEASURES)
    need_reason(outcome)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    held = measures.row_in(session, id_of(row), number)
    if held.state == state:
        raise InvalidCommand(N_("somebody has said so already: look again"))
    if settled_on is not None and settled_on > today:
        raise InvalidCommand(DONE_LATER)
    if state is MeasureState.PLANNED and held.due_on is None:
        raise InvalidCommand(N_("say by when it is to be done: change its day first"))
    is_over = state is not MeasureState.PLANNED
    held.state, held.outcome = str(state), outcome.strip() if is_over else ""
    held.settled_on, held.settled_by = ((settled_on or today) if is_over else None), actor.name if is_over else ""
    measures.save(session, held)
    what, words = str(state) if is_over else "taken_up_again", _words(number, measures.measure_of(held))
    if state is MeasureState.DONE:
        _write(session, row, actor, now, what, {**words, **_result(outcome)}, "")
    else:
        _write(session, row, actor, now, what, words, outcome)


def _checked(
    session: Session, row: IncidentRow, new: NewMeasure, knowledge: Knowledge, now: datetime, today: date | None, *,
    is_open: bool,
) -> tuple[str, str]:  # fmt: skip
    """What it is and who answers for it. `today` is None where its day was not moved."""
    what = " ".join(new.what.split())
    if not what:
        raise InvalidCommand(N_("say what is to be done, in one line"))
    if len(what) > MOST_LETTERS:
        raise InvalidCommand(
            N_("one line of at most %(most)s letters: the rest belongs to its result"), most=MOST_LETTERS
        )
    if is_open and new.due_on is None:
        raise InvalidCommand(N_("a measure has a day by which it is done: choose one"))
    if is_open and today is not None and new.due_on is not None and new.due_on < today:
        raise InvalidCommand(N_("%(day)s has passed: choose a day to come"), day=new.due_on.isoformat())
    kind = knowledge.catalogue.facts.get(KINDS_OF)
    if new.kind and (kind is None or new.kind not in (kind.choices or {})):
        raise InvalidCommand(N_("%(kind)s is no kind of measure"), kind=new.kind)
    if new.perimeter and new.perimeter not in _parts(row, knowledge):
        raise InvalidCommand(N_("%(part)s is no part of this incident"), part=new.perimeter)
    return what, _owner(session, row, new, now)


def _parts(row: IncidentRow, knowledge: Knowledge) -> set[str]:
    return {one.key for one in perimeters_of(row.systems, knowledge.inventory, row.organisation)}


def _owner(session: Session, row: IncidentRow, new: NewMeasure, now: datetime) -> str:
    if new.owner_id is None:
        if not new.owner.strip():
            raise InvalidCommand(N_("a measure has an owner: choose who answers for it, or write a name"))
        return " ".join(new.owner.split())
    chosen = people.user(session, new.owner_id)
    if chosen is None or chosen.disabled_at is not None:
        raise InvalidCommand(N_("choose somebody who has an account that is not disabled"))
    if not _can_own(session, chosen, id_of(row), now):
        raise InvalidCommand(
            N_("%(name)s does not see %(reference)s: name them there first, or choose another"),
            name=chosen.name,
            reference=row.reference,
        )
    return chosen.name


def _need_same(held: MeasureRow, revision: int) -> None:
    if revision and held.revision != revision:
        raise InvalidCommand(N_("somebody has changed it since you looked at it: look again"))


def _words(number: int, one: Measure) -> dict[str, str]:
    due_on = one.due_on.isoformat() if one.due_on else ""
    return {"number": str(number), "measure": one.what, "owner": one.owner, "due_on": due_on}


def _result(outcome: str) -> dict[str, str]:
    return {"result": outcome.strip()} if outcome.strip() else {}


def _former(before: Measure, after: Measure) -> dict[str, str]:
    """What is not as it was, for the chronology."""
    said = {
        "from_measure": (before.what, after.what),
        "from_owner": (before.owner, after.owner),
        "from_due_on": (str(before.due_on or ""), str(after.due_on or "")),
        "from_kind": (before.kind, after.kind),
        "from_audience": (str(before.audience), str(after.audience)),
        "from_perimeter": (before.perimeter, after.perimeter),
    }
    return {name: was for name, (was, now) in said.items() if was != now}


def _write(
    session: Session, row: IncidentRow, actor: Actor, now: datetime, what: str, words: Mapping[str, str], reason: str
) -> None:
    said = {"what": what, **words, "reason": reason.strip()}
    timeline.write_entry(session, id_of(row), now, EntryKind.MEASURE_CHANGED, actor.name, said)


def owners_for(session: Session, incident_id: int, now: datetime) -> list[tuple[int, str]]:
    """Number and name of everybody with an account who sees an incident: who can answer for a measure of it."""
    return [
        (row.id or 0, row.name)
        for row in people.users(session)
        if row.disabled_at is None and _can_own(session, row, incident_id, now)
    ]


def _can_own(session: Session, row: UserRow, incident_id: int, now: datetime) -> bool:
    role = UserRole(row.role)
    if role in (UserRole.AUDITOR, UserRole.INSPECTOR):  # they look at the work, they have no part in it
        return False
    sight = sight_of(Actor("", role, person=row.id))
    return incident_id in incidents.seen_among(session, [incident_id], Visibility(sight, now))
