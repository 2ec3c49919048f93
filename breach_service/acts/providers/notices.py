"""A provider tells us of its breach: one incident over everything that depends on it, questions, answers.

Our clients' clocks start at the latest when it told us: a processor owes its clients what it knows without waiting for
its own provider (GDPR Art. 33(2), 28(4)).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import begin_assessing, id_of, open_row, refuse_future, visibility_of
from breach_service.domain.access import Act, Actor
from breach_service.domain.alert import Signal
from breach_service.domain.conditions import is_unknown
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance, to_json
from breach_service.domain.incident import EntryKind, Instant, InstantKind, instants_for
from breach_service.domain.inventory import Provider
from breach_service.domain.providers import NoticeChannel, ProviderNotice, answer_due_at, concerned, reach_of
from breach_service.errors import N_, InvalidCommand, sentence_of
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.drafting import questions_to
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import Opening, open_incidents
from breach_service.store import incidents, provider_notices, records, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.provider_notices import NewNotice
from breach_service.store.tables import IncidentRow

DISCOVERY = "incident.discovery"
"""The fact of how we learned of it; `provider` is one of its choices."""


@dataclass(frozen=True)
class ProviderTold:
    """What a provider told us. `received_at` is aware; `provider` and `systems` are ids of the inventory."""

    provider: str
    received_at: datetime
    said: str
    channel: NoticeChannel = NoticeChannel.MAIL
    systems: tuple[str, ...] = ()
    """Which systems are concerned; empty for all that depend on the provider."""
    reference: str = ""
    """The provider's own reference of the incident."""
    incident: str = ""
    """The incident that it belongs to, where there is one already; empty opens a new one."""


@dataclass(frozen=True)
class Notified:
    """What became of a notice."""

    number: int
    incident: str


def record_provider_notice(
    session: Session, actor: Actor, command: ProviderTold, knowledge: Knowledge, now: datetime
) -> Notified:
    """Take a provider's notice down and open one incident over every system that depends on it.

    Of those systems only the activities count that depend on the provider, so that no client hears of what does not
    concern it; a system that is named although it does not depend on the provider counts as a whole.
    """
    authorise(actor, Act.DECLARE)
    if command.incident:
        authorise(actor, Act.ADD_SYSTEMS)
    provider = _provider(command.provider, knowledge)
    refuse_future(now, received_at=command.received_at)
    if not command.said.strip():
        raise InvalidCommand(N_("say what the provider told you: one sentence is enough to begin"))
    reach = reach_of(provider, knowledge.inventory)
    systems = tuple(dict.fromkeys(command.systems)) or reach.systems
    unknown = [one for one in systems if knowledge.inventory.system(one) is None]
    if unknown:
        raise InvalidCommand(
            N_("%(names)s is not a system of the inventory: leave it empty if you do not know"), names=unknown
        )
    lock_placing(session)
    joined = open_row(session, command.incident, actor, now) if command.incident else None
    incident_id = id_of(joined) if joined else _open(session, actor, command, provider, systems, knowledge, now)
    # What was said to be concerned before stays so as a whole.
    named = [one for one in systems if joined is None or one not in joined.systems]
    digest = hashlib.sha256(command.said.strip().encode()).hexdigest()
    new = NewNotice(
        provider.id, provider.name, command.channel, command.received_at, actor.name, command.reference.strip(), digest,
        systems, concerned(named, reach),
    )  # fmt: skip
    number = provider_notices.add(session, incident_id, new, now)
    if joined is not None:
        _join(session, joined, systems, provider, actor, now)
    _note_down(session, incident_id, actor, command, provider, digest, now)
    judge(session, incident_id, knowledge, now)
    return Notified(number, incidents.row_by_id(session, incident_id).reference)


def _provider(provider_id: str, knowledge: Knowledge) -> Provider:
    found = next((one for one in knowledge.inventory.providers if one.id == provider_id), None)
    if found is None:
        raise InvalidCommand(
            N_("%(provider)s is not a provider of the inventory: add it there first"), provider=provider_id or "?"
        )
    return found


def _open(
    session: Session, actor: Actor, command: ProviderTold, provider: Provider, systems: tuple[str, ...],
    knowledge: Knowledge, now: datetime,
) -> int:  # fmt: skip
    title = {"fr": f"Violation annoncée par {provider.name}"}.get(
        knowledge.language, f"Breach reported by {provider.name}"
    )
    opening = Opening(
        command.received_at, f"provider:{provider.id}:{now.isoformat()}", systems, f"person:{actor.name}", title[:160],
        signals=(str(Signal.DECLARED),), is_held=True,
    )  # fmt: skip
    [opened] = open_incidents(session, [opening], knowledge, now)
    return opened.id


def _join(
    session: Session, row: IncidentRow, systems: tuple[str, ...], provider: Provider, actor: Actor, now: datetime
) -> None:
    more = [one for one in systems if one not in row.systems]
    if more:
        row.systems = [*row.systems, *more]
        session.add(row)
        session.flush()
        words = {"systems": " ".join(more), "provider": provider.name}
        timeline.write_entry(session, id_of(row), now, EntryKind.SYSTEMS_ADDED, actor.name, words)
    begin_assessing(session, row, actor, now)


def _note_down(
    session: Session, incident_id: int, actor: Actor, command: ProviderTold, provider: Provider, digest: str,
    now: datetime,
) -> None:  # fmt: skip
    """The line of the chronology, when we were told, and how we learned of it."""
    words = {
        "what_happened": command.said.strip(), "told_by": provider.name, "told_at": command.received_at.isoformat(),
        "channel": str(command.channel), "provider": provider.name, "digest": digest,
        "provider_reference": command.reference.strip(),
    }  # fmt: skip
    timeline.write_entry(session, incident_id, now, EntryKind.DECLARED, actor.name, words)
    held = instants_for("", records.instants_of(session, incident_id))
    for kind in (InstantKind.TOLD_AT, InstantKind.RECEIVED_AT):
        before = held.get(kind)
        if before is None or before.at > command.received_at:
            instant = Instant(kind, command.received_at, provider.name, actor.name)
            records.record_instant(session, incident_id, instant, now)
            said = {"instant": str(kind), "at": command.received_at.isoformat(), "provider": provider.name}
            timeline.write_entry(session, incident_id, now, EntryKind.INSTANT_RECORDED, actor.name, said)
    if all(one.name != DISCOVERY for one in records.facts_of(session, incident_id)):
        fact = Fact(DISCOVERY, "provider", WHOLE_INCIDENT, Provenance.PERSON, actor.name, now)
        records.record_fact(session, incident_id, fact)


# ── What it is asked, and what it answers


@dataclass(frozen=True)
class Asking:
    """The letter with our questions was sent. `sent_at` is aware."""

    sent_at: datetime
    means: str
    facts: tuple[str, ...] = ()
    """Which facts it asks for; empty for all that the letter asks now."""


def ask_provider(
    session: Session, actor: Actor, number: int, command: Asking, knowledge: Knowledge, now: datetime
) -> datetime:
    """Say that our questions were sent; until when the answers are due (UTC). From then on the team is reminded."""
    authorise(actor, Act.RECORD_FACT)
    refuse_future(now, sent_at=command.sent_at)
    if not command.means.strip():
        raise InvalidCommand(N_("say by what means the questions were sent"))
    notice, row = _taken_up(session, actor, number, now)
    if command.sent_at < notice.received_at:
        raise InvalidCommand(N_("the questions cannot have been sent before the provider told us: check the dates"))
    asked = {one.fact for one in notice.questions}
    dossier = dossier_of(session, notice.incident, knowledge, now=now)
    wanted = command.facts or questions_to(dossier, notice, knowledge)
    facts = tuple(one for one in dict.fromkeys(wanted) if one not in asked)
    unknown = [one for one in facts if one not in knowledge.catalogue.facts]
    if unknown:
        raise InvalidCommand(N_("there is no fact %(name)s: playbooks/facts.yaml lists them"), name=unknown[0])
    if not facts:
        raise InvalidCommand(N_("nothing is left to ask: the questions were put before, or nothing is open"))
    provider = next((one for one in knowledge.inventory.providers if one.id == notice.provider), None)
    due_at = answer_due_at(command.sent_at, provider)
    provider_notices.ask(session, number, facts, command.sent_at, due_at, actor.name, command.means.strip())
    words = {
        "note": "provider_asked", "provider": notice.name, "questions": str(len(facts)), "means": command.means.strip(),
        "sent_at": command.sent_at.isoformat(), "due_at": due_at.isoformat(), "facts": " ".join(facts),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.NOTED, actor.name, words)
    begin_assessing(session, row, actor, now)
    return due_at


@dataclass(frozen=True)
class ProviderAnswer:
    """A provider answered one question. `raw` as FactType.parse takes it; `answered_at` aware, None for just now."""

    fact: str
    raw: object
    note: str = ""
    answered_at: datetime | None = None


def record_provider_answer(
    session: Session, actor: Actor, number: int, command: ProviderAnswer, knowledge: Knowledge, now: datetime
) -> None:
    """Write an answer down as a fact that the provider established, and judge the incident again.

    That it does not know yet is kept too, and leaves the question open.
    """
    authorise(actor, Act.RECORD_FACT)
    answered_at = command.answered_at or now
    refuse_future(now, answered_at=answered_at)
    kind = knowledge.catalogue.facts.get(command.fact)
    if kind is None:
        raise InvalidCommand(N_("there is no fact %(name)s: playbooks/facts.yaml lists them"), name=command.fact)
    try:
        value = kind.parse(command.raw)
    except ValueError as error:
        raise InvalidCommand(sentence_of(error)) from error
    notice, row = _taken_up(session, actor, number, now)
    if answered_at < notice.received_at:
        raise InvalidCommand(N_("the provider cannot have answered before it told us: check the dates"))
    note = command.note.strip()
    fact = Fact(command.fact, value, WHOLE_INCIDENT, Provenance.PROVIDER, notice.name, answered_at, note)
    records.record_fact(session, id_of(row), fact)
    if not is_unknown(value):
        provider_notices.answer(session, number, command.fact, answered_at, actor.name)
    said = to_json(value)
    words = {
        "fact": command.fact, "value": " ".join(said) if isinstance(said, list) else _in_words(said),
        "scope_kind": "incident", "scope_key": "", "reason": note, "provider": notice.name,
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.FACT_RECORDED, actor.name, words)
    begin_assessing(session, row, actor, now)
    judge(session, id_of(row), knowledge, now)


def _in_words(said: object) -> str:
    if isinstance(said, dict):
        least, most = said["at_least"], said["at_most"]
        return f"{'' if least is None else f'{least:g}'}..{'' if most is None else f'{most:g}'}"
    return str(said)


def _taken_up(session: Session, actor: Actor, number: int, now: datetime) -> tuple[ProviderNotice, IncidentRow]:
    """The notice and the row of its incident, which must be open and seen."""
    lock_placing(session)
    notice = provider_notices.one(session, number, visibility_of(actor, now))
    return notice, open_row(session, notice.incident, actor, now)
