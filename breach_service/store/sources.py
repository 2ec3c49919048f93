"""Senders: their credentials, when they were last seen, how often they were refused."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, case, func, null, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from breach_service.domain.alert import REAL_STATUSES
from breach_service.domain.heartbeats import Expectation, text_of
from breach_service.store import heartbeats, inbox
from breach_service.store.cipher import Cipher
from breach_service.store.columns import UtcDateTime
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import AlertRow, RefusalRow, SourceRow

SOURCE = SourceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
REFUSAL = RefusalRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class StoredSource:
    """A sender as receiving needs it."""

    id: int
    name: str
    kind: str
    auth: str
    secret_hashes: tuple[str, ...]
    secrets: tuple[bytes, ...]
    header: str | None
    expected: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What each of its messages must carry, by name."""


@dataclass(frozen=True)
class Sender:
    """A sender as processing needs it."""

    name: str
    kind: str
    mapping: str | None
    observed_until: datetime | None
    expected: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What each of its messages must carry, by name."""

    def is_observed(self, at: datetime) -> bool:
        """True while nothing is sent because of it."""
        return self.observed_until is not None and at < self.observed_until


@dataclass(frozen=True)
class Refused:
    """How often a sender was refused for one reason, and when last."""

    reason: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class SourceSummary:
    """A sender as people look at it."""

    name: str
    kind: str
    auth: str
    created_at: datetime
    last_seen_at: datetime | None
    received: int
    quarantined: int
    """Ever."""
    in_quarantine: int
    """Not played again yet."""
    redelivered: int
    refused: int
    last_refusal: str
    last_refused_at: datetime | None
    refusals: tuple[Refused, ...]
    """Newest first."""
    refusing_since: datetime | None
    observed_until: datetime | None
    secrets: int
    """How many secrets are valid: two while one is being replaced."""
    rotated_at: datetime | None
    former_used_at: datetime | None
    has_mapping: bool
    has_expectations: bool
    """True where its messages must carry something besides the credential."""
    expected_every: str = "learn"
    """What a person said of how often it is heard: `15m`, `off`, or `learn` where nobody did."""
    expectation: Expectation | None = None
    """How often it should be heard; None where its silence means nothing."""
    silent_since: datetime | None = None
    """When it was last heard before its silence became an alarm; None while there is none."""


def add(session: Session, row: SourceRow) -> int:
    """Insert a sender; its id."""
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101  # given by the flush
    return row.id


def sealed_secret(cipher: Cipher, secret: bytes) -> str:
    """A signing secret as it is stored."""
    return base64.b64encode(cipher.seal(secret)).decode()


def sealed_expected(cipher: Cipher, expected: Mapping[str, str]) -> str | None:
    """What messages must carry, as it is stored: a secret may be among it."""
    return base64.b64encode(cipher.seal(json.dumps(dict(expected)).encode())).decode() if expected else None


def expected_of(cipher: Cipher, row: SourceRow) -> dict[str, str]:
    """What the messages of a sender must carry, by name; empty where nothing was said."""
    if row.expected_encrypted is None:
        return {}
    return dict(json.loads(cipher.open(base64.b64decode(row.expected_encrypted))))


def all_active(session: Session, cipher: Cipher) -> dict[str, StoredSource]:
    """Every sender that may send, by name, with its signing secrets opened."""
    rows = session.exec(select(SourceRow).where(SourceRow.disabled_at == None))  # noqa: E711  # SQL
    return {
        row.name: StoredSource(
            id=row.id or 0,
            name=row.name,
            kind=row.kind,
            auth=row.auth,
            secret_hashes=tuple(row.secret_hashes),
            secrets=tuple(cipher.open(base64.b64decode(one)) for one in row.secrets_encrypted),
            header=row.header,
            expected=expected_of(cipher, row),
        )
        for row in rows
    }


def named(session: Session, name: str) -> SourceRow | None:
    """The sender of that name."""
    return session.exec(select(SourceRow).where(SourceRow.name == name)).first()


def senders(session: Session, cipher: Cipher) -> dict[int, Sender]:
    """Every sender by id, disabled ones included."""
    rows = session.exec(select(SourceRow))
    return {
        row.id or 0: Sender(row.name, row.kind, row.mapping, row.observed_until, expected_of(cipher, row))
        for row in rows
    }


_HEARD = (
    update(SOURCE)
    .where(SOURCE.c.id == bindparam("number"), SOURCE.c.newest_minute < bindparam("minute"))
    .values(newest_minute=bindparam("minute"))
)


def heard_until(session: Session, newest: Mapping[int, int]) -> None:
    """Note the minute of the newest alert of senders, by their own clocks."""
    rows = [{"number": number, "minute": minute} for number, minute in newest.items()]
    if rows:
        session.connection().execute(_HEARD, rows)


def heard_up_to(session: Session, now: datetime, late: int) -> int:
    """The minute since 1970 up to which every sender has been heard, but for what may still come late.

    A sender that speaks of the past (a recording, a backlog) is heard as far as its newest alert; every other one as
    far as our own clock, also where it has nothing to say.
    """
    minute = int(now.timestamp() // 60)
    since = now - timedelta(hours=1)
    rows = session.execute(
        select(SOURCE.c.newest_minute, SOURCE.c.last_seen_at).where(
            SOURCE.c.disabled_at.is_(None), SOURCE.c.last_seen_at >= since, SOURCE.c.newest_minute > 0
        )
    )
    heard: list[tuple[int, datetime]] = [(row.newest_minute, row.last_seen_at) for row in rows]
    behind = [newest for newest, seen_at in heard if int(seen_at.timestamp() // 60) - newest > late]
    return min((minute, *behind)) - late - 1


def count_redelivered(session: Session, counts: Mapping[int, int]) -> None:
    """Count deliveries that came again, by sender."""
    for source_id, count in counts.items():
        session.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(redelivered=SOURCE.c.redelivered + count))


def former_secret_used(session: Session, used_at: Mapping[int, datetime]) -> None:
    """Note when the secret before the newest one was last presented, by sender."""
    for source_id, at in used_at.items():
        session.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(former_used_at=at))


def refusing(session: Session, names: Iterable[str], now: datetime) -> None:
    """Note that senders are refused from now on, where they were not yet."""
    session.execute(
        update(SOURCE)
        .where(SOURCE.c.name.in_(sorted(names)), SOURCE.c.refusing_since.is_(None))
        .values(refusing_since=now)
    )


def retire_former_secrets(session: Session, unused_for: timedelta, now: datetime) -> list[str]:
    """Let go of secrets that were replaced and have not been used for that long since; the names of their senders."""
    retired = []
    for row in session.exec(select(SourceRow).where(col(SourceRow.rotated_at).is_not(None))):
        last = max(filter(None, (row.rotated_at, row.former_used_at)))
        if now - last >= unused_for:
            row.secret_hashes, row.secrets_encrypted = row.secret_hashes[:1], row.secrets_encrypted[:1]
            row.rotated_at = row.former_used_at = None
            session.add(row)
            retired.append(row.name)
    return retired


def with_observation_over(session: Session, now: datetime) -> list[SourceRow]:
    """Senders whose time of observation has passed."""
    return list(session.exec(select(SourceRow).where(col(SourceRow.observed_until) <= now)))


def refused_and_not_told(session: Session, again_after: timedelta, now: datetime) -> list[SourceRow]:
    """Senders that are refused and nobody was told; a telling of less than `again_after` ago is enough for all."""
    told = col(SourceRow.refusal_told_at)
    is_untold = or_(told.is_(None), and_(told < col(SourceRow.refusing_since), told <= now - again_after))
    return list(session.exec(select(SourceRow).where(col(SourceRow.refusing_since).is_not(None), is_untold)))


def last_refusal(session: Session, name: str) -> str:
    """The reason of the latest refusal of a sender, empty where there was none."""
    newest = select(RefusalRow.reason).where(RefusalRow.source == name).order_by(col(RefusalRow.last_at).desc())
    return session.exec(newest.limit(1)).first() or ""


def noisiest(
    session: Session, source_id: int, limit: int = 10, visibility: Visibility = FULL
) -> list[tuple[str, str, int]]:
    """What a sender says most: title, signal and how often, the loudest first; as far as it is seen."""
    loudness = func.sum(AlertRow.count)
    rows = session.exec(
        select(AlertRow.title, AlertRow.signal, loudness)
        .where(AlertRow.source_id == source_id, col(AlertRow.status).in_(sorted(REAL_STATUSES)), visibility.alerts)
        .group_by(AlertRow.title, AlertRow.signal)
        .order_by(loudness.desc(), AlertRow.title)
        .limit(limit)
    )
    return [(title, signal, int(count)) for title, signal, count in rows]


_AT = bindparam("at", type_=UtcDateTime())
_IS_NEWER = or_(SOURCE.c.last_seen_at.is_(None), SOURCE.c.last_seen_at < _AT)
_SEEN = (
    update(SOURCE)
    .where(SOURCE.c.id == bindparam("number"))
    .values(
        received=SOURCE.c.received + bindparam("more"),
        last_seen_at=case((_IS_NEWER, _AT), else_=SOURCE.c.last_seen_at),
        refusing_since=case((SOURCE.c.refusing_since <= _AT, null()), else_=SOURCE.c.refusing_since),
    )
)


def seen(session: Session, counts: Mapping[int, int], last_seen_at: Mapping[int, datetime]) -> None:
    """Count what came in, by sender; a body that is played again does not make its sender look silent.

    A sender that is heard after it was refused is refused no more.
    """
    rows = [{"number": number, "more": count, "at": last_seen_at[number]} for number, count in counts.items()]
    if rows:
        session.connection().execute(_SEEN, rows)


def count_refusals(session: Session, refusals: Mapping[tuple[str, str], int], now: datetime) -> None:
    """Add to the refusals by (source, reason); several processes may do so at once."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    for (source, reason), count in sorted(refusals.items()):
        new = insert(REFUSAL).values(source=source, reason=reason, count=count, last_at=now)
        session.execute(
            new.on_conflict_do_update(
                index_elements=["source", "reason"],
                set_={"count": REFUSAL.c.count + new.excluded.count, "last_at": new.excluded.last_at},
            )
        )


def refused_without_name(session: Session, name: str) -> Refused | None:
    """How often requests came to an address that is of no sender; `name` is what they are counted under."""
    row = session.exec(
        select(RefusalRow).where(RefusalRow.source == name).order_by(col(RefusalRow.count).desc())
    ).first()
    return Refused(row.reason, row.count, row.last_at) if row else None


def refusals(session: Session) -> list[RefusalRow]:
    """Every refusal counted so far."""
    return list(session.exec(select(RefusalRow).order_by(RefusalRow.source, RefusalRow.reason)))


def summaries(session: Session) -> list[SourceSummary]:
    """Every sender as people look at it, by name."""
    refused: dict[str, list[RefusalRow]] = {}
    for row in refusals(session):
        refused.setdefault(row.source, []).append(row)
    found = []
    waiting = inbox.waiting_in_quarantine(session)
    expected = {one.row.name: one.expectation for one in heartbeats.expectations(session)}
    for source in session.exec(select(SourceRow).order_by(SourceRow.name)):
        mine = sorted(refused.get(source.name, []), key=lambda one: one.last_at)
        found.append(
            SourceSummary(
                name=source.name,
                kind=source.kind,
                auth=source.auth,
                created_at=source.created_at,
                last_seen_at=source.last_seen_at,
                received=source.received,
                quarantined=source.quarantined,
                in_quarantine=waiting.get(source.id or 0, 0),
                redelivered=source.redelivered,
                refused=sum(one.count for one in mine),
                last_refusal=mine[-1].reason if mine else "",
                last_refused_at=mine[-1].last_at if mine else None,
                refusals=tuple(Refused(one.reason, one.count, one.last_at) for one in reversed(mine)),
                refusing_since=source.refusing_since,
                observed_until=source.observed_until,
                secrets=len(source.secret_hashes) or len(source.secrets_encrypted),
                rotated_at=source.rotated_at,
                former_used_at=source.former_used_at,
                has_mapping=source.mapping is not None,
                has_expectations=source.expected_encrypted is not None,
                expected_every=text_of(source.expected_every),
                expectation=expected.get(source.name),
                silent_since=source.silent_since,
            )
        )
    return found
