"""Strands, tallies and the use of what links: read for the keys of a slice, written back with its effects."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from breach_service.domain.grouping import Strand
from breach_service.domain.grouping.board import Observed
from breach_service.domain.grouping.grouper import Tallies
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.store.grouping_tables import EntityUseRow, MergeProposalRow, StrandRow, TallyRow
from breach_service.store.hot import Asked
from breach_service.store.many_rows import ManyRows
from breach_service.store.tables import AlertRow, IncidentRow

STRAND = StrandRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
TALLY = TallyRow.__table__  # type: ignore[attr-defined]
USE = EntityUseRow.__table__  # type: ignore[attr-defined]
PROPOSAL = MergeProposalRow.__table__  # type: ignore[attr-defined]
ALERT = AlertRow.__table__  # type: ignore[attr-defined]
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
OPEN = tuple(sorted(OPEN_STATUSES))
TOLD = -1
"""Instead of a step: a pattern that time completed was told."""


_STRANDS = Asked(
    lambda among: (
        select(STRAND.c.key, STRAND.c.first_minute, STRAND.c.last_minute, STRAND.c.incident_id, STRAND.c.id)
        .join(INCIDENT, INCIDENT.c.id == STRAND.c.incident_id)
        .where(among(STRAND.c.key, "keys"), STRAND.c.last_minute >= bindparam("since"), INCIDENT.c.status.in_(OPEN))
    )
)


def strands_of(session: Session, keys: Iterable[str], since: int) -> list[Strand]:
    """The strands of keys that end at a minute or later, of incidents that are open."""
    return [Strand(*row) for row in _STRANDS.tuples(session, keys=set(keys), since=since)]


_NEW_STRANDS = ManyRows(lambda _dialect: STRAND.insert())


def keep_strands(session: Session, strands: Iterable[Strand], gone: Iterable[Strand], ids: Mapping[int, int]) -> None:
    """Write down what changed; `ids` maps the numbers of incidents on the board to those of the database."""
    new, changed = [], []
    for one in strands:
        if not one.is_changed:
            continue
        values = {
            "key": one.key, "first_minute": one.first, "last_minute": one.last,
            "incident_id": ids.get(one.incident, one.incident),
        }  # fmt: skip
        if one.row is None:
            new.append(values)
        else:
            changed.append((one.row, values))
    removed = [one.row for one in gone if one.row is not None]
    if removed:
        session.execute(delete(STRAND).where(STRAND.c.id.in_(removed)))
    if changed:
        session.connection().execute(
            update(STRAND).where(STRAND.c.id == bindparam("row")).values(
                first_minute=bindparam("first"), last_minute=bindparam("last"), incident_id=bindparam("incident")
            ),
            [
                {
                    "row": row, "first": values["first_minute"], "last": values["last_minute"],
                    "incident": values["incident_id"],
                }
                for row, values in changed
            ],
        )  # fmt: skip
    _NEW_STRANDS.run(session.connection(), new)


def _joiners(column: Any) -> Asked:
    columns = (
        ALERT.c.id, ALERT.c.group_key, ALERT.c.link_key, ALERT.c.slot, ALERT.c.minutes, ALERT.c.incident_id,
        ALERT.c.claim_rank,
    )  # fmt: skip
    # Said as the partial index says it: a parameter would keep the database from using it.
    may_be_claimed = text("alert.claim_rank > 0 AND alert.slot > 0")
    return Asked(
        lambda among: select(*columns).where(
            among(column, "keys"), may_be_claimed, ALERT.c.last_seen_at >= bindparam("since")
        )
    )


_JOINERS = (_joiners(ALERT.c.group_key), _joiners(ALERT.c.link_key))


def observed_of(session: Session, keys: Iterable[str], since: datetime) -> list[Observed]:
    """The joiners of keys, seen at an instant or later, that stand in nothing by their own key."""
    found: dict[int, Observed] = {}
    held = set(keys)
    for asked in _JOINERS:
        for row in asked.rows(session, keys=held, since=since):
            texts = tuple(filter(None, (row.group_key, row.link_key)))
            found[row.id] = Observed(row.id, texts, row.slot, row.minutes, row.incident_id, row.claim_rank)
    return [found[one] for one in sorted(found)]


_TALLIES = Asked(
    lambda among: select(TALLY.c.key, TALLY.c.step, TALLY.c.minute, TALLY.c.value, TALLY.c.count).where(
        TALLY.c.pattern == bindparam("pattern"), among(TALLY.c.key, "keys"),
        TALLY.c.minute.between(bindparam("since"), bindparam("until")), TALLY.c.step >= 0,
    )
)  # fmt: skip


def tallies_of(session: Session, keys: Iterable[tuple[str, str]], since: int, until: int) -> Tallies:
    """What was counted for patterns and keys between two minutes."""
    found: Tallies = {}
    wanted: dict[str, list[str]] = {}
    for pattern, key in keys:
        wanted.setdefault(pattern, []).append(key)
    for pattern, held in wanted.items():
        for key, step, minute, value, count in _TALLIES.tuples(
            session, pattern=pattern, keys=held, since=since, until=until
        ):
            steps = found.setdefault((pattern, key), {})
            steps.setdefault(step, {}).setdefault(minute, {})[value] = count
    return found


def keys_counted(session: Session, patterns: Iterable[str], since: int) -> set[tuple[str, str]]:
    """Pattern and key of everything that was counted from a minute on."""
    rows = session.execute(
        select(TALLY.c.pattern, TALLY.c.key)
        .where(TALLY.c.pattern.in_(list(patterns)), TALLY.c.minute >= since, TALLY.c.step >= 0)
        .distinct()
    )
    return {(row.pattern, row.key) for row in rows}


def told_absences(session: Session, patterns: Iterable[str], since: int) -> set[tuple[str, str, int]]:
    """Pattern, key and minute of the absences that were told already."""
    rows = session.execute(
        select(TALLY.c.pattern, TALLY.c.key, TALLY.c.minute).where(
            TALLY.c.pattern.in_(list(patterns)), TALLY.c.minute >= since, TALLY.c.step == TOLD
        )
    )
    return {(row.pattern, row.key, row.minute) for row in rows}


def tell_absences(session: Session, told: Iterable[tuple[str, str, int]]) -> None:
    """Note absences that were told, so that each is told once."""
    rows = [
        {"pattern": pattern, "key": key, "step": TOLD, "minute": minute, "value": "", "count": 1}
        for pattern, key, minute in dict.fromkeys(told)
    ]
    count_tallies(session, rows)


def _count_up(dialect: str) -> Any:
    new = _new(dialect)(TALLY)
    return new.on_conflict_do_update(
        index_elements=["pattern", "key", "step", "minute", "value"],
        set_={"count": TALLY.c.count + new.excluded.count},
    )


_COUNT_UP = ManyRows(_count_up)


def count_tallies(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add to the tallies: `pattern`, `key`, `step`, `minute`, `value`, `count`."""
    _COUNT_UP.run(session.connection(), rows)


def forget_tallies(session: Session, before: int) -> None:
    """Let go of what no window reaches any more."""
    session.execute(delete(TALLY).where(TALLY.c.minute < before))


_NOTE_USE = ManyRows(lambda dialect: _new(dialect)(USE).on_conflict_do_nothing())


def note_uses(session: Session, uses: Iterable[tuple[str, int, str]]) -> None:
    """Note what was named beside what on which day; known ones are left as they are."""
    rows = [{"key": key, "day": day, "beside": beside} for key, day, beside in uses]
    _NOTE_USE.run(session.connection(), rows)


_USES = Asked(
    lambda among: (
        select(USE.c.key, USE.c.day, func.count())
        .where(among(USE.c.key, "keys"), USE.c.day.between(bindparam("first"), bindparam("last")))
        .group_by(USE.c.key, USE.c.day)
    )
)


def uses_of(session: Session, keys: Iterable[str], first_day: int, last_day: int) -> dict[tuple[str, int], int]:
    """Beside how many different things each key was named on each day between two, both included."""
    return {
        (key, day): count for key, day, count in _USES.tuples(session, keys=set(keys), first=first_day, last=last_day)
    }


def forget_uses(session: Session, before_day: int) -> None:
    """Let go of what is too old to say anything."""
    session.execute(delete(USE).where(USE.c.day < before_day))


def propose_merge(session: Session, one: int, other: int, now: datetime) -> bool:
    """Propose that two incidents are one; False where a person was asked before."""
    first, second = sorted((one, other))
    result = session.execute(
        _insert(session)(PROPOSAL)
        .values(first_id=first, second_id=second, proposed_at=now, decision="")
        .on_conflict_do_nothing()
        .returning(PROPOSAL.c.id)
    )
    return result.first() is not None


def _insert(session: Session) -> Any:
    return _new(session.get_bind().dialect.name)


def _new(dialect: str) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert


def move_strands(session: Session, loser: int, winner: int) -> None:
    """Give the strands of one incident to another."""
    session.execute(update(STRAND).where(STRAND.c.incident_id == loser).values(incident_id=winner))
