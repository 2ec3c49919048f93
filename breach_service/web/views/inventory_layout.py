"""The forms of the inventory: which fields stand in which section, in which order, and how each is typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Widget = Literal["line", "area", "lines", "day", "number", "choice", "ref", "checks", "persons", "yes_no"]

DAYS = ("days", ("valid_from", "valid_to"))
CONTACT = ("name", "function", "email", "phone", "language", "verified_on")


def _contact(of: str) -> tuple[str, ...]:
    return tuple(f"{of}.{one}" for one in CONTACT)


LAYOUT: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "organisations": (
        ("what", ("name", "siren", "vat", "sector.fr", "sector.en", "staff")),
        ("where", ("address", "postal_code", "city", "country", "zone", "calendar")),
        ("representative", _contact("representative")),
        ("dpo", _contact("dpo")),
        ("concerned", ("concerned_by.N",)),
        DAYS,
    ),
    "data_categories": (("what", ("name.fr", "name.en", "cnil", "is_special")), DAYS),
    "systems": (
        ("what", ("name.fr", "name.en", "description.fr", "description.en", "is_in_production")),
        ("found_by", ("match.hosts", "match.networks", "match.labels", "match.accounts", "match.applications")),
        ("holds", ("activities",)),
        ("known", ("facts",)),
        DAYS,
    ),
    "activities": (
        ("what", ("name.fr", "name.en", "reference", "our_role", "controller", "leads", "arrangement")),
        ("data", ("data", "data_described")),
        ("persons", ("persons.N", "person_kinds", "number_of_persons")),
        ("why", ("purposes.N", "legal_basis.N", "retention.fr", "retention.en")),
        ("whom", ("clients", "providers", "recipients.N", "transfers.N")),
        ("security", ("security.N",)),
        DAYS,
    ),
    "groups": (("what", ("name",)), DAYS),
    "clients": (
        ("what", ("name", "siren", "country", "authority", "group", "language", "sector.fr", "sector.en", "our_role")),
        ("contacts", ("contacts.N",)),
        ("activities", ("activities.N",)),
        ("contract", ("contract.notice_hours", "contract.clause", "contract.notice.N", "contract.mandates.N")),
        (
            "end_of_contract",
            (
                "contract.ends_on", "contract.ends_by", "contract.deletion.certified_on",
                "contract.deletion.backups_certified_on", "contract.deletion.certificate", "contract.deletion.clause",
            ),
        ),
        DAYS,
    ),
    "providers": (
        ("what", ("name", "service.fr", "service.en", "role", "country", "transfer", "transfer_document")),
        ("activities", ("activities.N",)),
        ("notice", ("notice_hours", "clause")),
        ("security_contact", _contact("security_contact")),
        ("contact", _contact("contact")),
        DAYS,
    ),
}  # fmt: skip
"""By part: its sections, each with its fields; `contacts.N` stands for any number of rows."""


@dataclass(frozen=True)
class Reference:
    """A field that names entries of a part."""

    part: str
    is_many: bool


REFERENCES: Mapping[tuple[str, str], Reference] = {
    ("systems", "activities"): Reference("activities", True),
    ("activities", "data"): Reference("data_categories", True),
    ("activities", "clients"): Reference("clients", True),
    ("activities", "providers"): Reference("providers", True),
    ("clients", "group"): Reference("groups", False),
    ("clients", "activities.N.activity"): Reference("activities", False),
    ("clients", "contacts.N.mandate.clients"): Reference("clients", True),
    ("providers", "activities.N.activity"): Reference("activities", False),
}
WORDS_OF_FACTS: Mapping[tuple[str, str], str] = {
    ("data_categories", "cnil"): "data.categories",
    ("activities", "person_kinds"): "persons.categories",
}
"""Fields whose words are the choices of a fact."""
CLOSED: Mapping[str, tuple[str, ...]] = {"contract.mandates.N.notifies": ("authority", "persons")}
"""Fields of several words out of a closed list."""
AREAS = frozenset({"description.fr", "description.en", "retention.fr", "retention.en"})
NUMBERS = frozenset({"notice_hours", "hours", "working_hours", "order"})
PLACES = frozenset({"name", "name.fr", "dpo.name", "service.fr", "our_role", "cnil"})
"""Fields that an entry does not do without."""
FIRST_CHOICES: Mapping[str, str] = {
    "country": "FR", "zone": "Europe/Paris", "calendar": "FR", "is_in_production": "yes", "language": "fr",
    "our_role": "", "role": "processor", "dpo.function": "DPO", "counted_from": "aware_at", "form": "any",
    "is_concerned": "yes",
}  # fmt: skip
"""What a fresh form holds, by the field or by its last step."""
MOST_CHECKS = 80
"""Candidates that are shown as boxes to tick; of more, the ids are written one a line."""
SYSTEM_FACTS = "system"
EXCLUDED_FACTS = frozenset({"system.in_production"})
"""Facts of a system that a field of its own says."""
