"""What people do about silence: say how often a sender must be heard, and play a test message in its place."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.domain.heartbeats import LEARN, seconds_of, text_of
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotFound, UnreadablePayload, WrongCredential
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.store import heartbeats, inbox, sources, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.inbox import TRIAL
from breach_service.store.tables import InboxRow, SourceRow


def expect_every(session: Session, actor: Actor, name: str, every: str, now: datetime) -> str:
    """Say how often a sender must be heard: `15m`, `2h`, `1d`, `off`, or `learn` from its heartbeat, anew.

    Returns it as it is kept. A silence that was an alarm is judged again within seconds.
    """
    row = _source(session, actor, name)
    try:
        said = seconds_of(every)
    except ValueError:
        raise InvalidCommand(
            N_("%(every)r is no interval: write 15m, 2h or 1d (a minute to 31 days), off, or learn"), every=every
        ) from None
    row.expected_every = said
    session.add(row)
    if said is None:
        heartbeats.forget(session, row.id or 0)
    kept = text_of(said)
    words = {"note": "source_interval_learned" if kept == LEARN else "source_interval", "source": name, "every": kept}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return kept


def play_test(session: Session, actor: Actor, name: str, cipher: Cipher, now: datetime) -> None:
    """Put the test message of its kind into the inbox, as if the sender had sent it.

    It shows that this service reads and keeps what such a sender says; that the sender reaches the service is shown by
    its own test alone, and so it does not count as heard.
    """
    row = _source(session, actor, name)
    if row.disabled_at is not None:
        raise InvalidCommand(N_("%(name)s is disabled: nothing of it is taken"), name=name)
    known = source_of(row.kind)
    delivery = Delivery(known.test_body(), {"content-type": "application/json", TRIAL: "yes"}, "", now)
    if row.mapping is not None:
        raise InvalidCommand(
            N_("%(name)s has a mapping of its own, which no message of ours fits: try one on the page of the mapping"),
            name=name,
        )
    try:
        is_proved_by_sender = known.proof_in(delivery, sources.expected_of(cipher, row)) is not None
    except (UnreadablePayload, WrongCredential):
        is_proved_by_sender = True
    if is_proved_by_sender:
        raise InvalidCommand(
            N_("messages of %(name)s carry a proof that only the sender can make: let it send its own test"), name=name
        )
    sealed = inbox.sealed(cipher, delivery.headers, delivery.query, delivery.body)
    session.add(InboxRow(source_id=row.id or 0, received_at=now, sealed=sealed))
    words = {"note": "source_test_played", "source": name}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def _source(session: Session, actor: Actor, name: str) -> SourceRow:
    authorise(actor, Act.MANAGE_SOURCES)
    row = sources.named(session, name)
    if row is None:
        raise NotFound(N_("there is no source %(name)s"), name=name)
    return row
