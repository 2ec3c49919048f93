"""Whose data we process for them, in which group, and who there receives what we have to say."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from breach_service.domain.inventory.activities import NumberOfPersons, Role
from breach_service.domain.inventory.contracts import Contract, Deletion
from breach_service.domain.inventory.parts import Contact, Dated, Id
from breach_service.domain.text import Text


class Group(Dated):
    """A group of companies; each of its legal entities is a client of its own."""

    id: Id
    name: str


class ClientActivity(Dated):
    """What one client has with us in one activity."""

    activity: Id
    number_of_persons: NumberOfPersons | None = None
    deletion: Deletion = Deletion()
    """Where the client left this activity alone: when its data in it were certified as deleted."""

    def counts_between(self, first: date, last: date) -> bool:
        """True if data of this activity may have been there on one of these days (both included)."""
        return _may_be_there(self, self.valid_to, self.deletion.completed_on, first, last)


class Client(Dated):
    """A legal entity whose data we process for it."""

    id: Id
    name: str
    siren: str = ""
    country: str = "FR"
    authority: str = ""
    """The supervisory authority that is competent for it (CNIL, DPC, …); empty: that of its country."""
    group: Id | None = None
    language: Literal["fr", "en"] = "fr"
    sector: Text | None = None
    our_role: Literal[Role.PROCESSOR, Role.SUB_PROCESSOR] = Role.PROCESSOR
    contacts: tuple[Contact, ...] = ()
    contract: Contract = Contract()
    activities: tuple[ClientActivity, ...] = ()

    def counts_between(self, first: date, last: date) -> bool:
        """True if data of this client may have been there on one of these days (both included).

        A former client counts until the deletion of its data, backups included, is certified.
        """
        ends = [day for day in (self.valid_to, self.contract.ends_on) if day]
        return _may_be_there(self, min(ends, default=None), self.contract.deletion.completed_on, first, last)


def _may_be_there(part: Dated, ended_on: date | None, deleted_on: date | None, first: date, last: date) -> bool:
    has_begun = part.valid_from is None or part.valid_from <= last
    is_gone = ended_on is not None and ended_on < first and deleted_on is not None and deleted_on < first
    return has_begun and not is_gone


def contacts_for(client: Client, clients: Iterable[Client], day: date) -> tuple[Contact, ...]:
    """Who receives for a client on a day, in the order to write to them; the fallbacks come last.

    Its own contacts, then those of other clients whose recorded mandate names it on that day.
    """
    others = (
        contact
        for other in clients
        if other.id != client.id
        for contact in other.contacts
        if contact.mandate and client.id in contact.mandate.clients and contact.mandate.holds_between(day, day)
    )
    own = sorted(client.contacts, key=lambda one: (one.is_fallback, one.order))
    mandated = sorted(others, key=lambda one: (one.is_fallback, one.order))
    return tuple(sorted((*own, *mandated), key=lambda one: one.is_fallback))
