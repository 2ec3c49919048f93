"""Take a report in: it opens an incident of its own, or waits until somebody looks at it.

Who told us, when and by which channel is kept with the original. When we were told is recorded in the incident: it may
itself be awareness (GDPR Art. 33(1)), and the clocks count from there until somebody says otherwise.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from breach_service.acts.authorise import authorise
from breach_service.acts.incidents import Declaration, declare
from breach_service.acts.rows import refuse_future
from breach_service.acts.telling import MAIL
from breach_service.domain.access import Act, Actor, UserRole
from breach_service.domain.conditions import Truth
from breach_service.domain.incident import EntryKind
from breach_service.domain.reports import (
    QUESTIONS,
    SERIES,
    Answers,
    Flaw,
    QuestionKind,
    Report,
    ReportChannel,
    report_of_answers,
)
from breach_service.domain.reports.automatic import MAY_TELL
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents, outbox, timeline
from breach_service.store import reports as stored
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.reports import OPENED

ANSWER = "report_answer"
"""The kind of an answer to a reporter in the outbox; its channel is `mail`."""
MOST_OPENED = 20
"""Incidents that mails from people whom we do not know may open within `FLOOD`: what comes beyond them waits."""
FLOOD = timedelta(hours=1)
MOST_IN_CHRONOLOGY = 10_000
"""Characters of a report in the chronology; all of it stands in the report."""


@dataclass(frozen=True)
class Besides:
    """What whoever has an account says of an incident besides the five questions."""

    title: str = ""
    systems: tuple[str, ...] = ()
    told_by: str = ""
    """Who told us and by which channel, in words."""


@dataclass(frozen=True)
class Reported:
    """What became of a report."""

    number: str
    incident: str | None
    """The reference of the incident that it opened, or whose report it answers."""
    waits_because: str
    """Why it waits: a word of `Automatic`, `reply`, `flood` or `unreadable`; empty where it opened an incident."""
    is_new: bool
    """False where this very original was kept before."""
    status_token: str = ""
    """Under which whoever reported sees that somebody looks; empty for mails, and where it was kept before."""


def report(
    session: Session, actor: Actor | None, told: Report, original: bytes, knowledge: Knowledge, cipher: Cipher,
    now: datetime, *, is_whole: bool = True, besides: Besides | None = None,
) -> Reported:  # fmt: skip
    """Keep a report with its original, and open an incident where a person wrote it; the number is the reporter's.

    `actor` is the person with an account who hands it in; None for somebody without one. The same original is kept
    once. Raises InvalidCommand where nothing was said, or where it is dated ahead of now.
    """
    if actor is not None:
        authorise(actor, Act.DECLARE)
    else:  # for whoever has an account `declare` says what is wrong
        _check(told, now)
    lock_placing(session)
    known = stored.by_digest(session, told.digest)
    if known is not None:
        return Reported(known.number, _reference(session, known.incident_id), known.waits_because, is_new=False)
    [number] = incidents.next_references(session, now, series=SERIES)
    answered = next((one for word in told.in_reply_to if (one := stored.answered_by(session, word))), None)
    because = _why_it_waits(session, told, now)
    token = "" if told.channel is ReportChannel.MAIL else secrets.token_urlsafe(24)
    added = stored.add(
        session, cipher, told, original, number, waits_because=because, answers=answered, is_whole=is_whole,
        status_token=token,
    )  # fmt: skip
    reference = None
    if not because:
        reference = open_incident(session, actor or door(number), told, added, number, knowledge, now, besides)
        stored.settle(session, added, OPENED, incidents.row_of(session, reference).id, "", "", now)
    elif answered is not None:
        reference = _answered(session, told, added, answered.incident_id, number, now)
    if told.answer_to and told.automatic is None:
        _answer(session, cipher, told, number, knowledge.language, now)
    return Reported(number, reference, because, is_new=True, status_token=token)


def hand_in(
    session: Session, actor: Actor, said: Answers, channel: ReportChannel, besides: Besides, knowledge: Knowledge,
    cipher: Cipher, now: datetime,
) -> Reported:  # fmt: skip
    """Whoever has an account says what happened: the report with its number, and the incident that it opens.

    Without a key of its own everything that is handed in is another report, whatever it says.
    """
    refuse_future(now, told_at=said.told_at, occurred_at=said.when)
    more = {"by": actor.name, "title": besides.title, "systems": list(besides.systems), "told_by": besides.told_by}
    own = replace(
        said, name=said.name or besides.told_by or actor.name, key=said.key or secrets.token_urlsafe(16), more=more
    )
    told, original = report_of_answers(own, channel, now)
    return report(session, actor, told, original, knowledge, cipher, now, besides=besides)


def _answered(
    session: Session, told: Report, added: int, incident_id: int | None, number: str, now: datetime
) -> str | None:  # fmt: skip
    """Say in the chronology that somebody has written again."""
    if incident_id is None:
        return None
    note_report(session, incident_id, "report_answered", told, number, number, now)
    return _reference(session, incident_id)


def _check(told: Report, now: datetime) -> None:
    if told.told_at > now or told.received_at < told.told_at:
        raise InvalidCommand(N_("nobody can have told us after now: check the date and the hour"))
    if told.channel is not ReportChannel.MAIL and not told.words.strip():
        raise InvalidCommand(N_("say what happened: one sentence is enough to begin"))
    occurred_at = _occurred_at(told)
    if occurred_at is not None and occurred_at > told.told_at:
        raise InvalidCommand(N_("it cannot have happened after now: check the date and the hour"))


def _why_it_waits(session: Session, told: Report, now: datetime) -> str:
    is_announced = told.automatic in MAY_TELL and bool(told.reporter.party)
    if told.automatic is not None and not is_announced:
        return str(told.automatic)
    if Flaw.UNREADABLE in told.flaws:
        return str(Flaw.UNREADABLE)
    if told.in_reply_to:
        return "reply"
    is_stranger = told.channel is ReportChannel.MAIL and not told.reporter.party
    if is_stranger and stored.opened_since(session, ReportChannel.MAIL, now - FLOOD) >= MOST_OPENED:
        return "flood"
    return ""


def open_incident(
    session: Session, actor: Actor, told: Report, report_id: int, number: str, knowledge: Knowledge, now: datetime,
    besides: Besides | None = None,
) -> str:  # fmt: skip
    """Open an incident for a report, told when it was told; its reference."""
    persons = told.answers.get("persons", Truth.UNKNOWN)
    said = _as_words(told, knowledge.language)
    command = Declaration(
        # A mail may say nothing; whoever answers questions says what happened.
        what_happened=(said or number) if besides is None else said if told.words.strip() else "",
        title=_title(number, knowledge.language) if besides is None else besides.title or told.words,
        systems=besides.systems if besides is not None else (),
        occurred_at=_occurred_at(told),
        told_at=told.told_at,
        told_by=number if besides is None else besides.told_by,
        personal_data=persons if besides is not None or persons in tuple(Truth) else Truth.UNKNOWN,
        points_at_staff=told.points_at_staff,
    )
    reference = declare(session, actor, command, knowledge, now)
    incident_id = incidents.row_of(session, reference).id or 0
    note_report(session, incident_id, "reported", told, number, actor.name, now)
    return reference


def door(number: str) -> Actor:
    """Whoever has no account and reports: may declare, and nothing else; the chronology names the report."""
    return Actor(number, UserRole.RESPONDER, scope=frozenset({Act.DECLARE}))


def _title(number: str, language: str) -> str:
    """Without what was said: titles appear in messages."""
    return f"Signalement {number}" if language == "fr" else f"Report {number}"


def _as_words(told: Report, language: str) -> str:
    """The subject, the words, and what else was said in words, as the chronology keeps them.

    When it happened and whether persons are concerned are recorded as what they are.
    """
    answers = [
        f"{one.words.in_language(language)} {told.answers[one.id]}"
        for one in QUESTIONS
        if one.kind is QuestionKind.WORDS and not one.is_required and told.answers.get(one.id)
    ]
    return "\n\n".join(one for one in (told.subject, told.words, *answers) if one.strip())[:MOST_IN_CHRONOLOGY]


def _occurred_at(told: Report) -> datetime | None:
    text = told.answers.get("when", "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidCommand(N_("%(text)r is not a date with an hour, such as 2026-11-22T14:05"), text=text) from error
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Europe/Paris"))


def note_report(
    session: Session, incident_id: int, note: str, told: Report, number: str, by: str, now: datetime
) -> None:  # fmt: skip
    """Its digest in the chronology, which is sealed: what we were told then cannot be exchanged."""
    words = {
        "note": note, "report": number, "digest": told.digest, "channel": str(told.channel),
        "reporter": str(told.reporter.kind), "told_at": told.told_at.isoformat(),
    }  # fmt: skip
    timeline.write_entry(session, incident_id, now, EntryKind.NOTED, by, words)


def _reference(session: Session, incident_id: int | None) -> str | None:
    return incidents.row_by_id(session, incident_id).reference if incident_id is not None else None


def _answer(session: Session, cipher: Cipher, told: Report, number: str, language: str, now: datetime) -> None:
    """Queue one answer with the number: at most one to an address and a day, whatever it sends us."""
    content = {
        "to": told.answer_to, "number": number, "language": language, "message_id": told.message_id,
        "told_at": told.told_at.isoformat(),
    }  # fmt: skip
    whose = hashlib.sha256(told.answer_to.encode()).hexdigest()[:32]
    key = f"report_answer:{whose}:{now:%Y-%m-%d}"
    outbox.enqueue(session, key, ANSWER, MAIL, now, payload={"sealed": cipher.seal(json.dumps(content).encode()).hex()})
