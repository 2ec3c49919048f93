"""What a client's contract says of its clock stands on the incident, in both languages."""

from pathlib import Path

import pytest

from breach_service.acts import content
from breach_service.app import OPERATOR
from breach_service.domain.access import UserRole
from breach_service.domain.inventory import Inventory
from tests.web.edge import shared_edge, text_in

SAID = {"fr": "Et 72 h", "en": "And 72 h"}


def with_term(inventory: Inventory, **term: object) -> Inventory:
    """The same inventory, in which every client has one dated term more."""
    document = inventory.model_dump(mode="json")
    for one in document["clients"]:
        one["contract"]["notice"] = [{"clause": "Avenant 3, art. 5", "valid_from": "2026-11-01", **term}]
    return Inventory.model_validate(document)


@pytest.mark.parametrize(
    "term", [{"hours": 24, "counted_from": "told_at"}, {"working_hours": 8, "counted_from": "detected_at"}]
)
def test_an_incident_that_touches_a_client_with_a_dated_term_is_shown(tmp_path: Path, term: dict[str, object]) -> None:
    """The term with its clause, and the promise of the policy beside it where both count in their own way."""
    with shared_edge(tmp_path) as edge:
        inventory = with_term(edge.service.knowledge().inventory, **term)
        edge.service.database.write(
            lambda session: content.import_inventory(session, OPERATOR, inventory, edge.now)
        )  # fmt: skip
        reference = edge.declare("A web shell stood on app-01.", ("application",))
        for language in ("fr", "en"):
            browser = edge.person(UserRole.DPO)
            browser.cookies.set("breach_language", language)
            for path in ("", "/decide", "/playbook", "/questions"):
                assert browser.get(f"/incidents/{reference}{path}").status_code == 200
            page = text_in(browser.get(f"/incidents/{reference}").text)
            assert "Avenant 3, art. 5" in page
            assert SAID[language] in page.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
