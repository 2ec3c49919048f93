"""Who a mail is from, as far as the inventory knows. An address proves nothing: people confirm who it was."""

from collections.abc import Iterable
from dataclasses import dataclass

from breach_service.domain.inventory import Contact, Inventory
from breach_service.domain.reports.report import Reporter, ReporterKind

AUTHORITIES = frozenset(
    {"cnil.fr", "edpb.europa.eu", "edps.europa.eu", "ssi.gouv.fr", "cyber.gouv.fr", "interieur.gouv.fr", "justice.fr",
     "acpr.banque-france.fr", "amf-france.org", "sante.gouv.fr", "esante.gouv.fr", "cybermalveillance.gouv.fr"}
)  # fmt: skip
"""Domains, with all below them, of those who supervise or help."""
SHARED_BY_ALL = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr",
     "msn.com", "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr",
     "laposte.net", "bbox.fr", "numericable.fr", "proton.me", "protonmail.com", "gmx.com", "gmx.fr", "gmx.net",
     "aol.com", "mail.com"}
)  # fmt: skip
"""Domains of mail providers: there only the very address says who somebody is."""


@dataclass(frozen=True)
class Acquaintance:
    """Whom we know, and what is ours."""

    inventory: Inventory | None = None
    own: frozenset[str] = frozenset()
    """Our own addresses, and the domain that our mails are sent from, in lower case."""


def reporter_of(name: str, address: str, inventory: Inventory | None) -> Reporter:
    """Who an address belongs to: client, provider, one of us, an authority; unknown where nothing says so."""
    unknown = Reporter(name=name, contact=address)
    if inventory is None or "@" not in address:
        return unknown
    for is_same in (_is_address, _is_domain):
        for client in inventory.clients:
            if is_same(address, client.contacts):
                return Reporter(ReporterKind.CLIENT, name, address, client.id)
        for provider in inventory.providers:
            if is_same(address, [provider.contact] if provider.contact else []):
                return Reporter(ReporterKind.PROVIDER, name, address, provider.id)
        for organisation in inventory.organisations:
            people = [organisation.dpo, *([organisation.representative] if organisation.representative else [])]
            if is_same(address, people):
                return Reporter(ReporterKind.EMPLOYEE, name, address)
    if _is_authority(_domain(address)):
        return Reporter(ReporterKind.AUTHORITY, name, address)
    return unknown


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").lower()


def _is_address(address: str, contacts: Iterable[Contact]) -> bool:
    return any(one.email and one.email.strip().lower() == address.lower() for one in contacts)


def _is_domain(address: str, contacts: Iterable[Contact]) -> bool:
    domain = _domain(address)
    known = {_domain(one.email) for one in contacts if "@" in one.email} - SHARED_BY_ALL
    return any(domain == one or domain.endswith(f".{one}") for one in known)


def _is_authority(domain: str) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in AUTHORITIES)
