"""Nobody leaves with open work: it is listed, handed over and accepted first.

Somebody who has to be shut out at once is; what rested on them goes to whoever stands in for them in the same
transaction, and waits there to be accepted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.people.leading import lead_from_now
from breach_service.acts.rows import visibility_of
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import Act, Actor, is_allowed
from breach_service.domain.handover import (
    OpenWork,
    Situation,
    Unfit,
    Work,
    WorkKind,
    deputy_of,
    open_work,
    why_unfit,
)
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound, Sentence, Sentences
from breach_service.store import deciding, handover, incidents, people, timeline
from breach_service.store.access_tables import HandoverRow
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.handover import taken_in
from breach_service.store.tables import UserRow

_WHY_UNFIT = {
    Unfit.GONE: N_("%(name)s has no account that is not disabled, or is who leaves (%(kind)s)"),
    Unfit.ROLE: N_("%(name)s has a role that does not allow it (%(kind)s)"),
    Unfit.MANDATE: N_("%(name)s holds no mandate for it: have one recorded first (%(kind)s)"),
    Unfit.UNSEEN: N_("%(name)s does not see the incident: somebody who decides names them there first (%(kind)s)"),
}


def open_work_of(session: Session, user_id: int, now: datetime) -> OpenWork:
    """What rests on a person and nobody has taken on yet. Raises NotFound for an unknown account."""
    row = _account(session, user_id)
    everything = open_work(user_id, handover.situation_of(session, row, now), now)
    return everything.without(_taken(session, user_id))


def _taken(session: Session, user_id: int) -> set[tuple[str, int]]:
    """What somebody accepted who is still there."""
    found: set[tuple[str, int]] = set()
    for one in handover.of_person(session, user_id):
        successor = people.user(session, one.successor_id)
        if one.accepted_at and not one.withdrawn_at and successor is not None and successor.disabled_at is None:
            found |= {item.key for item in taken_in(one)}
    return found


def start_handover(
    session: Session, actor: Actor, user_id: int, successor_id: int, reason: str, now: datetime
) -> int:  # fmt: skip
    """Offer the open work of somebody who leaves to a successor, as far as they can do it; the number of the handover.

    What they cannot do stays open, for another handover. Raises InvalidCommand where they can do nothing of it.
    """
    authorise(actor, Act.MANAGE_PEOPLE)
    row = _account(session, user_id)
    if not reason.strip():
        raise InvalidCommand(N_("say why the work is handed over: it stands in the chronology"))
    lock_placing(session)
    found = handover.situation_of(session, row, now)
    offered = _offered(session, user_id)
    left = open_work(user_id, found, now).without(_taken(session, user_id) | offered)
    if not left:
        raise InvalidCommand(N_("nothing that rests on %(name)s is left to hand over"), name=row.name)
    fitting = [one for one in left.items if why_unfit(one, user_id, successor_id, found, now) is None]
    if not fitting:
        raise InvalidCommand(_refusal(session, left.items, user_id, successor_id, found, now))
    return _offer(session, actor.name, row, successor_id, fitting, reason.strip(), now)


def _offered(session: Session, user_id: int) -> set[tuple[str, int]]:
    """What waits to be accepted."""
    waiting = (one for one in handover.of_person(session, user_id) if not one.accepted_at and not one.withdrawn_at)
    return {item.key for one in waiting for item in taken_in(one)}


def _offer(
    session: Session, by: str, row: UserRow, successor: int, items: Iterable[Work], reason: str, now: datetime
) -> int:  # fmt: skip
    number = handover.add(
        session,
        HandoverRow(
            user_id=row.id or 0, successor_id=successor, started_at=now, started_by=by, reason=reason,
            work=handover.as_kept(items),
        ),
    )  # fmt: skip
    _note(session, by, "handover_started", row.name, successor, number, now, reason)
    return number


def accept(session: Session, actor: Actor, number: int, now: datetime) -> None:
    """Take on what was handed over, in person. Raises InvalidCommand where some of it can no longer be taken on."""
    authorise(actor, Act.KEEP_OWN_ACCOUNT)
    lock_placing(session)
    row = _waiting(session, number)
    if actor.person is None or actor.person != row.successor_id:
        raise NotAllowed(N_("only whoever the work was handed to accepts it, signed in themselves"))
    leaver = _account(session, row.user_id)
    found = handover.situation_of(session, leaver, now)
    held = {one.key for one in open_work(row.user_id, found, now).items}
    items = [one for one in taken_in(row) if one.key in held]
    if any(why_unfit(one, row.user_id, row.successor_id, found, now) is not None for one in items):
        raise InvalidCommand(_refusal(session, items, row.user_id, row.successor_id, found, now))
    _pass_on(session, items, row.user_id, row.successor_id, actor.name, now)
    row.accepted_at = now
    handover.save(session, row)
    _note(session, actor.name, "handover_accepted", leaver.name, row.successor_id, number, now)


def withdraw(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> None:
    """Take an offer back, or decline it: the work rests where it did."""
    authorise(actor, Act.KEEP_OWN_ACCOUNT)
    row = _waiting(session, number)
    is_theirs = actor.person is not None and actor.person == row.successor_id
    if not is_theirs and not is_allowed(actor, Act.MANAGE_PEOPLE):
        raise NotAllowed(N_("only whoever the work was handed to, or an administrator, takes an offer back"))
    if not reason.strip():
        raise InvalidCommand(N_("say why: somebody else has to take the work on now"))
    row.withdrawn_at = now
    handover.save(session, row)
    leaver = _account(session, row.user_id)
    _note(session, actor.name, "handover_withdrawn", leaver.name, row.successor_id, number, now, reason.strip())


@dataclass(frozen=True)
class Offer:
    """A handover as it stands. Instants in UTC."""

    number: int
    leaver: str
    successor: str
    by: str
    reason: str
    started_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    work: tuple[Work, ...]


def offers_of(session: Session, actor: Actor, user_id: int) -> list[Offer]:
    """Every handover of the work of one person, oldest first."""
    authorise(actor, Act.MANAGE_PEOPLE)
    return [_as_offer(session, one) for one in handover.of_person(session, user_id)]


def offers_to(session: Session, actor: Actor) -> list[Offer]:
    """The handovers that wait for the actor."""
    authorise(actor, Act.KEEP_OWN_ACCOUNT)
    if actor.person is None:
        raise NotAllowed(N_("work is handed over to a person: sign in"))
    return [_as_offer(session, one) for one in handover.waiting(session) if one.successor_id == actor.person]


def _as_offer(session: Session, row: HandoverRow) -> Offer:
    return Offer(
        row.id or 0, _account(session, row.user_id).name, _account(session, row.successor_id).name, row.started_by,
        row.reason, row.started_at, row.accepted_at, row.withdrawn_at, taken_in(row),
    )  # fmt: skip


def seen_of(session: Session, actor: Actor, items: Iterable[Work], now: datetime) -> set[int]:
    """The incidents of some work that the actor sees; of the others only that there is work may be said."""
    ids = {one.incident for one in items if one.incident is not None}
    return incidents.seen_among(session, ids, visibility_of(actor, now))


def _waiting(session: Session, number: int) -> HandoverRow:
    row = handover.by_number(session, number)
    if row is None:
        raise NotFound(N_("there is no handover number %(number)s"), number=number)
    if row.accepted_at or row.withdrawn_at:
        raise InvalidCommand(N_("this handover was accepted or withdrawn already"))
    return row


def check_nothing_is_open(session: Session, user_id: int, now: datetime) -> None:
    """InvalidCommand while something rests on somebody who would leave for good."""
    left = open_work_of(session, user_id, now)
    if left:
        raise InvalidCommand(
            N_(
                "%(number)s things rest on this person that nobody has accepted: hand them over first, "
                "on the page /people/%(user_id)s/leave; where it must be at once, disable the account "
                "for security"
            ),
            number=len(left.items),
            user_id=user_id,
        )


def shut_out(session: Session, row: UserRow, by: str, now: datetime, *, for_security: bool) -> None:
    """What else ends with an account: passkeys, ways to be reached, codes, broken glass; and where its work goes.

    Of somebody who leaves the mandates end too. The work of somebody who is shut out for security is sent to whoever
    stands in for them, at once; that it is told by mail is for `tell_handed_over`.
    """
    person = row.id or 0
    if for_security:
        _send_on(session, row, by, now)
    else:
        for one in deciding.mandates(session, active_only=False):
            if one.person == person and one.revoked_at is None:
                deciding.revoke_mandate(session, one.id, by, now)
        handover.take_shifts(session, person, None, by, now)
    handover.end_standing_in(session, person, now)
    handover.end_ways_in(session, person, now)
    deciding.end_glasses_of(session, person, now)


def _send_on(session: Session, row: UserRow, by: str, now: datetime) -> None:
    """Hand all that rests on somebody to those who can do it, in the order in which they are asked."""
    lock_placing(session)
    person = row.id or 0
    found = handover.situation_of(session, row, now)
    left = open_work(person, found, now)
    asked = handover.asked_for(session, person, found, now)
    while left:
        deputy = deputy_of(left, asked, found, now)
        if deputy is None:
            break
        items = [one for one in left.items if why_unfit(one, person, deputy, found, now) is None]
        _pass_on(session, items, person, deputy, by, now)
        _offer(session, by, row, deputy, items, "disabled for security", now)
        left = left.without({one.key for one in items})
    remaining = sorted(found.administrators - {person})
    if left and remaining:  # nobody can do it: somebody must know that it lies there
        _offer(session, by, row, remaining[0], left.items, "disabled for security", now)


def _pass_on(
    session: Session, items: Iterable[Work], leaver: int, successor: int, by: str, now: datetime
) -> None:  # fmt: skip
    """What can be handed over by writing it down: who leads, who is on the rota, who stands in."""
    kinds = set()
    for one in items:
        kinds.add(one.kind)
        if one.kind is WorkKind.LEADS:
            lead_from_now(session, incidents.row_by_id(session, one.number), successor, by, now)
    if WorkKind.ROTA in kinds:
        handover.take_shifts(session, leaver, successor, by, now)
    if WorkKind.STANDS_IN in kinds:
        handover.stands_in_instead(session, leaver, successor, by, now)


def tell_handed_over(session: Session, cipher: Cipher, now: datetime) -> None:
    """Tell by mail, once, whoever has work waiting to be accepted; names and numbers only."""
    for row in handover.waiting(session):
        leaver = _account(session, row.user_id)
        words = {"from": leaver.name, "count": str(len(row.work)), "by": row.started_by}
        told = Told(ToldKind.HANDED_OVER, words, f"/account/handover#handover-{row.id}")
        tell_people(session, cipher, [row.successor_id], told, f"handover:{row.id}", now)


def _refusal(
    session: Session, items: Iterable[Work], leaver: int, successor: int, found: Situation, now: datetime
) -> str:  # fmt: skip
    chosen = people.user(session, successor)
    name = chosen.name if chosen is not None else Sentence(N_("whoever was chosen"))
    why = {why: one.kind for one in items if (why := why_unfit(one, leaver, successor, found, now)) is not None}
    return Sentences(*(Sentence(_WHY_UNFIT[each], name=name, kind=kind) for each, kind in why.items()))


def _account(session: Session, user_id: int) -> UserRow:
    row = people.user(session, user_id)
    if row is None:
        raise NotFound(N_("there is no account number %(user_id)s"), user_id=user_id)
    return row


def _note(
    session: Session, by: str, what: str, leaver: str, successor: int, number: int, now: datetime, reason: str = ""
) -> None:  # fmt: skip
    """Write a step of a handover into the chronology without incident."""
    words = {
        "note": what, "handover": str(number), "person": leaver, "successor": _account(session, successor).name,
        "reason": reason,
    }  # fmt: skip
    timeline.write_entry(session, None, now, EntryKind.ACCESS_CHANGED, by, words)
