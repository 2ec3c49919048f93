"""What of their own account people change without a proof: name, language, which browsers are signed in."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.people.accounts import checked_name
from breach_service.acts.signing.own_record import record_change
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, SignInChange, is_same_person
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import factors, people, sign_ins
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session

LANGUAGES = ("fr", "en")


def change_profile(
    session: Session, cipher: Cipher, who: SignedIn, name: str, language: str, now: datetime
) -> None:  # fmt: skip
    """Another name from now on, which no colleague has, and another language."""
    row = factors.held_account(session, _person(who))
    if language not in LANGUAGES:
        raise InvalidCommand(N_("choose French or English"))
    former, chosen = row.name, checked_name(name)
    others = [one.name for one in people.users(session) if one.id != row.id]
    if is_same_person(others, chosen):
        raise InvalidCommand(N_("a colleague has this name: the chronology must tell you apart"))
    row.name, row.language = chosen, language
    factors.save(session, row)
    if chosen != former:
        record_change(session, cipher, row, SignInChange.NAME, now, former=former)


def end_session(session: Session, who: SignedIn, number: int, now: datetime) -> None:
    """Sign another browser of one's own out. NotFound where it is not one's own."""
    if not people.end_session(session, _person(who), number, now):
        raise NotFound(N_("you have no such session: it may have ended already"))


def end_other_sessions(session: Session, who: SignedIn, now: datetime) -> int:
    """Sign every other browser out; how many there were."""
    return sign_ins.end_other_sessions(session, _person(who), who.session, now)


def _person(who: SignedIn) -> int:
    authorise(who.actor, Act.KEEP_OWN_ACCOUNT)
    if who.actor.person is None:
        raise NotAllowed(N_("an account belongs to a person: sign in"))
    return who.actor.person
