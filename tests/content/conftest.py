from pathlib import Path

import pytest

from breach_service.catalog import Catalogue, read_catalogue

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The content that ships with the service."""
    reading = read_catalogue(PLAYBOOKS)
    assert reading.catalogue is not None, "\n".join(map(str, reading.faults))
    return reading.catalogue
