"""Who decides for an organisation: its legal representative, and those to whom they delegated in writing.

An administrator writes down what the documents say. A legal representative may record delegations of their own, of no
more than they hold; a delegate cannot delegate on. Every change stands in the chronology, in no incident.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.on_call.rota_board import absences_between
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import DECISIONS, Act, Actor, Mandate, MandateKind, UserRole
from breach_service.domain.deciding import acts_of_one_person, days_without
from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import Inventory, Organisation
from breach_service.errors import N_, Code, InvalidCommand, NotAllowed
from breach_service.store import deciding, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session

DECIDING_ROLES = frozenset({UserRole.DPO, UserRole.DECIDER})
"""The roles whose acts may be decisions; a mandate gives the ground, not the role."""
LOOK_AHEAD = timedelta(days=14)
WARN_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class NewMandate:
    """What a writing says. Instants aware; None: from now on, until it is revoked."""

    email: str
    kind: MandateKind
    document: str
    """Date and place or number of the writing: the articles, the minutes, the delegation."""
    organisation: str = ""
    """Id in the inventory; empty: every organisation of this installation."""
    acts: frozenset[Act] = frozenset()
    """Which decisions; empty: all."""
    granted_by: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None


def in_force(session: Session, at: datetime) -> list[Mandate]:
    """The mandates under which somebody with a live account may decide at an instant."""
    return [one for one in deciding.mandates(session) if one.is_in_force(at)]


def record_mandate(session: Session, actor: Actor, new: NewMandate, inventory: Inventory, now: datetime) -> Mandate:
    """Write down a mandate; as it stands. Refused where whoever records it may not give that much."""
    authorise(actor, Act.RECORD_MANDATE)
    wanted = _checked(session, new, inventory, now)
    if not _is_recorder_of_all(actor):
        wanted = _as_given_by(session, actor, wanted, now)
    if not wanted.granted_by:
        raise InvalidCommand(N_("say who gave it: the legal representative, or the act that appointed them"))
    made = deciding.add_mandate(session, wanted, actor.name, now)
    timeline.write_entry(session, None, now, EntryKind.MANDATE_RECORDED, actor.name, _words(made))
    return made


def revoke_mandate(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> None:
    """End a mandate at once: whoever held it decides no more from this instant on."""
    authorise(actor, Act.RECORD_MANDATE)
    if not reason.strip():
        raise InvalidCommand(N_("give the reason: it stands in the chronology"))
    held = deciding.mandate(session, number)
    if held.revoked_at is not None:
        raise InvalidCommand(N_("mandate number %(number)s was revoked already"), number=number)
    if not _is_recorder_of_all(actor) and not _is_theirs_to_end(session, actor, held, now):
        raise NotAllowed(
            N_(
                "only an administrator, or the legal representative of that organisation for its "
                "delegations, may revoke mandate number %(number)s"
            ),
            number=number,
        )
    deciding.revoke_mandate(session, number, actor.name, now)
    words = {**_words(held), "reason": reason.strip()}
    timeline.write_entry(session, None, now, EntryKind.MANDATE_REVOKED, actor.name, words)


def _is_recorder_of_all(actor: Actor) -> bool:
    return actor.is_operator or actor.role is UserRole.ADMIN


def _is_theirs_to_end(session: Session, actor: Actor, held: Mandate, now: datetime) -> bool:
    """Their own, or a delegation in an organisation that they represent."""
    if held.person == actor.person:
        return True
    return held.kind is MandateKind.DELEGATION and any(
        one.person == actor.person and one.kind is MandateKind.REPRESENTATIVE
        and one.organisation in ("", held.organisation)
        for one in in_force(session, now)
    )  # fmt: skip


def _checked(session: Session, new: NewMandate, inventory: Inventory, now: datetime) -> Mandate:
    row = deciding.account(session, new.email)
    if row is None:
        raise InvalidCommand(
            N_("there is no account for %(email)s: make it before the mandate"), email=new.email.strip() or "nobody"
        )
    if row.role not in DECIDING_ROLES:
        raise InvalidCommand(
            N_("%(name)s is %(role)s here: a mandate is for a decider or a DPO; give the account that role first"),
            name=row.name,
            role=Code(row.role),
        )
    if not new.document.strip():
        raise InvalidCommand(N_("say where the writing is: its date and place or number"))
    if new.organisation and all(one.id != new.organisation for one in inventory.organisations):
        raise InvalidCommand(
            N_("%(organisation)s is not an organisation of the inventory"), organisation=new.organisation
        )
    if not new.acts <= DECISIONS:
        raise InvalidCommand(N_("a mandate is for decisions: %(acts)s"), acts=sorted(DECISIONS))
    from_at = new.from_at or now
    for name, at in (("from", from_at), ("to", new.to_at)):
        if at is not None and at.tzinfo is None:
            raise InvalidCommand(
                N_("the date “%(name)s” has no time zone: write it as 2026-11-22T14:05:00+01:00"), name=name
            )
    if new.to_at is not None and (new.to_at <= from_at or new.to_at <= now):
        raise InvalidCommand(N_("it ends before it begins, or is over already: check the two dates"))
    return Mandate(
        id=0, person=row.id or 0, name=row.name, kind=new.kind, organisation=new.organisation, acts=new.acts,
        granted_by=new.granted_by.strip(), document=new.document.strip(), from_at=from_at.astimezone(UTC),
        to_at=new.to_at.astimezone(UTC) if new.to_at is not None else None,
    )  # fmt: skip


def _as_given_by(session: Session, actor: Actor, wanted: Mandate, now: datetime) -> Mandate:
    """The delegation as a legal representative gives it; NotAllowed for more than they hold."""
    if wanted.kind is not MandateKind.DELEGATION:
        raise NotAllowed(
            N_("who represents an organisation is recorded by an administrator, from the act that says so")
        )
    if wanted.person == actor.person:
        raise NotAllowed(N_("nobody delegates to themselves"))
    if not _represented(session, actor, wanted, now):
        raise NotAllowed(
            N_(
                "only the legal representative delegates, and no more than they hold: whoever holds a "
                "delegation cannot delegate it on"
            )
        )
    return Mandate(**{**vars(wanted), "granted_by": actor.name})


def _represented(session: Session, actor: Actor, wanted: Mandate, now: datetime) -> bool:
    """True where the actor represents the organisation now, for all of the decisions and the time of a delegation."""
    asked = wanted.acts or DECISIONS
    return any(
        one.person == actor.person and one.kind is MandateKind.REPRESENTATIVE and one.is_in_force(now)
        and all(one.covers(act, wanted.organisation) for act in asked)
        and (one.to_at is None or (wanted.to_at is not None and wanted.to_at <= one.to_at))
        for one in in_force(session, now)
    )  # fmt: skip


def _words(one: Mandate) -> dict[str, str]:
    return {
        "number": str(one.id), "person": one.name, "account": str(one.person), "mandate": str(one.kind),
        "organisation": one.organisation, "acts": " ".join(sorted(one.acts)), "granted_by": one.granted_by,
        "document": one.document, "from": one.from_at.isoformat(), "to": one.to_at.isoformat() if one.to_at else "",
    }  # fmt: skip


# Who decides on the days to come -----------------------------------------------------------------------------------


def days_without_decider(
    session: Session, from_at: datetime, until_at: datetime, *, organisation: str | None = None,
    zone: str = "Europe/Paris",
) -> list[date]:  # fmt: skip
    """The local days between two instants on which, at some moment, nobody who is there can take a decision.

    Of one organisation; None: any mandate counts, whatever its organisation.
    """
    away = absences_between(session, from_at, until_at)
    return days_without(deciding.mandates(session), away, organisation, zone, from_at, until_at)


@dataclass(frozen=True)
class Cover:
    """How well deciding is covered in one organisation."""

    organisation: Organisation
    days: tuple[date, ...]
    """Local days of the next two weeks on which nobody can decide."""
    thin: tuple[Act, ...]
    """Decisions that hang on one person or on nobody, with no dated delegation standing by."""

    @property
    def is_sound(self) -> bool:
        """True where nothing is to be warned of."""
        return not self.days and not self.thin


def covers(session: Session, organisations: Iterable[Organisation], now: datetime) -> list[Cover]:
    """How well deciding is covered in each organisation, now and in the next two weeks."""
    held = deciding.mandates(session)
    return [
        Cover(
            one,
            tuple(days_without_decider(session, now, now + LOOK_AHEAD, organisation=one.id, zone=one.zone)),
            acts_of_one_person(held, one.id, now),
        )
        for one in organisations
    ]


def warn_of_days(session: Session, cipher: Cipher, organisations: Iterable[Organisation], now: datetime) -> None:
    """Tell whoever can mend it, once for each week that has days on which nobody can decide, a week ahead.

    Nothing is said of an installation in which nobody was given a mandate yet: its page says so all the time.
    """
    if not deciding.mandates(session):
        return
    people = [number for number, _, _ in deciding.accounts_of(session, {*DECIDING_ROLES, UserRole.ADMIN})]
    for one in organisations:
        found = days_without_decider(session, now, now + WARN_AHEAD, organisation=one.id, zone=one.zone)
        for year, week in sorted({(day.isocalendar().year, day.isocalendar().week) for day in found}):
            days = [day for day in found if day.isocalendar()[:2] == (year, week)]
            words = {"organisation": one.name, "days": " ".join(day.isoformat() for day in days)}
            told = Told(ToldKind.NOBODY_DECIDES, words, "/mandates")
            tell_people(session, cipher, people, told, f"nobody-decides:{one.id}:{year}-{week}", now)
