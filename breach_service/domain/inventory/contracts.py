"""A client's contract: terms that hold from one day to another, each with the clause that says so."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self, TypeAlias

from pydantic import Field, model_validator

from breach_service.domain.inventory.parts import Dated, Part

Trigger: TypeAlias = Literal["detected_at", "flaw_discovered_at", "attack_known_at", "told_at", "aware_at"]
"""The instant that a contract counts from, in the words of the regimes."""


class NoticeForm(StrEnum):
    """How a contract wants the notice to be given."""

    ANY = "any"
    E_MAIL = "e_mail"
    REGISTERED_LETTER = "registered_letter"
    PORTAL = "portal"
    PHONE_THEN_WRITING = "phone_then_writing"
    FORM_OF_THE_CLIENT = "form_of_the_client"


class NoticeTerm(Dated):
    """Within how long a client must hear, counted from when, and in which form."""

    clause: str = Field(min_length=1)
    """The clause that says so: contract, article, date."""
    counted_from: Trigger = "aware_at"
    hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Elapsed hours."""
    working_hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Hours of working days, as the contract counts them; instead of `hours`."""
    form: NoticeForm = NoticeForm.ANY
    sent_to: str = ""
    """The address that the form needs: a portal, a postal address, a mailbox."""

    @model_validator(mode="after")
    def _counts_one_way(self) -> Self:
        if self.hours is not None and self.working_hours is not None:
            raise ValueError("a term counts hours or working_hours: keep the one that the clause says")
        return self


class NotifyingMandate(Dated):
    """Leave to notify in the client's name (whom: the authority, the persons)."""

    clause: str = Field(min_length=1)
    notifies: tuple[Literal["authority", "persons"], ...] = Field(min_length=1)


class Deletion(Part):
    """The certified deletion of what a client entrusted to us (GDPR Art. 28(3)(g)).

    Until both days are known the data may still be there, and the client still counts.
    """

    certified_on: date | None = None
    backups_certified_on: date | None = None
    certificate: str = ""
    """Where the certificate is kept."""
    clause: str = ""

    @property
    def completed_on(self) -> date | None:
        """The day from which nothing is left, backups included; None while that is not certified."""
        if self.certified_on is None or self.backups_certified_on is None:
            return None
        return max(self.certified_on, self.backups_certified_on)


class Contract(Part):
    """Dated terms of one client's contract that make a clock."""

    notice_hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Hours to inform this client, where the contract says so and always said so."""
    clause: str = ""
    ends_on: date | None = None
    """The last day of the contract; the client counts on until `deletion` is certified."""
    ends_by: str = ""
    """The clause or the letter that ends it."""
    notice: tuple[NoticeTerm, ...] = ()
    """Terms that changed over time; the one that holds on a day goes before `notice_hours`."""
    mandates: tuple[NotifyingMandate, ...] = ()
    deletion: Deletion = Deletion()

    def notice_on(self, day: date) -> NoticeTerm | None:
        """The term that holds on a day: the strictest of them; None where only `notice_hours` or nothing is agreed."""
        held = [one for one in self.notice if one.holds_between(day, day)]
        return min(held, key=lambda one: one.hours or one.working_hours or float("inf"), default=None)

    def may_notify_on(self, day: date) -> frozenset[str]:
        """Whom we may notify in the client's name on a day: authority, persons."""
        held = (one.notifies for one in self.mandates if one.holds_between(day, day))
        return frozenset(whom for notified in held for whom in notified)
