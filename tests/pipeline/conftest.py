"""A sender connected to the service."""

import pytest

from breach_service.app import Service
from tests.pipeline.incoming import Incoming


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """On each database in turn."""
    return Incoming(service)


@pytest.fixture
def sqlite_incoming(sqlite_service: Service) -> Incoming:
    """For what does not depend on the database."""
    return Incoming(sqlite_service)
