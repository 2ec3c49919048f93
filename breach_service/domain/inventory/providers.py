"""Through whom we process: in which role for which activity, and what its contract says."""

from enum import StrEnum
from typing import Literal, TypeAlias

from breach_service.domain.inventory.parts import Contact, Dated, Id
from breach_service.domain.text import Text

ProviderRole: TypeAlias = Literal["processor", "sub_processor", "controller"]


class TransferTool(StrEnum):
    """What lets data leave the European Economic Area (GDPR Art. 45 to 49)."""

    ADEQUACY = "adequacy"
    STANDARD_CLAUSES = "standard_clauses"
    BINDING_RULES = "binding_rules"
    CODE_OF_CONDUCT = "code_of_conduct"
    CERTIFICATION = "certification"
    DEROGATION = "derogation"


class ProviderActivity(Dated):
    """The part that a provider takes in one activity, where it is not the one that it takes elsewhere."""

    activity: Id
    role: ProviderRole


class Provider(Dated):
    """Somebody through whom we process."""

    id: Id
    name: str
    service: Text
    role: ProviderRole = "processor"
    """Its role wherever `activities` says no other."""
    activities: tuple[ProviderActivity, ...] = ()
    country: str = "FR"
    contact: Contact | None = None
    security_contact: Contact | None = None
    """Whom to ask during an incident, and who tells us of theirs."""
    notice_hours: float | None = None
    """Within how many hours its contract has it inform us."""
    clause: str = ""
    """The clause that says so."""
    transfer: TransferTool | None = None
    """Where it processes outside the European Economic Area: what allows it."""
    transfer_document: str = ""

    def role_in(self, activity: str) -> ProviderRole:
        """Its role in an activity, by id."""
        return next((one.role for one in self.activities if one.activity == activity), self.role)
