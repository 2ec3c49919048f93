"""Somebody else in the place of a person in the rota."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.rota.document import RotaDocument
from breach_service.domain.rota.replacing import places_of, replaced
from breach_service.domain.rota.turns import Level

START = "2026-11-23"


def rota(first: list[str], second: list[str] | None = None, **officers: str) -> dict[str, Any]:
    found: dict[str, Any] = {"first": {"people": first, "starts_on": START}}
    if second:
        found["second"] = {"people": second, "starts_on": START}
    return {**found, **officers}


def test_the_successor_takes_the_turn_of_the_leaver() -> None:
    """In their place, so that nobody else's week moves."""
    assert replaced(rota(["1", "2", "3"], ["2", "1"]), "2", "9") == rota(["1", "9", "3"], ["9", "1"])


def test_a_successor_who_stands_there_takes_no_second_turn() -> None:
    """The others move up."""
    assert replaced(rota(["1", "2", "3"]), "2", "3") == rota(["1", "3"])


def test_without_a_successor_the_place_is_gone_but_the_level_stays() -> None:
    """The only person of a level stays written down: a rota without anybody is none."""
    assert replaced(rota(["1", "2"], ["2"]), "2", None) == rota(["1"], ["2"])


def test_the_deputy_moves_up_and_is_not_the_officer() -> None:
    """Whoever becomes the data protection officer is no deputy of themselves."""
    assert replaced(rota(["1"], dpo="4", deputy="5"), "4", "5") == rota(["1"], dpo="5")
    assert replaced(rota(["1"], dpo="4", deputy="5"), "4", "6") == rota(["1"], dpo="6", deputy="5")
    assert replaced(rota(["1"], dpo="4", deputy="5"), "4", None) == rota(["1"], dpo="5")
    assert replaced(rota(["1"], dpo="4", deputy="5"), "5", None) == rota(["1"], dpo="4")


def test_where_somebody_stands_is_told() -> None:
    """On each level, in order."""
    held = rota(["1", "2"], ["2"], dpo="4", deputy="2")
    assert places_of(held, "2") == (Level.FIRST, Level.SECOND, Level.DEPUTY)
    assert places_of(held, "9") == ()


PEOPLE = st.lists(st.sampled_from("12345"), min_size=1, max_size=4, unique=True)


@given(first=PEOPLE, second=PEOPLE, officers=st.lists(st.sampled_from("12345"), max_size=2, unique=True),
       leaver=st.sampled_from("12345"), successor=st.none() | st.sampled_from("123456"))  # fmt: skip
def test_what_comes_out_is_a_rota(
    first: list[str], second: list[str], officers: list[str], leaver: str, successor: str | None
) -> None:
    """Nobody twice on a level, no officer who is their own deputy; and the leaver is gone where somebody follows."""
    held = rota(first, second, **dict(zip(("dpo", "deputy"), officers, strict=False)))
    found = replaced(held, leaver, successor)
    RotaDocument.model_validate(found)
    if successor not in (None, leaver):
        assert places_of(found, leaver) == ()
