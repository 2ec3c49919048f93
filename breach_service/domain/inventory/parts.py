"""What every part of the inventory stands on: ids, the days on which a part holds, contacts, organisations."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from breach_service.domain.text import Text

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Part(BaseModel):
    """Base of every part of the inventory: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dated(Part):
    """A part that holds from one day to another, both included; an absent day sets no bound.

    Whom a breach affects is told from the parts that held while it lasted, not from those of today.
    """

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError(
                f"valid_from {self.valid_from} is after valid_to {self.valid_to}: write the earlier day first"
            )
        return self

    def holds_between(self, first: date, last: date) -> bool:
        """True if it holds on one day at least of those from `first` to `last`, both included."""
        return (self.valid_from is None or self.valid_from <= last) and (
            self.valid_to is None or self.valid_to >= first
        )


class ContactMandate(Dated):
    """Leave for a contact to receive the notices of other clients too (another company of the group, say)."""

    clients: tuple[Id, ...] = Field(min_length=1)
    written_in: str = Field(min_length=1)
    """Where the mandate is recorded: document, clause, date."""


class Contact(Part):
    """A person or a mailbox to write to."""

    name: str
    function: str = ""
    email: str = ""
    phone: str = ""
    language: Literal["fr", "en"] = "fr"
    order: NonNegativeInt = 0
    """Who is written to first: the smaller number; contacts of one number stand as written."""
    is_fallback: bool = False
    """Written to only where nobody else can be reached."""
    verified_on: date | None = None
    """The last day on which somebody made sure that this still reaches them."""
    mandate: ContactMandate | None = None
    """The other clients for whom this contact receives, and what gives leave to."""


class ConcernKind(StrEnum):
    """What a company may be concerned by besides the GDPR; it says so itself."""

    NIS2 = "nis2"
    DORA = "dora"
    HEALTH = "health"
    EIDAS = "eidas"
    PRODUCTS = "products"
    """It publishes software (code de la défense, L2321-4-1)."""
    CRA = "cra"
    """It places products with digital elements on the market: an application, an agent, a connector."""
    CYBER_INSURANCE = "cyber_insurance"


class Concern(Dated):
    """What an organisation says of one regime: that it is concerned, or is not, since when, and by which text."""

    by: ConcernKind
    is_concerned: bool = True
    hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """The hours that a policy of insurance gives."""
    clause: str = ""
    """Where it is written: the clause, the policy, the decision."""


NOT_NAMED_YET = "a-completer"
"""The id of the organisation that stands in for ours until an inventory names it."""


class Organisation(Dated):
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
    concerned_by: tuple[Concern, ...] = ()
    """Which further regimes it is concerned by; what is not said is not known."""

    def concern_on(self, kind: ConcernKind, day: date) -> Concern | None:
        """What it says of one regime for a day, the last word first; None where it says nothing."""
        said = (one for one in reversed(self.concerned_by) if one.by is kind and one.holds_between(day, day))
        return next(said, None)
