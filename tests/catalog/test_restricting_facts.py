"""Facts that restrict an incident say so with values that they can have."""

from pathlib import Path

import pytest

from breach_service.catalog import catalogue_from, read_catalogue

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    """The shipped files."""
    catalogue = read_catalogue(ROOT / "playbooks").catalogue
    assert catalogue is not None
    return dict(catalogue.documents)


def test_the_shipped_facts_that_point_at_staff_restrict(documents: dict[str, str]) -> None:
    """One asks for it by name, two imply it."""
    catalogue = catalogue_from(documents).catalogue
    assert catalogue is not None
    found = {name: one.restricts for name, one in catalogue.facts.items() if one.restricts}
    assert found == {
        "incident.concerns_staff": ("yes",),
        "incident.cause": ("internal_malicious",),
        "recipients.kind": ("insider",),
    }


def test_a_value_that_a_fact_cannot_have_is_a_fault_with_its_line(documents: dict[str, str]) -> None:
    """It would never restrict anything, and nobody would notice."""
    changed = documents["facts.yaml"].replace("restricts: [insider]", "restricts: [insidr]")
    (fault,) = catalogue_from({**documents, "facts.yaml": changed}).faults
    assert "insidr is no value of recipients.kind" in str(fault)
    assert "insider" in str(fault)
