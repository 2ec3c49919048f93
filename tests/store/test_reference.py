"""What is in force, and who holds which job."""

from datetime import datetime, timedelta

import pytest

from breach_service.domain.inventory import Contact, Inventory, Organisation
from breach_service.store import reference
from breach_service.store.database import Database

HOUR = timedelta(hours=1)


def inventory(name: str) -> Inventory:
    return Inventory(organisations=(Organisation(id="us", name=name, dpo=Contact(name="Camille")),))


def keep(database: Database, name: str, at: datetime) -> bool:
    return database.write(lambda session: reference.keep_inventory(session, inventory(name), "tests", at))


def test_the_latest_inventory_is_in_force(database: Database, now: datetime) -> None:
    """The former one can still be asked for, as it stood at an instant."""
    with database.reading() as session:
        assert reference.inventory_in_force(session) is None
        assert reference.revision_in_force(session) == 0
    assert keep(database, "Before", now)
    assert keep(database, "After", now + HOUR)
    with database.reading() as session:
        assert reference.revision_in_force(session) == 2
        for at, number, name in ((None, 2, "After"), (now + HOUR, 2, "After"), (now, 1, "Before")):
            found = reference.inventory_in_force(session, at)
            assert found is not None
            assert (found[0], found[1].organisations[0].name) == (number, name)
        assert reference.inventory_in_force(session, now - HOUR) is None


def test_the_same_inventory_again_is_no_revision(database: Database, now: datetime) -> None:
    """Importing twice changes nothing."""
    assert keep(database, "Same", now)
    assert not keep(database, "Same", now + HOUR)
    with database.reading() as session:
        assert reference.revision_in_force(session) == 1


def test_the_latest_content_is_in_force(database: Database, now: datetime) -> None:
    """With its documents."""
    for digest in ("a", "b"):
        database.write(
            lambda session, digest=digest: reference.activate_content(session, digest, {"x": digest}, "tests", now)  # type: ignore[misc]
        )
    with database.reading() as session:
        assert reference.content_in_force(session) == ("b", {"x": "b"})
        assert reference.content_digest(session) == "b"


@pytest.mark.parametrize(("after", "is_taken"), [(HOUR, True), (HOUR - timedelta(seconds=1), False)])
def test_a_job_is_one_holder_s_until_its_lease_ends(
    database: Database, now: datetime, after: timedelta, is_taken: bool
) -> None:
    """The holder renews it; another takes it over once it has lapsed, and the last sign of life stays visible."""

    def take(holder: str, at: datetime) -> bool:
        return database.write(lambda session: reference.take_lease(session, "job", holder, at, HOUR))

    assert take("one", now - HOUR)
    assert take("one", now)
    assert take("other", now + after) is is_taken
    with database.reading() as session:
        assert reference.last_tick(session, "job") == (now + after if is_taken else now)
        assert reference.last_tick(session, "unheard of") is None
