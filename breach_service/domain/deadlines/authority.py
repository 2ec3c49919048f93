"""The offices that notices go to: their names, languages and portals, and the form that they ask for."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from breach_service.domain.inventory import Client
from breach_service.domain.text import Text


class AuthorityRole(StrEnum):
    """What an office is told of."""

    DATA_PROTECTION = "data_protection"
    CYBER = "cyber"
    HEALTH = "health"
    FINANCE = "finance"
    TRUST = "trust"
    POLICE = "police"


class NotificationForm(StrEnum):
    """In which form a notice reaches it."""

    CNIL = "cnil"
    """The online form of the CNIL, point by point."""
    ARTICLE_33_3 = "article_33_3"
    """What GDPR Art. 33(3) lists, in the authority's own form."""
    OWN = "own"
    """Its own form or desk, for which this service writes no text."""


class Authority(BaseModel):
    """One entry of `playbooks/authorities.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: Text
    short_name: str = Field(min_length=1)
    """As it is called where there is little room, the same in every language."""
    role: AuthorityRole
    country: str = Field(pattern=r"^[A-Z]{2}$")
    languages: tuple[str, ...] = Field(min_length=1)
    """ISO 639-1 codes in which it takes notices, the usual one first."""
    portal: str = Field(default="", pattern=r"^(https://\S+)?$")
    """Where it is filed; empty: by the usual means (a visit, a telephone call)."""
    form: NotificationForm
    note: Text | None = None


def authority_of_client(client: Client, authorities: Mapping[str, Authority]) -> Authority | None:
    """The supervisory authority that is competent for a client; None where the content lists none.

    What the inventory names for it (an id, or a short name in any case), else the data protection authority of its
    country; a country with several (Germany) needs the name.
    """
    known = [one for one in authorities.values() if one.role is AuthorityRole.DATA_PROTECTION]
    named = client.authority.strip().casefold()
    if named:
        return next((one for one in known if named in (one.id, one.short_name.casefold())), None)
    there = [one for one in known if one.country == client.country.upper()]
    return there[0] if len(there) == 1 else None
