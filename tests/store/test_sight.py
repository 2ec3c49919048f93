"""The conditions of SQL agree with what the domain says is seen."""

from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from breach_service.domain.access import PersonStanding, Seeing, Sight, Standing, what_is_seen
from breach_service.store.access_tables import IncidentPersonRow
from breach_service.store.database import Database, Session
from breach_service.store.sight import FULL, Visibility, seen_by
from breach_service.store.tables import AlertRow, IncidentRow, SourceRow, UserRow
from tests.store.conftest import NOW

_numbers = count(1)
instants = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
standings = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(Standing), instants, st.none() | instants, st.none() | instants),
    max_size=5,
)
sights = st.builds(Sight, st.sampled_from(Seeing), st.none() | st.integers(0, 2))


def _incident(session: Session, *, is_restricted: bool) -> IncidentRow:
    row = IncidentRow(
        reference=f"INC-2026-{next(_numbers):04d}", title="", status="suspected", organisation="us", opened_at=NOW,
        detected_at=NOW, qualify_by=NOW, group_key="x", first_alert_at=NOW, last_alert_at=NOW,
        is_restricted=is_restricted,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _people(session: Session) -> list[int]:
    found = list(session.exec(select(UserRow.id).order_by(col(UserRow.id))))
    if not found:
        for number in range(3):
            session.add(UserRow(email=f"{number}@us.example", name=str(number), role="dpo", created_at=NOW))
        session.flush()
        found = list(session.exec(select(UserRow.id).order_by(col(UserRow.id))))
    return [one or 0 for one in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(sights, standings, st.booleans(), instants)
def test_what_the_database_shows_is_what_the_domain_says_is_seen(
    database: Database, sight: Sight, some: list[tuple], is_restricted: bool, at  # type: ignore[no-untyped-def,type-arg]  # drawn
) -> None:  # fmt: skip
    """Whatever anybody's standings are, with their beginnings and ends."""

    def work(session: Session) -> tuple[bool, bool, bool]:
        numbers = _people(session)
        row = _incident(session, is_restricted=is_restricted)
        for person, standing, since, until, ended_at in some:
            session.add(
                IncidentPersonRow(
                    incident_id=row.id, user_id=numbers[person], standing=standing, by="a", reason="r", at=since,
                    until=until, ended_at=ended_at,
                )
            )  # fmt: skip
        session.flush()
        who = Sight(sight.seeing, None if sight.person is None else numbers[sight.person])
        held = [PersonStanding(numbers[one], *rest) for one, *rest in some]
        expected = what_is_seen(who, held, is_restricted, at)
        query = select(IncidentRow.id).where(IncidentRow.id == row.id, seen_by(who, at))
        is_shown = session.exec(query).first() is not None
        unshown = session.exec(select(IncidentRow.id).where(IncidentRow.id == row.id, ~seen_by(who, at))).first()
        return expected, is_shown, unshown is None

    expected, is_shown, is_not_unshown = database.write(work)
    assert is_shown is expected
    assert is_not_unshown is expected


def test_alerts_are_seen_with_their_incident_and_those_of_none_but_by_inspectors(database: Database) -> None:
    """What is observed belongs to no incident that could have been chosen."""

    def work(session: Session) -> tuple[dict[str, int], dict[str, int]]:
        person = _people(session)[0]
        source = SourceRow(name="s", kind="json", auth="bearer", created_at=NOW)
        session.add(source)
        rows = {"open": _incident(session, is_restricted=False), "closed": _incident(session, is_restricted=True)}
        session.add(
            IncidentPersonRow(
                incident_id=rows["closed"].id, user_id=person, standing=Standing.INSPECTING, by="a", reason="r", at=NOW
            )
        )
        session.flush()
        for name, number in (("open", rows["open"].id), ("closed", rows["closed"].id), ("none", None)):
            session.add(
                AlertRow(
                    source_id=source.id, incident_id=number, fingerprint=name, group_key="", title=name, signal="scan",
                    severity="low", vendor_severity="", status="firing", occurred_at=NOW, received_at=NOW,
                    last_seen_at=NOW, why_here="same_key",
                )
            )  # fmt: skip
        session.flush()
        return {}, {"person": person}

    _, known = database.write(work)

    def shown(visibility: Visibility) -> set[str]:
        with database.reading() as session:
            joined = select(AlertRow.title).join(IncidentRow, col(IncidentRow.id) == AlertRow.incident_id, isouter=True)
            alone = set(session.exec(select(AlertRow.title).where(visibility.alerts)))
            assert set(session.exec(joined.where(visibility.alerts))) == alone
            return alone

    assert shown(FULL) == {"open", "closed", "none"}
    assert shown(Visibility(Sight(Seeing.OPEN, known["person"]), NOW)) == {"open", "none"}
    assert shown(Visibility(Sight(Seeing.CHOSEN, known["person"]), NOW)) == {"closed"}
    assert shown(Visibility(Sight(Seeing.CHOSEN), NOW)) == set()
