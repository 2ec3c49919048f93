"""The door: who may come in, what is kept of a request, and how many may wait."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import select

from breach_service.acts import senders
from breach_service.acts.senders import Connection, NewSource
from breach_service.app import OPERATOR, Service
from breach_service.errors import BacklogFull, WrongCredential
from breach_service.pipeline import Gate
from breach_service.store import inbox, sources
from breach_service.store.database import Closed, Database, Session
from breach_service.store.tables import InboxRow, SourceRow

BODY = b'{"title": "Somebody at the door"}'

Connect = Callable[..., NewSource]


@pytest.fixture
def connect(service: Service) -> Connect:
    """Connect a sender."""

    def add(name: str = "probe", auth: str = "bearer") -> NewSource:
        return service.database.write(
            lambda session: senders.add_source(
                session, OPERATOR, Connection(name, "json", auth), service.cipher, service.now()
            )
        )

    return add


@pytest.fixture
def gate(service: Service) -> Gate:
    """A door with room for three."""
    return Gate(service.database, service.cipher, 3)


def waiting(database: Database) -> int:
    with database.reading() as session:
        return inbox.pending(session)[0]


def refused(database: Database) -> dict[tuple[str, str], int]:
    with database.reading() as session:
        return {(one.source, one.reason): one.count for one in sources.refusals(session)}


def knock(
    gate: Gate, now: datetime, headers: dict[str, str], *, name: str = "probe", secret: str | None = None
) -> None:
    gate.receive(name, secret, headers, "", BODY, now).result(30)


def test_the_right_credential_opens_the_door(service: Service, gate: Gate, connect: Connect) -> None:
    """As a bearer token, as a signature of the body, as the last part of the address; the body is then on disk."""
    bearer, signed, address = connect("one"), connect("two", "hmac"), connect("three", "url")
    gate.renew()
    signature = hmac.new(signed.secret.encode(), BODY, hashlib.sha256).hexdigest()
    knock(gate, service.now(), {"authorization": f"Bearer {bearer.secret}"}, name="one")
    knock(gate, service.now(), {"x-signature-256": f"sha256={signature}"}, name="two")
    knock(gate, service.now(), {}, name="three", secret=address.secret)
    assert waiting(service.database) == 3


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({}, "missing_credential"), ({"authorization": "Bearer guessed"}, "wrong_credential")],
)
def test_a_wrong_credential_keeps_it_shut(
    service: Service, gate: Gate, connect: Connect, headers: dict[str, str], reason: str
) -> None:
    """Nothing is kept, and the refusal is counted with its reason."""
    connect()
    gate.renew()
    with pytest.raises(WrongCredential) as caught:
        knock(gate, service.now(), headers)
    assert caught.value.reason == reason
    assert waiting(service.database) == 0
    assert gate.flush_refusals(service.now())
    assert refused(service.database) == {("probe", reason): 1}


def test_whoever_is_not_known_is_counted_under_one_word(service: Service, gate: Gate) -> None:
    """Invented names fill neither the table nor the metrics."""
    for name in ("a", "b", "c"):
        with pytest.raises(WrongCredential):
            knock(gate, service.now(), {}, name=name)
    gate.refuse("d", "too_large")
    gate.flush_refusals(service.now())
    assert refused(service.database) == {("unknown", "unknown_source"): 3, ("unknown", "too_large"): 1}


def test_a_refusal_is_written_down_once(service: Service, gate: Gate) -> None:
    """A second look finds nothing to write; later ones add to it."""
    gate.refuse("a", "too_large")
    assert gate.flush_refusals(service.now())
    assert not gate.flush_refusals(service.now())
    gate.refuse("a", "too_large")
    assert gate.flush_refusals(service.now())
    assert refused(service.database) == {("unknown", "too_large"): 2}


def test_refusals_that_could_not_be_written_down_are_kept(service: Service) -> None:
    """The database was away: the next look writes them."""
    away = Database(service.settings.sqlalchemy_url(), inbox.insert_received)
    gate = Gate(away, service.cipher, 3)
    gate.refuse("a", "too_large")
    away.close()
    for _ in range(2):
        with pytest.raises(Closed):
            gate.flush_refusals(service.now())


def test_two_doors_count_the_same_refusals_together(service: Service, gate: Gate) -> None:
    """Two processes of one service lose no count, also where both see a reason for the first time."""
    other = Gate(service.database, service.cipher, 3)
    for one in (gate, other, other):
        one.refuse("a", "too_large")
    gate.flush_refusals(service.now())
    other.flush_refusals(service.now())
    assert refused(service.database) == {("unknown", "too_large"): 3}


def test_a_rotated_secret_lets_both_in_until_the_next_rotation(service: Service, gate: Gate, connect: Connect) -> None:
    """No alert is lost while the sender is given the new one; the oldest stops working."""
    secrets = [connect().secret]
    for _ in range(2):
        new = service.database.write(
            lambda session: senders.rotate_source(session, OPERATOR, "probe", service.cipher, service.now())
        )
        secrets.append(new.secret)
    gate.renew()
    for secret in secrets[1:]:
        knock(gate, service.now(), {"authorization": f"Bearer {secret}"})
    with pytest.raises(WrongCredential):
        knock(gate, service.now(), {"authorization": f"Bearer {secrets[0]}"})


def test_a_disabled_sender_is_unknown(service: Service, gate: Gate, connect: Connect) -> None:
    """From the next look at the senders on."""
    new = connect()

    def disable(session: Session) -> None:
        row = sources.named(session, "probe")
        assert row is not None
        row.disabled_at = service.now()
        session.add(row)

    service.database.write(disable)
    gate.renew()
    with pytest.raises(WrongCredential, match="disabled"):
        knock(gate, service.now(), {"authorization": f"Bearer {new.secret}"})


def test_the_backlog_is_bounded(service: Service, gate: Gate, connect: Connect) -> None:
    """Beyond its bound a sender is asked to come again, which is counted; there is room again once work was done."""
    right = {"authorization": f"Bearer {connect().secret}"}
    gate.renew()
    for _ in range(3):
        knock(gate, service.now(), right)
    with pytest.raises(BacklogFull, match="send again"):
        knock(gate, service.now(), right)
    gate.flush_refusals(service.now())
    assert refused(service.database) == {("probe", "backlog_full"): 1}

    def work(session: Session) -> None:
        inbox.remove(session, [one.id for one in inbox.take(session, service.cipher, 2)])

    service.database.write(work)
    gate.renew()
    knock(gate, service.now(), right)
    assert waiting(service.database) == 2


def test_headers_that_hold_the_credential_are_not_kept(service: Service, gate: Gate, connect: Connect) -> None:
    """Whoever reads a body later cannot send in the sender's name; the other headers are there."""
    new = connect()

    def add_header(session: Session) -> None:
        row = sources.named(session, "probe")
        assert row is not None
        row.header = "X-Gate-Key"
        session.add(row)

    service.database.write(add_header)
    gate.renew()
    sent = {
        "authorization": "Basic eDp5", "proxy-authorization": "z", "cookie": "session=1", "x-gate-key": new.secret,
        "user-agent": "probe/1.0",
    }  # fmt: skip
    knock(gate, service.now(), sent)
    with service.database.reading() as session:
        (kept,) = inbox.take(session, service.cipher, 10)
    assert kept.headers == {"user-agent": "probe/1.0"}
    assert kept.body == BODY


def test_what_waits_is_unreadable_without_the_key(service: Service, gate: Gate, connect: Connect) -> None:
    """The body in the table is encrypted."""
    right = {"authorization": f"Bearer {connect().secret}"}
    gate.renew()
    knock(gate, service.now(), right)
    with service.database.reading() as session:
        (row,) = session.exec(select(InboxRow))
        assert b"Somebody" not in row.sealed


def test_no_secret_is_kept_in_clear(service: Service, connect: Connect) -> None:
    """Neither of a bearer, nor of an address, nor of a signature."""
    secrets = [connect("one").secret, connect("two", "hmac").secret, connect("three", "url").secret]
    with service.database.reading() as session:
        stored = list(session.exec(select(SourceRow)))
    text = " ".join(f"{one.secret_hashes} {one.secrets_encrypted}" for one in stored)
    assert not any(secret in text for secret in secrets)
