"""On what ground somebody decides."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import (
    DECISIONS,
    GLASS_ACTS,
    Act,
    BrokenGlass,
    GroundKind,
    Mandate,
    MandateKind,
    ground_of,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def mandate(
    person: int = 1, *, kind: MandateKind = MandateKind.DELEGATION, number: int = 7, **other: object
) -> Mandate:
    terms: dict[str, object] = {
        "organisation": "", "acts": frozenset(), "granted_by": "Anne Roy", "document": "Paris, 2 March 2026",
        "from_at": NOW - DAY, "to_at": None, **other,
    }  # fmt: skip
    return Mandate(number, person, "Claire", kind, **terms)  # type: ignore[arg-type]


def glass(person: int = 1, **other: object) -> BrokenGlass:
    terms: dict[str, object] = {"at": NOW - DAY / 24, "reason": "Nobody answers.", "ends_at": NOW + DAY, **other}
    return BrokenGlass(3, 5, person, "Rémi", **terms)  # type: ignore[arg-type]


def test_the_representative_and_a_delegate_decide() -> None:
    """Each says on what ground, and by which writing."""
    for kind in MandateKind:
        ground = ground_of(1, Act.QUALIFY, "demo", NOW, [mandate(kind=kind)])
        assert (ground.holds, str(ground.kind), ground.number) == (True, str(kind), 7)


def test_without_a_writing_nobody_decides() -> None:
    """The office of data protection officer is none (GDPR Art. 38)."""
    assert ground_of(1, Act.QUALIFY, "demo", NOW, []).kind is GroundKind.NO_MANDATE
    assert ground_of(1, Act.QUALIFY, "demo", NOW, [mandate(2)]).kind is GroundKind.NO_MANDATE


@pytest.mark.parametrize(
    "other", [{"from_at": NOW + DAY}, {"to_at": NOW}, {"revoked_at": NOW - DAY / 2}, {"revoked_at": NOW}]
)
def test_a_mandate_holds_between_its_dates_only(other: dict[str, object]) -> None:
    """Not before, not at the instant of its end, not once revoked."""
    assert ground_of(1, Act.QUALIFY, "demo", NOW, [mandate(**other)]).kind is GroundKind.NOT_IN_FORCE


@pytest.mark.parametrize("other", [{"organisation": "other"}, {"acts": frozenset({Act.APPROVE_DRAFT})}])
def test_a_mandate_covers_its_scope_only(other: dict[str, object]) -> None:
    """Another organisation's, or another decision's, is none."""
    assert ground_of(1, Act.QUALIFY, "demo", NOW, [mandate(**other)]).kind is GroundKind.OTHER_SCOPE


def test_a_program_decides_nothing() -> None:
    """A token is nobody who could answer for it."""
    assert ground_of(None, Act.QUALIFY, "demo", NOW, [mandate()]).kind is GroundKind.NOBODY


def test_a_broken_glass_lets_do_what_cannot_wait() -> None:
    """Awareness and the approval of a notice; never the decision that nothing is owed."""
    for act in DECISIONS | GLASS_ACTS:
        assert ground_of(1, act, "demo", NOW, [], [glass()]).holds is (act in GLASS_ACTS)


@pytest.mark.parametrize("other", [{"person": 2}, {"ends_at": NOW}, {"reviewed_at": NOW - DAY / 48}])
def test_a_broken_glass_is_one_persons_and_ends(other: dict[str, object]) -> None:
    """At its end, or once it was reviewed."""
    assert not ground_of(1, Act.APPROVE_DRAFT, "demo", NOW, [], [glass(**other)]).holds  # type: ignore[arg-type]


def test_a_mandate_goes_before_a_broken_glass() -> None:
    """Who may decide needs none, and has nothing to be reviewed."""
    assert ground_of(1, Act.APPROVE_DRAFT, "demo", NOW, [mandate()], [glass()]).kind is GroundKind.DELEGATION


def test_what_is_no_decision_asks_for_no_ground() -> None:
    """A mistake of ours, not of the person."""
    with pytest.raises(ValueError, match="no decision"):
        ground_of(1, Act.LOOK, "demo", NOW, [])


@given(
    starts=st.integers(-5, 5), lasts=st.one_of(st.none(), st.integers(1, 5)), at=st.integers(-6, 12),
    more=st.integers(0, 3),
)  # fmt: skip
def test_other_peoples_mandates_change_nothing(starts: int, lasts: int | None, at: int, more: int) -> None:
    """Whatever stands beside it, a mandate is in force exactly between its dates."""
    from_at = NOW + starts * DAY
    own = mandate(from_at=from_at, to_at=None if lasts is None else from_at + lasts * DAY)
    others = [mandate(2, number=20 + one) for one in range(more)]
    is_within = starts <= at and (lasts is None or at < starts + lasts)
    assert ground_of(1, Act.QUALIFY, "demo", NOW + at * DAY, [*others, own]).holds is is_within
