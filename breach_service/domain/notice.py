"""Everything that a letter may say: the part of a dossier that concerns one recipient, and nothing else.

A notice is built so that a letter cannot say too much. It holds closed words, numbers, instants and the inventory's
names of that recipient's own part. It does not hold alert titles, entities, notes, reasons, or who recorded what; a
client's notice holds no other client, no provider, no machine, and no figure that covers more than that client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Obligation, Terms
from breach_service.domain.discovery import Discovery
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import Client, Contact, DataCategory, Organisation, Provider, Role, contacts_for
from breach_service.domain.known import MISSING, Known
from breach_service.domain.measures import MeasurePart
from breach_service.domain.rules import Loss
from breach_service.domain.text import Text

SLUGS = {DutyKind.AUTHORITY: "cnil", DutyKind.CLIENT: "client", DutyKind.PERSONS: "persons"}
"""The letter of each duty; the register has none."""


PROVIDER_SLUG = "provider"
"""The letter that asks a provider what only it can know; no duty stands behind it."""
LETTERS = (*SLUGS.values(), PROVIDER_SLUG)


@dataclass(frozen=True)
class Addressee:
    """Somebody to write to for a recipient."""

    contact: Contact
    mandate: str = ""
    """Where it is written that they receive for this client too; empty for the client's own contacts."""


@dataclass(frozen=True)
class ActivityPart:
    """One processing activity as far as it concerns the recipient."""

    name: Text
    purposes: tuple[Text, ...]
    data: tuple[DataCategory, ...]
    """Its categories of data; only those concerned, once a person said which."""
    persons: tuple[Text, ...]
    """Its categories of persons, in words."""


@dataclass(frozen=True)
class Notice:
    """What a letter may say. All instants in UTC; None is not known."""

    slug: str
    language: str
    """The language in which it is to be sent: the client's, French otherwise."""
    reference: str
    organisation: Organisation
    our_role: Role
    controller: str
    client: Client | None
    activities: tuple[ActivityPart, ...]
    further_data: tuple[DataCategory, ...]
    """Categories of data that a person recorded and that no activity lists."""
    providers: tuple[Provider, ...]
    """Through whom we process; empty in a client's notice."""
    signals: tuple[Text, ...]
    """What was reported, in closed words."""
    instants: Mapping[InstantKind, datetime]
    losses: Mapping[Loss, Known]
    facts: Mapping[str, Known]
    number_of_persons: Known
    persons_duty: Duty
    persons_told_at: datetime | None
    persons_told_by: str
    """By which means, as recorded with the filing; empty while they were not told."""
    terms: Terms
    triggered_at: datetime
    due_at: datetime | None
    is_late: bool
    """True from the due instant on, and where it was sent after it."""
    sent_at: datetime | None = None
    """When an earlier notice was filed under this obligation: this one then completes it."""
    receipt: str = ""
    """The receipt or number of the first notice filed."""
    data: frozenset[str] = field(default_factory=frozenset)
    """Keys of the CNIL form for every category of data concerned."""
    measures: tuple[MeasurePart, ...] = ()
    """What was done and what is planned, as far as this letter may say it."""
    addressees: tuple[Addressee, ...] = ()
    """To whom the letter goes, in order, the fallbacks last; empty where nobody is named."""
    provider: Provider | None = None
    """Whom the letter asks; None in every other letter."""
    questions: tuple[Text, ...] = ()
    """What it asks a provider for."""
    answer_by: datetime | None = None
    """Until when the provider owes an answer."""
    provider_reference: str = ""
    """The provider's own reference of the incident."""
    delay_reason: str = ""
    """Why it is late, in the words of whoever said so for this notice (GDPR Art. 33(1)); empty while nobody did."""
    discovery: Discovery | None = None
    """Who told us first, when, and by which channel, in kinds; None where nothing says it."""

    def fact(self, name: str) -> Known:
        """What is known of a fact; nothing recorded is MISSING, never an error."""
        return self.facts.get(name, MISSING)

    def loss(self, word: str) -> Known:
        """What is known of a loss: `confidentiality`, `integrity` or `availability`."""
        return self.losses[Loss(word)]

    def at(self, kind: str) -> datetime | None:
        """One of the instants, by its name (`occurred_at`, `detected_at`…)."""
        return self.instants.get(InstantKind(kind))

    def has_data(self, *keys: str) -> bool:
        """True if data of one of these keys of the CNIL form are concerned."""
        return not self.data.isdisjoint(keys)

    @property
    def data_categories(self) -> tuple[DataCategory, ...]:
        """Every category of data concerned, named once."""
        parts = (*(data for part in self.activities for data in part.data), *self.further_data)
        return tuple(dict.fromkeys(parts))

    @property
    def ended(self) -> tuple[datetime, datetime] | None:
        """Between which instants it ended: the occurrence and the duration that a person recorded; None: not known."""
        # An open duration (“at least 30 hours”) is one that has not ended.
        began, lasted = self.at("occurred_at"), self.fact(DURATION).number
        if began is None or lasted is None or lasted.least is None or lasted.most is None:
            return None
        return began + timedelta(hours=lasted.least), began + timedelta(hours=lasted.most)

    @property
    def severity(self) -> str | None:
        """The highest severity that a person gave to a loss that is not excluded; None: none given."""
        given = [self.fact(f"severity.{loss}").value for loss, known in self.losses.items() if not known.is_no]
        return next((level for level in reversed(SEVERITIES) if level in given), None)


DURATION = "exposure.duration_hours"
"""How long it lasted, from the occurrence to the end."""

SEVERITIES = ("negligible", "limited", "significant", "maximum")
"""The CNIL's four levels, in the words of the facts `severity.*`, least first."""


def slug_of(obligation: Obligation) -> str:
    """The letter that an obligation asks for: `cnil`, `client` or `persons`. ValueError for the register."""
    if obligation.duty not in SLUGS:
        raise ValueError(f"no letter is written for the duty {obligation.duty}")
    return SLUGS[obligation.duty]


def addressees_for(client: Client, dossier: Dossier, now: datetime) -> tuple[Addressee, ...]:
    """To whom the notices of a client go now: its own contacts, then those who hold a mandate, the fallbacks last."""
    day = now.astimezone(ZoneInfo(dossier.organisation.zone)).date()
    own = set(map(id, client.contacts))
    return tuple(
        Addressee(one, "" if id(one) in own or one.mandate is None else one.mandate.written_in)
        for one in contacts_for(client, dossier.inventory.clients, day)
    )


def languages_for(dossier: Dossier, obligation: Obligation) -> tuple[str, ...]:
    """The languages of a letter; the first is the one to send, the other a version to read."""
    client = dossier.client_of(obligation)
    return ("en", "fr") if client is not None and client.language == "en" else ("fr", "en")
