"""What the inventory says, as facts that anyone may correct: typed, scoped, dated, with where they come from."""

from datetime import UTC, datetime

from breach_service.domain.assessment import facts_from_inventory
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.facts import Fact, FactType, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Incident, IncidentStatus, perimeters_of
from breach_service.domain.inventory import Inventory

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
TEXT = {"fr": "mot"}
INVENTORY = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "data_categories": [{"id": "mail", "name": TEXT, "cnil": "contact"}],
        "systems": [
            {"id": "web", "name": TEXT, "activities": ["news", "hosting"],
             "facts": {"backup.restored_after_hours": "3..6", "encryption": "yes", "unheard.of": "word"}},
        ],
        "activities": [
            {"id": "news", "name": TEXT, "our_role": "controller", "data": ["mail"]},
            {"id": "hosting", "name": TEXT, "our_role": "processor", "data": ["mail"], "clients": ["acme"]},
        ],
        "clients": [{"id": "acme", "name": "Acme"}],
    }
)  # fmt: skip
TYPES = {
    name: FactType.model_validate({"id": name, "label": TEXT, "type": kind})
    for name, kind in (("backup.restored_after_hours", "duration_hours"), ("encryption", "yes_no"))
}


def said() -> dict[tuple[str, Scope], Fact]:
    """By name and scope."""
    incident = Incident(1, "INC-2026-0001", "", IncidentStatus.SUSPECTED, "us", AT, AT, AT, "k", AT, systems=("web",))
    found = facts_from_inventory(incident, perimeters_of(["web"], INVENTORY, "us"), INVENTORY, TYPES)
    return {(one.name, one.scope): one for one in found}


def test_every_fact_says_where_it_comes_from() -> None:
    """Its date is that of the detection: the inventory was there before."""
    found = said().values()
    assert found
    assert {(one.by, one.provenance, one.established_at) for one in found} == {("inventory", Provenance.INVENTORY, AT)}


def test_what_is_said_of_a_system_has_the_type_of_the_fact() -> None:
    """A range is a range; a fact that the playbooks do not know stays the word that was written."""
    found = said()
    web = Scope(ScopeKind.SYSTEM, "web")
    assert found["backup.restored_after_hours", web].value == NumberRange(3, 6)
    assert found["encryption", web].value is Truth.YES
    assert found["unheard.of", web].value == "word"


def test_an_activity_speaks_in_its_own_scope_or_in_that_of_each_client() -> None:
    """The kind of scope counts as well as its key."""
    found = said()
    assert {scope for name, scope in found if name == "data.categories"} == {
        Scope(ScopeKind.ACTIVITY, "news"), Scope(ScopeKind.CLIENT, "hosting/acme"),
    }  # fmt: skip


def test_an_incident_without_activities_says_nothing_of_data() -> None:
    """A place that names no activity is passed over."""
    incident = Incident(1, "INC-2026-0001", "", IncidentStatus.SUSPECTED, "us", AT, AT, AT, "k", AT)
    assert facts_from_inventory(incident, perimeters_of([], INVENTORY, "us"), INVENTORY, TYPES) == ()
