"""What runs, what it processes, which data, for whom and through whom: the inventory and its questions.

Shapes are those of the inventory YAML. Ids are short, stable, lower-case words; references between parts are ids.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from breach_service.domain.alert import Alert, EntityKind
from breach_service.domain.text import Text

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


Place: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Place, str]
"""Where in the document, and a sentence."""


class Role(StrEnum):
    """Our role for a processing activity (GDPR Art. 4(7), 4(8), 26, 28(2))."""

    CONTROLLER = "controller"
    JOINT = "joint"
    PROCESSOR = "processor"
    SUB_PROCESSOR = "sub_processor"


Lead = Literal["us", "them"]
"""Which of the joint controllers leads on the notices."""


class Part(BaseModel):
    """Base of every part of the inventory: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(Part):
    """A person or a mailbox to write to."""

    name: str
    function: str = ""
    email: str = ""
    phone: str = ""
    language: Literal["fr", "en"] = "fr"


NOT_NAMED_YET = "a-completer"
"""The id of the organisation that stands in for ours until an inventory names it."""


class Organisation(Part):
    """A legal entity that we act for."""

    id: Id
    name: str
    siren: str = ""
    vat: str = ""
    sector: Text | None = None
    staff: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "FR"
    representative: Contact | None = None
    dpo: Contact
    zone: str = "Europe/Paris"
    calendar: Literal["FR", "FR-Alsace-Moselle"] = "FR"


class DataCategory(Part):
    """A kind of personal data, with the words of the CNIL form it falls under."""

    id: Id
    name: Text
    cnil: str
    """Key of the CNIL form's list: civil_status, nir, contact, credentials, financial, official_documents, location,
    offences, other, or a special category: racial_origin, political, philosophical, trade_union, sexual_orientation,
    health, biometric, genetic."""
    is_special: bool = False
    """GDPR Art. 9."""


class SystemMatch(Part):
    """How alerts find a system; one match is enough."""

    hosts: tuple[str, ...] = ()
    """Host names; `*` and `?` are wildcards; compared in lower case, with and without the domain."""
    networks: tuple[str, ...] = ()
    """Address ranges (CIDR)."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels that must all be there with these values."""
    applications: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _networks_are_ranges(self) -> Self:
        for text in self.networks:
            ip_network(text)
        return self


class System(Part):
    """What runs."""

    id: Id
    name: Text
    description: Text | None = None
    match: SystemMatch = SystemMatch()
    activities: tuple[Id, ...] = ()
    """The processing activities whose data it holds or carries."""
    is_in_production: bool = True
    facts: dict[str, Any] = Field(default_factory=dict)
    """Facts that hold for this system until somebody records otherwise (encryption.state_of_the_art: yes …)."""


def _in_order(bounds: tuple[int, int]) -> tuple[int, int]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"from {bounds[0]} to {bounds[1]} persons is upside down: write the smaller number first")
    return bounds


NumberOfPersons: TypeAlias = Annotated[tuple[NonNegativeInt, NonNegativeInt], AfterValidator(_in_order)]
"""At least, at most."""


class ProcessingActivity(Part):
    """One line of the record of processing activities (GDPR Art. 30)."""

    id: Id
    name: Text
    our_role: Role
    controller: str = ""
    """Who the controller is where it is not us and not the clients listed."""
    purposes: tuple[Text, ...] = ()
    legal_basis: tuple[Text, ...] = ()
    data: tuple[Id, ...]
    persons: tuple[Text, ...] = ()
    """Categories of persons, in words."""
    person_kinds: tuple[str, ...] = ()
    """Keys of the CNIL form's list: employees, users, members, students, military, customers, patients, minors,
    vulnerable, other."""
    recipients: tuple[Text, ...] = ()
    retention: Text | None = None
    number_of_persons: NumberOfPersons | None = None
    """At least, at most; for a controller's activity. For clients the number stands with the client."""
    clients: tuple[Id, ...] = ()
    providers: tuple[Id, ...] = ()
    leads: Lead | None = None
    """For a joint activity: who notifies the authority and the persons, us or them (GDPR Art. 26); None: not agreed."""
    arrangement: str = ""
    """For a joint activity: where the arrangement is written (contract, clause, date)."""

    @model_validator(mode="after")
    def _only_joint_controllers_arrange(self) -> Self:
        if self.our_role is not Role.JOINT and (self.leads is not None or self.arrangement):
            raise ValueError("leads and arrangement go with our_role: joint; remove them, or correct the role")
        return self


class ClientActivity(Part):
    """What one client has with us in one activity."""

    activity: Id
    number_of_persons: NumberOfPersons | None = None


class Contract(Part):
    """Dated terms of one client's contract that make a clock."""

    notice_hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Hours to inform this client, where the contract says so."""
    clause: str = ""
    ends_on: date | None = None


class Client(Part):
    """A legal entity whose data we process for it."""

    id: Id
    name: str
    siren: str = ""
    country: str = "FR"
    language: Literal["fr", "en"] = "fr"
    sector: Text | None = None
    our_role: Literal[Role.PROCESSOR, Role.SUB_PROCESSOR] = Role.PROCESSOR
    contacts: tuple[Contact, ...] = ()
    contract: Contract = Contract()
    activities: tuple[ClientActivity, ...] = ()


class Provider(Part):
    """Somebody through whom we process."""

    id: Id
    name: str
    service: Text
    role: Literal["processor", "sub_processor", "controller"] = "processor"
    country: str = "FR"
    contact: Contact | None = None
    notice_hours: float | None = None


class Inventory(Part):
    """The whole inventory; every reference inside it is checked."""

    organisations: tuple[Organisation, ...]
    data_categories: tuple[DataCategory, ...] = ()
    systems: tuple[System, ...] = ()
    activities: tuple[ProcessingActivity, ...] = ()
    clients: tuple[Client, ...] = ()
    providers: tuple[Provider, ...] = ()

    def faults(self) -> list[Fault]:
        """Every broken reference and double id: (path into the document, sentence)."""
        found: list[Fault] = []
        for part in ("organisations", "data_categories", "systems", "activities", "clients", "providers"):
            seen: set[str] = set()
            for index, item in enumerate(getattr(self, part)):
                if item.id in seen:
                    found.append(((part, index, "id"), f"the id {item.id} is used twice among the {part}"))
                seen.add(item.id)
        if not self.organisations:
            found.append((("organisations",), "at least one organisation is needed"))
        for place, kind, one in self._references():
            if one not in {item.id for item in getattr(self, kind)}:
                found.append((place, f"{one} is not among the {kind} of this inventory"))
        return found

    def _references(self) -> Iterable[tuple[Place, str, str]]:
        """Every reference inside: where it stands, among what it should be found, and the id."""
        for index, system in enumerate(self.systems):
            for at, one in enumerate(system.activities):
                yield ("systems", index, "activities", at), "activities", one
        for index, activity in enumerate(self.activities):
            for field, kind in (("data", "data_categories"), ("clients", "clients"), ("providers", "providers")):
                for at, one in enumerate(getattr(activity, field)):
                    yield ("activities", index, field, at), kind, one
        for index, client in enumerate(self.clients):
            for at, part in enumerate(client.activities):
                yield ("clients", index, "activities", at, "activity"), "activities", part.activity

    def system(self, system_id: str) -> System | None:
        """The system of that id."""
        return next((one for one in self.systems if one.id == system_id), None)

    def activity(self, activity_id: str) -> ProcessingActivity | None:
        """The processing activity of that id."""
        return next((one for one in self.activities if one.id == activity_id), None)

    def client(self, client_id: str) -> Client | None:
        """The client of that id."""
        return next((one for one in self.clients if one.id == client_id), None)

    def data_category(self, category_id: str) -> DataCategory | None:
        """The data category of that id."""
        return next((one for one in self.data_categories if one.id == category_id), None)

    def systems_of(self, alert: Alert) -> tuple[System, ...]:
        """The systems that an alert is about: by host, by address of ours, by application, by labels."""
        return tuple(system for system in self.systems if matches(system.match, alert))


def matches(match: SystemMatch, alert: Alert) -> bool:
    """True if the alert names a host, an address, an application or the labels of this system."""
    if any(_is_host(pattern, host) for pattern in match.hosts for host in alert.values_of(EntityKind.HOST)):
        return True
    if any(_is_in(network, address) for network in match.networks for address in alert.values_of(EntityKind.ADDRESS)):
        return True
    if set(match.applications) & set(alert.values_of(EntityKind.APPLICATION)):
        return True
    return bool(match.labels) and all(alert.labels.get(key) == value for key, value in match.labels.items())


def _is_host(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower(), host.lower()
    return fnmatchcase(host, pattern) or fnmatchcase(host.split(".", 1)[0], pattern)


def _is_in(network: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return False
