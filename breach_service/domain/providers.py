"""A provider's notice of its breach: what of ours it touches, what we must ask, and until when it owes an answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.domain.assessment import Assessment
from breach_service.domain.conditions import Truth, is_unknown
from breach_service.domain.facts import FactType, Provenance
from breach_service.domain.inventory import Inventory, Provider

USUAL_HOURS = 24.0
"""Within how long an answer is expected where the contract names no hours: our own clocks run meanwhile."""
MOST_QUESTIONS = 15
"""How many questions one letter asks: a longer list is answered late or not at all."""
REMIND_AGAIN = timedelta(hours=24)


class NoticeChannel(StrEnum):
    """By which way a provider's notice reached us."""

    MAIL = "mail"
    TELEPHONE = "telephone"
    PORTAL = "portal"
    LETTER = "letter"
    STATUS_PAGE = "status_page"
    PRESS = "press"
    OTHER = "other"


@dataclass(frozen=True)
class Reach:
    """What of ours depends on a provider; ids of the inventory, in its order."""

    activities: tuple[str, ...]
    systems: tuple[str, ...]
    by_system: Mapping[str, tuple[str, ...]]
    """Of each system the activities that depend on the provider."""


def reach_of(provider: Provider, inventory: Inventory) -> Reach:
    """What depends on a provider: the activities that name it or that it names, and the systems that hold them.

    What it does as a controller of its own is its own affair: those activities are left out.
    """
    named = {one.activity for one in provider.activities}
    activities = tuple(
        one.id
        for one in inventory.activities
        if (provider.id in one.providers or one.id in named) and provider.role_in(one.id) != "controller"
    )
    by_system = {
        one.id: tuple(each for each in one.activities if each in activities)
        for one in inventory.systems
        if not set(one.activities).isdisjoint(activities)
    }
    return Reach(activities, tuple(by_system), by_system)


def answer_due_at(asked_at: datetime, provider: Provider | None) -> datetime:
    """Until when a provider owes an answer: within the hours of its contract, `USUAL_HOURS` where it names none."""
    hours = provider.notice_hours if provider is not None and provider.notice_hours else USUAL_HOURS
    return asked_at + timedelta(hours=hours)


IT_MAY_KNOW = (
    "incident.compromise_suspected", "incident.malicious", "incident.contained", "incident.origins", "incident.cause",
    "flaw.", "loss.", "data.categories", "data.special_categories", "credentials.", "persons.number",
    "persons.categories", "records.number", "encryption.", "protection.", "hashing.", "pseudonymisation.", "backup.",
    "exfiltration.", "exposure.", "recipients.", "unavailability.duration_hours", "alteration.restored_before_use",
    "alteration.recoverable", "measures.taken",
)  # fmt: skip
"""Facts, or beginnings of their names, that a provider can establish. What follows for persons and duties is ours."""


def questions_for_provider(assessment: Assessment, types: Mapping[str, FactType]) -> tuple[str, ...]:
    """The facts to ask a provider for, weightiest first: what is not known and decides a duty, as far as it may know.

    What only an alert or the inventory says of our own systems is asked again: this happened elsewhere.
    """
    open_facts = [one.fact for one in assessment.open_questions]
    # A question that waits for another answer would cost a second letter.
    later = [name for one in assessment.perimeters for name in one.open_facts]
    names = dict.fromkeys([*open_facts, *later])
    return tuple(one for one in names if may_be_asked(one, types) and not _is_settled(one, assessment))[:MOST_QUESTIONS]


def may_be_asked(name: str, types: Mapping[str, FactType]) -> bool:
    """True for a fact with a question that a provider can answer."""
    known = types.get(name)
    return known is not None and known.question is not None and name.startswith(IT_MAY_KNOW)


def _is_settled(name: str, assessment: Assessment) -> bool:
    """True where a person or a provider has said it for every perimeter."""
    said = [one.facts.get(name) for one in assessment.perimeters]
    return bool(said) and all(
        fact is not None
        and not is_unknown(fact.value)
        and fact.value is not Truth.UNKNOWN
        and fact.provenance in (Provenance.PERSON, Provenance.PROVIDER)
        for fact in said
    )


@dataclass(frozen=True)
class AskedQuestion:
    """One question that was put to a provider. Instants in UTC."""

    fact: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True while no answer came."""
        return self.answered_at is None


@dataclass(frozen=True)
class ProviderNotice:
    """One notice of a provider with what it was asked. Instants in UTC."""

    id: int
    incident: str
    """Reference of the incident that it opened or joined."""
    provider: str
    """Id in the inventory."""
    name: str
    channel: NoticeChannel
    received_at: datetime
    recorded_by: str
    reference: str
    digest: str
    systems: tuple[str, ...]
    activities: Mapping[str, tuple[str, ...]]
    questions: tuple[AskedQuestion, ...] = ()

    @property
    def open_questions(self) -> tuple[AskedQuestion, ...]:
        """What it has not answered."""
        return tuple(one for one in self.questions if one.is_open)

    @property
    def due_at(self) -> datetime | None:
        """When the next answer falls due; None where nothing is asked or all is answered."""
        return min((one.due_at for one in self.open_questions), default=None)


class Standing(StrEnum):
    """Where a notice stands with its provider."""

    TO_BE_ASKED = "to_be_asked"
    WAITING = "waiting"
    OVERDUE = "overdue"
    ANSWERED = "answered"


def standing_of(notice: ProviderNotice, now: datetime) -> Standing:
    """Nothing was asked yet; an answer is due, or overdue; all is answered."""
    if not notice.questions:
        return Standing.TO_BE_ASKED
    if notice.due_at is None:
        return Standing.ANSWERED
    return Standing.OVERDUE if now >= notice.due_at else Standing.WAITING


def chasing_key(notice: ProviderNotice, now: datetime) -> str | None:
    """What makes a reminder of a silent provider said once a day; None where nothing is to be said now."""
    due_at = notice.due_at
    if due_at is None or now < due_at:
        return None
    return f"provider_silent:{notice.id}:{due_at.isoformat()}:{(now - due_at) // REMIND_AGAIN}"


def concerned(names: Iterable[str], reach: Reach) -> dict[str, tuple[str, ...]]:
    """Of the systems that are concerned those activities that depend on the provider.

    A system that a person named though the inventory sees no dependence is not among them: it is concerned as a whole.
    """
    return {one: reach.by_system[one] for one in names if one in reach.by_system}
