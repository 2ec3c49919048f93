"""How people want to be reached: their own ways, in their own order, each proven by a code that was sent there."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from pwdlib.hashers.argon2 import Argon2Hasher

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.domain.contact_ways import (
    PROVABLE,
    QuietHours,
    Way,
    WayKind,
    fault_of_address,
    normal_address,
    usable,
)
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import contact_ways, people, reference, timeline
from breach_service.store.access_tables import ContactWayRow
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session

MOST_WAYS = 10
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for one another."""
CODE_LENGTH = 8
CODE_LASTS = timedelta(minutes=15)
MOST_TRIES = 5
PAUSE = timedelta(minutes=1)
"""Between two codes to the same address."""
MOST_CODES = 10
"""Ways of one person that a code is sent to within an hour, removed ones included: this is no machine for spam."""
USUAL_ZONE = "Europe/Paris"

_hasher = Argon2Hasher(time_cost=2, memory_cost=8192, parallelism=1)
"""Lighter than for passwords: a code is random, lives for minutes and opens nothing."""


@dataclass(frozen=True)
class NewWay:
    """A way as a person wants it."""

    kind: WayKind
    address: str
    quiet: tuple[time, time] | None = None
    """Local times, from and until; they may cross midnight."""
    is_wakeable: bool = False


@dataclass(frozen=True)
class TestMessage:
    """What must be sent, once it is committed that it will be."""

    __test__ = False
    kind: WayKind
    address: str
    code: str


class Proof(StrEnum):
    """What came of a code; committed either way, since wrong tries count."""

    PROVEN = "proven"
    WRONG = "wrong"
    OVER = "over"
    """It expired, was tried too often, or none was sent."""


def ways_of(session: Session, user_id: int, at: datetime, *, is_wake: bool = False) -> list[Way]:
    """The proven ways of a person that may be used at an instant, in the person's order.

    Those in quiet hours are left out, unless the message may wake and the person lets such messages pass. Nobody who
    is disabled is reached. Quiet hours are local times of the organisation.
    """
    account = people.user(session, user_id)
    if account is None or account.disabled_at is not None:
        return []
    found = [contact_ways.way_of(row) for row in contact_ways.of_person(session, user_id)]
    return usable(found, at, _zone(session), is_wake=is_wake) if found else []


def own_ways(session: Session, actor: Actor) -> list[Way]:
    """Every way of the actor, in their order."""
    return [contact_ways.way_of(row) for row in contact_ways.of_person(session, _own(actor))]


def address_of(way: Way, cipher: Cipher) -> str:
    """The address of a way, in clear."""
    return cipher.open(bytes.fromhex(way.sealed)).decode()


def shown_address(kind: WayKind, address: str) -> str:
    """An address as its person sees it: what is secret in it is left out."""
    if kind in (WayKind.MAIL, WayKind.SLACK, WayKind.TELEPHONE):
        return address
    scheme, _, rest = address.partition("://")
    host = rest.rpartition("@")[2].partition("/")[0] if kind is not WayKind.SMS else ""
    return f"{scheme}://{host}/…{address[-3:]}" if host else f"{scheme}://…{address[-3:]}"


def telephones_of(session: Session, cipher: Cipher, user_id: int) -> list[str]:
    """The telephone numbers by which colleagues may call a person."""
    found = [contact_ways.way_of(row) for row in contact_ways.of_person(session, user_id)]
    return [address_of(one, cipher) for one in found if one.kind is WayKind.TELEPHONE]


def add_way(session: Session, actor: Actor, cipher: Cipher, new: NewWay, hosts: frozenset[str], now: datetime) -> int:
    """Add a way, the last in order; it is not used before it is proven. `hosts`: those of the operator."""
    person = _own(actor)
    address = normal_address(new.kind, new.address)
    fault = fault_of_address(new.kind, address, hosts)
    if fault:
        raise InvalidCommand(fault)
    held = contact_ways.of_person(session, person)
    if len(held) >= MOST_WAYS:
        raise InvalidCommand(N_("%(most_ways)s ways are the most: remove one first"), most_ways=MOST_WAYS)
    same = [one for one in map(contact_ways.way_of, held) if one.kind is new.kind]
    if any(address_of(one, cipher) == address for one in same):
        raise InvalidCommand(N_("this address stands among your ways already"))
    quiet = _minutes(new.quiet)
    row = ContactWayRow(
        user_id=person, kind=new.kind, address_encrypted=cipher.seal(address.encode()).hex(),
        position=max((one.position for one in held), default=0) + 1, quiet_from=quiet[0], quiet_to=quiet[1],
        is_wakeable=new.is_wakeable, created_at=now,
    )  # fmt: skip
    contact_ways.save(session, row)
    _note(session, actor, now, "added", row)
    return row.id or 0


def ask_code(session: Session, actor: Actor, cipher: Cipher, number: int, now: datetime) -> TestMessage:
    """Make the code that proves a way; an earlier one is void. It must be sent after the commit."""
    row = _row(session, actor, number)
    way = contact_ways.way_of(row)
    if way.kind not in PROVABLE:
        raise InvalidCommand(N_("a telephone number is shown to colleagues; the service does not call it"))
    if row.code_sent_at is not None and now - row.code_sent_at < PAUSE:
        raise InvalidCommand(N_("a code was sent a moment ago: wait a minute before you ask for another"))
    if contact_ways.codes_since(session, row.user_id, now - timedelta(hours=1)) >= MOST_CODES:
        raise InvalidCommand(N_("many codes were sent within the hour: try again later"))
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    row.code_hash, row.code_sent_at, row.code_failures = _hasher.hash(code), now, 0
    contact_ways.save(session, row)
    return TestMessage(way.kind, address_of(way, cipher), f"{code[:4]}-{code[4:]}")


def prove(session: Session, actor: Actor, number: int, code: str, now: datetime) -> Proof:
    """Say the code that came by a way; after five wrong ones, or a quarter of an hour, another must be asked for."""
    row = _row(session, actor, number)
    if row.code_hash is None or row.code_sent_at is None or now - row.code_sent_at > CODE_LASTS:
        return Proof.OVER
    if row.code_failures >= MOST_TRIES:
        return Proof.OVER
    if not _hasher.verify(code.replace("-", "").replace(" ", "").upper(), row.code_hash):
        row.code_failures += 1
        contact_ways.save(session, row)
        return Proof.WRONG if row.code_failures < MOST_TRIES else Proof.OVER
    row.code_hash, row.code_failures, row.proven_at = None, 0, now
    contact_ways.save(session, row)
    _note(session, actor, now, "proven", row)
    return Proof.PROVEN


def change_way(
    session: Session, actor: Actor, number: int, quiet: tuple[time, time] | None, is_wakeable: bool, now: datetime
) -> None:
    """Set quiet hours, and whether messages that may wake pass in them."""
    row = _row(session, actor, number)
    row.quiet_from, row.quiet_to = _minutes(quiet)
    row.is_wakeable = is_wakeable
    contact_ways.save(session, row)
    _note(session, actor, now, "changed", row)


def move_way(session: Session, actor: Actor, number: int, *, is_up: bool) -> None:
    """Try a way one place earlier, or later."""
    rows = contact_ways.of_person(session, _own(actor))
    place = next((index for index, row in enumerate(rows) if row.id == number), None)
    if place is None:
        raise _unknown(number)
    other = place - 1 if is_up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows, start=1):
        row.position = position
        contact_ways.save(session, row)


def remove_way(session: Session, actor: Actor, number: int, now: datetime) -> None:
    """Remove a way; its address is forgotten."""
    row = _row(session, actor, number)
    row.removed_at, row.address_encrypted, row.code_hash = now, "", None
    contact_ways.save(session, row)
    _note(session, actor, now, "removed", row)


def _own(actor: Actor) -> int:
    authorise(actor, Act.KEEP_OWN_ACCOUNT)
    if actor.person is None:
        raise NotAllowed(N_("only a person who is signed in has ways to be reached: open /account/channels"))
    return actor.person


def _row(session: Session, actor: Actor, number: int) -> ContactWayRow:
    row = contact_ways.one(session, _own(actor), number)
    if row is None:
        raise _unknown(number)
    return row


def _unknown(number: int) -> NotFound:
    return NotFound(N_("you have no way number %(number)s to be reached"), number=number)


def _minutes(quiet: tuple[time, time] | None) -> tuple[int | None, int | None]:
    if quiet is None:
        return None, None
    hours = QuietHours(*quiet)
    if hours.since == hours.until:
        raise InvalidCommand(N_("quiet hours begin and end at the same time: give them a length, or leave both empty"))
    return contact_ways.minute_of(hours.since), contact_ways.minute_of(hours.until)


def _zone(session: Session) -> str:
    found = reference.inventory_in_force(session)
    return found[1].organisations[0].zone if found else USUAL_ZONE


def _note(session: Session, actor: Actor, now: datetime, what: str, row: ContactWayRow) -> None:
    words = {"what": what, "kind": row.kind, "account": str(row.user_id), "way": str(row.id)}
    timeline.write_entry(session, None, now, EntryKind.CONTACT_WAY_CHANGED, actor.name, words)
