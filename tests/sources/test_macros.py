"""Bodies that operators write out of macros."""

import re

import pytest

from breach_service.sources.parts.macros import MOST_MACROS, bare_name, macros_of
from breach_service.sources.parts.zones import zone_named

NOTHING = re.compile(r"\{[A-Z.]+\}")


@pytest.mark.parametrize("name", ["EVENT.ID", "event_id", "eventid", "EventID", "{EVENT.ID}", "$EVENT_ID$", "event-id"])
def test_a_name_is_the_same_in_every_spelling(name: str) -> None:
    """Only its letters and digits count."""
    assert bare_name(name) == "eventid"


def test_inner_objects_are_known_by_both_names() -> None:
    """Mere wrappers say nothing, and what stands outside comes first."""
    macros = macros_of({"data": {"host": {"name": "in"}}, "host_name": "out", "tags": ["a", 2, None]}, NOTHING)
    assert macros.values == {"datahostname": "in", "hostname": "out", "tags": "a, 2"}
    assert macros_of({"alert": {"subject": "x"}}, NOTHING).first("nothing", "subject") == "x"


def test_macros_that_the_sender_had_nothing_for_are_left_out() -> None:
    """Neither they nor empty values count."""
    assert macros_of({"a": "{EVENT.ID}", "b": " ", "c": None, "d": "{x}"}, NOTHING).values == {"d": "{x}"}


def test_a_text_that_holds_an_object_is_that_object() -> None:
    """Attributes come as JSON within JSON."""
    assert macros_of({"usr": '{"email": "a@example.fr"}'}, NOTHING).first("usremail") == "a@example.fr"


def test_a_body_of_many_values_is_bounded() -> None:
    """And so is its depth."""
    assert len(macros_of({f"k{number}": "v" for number in range(2000)}, NOTHING).values) == MOST_MACROS
    deep: dict[str, object] = {"x": "v"}
    for _ in range(50):
        deep = {"a": deep}
    assert macros_of(deep, NOTHING).values == {}


@pytest.mark.parametrize("name", ["Europe/Paris", "UTC", "+02:00", "UTC+2", "CEST"])
def test_a_zone_is_known_by_its_usual_names(name: str) -> None:
    """By the tz database, an offset, or a short name that means one zone."""
    assert zone_named(name) is not None


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Europe/", "IST", "+99:00"])
def test_what_names_no_zone_is_none(name: str) -> None:
    """Nothing is looked up that could not be a name."""
    assert zone_named(name) is None
