"""What is asked of alerts that no system is found by, what it may be, and how the answer stands in the inventory."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.domain.inventory import Inventory, SystemMatch, matches
from breach_service.domain.unknown_names import (
    NameKind,
    UnknownName,
    alert_naming,
    is_elsewhere,
    is_met,
    is_too_wide,
    labels_asked,
    match_for,
    names_asked,
    new_id,
    pattern_for,
    stem_of,
    suggested_systems,
    systems_of,
    with_elsewhere,
    with_match,
    with_name_of,
    with_system,
)

INVENTORY = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "systems": [
            {"id": "web", "name": {"fr": "Site"}, "match": {"hosts": ["web-01", "www.us.example"]}},
            {"id": "old", "name": {"fr": "Ancien"}, "match": {"hosts": ["web-9"]}, "valid_to": "2025-01-01"},
            {"id": "db", "name": {"fr": "Base"}, "match": {"networks": ["10.1.2.0/25"]}},
            {"id": "crm", "name": {"fr": "CRM"}, "match": {"labels": {"namespace": "crm", "app": "api"}}},
        ],
    }
)


def alert(*entities: Entity, **more: object) -> Alert:
    return Alert("probe", "Odd", Signal.MALWARE, "f", entities=entities, **more)  # type: ignore[arg-type]


def host(value: str, role: EntityRole | None = None) -> Entity:
    return Entity(EntityKind.HOST, value, role)


HOST, LABEL = r"[a-z]{1,8}(-[0-9]{1,3})?(\.[a-z]{2,5})?", r"[a-z=]{1,6}"
NAMES = st.one_of(
    st.builds(UnknownName, st.just(NameKind.HOST), st.from_regex(HOST, fullmatch=True)),
    st.builds(UnknownName, st.just(NameKind.ADDRESS), st.ip_addresses().map(str)),
    st.builds(UnknownName, st.just(NameKind.APPLICATION), st.from_regex(r"[A-Za-z ]{1,12}", fullmatch=True)),
    st.builds(UnknownName, st.just(NameKind.ACCOUNT), st.from_regex(r"[0-9]{12}", fullmatch=True)),
    st.builds(
        UnknownName, st.just(NameKind.LABELS),
        st.dictionaries(st.sampled_from(["namespace", "app"]), st.from_regex(LABEL, fullmatch=True), min_size=1)
        .map(lambda one: ", ".join(f"{key}={value}" for key, value in sorted(one.items()))),
    ),
)  # fmt: skip


@given(NAMES)
def test_an_answer_is_found_by_the_alerts_that_asked(name: UnknownName) -> None:
    """Whatever kind of name: the match that is made of it meets an alert that uses it, and so does its pattern."""
    assert is_met(name, match_for(name))
    pattern = pattern_for(name)
    assert not pattern or is_met(name, match_for(name, pattern))
    changed, system = with_system(INVENTORY, name.value, match_for(name))
    assert system in systems_of(name, changed)
    assert not changed.faults()


@given(NAMES, NAMES)
def test_a_joined_match_finds_what_either_found(one: UnknownName, other: UnknownName) -> None:
    """None is lost by an answer; two sets of labels cannot be joined, since all must be there."""
    both = with_match(match_for(one), match_for(other))
    if one.kind is other.kind is NameKind.LABELS:
        assert both is None
    else:
        assert both is not None
        assert matches(both, alert_naming(one))
        assert matches(both, alert_naming(other))


def test_the_surest_kind_of_name_is_asked_about() -> None:
    """Machines before addresses, applications and accounts; what attacked is somebody else's."""
    address = Entity(EntityKind.ADDRESS, "10.0.0.1")
    assert names_asked(alert(address, host("a"), host("b"))) == (
        UnknownName(NameKind.HOST, "a"), UnknownName(NameKind.HOST, "b"),
    )  # fmt: skip
    assert names_asked(alert(host("theirs", EntityRole.ACTOR), address)) == (UnknownName(NameKind.ADDRESS, "10.0.0.1"),)
    assert len(names_asked(alert(*(host(f"h{number}") for number in range(40))))) == 5


def test_labels_are_asked_about_where_nothing_else_is_named_or_pods_come_and_go() -> None:
    """Without those that differ from alert to alert; labels that only say where name nothing."""
    labels = {"alertname": "Odd", "app": "api", "cluster": "prod", "pod": "api-1"}
    assert labels_asked(alert(labels=labels)) == {"app": "api", "cluster": "prod"}
    assert not labels_asked(alert(host("a"), labels=labels))
    assert labels_asked(alert(host("a"), labels={**labels, "namespace": "crm"}))["namespace"] == "crm"
    assert not names_asked(alert(labels={"cluster": "prod", "severity": "high"}))


@pytest.mark.parametrize("changes", [{"is_own": True}, {"status": AlertStatus.TEST}, {"signal": Signal.HEARTBEAT}])
def test_nothing_is_asked_of_what_is_about_nothing(changes: dict[str, object]) -> None:
    """Tests, signs of life, and our own alerts."""
    given_ = {"source": "probe", "title": "Odd", "signal": Signal.MALWARE, "fingerprint": "f", **changes}
    assert not names_asked(Alert(entities=(host("a"),), **given_))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "stem", "pattern"),
    [
        ("web-03.prod.example", "web", "web-*.prod.example"),
        ("api-7d9f8c6b5-x2x1z", "api", "api-*"),
        ("crm-importer-6b7f9d8c4d-abcde", "crm-importer", "crm-importer-*"),
        ("srv01-paris", "srv01-paris", ""),
        ("mail.example", "mail", ""),
        ("db1", "db", ""),
        ("app7", "app", "app*"),
    ],
)
def test_machines_of_one_kind_have_a_pattern(name: str, stem: str, pattern: str) -> None:
    """Numbers and the ends of pods' names fall away; two letters are too few for a pattern."""
    assert (stem_of(name), pattern_for(UnknownName(NameKind.HOST, name))) == (stem, pattern)


def test_systems_that_are_called_alike_or_stand_beside_it_are_suggested() -> None:
    """None that is over, none that has nothing in common."""
    assert suggested_systems(UnknownName(NameKind.HOST, "web-02"), INVENTORY) == ("web",)
    assert suggested_systems(UnknownName(NameKind.ADDRESS, "10.1.2.200"), INVENTORY) == ("db",)
    assert suggested_systems(UnknownName(NameKind.ADDRESS, "fd00::1"), INVENTORY) == ()
    assert suggested_systems(UnknownName(NameKind.LABELS, "app=worker, namespace=crm"), INVENTORY) == ("crm",)
    assert suggested_systems(UnknownName(NameKind.HOST, "printer"), INVENTORY) == ()


def test_patterns_and_ranges_that_swallow_everything_are_too_wide() -> None:
    """Three letters, or eight bits, are the least."""
    assert all(is_too_wide(SystemMatch(hosts=(one,))) for one in ("*", "*.*", "w*", "a-?-b*"))
    assert is_too_wide(SystemMatch(networks=("0.0.0.0/0",)))
    assert not is_too_wide(SystemMatch(hosts=("web-*",), networks=("10.0.0.0/8",)))


def test_what_is_not_ours_is_kept_with_its_reason() -> None:
    """It is found by the name, has an id of its own, and breaks no reference."""
    name = UnknownName(NameKind.HOST, "their-01")
    changed = with_elsewhere(INVENTORY, "Le voisin", match_for(name), "Rented.", "Noé", date(2026, 11, 23))
    again = with_elsewhere(changed, "Le voisin", match_for(name), "Rented.", "Noé", date(2026, 11, 23))
    assert is_elsewhere(name, changed)
    assert not is_elsewhere(UnknownName(NameKind.HOST, "ours-01"), changed)
    assert [one.id for one in again.elsewhere] == ["le-voisin", "le-voisin-2"]
    assert not again.faults()


def test_what_is_not_ours_must_be_found_by_something() -> None:
    """Else the entry would mean nothing."""
    with pytest.raises(ValueError, match="how alerts name it"):
        with_elsewhere(INVENTORY, "x", SystemMatch(), "y", "z", date(2026, 11, 23))


def test_a_system_with_labels_takes_no_other_labels() -> None:
    """All of them must be there, so that another set would find nothing any more."""
    with pytest.raises(ValueError, match="other labels"):
        with_name_of(INVENTORY, "crm", SystemMatch(labels={"app": "worker"}))


def test_an_id_keeps_the_letters_under_their_accents() -> None:
    """A French title stays readable."""
    assert new_id("Préproduction (bis)", ()) == "preproduction-bis"


@given(st.text(max_size=80), st.lists(st.text(max_size=5), max_size=3))
def test_an_id_is_made_of_any_title(title: str, taken: list[str]) -> None:
    """It fits the inventory and is not taken."""
    made = new_id(title, taken)
    assert made not in taken
    assert with_system(INVENTORY, title, SystemMatch())[0].systems[-1].id
