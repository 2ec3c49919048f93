"""The record of processing activities (GDPR Art. 30) and the categories of data in it."""

from enum import StrEnum
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, NonNegativeInt, model_validator

from breach_service.domain.inventory.parts import Dated, Id
from breach_service.domain.text import Text


class Role(StrEnum):
    """Our role for a processing activity (GDPR Art. 4(7), 4(8), 26, 28(2))."""

    CONTROLLER = "controller"
    JOINT = "joint"
    PROCESSOR = "processor"
    SUB_PROCESSOR = "sub_processor"


Lead = Literal["us", "them"]
"""Which of the joint controllers leads on the notices."""


class DataCategory(Dated):
    """A kind of personal data, with the words of the CNIL form it falls under."""

    id: Id
    name: Text
    cnil: str
    """Key of the CNIL form's list: civil_status, nir, contact, credentials, financial, official_documents, location,
    offences, other, or a special category: racial_origin, political, philosophical, trade_union, sexual_orientation,
    health, biometric, genetic."""
    is_special: bool = False
    """GDPR Art. 9."""


def _in_order(bounds: tuple[int, int]) -> tuple[int, int]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"from {bounds[0]} to {bounds[1]} persons is upside down: write the smaller number first")
    return bounds


NumberOfPersons: TypeAlias = Annotated[tuple[NonNegativeInt, NonNegativeInt], AfterValidator(_in_order)]
"""At least, at most."""


class ProcessingActivity(Dated):
    """One line of the record of processing activities (GDPR Art. 30)."""

    id: Id
    name: Text
    our_role: Role
    reference: str = ""
    """Its number in a register kept elsewhere."""
    controller: str = ""
    """Who the controller is where it is not us and not the clients listed."""
    purposes: tuple[Text, ...] = ()
    legal_basis: tuple[Text, ...] = ()
    data: tuple[Id, ...]
    data_described: dict[Id, str] = Field(default_factory=dict)
    """What exactly is held of a category of `data`, in the words of the register."""
    persons: tuple[Text, ...] = ()
    """Categories of persons, in words."""
    person_kinds: tuple[str, ...] = ()
    """Keys of the CNIL form's list: employees, users, members, students, military, customers, patients, minors,
    vulnerable, other."""
    recipients: tuple[Text, ...] = ()
    transfers: tuple[Text, ...] = ()
    """Who outside the European Union receives the data, in which country, under which guarantee (Art. 30(1)(e))."""
    security: tuple[Text, ...] = ()
    """Security measures in words (Art. 30(1)(g))."""
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
