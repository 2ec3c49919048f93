"""Break the glass: whoever is on call takes the place of a decider whom nobody can reach, in one incident.

It allows little and not for long, is told at once to those whose place is taken, and stands open until somebody else
who decides or advises has said what they think of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.decisions.deciding import able_to, ground_if_any
from breach_service.acts.decisions.mandates import DECIDING_ROLES, in_force, warn_of_days
from breach_service.acts.on_call.rota_board import on_call
from breach_service.acts.rows import id_of, incident_of, need_open
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import EVERYTHING, Act, Actor, BrokenGlass, Mandate, sight_of
from breach_service.domain.deciding import can_decide
from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import Organisation
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import deciding, incidents, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow

LASTS = timedelta(hours=12)
"""How long a broken glass lets decide where the settings say nothing."""
TELL_EVERY = timedelta(days=1)
SHORTEST_WORDS = 10
"""Characters below which a reason says nothing."""


@dataclass(frozen=True)
class Breaking:
    """Why the glass is broken, and whom one tried to reach before, and how."""

    reason: str
    tried: str


@dataclass(frozen=True)
class Reachable:
    """Who holds a mandate for an incident now: whom to try first, and who is recorded as away."""

    there: tuple[Mandate, ...]
    away: tuple[Mandate, ...]


def who_to_reach(session: Session, row: IncidentRow, now: datetime) -> Reachable:
    """Who could release a notice of this incident now, and who could if they were not away."""
    there = able_to(session, Act.APPROVE_DRAFT, row, now)
    known = {one.person for one in there}
    everybody = can_decide(in_force(session, now), Act.APPROVE_DRAFT, row.organisation, now)
    return Reachable(tuple(there), tuple(one for one in everybody if one.person not in known))


def break_glass(
    session: Session, actor: Actor, reference: str, breaking: Breaking, cipher: Cipher, now: datetime, *,
    lasts: timedelta = LASTS,
) -> BrokenGlass:  # fmt: skip
    """Take the place of a decider in one incident; the direction and the data protection officers are told at once."""
    authorise(actor, Act.BREAK_GLASS)
    if actor.is_operator:
        raise InvalidCommand(N_("whoever works at the machine decides already: no glass needs to be broken"))
    if actor.person is None:
        raise NotAllowed(N_("only a person who is signed in may break the glass"))
    row = incident_of(session, reference, actor, now)
    need_open(row)
    _refuse_what_needs_no_glass(session, actor, row, now)
    _refuse_off_call(session, actor.person, now)
    reach = who_to_reach(session, row, now)
    if len(breaking.reason.strip()) < SHORTEST_WORDS:
        raise InvalidCommand(N_("say why it cannot wait for somebody who decides: they will read it at once"))
    if reach.there and len(breaking.tried.strip()) < SHORTEST_WORDS:
        names = ", ".join(dict.fromkeys(one.name for one in reach.there))
        raise InvalidCommand(N_("say whom you tried to reach and how; it should have been %(names)s"), names=names)
    new = BrokenGlass(
        0, id_of(row), actor.person, actor.name, now, breaking.reason.strip(), now + lasts,
        tried=breaking.tried.strip(),
    )  # fmt: skip
    made = deciding.add_glass(session, new)
    words = {
        "number": str(made.id), "until": made.ends_at.isoformat(), "reason": made.reason, "tried": made.tried,
        "should_have_been": ", ".join(dict.fromkeys(one.name for one in reach.there)),
        "away": ", ".join(dict.fromkeys(one.name for one in reach.away)),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.GLASS_BROKEN, actor.name, words)
    _tell(session, cipher, made, row.reference, 0, now)
    return made


def _refuse_what_needs_no_glass(session: Session, actor: Actor, row: IncidentRow, now: datetime) -> None:
    ground = ground_if_any(session, actor, Act.APPROVE_DRAFT, row, now)
    if ground is not None and ground.number is not None:
        raise InvalidCommand(N_("you can decide here already: no glass needs to be broken"))
    if any(one.is_open(now) for one in deciding.glasses_of(session, id_of(row))):
        raise InvalidCommand(N_("the glass of this incident was broken by somebody else, who can act: speak to them"))


def _refuse_off_call(session: Session, person: int, now: datetime) -> None:
    """Where a rota says who is on call it is for them to break the glass; anybody of the role where none does."""
    answering = on_call(session, now).in_order
    if answering and person not in answering:
        names = ", ".join(deciding.names_of(session, answering).values())
        raise NotAllowed(
            N_("whoever is on call breaks the glass, now %(names)s: reach them, or take over on the rota"), names=names
        )


def review_glass(session: Session, actor: Actor, number: int, words: str, now: datetime) -> None:
    """Say what is thought of a broken glass; it allows nothing any more, and is outstanding no longer."""
    authorise(actor, Act.REVIEW_GLASS)
    if actor.person is None and not actor.is_operator:
        raise NotAllowed(N_("a review is a person's, who is signed in"))
    if len(words.strip()) < SHORTEST_WORDS:
        raise InvalidCommand(N_("say what you found: was it needed, was it right, what changes"))
    found = next((one for one in broken(session, Visibility(sight_of(actor), now)) if one[0].id == number), None)
    if found is None:
        raise NotFound(N_("there is no broken glass number %(number)s"), number=number)
    glass = found[0]
    if glass.person == actor.person:
        raise NotAllowed(
            N_("whoever broke the glass does not review it: another decider or data protection officer does")
        )
    if glass.reviewed_at is not None:
        raise InvalidCommand(N_("%(reviewed_by)s reviewed it already"), reviewed_by=glass.reviewed_by)
    deciding.review_glass(session, number, actor.name, words.strip(), now)
    said = {"number": str(number), "person": glass.name, "note": words.strip()}
    timeline.write_entry(session, glass.incident, now, EntryKind.GLASS_REVIEWED, actor.name, said)


def broken(session: Session, seen: Visibility, *, outstanding_only: bool = False) -> list[tuple[BrokenGlass, str]]:
    """The broken glasses of the incidents that are seen, each with the reference, oldest first."""
    return deciding.glasses(session, seen, outstanding_only=outstanding_only)


def outstanding(session: Session, now: datetime, seen: Visibility | None = None) -> list[tuple[BrokenGlass, str]]:
    """The glasses that nobody has reviewed yet, each with the reference of its incident, oldest first.

    `seen`: of the incidents that somebody sees; all of them where it is not given.
    """
    return broken(session, seen or Visibility(EVERYTHING, now), outstanding_only=True)


def tell_again(session: Session, cipher: Cipher, now: datetime) -> None:
    """Tell those whose place was taken once more, once a day, until somebody has reviewed it."""
    for glass, reference in deciding.glasses(session, FULL, outstanding_only=True):
        days = (now - glass.at) // TELL_EVERY
        if days > 0:
            _tell(session, cipher, glass, reference, days, now)


def remind_of_deciding(
    session: Session, cipher: Cipher, organisations: Iterable[Organisation], now: datetime
) -> None:  # fmt: skip
    """What the service says by itself, looked at every hour: glasses without a review, days without a decider."""
    tell_again(session, cipher, now)
    warn_of_days(session, cipher, organisations, now)


def _tell(session: Session, cipher: Cipher, glass: BrokenGlass, reference: str, days: int, now: datetime) -> None:
    people = _told_of(session, incidents.row_by_id(session, glass.incident), now) - {glass.person}
    words = {
        "incident": reference, "person": glass.name, "until": glass.ends_at.isoformat(), "days": str(days),
    }  # fmt: skip
    told = Told(ToldKind.GLASS_BROKEN, words, f"/glass#glass-{glass.id}")
    tell_people(session, cipher, people, told, f"glass:{glass.id}:{days}", now)


def _told_of(session: Session, row: IncidentRow, now: datetime) -> set[int]:
    """Who must know: who represents or decides for the organisation, and the data protection officers.

    Not whom the incident concerns: they are shut out of it whatever they hold.
    """
    holding = {one.person for one in in_force(session, now) if one.organisation in ("", row.organisation)}
    advising = {number for number, _, _ in deciding.accounts_of(session, DECIDING_ROLES)}
    return (holding | advising) - deciding.shut_out(session, id_of(row), now)
