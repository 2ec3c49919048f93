"""What people said of two incidents, in one: the earlier instant counts, and no system is spoken for by another's."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.conditions import Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance, Scope, ScopeKind, facts_at
from breach_service.domain.incident import Instant, InstantKind, instants_for
from breach_service.pipeline.carrying_over import Said, facts_of_both, instants_of_both

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = st.sampled_from([InstantKind.AWARE_AT, InstantKind.TOLD_AT])
PERIMETERS = ("", "own", "client:a", "client:b")
SYSTEMS = ("mail", "shop", "vpn")
INSTANTS = st.lists(
    st.builds(
        lambda kind, hours, perimeter: Instant(kind, NOW - timedelta(hours=hours), "why", "who", perimeter),
        KINDS, st.integers(0, 40), st.sampled_from(PERIMETERS),
    ),
    max_size=6,
)  # fmt: skip


def numbered(instants: list[Instant]) -> tuple[Instant, ...]:
    return tuple(
        Instant(one.kind, one.at, one.reason, one.by, one.perimeter, number) for number, one in enumerate(instants, 1)
    )


@given(ours=INSTANTS, theirs=INSTANTS)
def test_in_every_perimeter_the_earlier_instant_of_the_two_counts(ours: list[Instant], theirs: list[Instant]) -> None:
    """Whatever was recorded for the whole of either, or for a part of it."""
    mine, others = numbered(ours), numbered(theirs)
    after = (*mine, *instants_of_both(mine, others))
    named = {one.perimeter for one in (*mine, *others)}
    for perimeter in {"", *named}:
        here, there = instants_for(perimeter, mine), instants_for(perimeter, others)
        found = instants_for(perimeter, after)
        for kind in {*here, *there}:
            assert found[kind].at == min(one[kind].at for one in (here, there) if kind in one)


def test_what_says_nothing_new_is_not_recorded() -> None:
    """The later one of the two, and the same instant again."""
    early, late = (Instant(InstantKind.AWARE_AT, NOW - timedelta(hours=hours), recorded=1) for hours in (5, 2))
    assert instants_of_both((early,), (late,)) == ()
    assert instants_of_both((early,), (early,)) == ()


def fact(value: Truth, scope: Scope = WHOLE_INCIDENT, *, name: str = "loss.integrity", hours: int = 0) -> Fact:
    said_at = NOW - timedelta(hours=hours)
    return Fact(name, value, scope, Provenance.PERSON, "Yanis", said_at, recorded=100 - hours)


FACTS = st.lists(
    st.builds(
        lambda value, scope, hours: fact(value, scope, hours=hours),
        st.sampled_from(list(Truth)),
        st.sampled_from([WHOLE_INCIDENT, *(Scope(ScopeKind.SYSTEM, one) for one in SYSTEMS)]),
        st.integers(0, 40),
    ),
    max_size=4, unique_by=lambda one: (one.scope, one.established_at),
)  # fmt: skip
PLACES = st.sets(st.sampled_from(SYSTEMS), min_size=1).map(lambda some: tuple(sorted(some)))


def of(facts: list[Fact], systems: tuple[str, ...]) -> Said:
    """People speak of the systems of their incident."""
    own = [one for one in facts if one.scope == WHOLE_INCIDENT or one.scope.key in systems]
    return Said(tuple(sorted(own, key=lambda one: one.established_at)), systems)


def value_at(system: str, facts: tuple[Fact, ...]) -> Truth:
    found = facts_at(Exposure(system), facts).get("loss.integrity")
    return Truth.UNKNOWN if found is None else Truth(str(found.value))


def after_merging(ours: Said, theirs: Said) -> tuple[Fact, ...]:
    new = facts_of_both(ours, theirs, "Camille", NOW)
    told = [
        Fact(one.name, one.value, one.scope, one.provenance, one.by, one.established_at, one.note, 1000 + number)
        for number, one in enumerate(new)
    ]
    return (*ours.facts, *told)


@given(ours=FACTS, theirs=FACTS, here=PLACES, there=PLACES)
def test_of_a_system_that_only_one_was_about_nothing_else_is_known_than_before(
    ours: list[Fact], theirs: list[Fact], here: tuple[str, ...], there: tuple[str, ...]
) -> None:
    """A no about one system never becomes a no about another, and a yes is not lost."""
    mine, others = of(ours, here), of(theirs, there)
    after = after_merging(mine, others)
    for system in set(here) - set(there):
        assert value_at(system, after) == value_at(system, mine.facts)
    for system in set(there) - set(here):
        assert value_at(system, after) == value_at(system, others.facts)


@given(ours=FACTS, theirs=FACTS, here=PLACES)
def test_of_the_same_systems_one_of_the_two_is_believed(
    ours: list[Fact], theirs: list[Fact], here: tuple[str, ...]
) -> None:
    """Nothing comes out that neither said."""
    mine, others = of(ours, here), of(theirs, here)
    after = after_merging(mine, others)
    for system in here:
        assert value_at(system, after) in (value_at(system, mine.facts), value_at(system, others.facts))


def test_what_was_said_later_of_the_same_systems_counts() -> None:
    """In either direction."""
    early, late = fact(Truth.NO, hours=5), fact(Truth.YES, hours=1)
    for ours, theirs in (((early,), (late,)), ((late,), (early,))):
        after = after_merging(Said(ours, ("mail",)), Said(theirs, ("mail",)))
        assert value_at("mail", after) is Truth.YES


def test_what_alerts_say_is_left_to_the_alerts() -> None:
    """They come over by themselves."""
    told = Fact("loss.integrity", Truth.YES, WHOLE_INCIDENT, Provenance.ALERT, "alerts", NOW)
    assert facts_of_both(Said((), ("mail",)), Said((told,), ("shop",)), "Camille", NOW) == ()


def test_without_any_system_what_was_said_is_about_the_whole() -> None:
    """A declared incident that names no system: there is no narrower place."""
    (only,) = facts_of_both(Said((), ("mail",)), Said((fact(Truth.YES),), ()), "Camille", NOW)
    assert only.scope == WHOLE_INCIDENT
