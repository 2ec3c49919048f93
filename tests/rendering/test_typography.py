"""Authors write plain text; no-break spaces and apostrophes are put in for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.rendering import typeset

NB, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("written", "set_as"),
    [
        ("Objet : rien", f"Objet{NB}: rien"),
        ("Est-ce grave ?", f"Est-ce grave{NARROW}?"),
        ("Non ! Si ; peut-être", f"Non{NARROW}! Si{NARROW}; peut-être"),
        ("une « fiche »", f"une «{NB}fiche{NB}»"),
        ("à 11 h 40", f"à 11{NB}h{NB}40"),
        ("dans 72 h, pas 3 j", f"dans 72{NB}h, pas 3{NB}j"),
        ("12 % et 4 Go", f"12{NARROW}% et 4{NB}Go"),
        ("article 33, art. 34, § 2", f"article{NB}33, art.{NB}34, §{NB}2"),
        ("l'incident d'aujourd'hui", "l’incident d’aujourd’hui"),
        ("qu'« on » sait", f"qu’«{NB}on{NB}» sait"),
        ("[À COMPLÉTER : quoi]", f"[À COMPLÉTER{NB}: quoi]"),
    ],
)
def test_french_is_set_as_a_printer_would(written: str, set_as: str) -> None:
    assert typeset(written, "fr") == set_as


@pytest.mark.parametrize(
    "text", ["https://www.cnil.fr/fr", "11:40", "2026-11-24T11:40:00+01:00", "a:b;c?d!", "<a href=\"x\" title='y'>"]
)
def test_addresses_codes_and_markup_stay_as_they_are(text: str) -> None:
    assert typeset(text, "fr") == text


def test_english_gets_its_apostrophes_and_no_french_spaces() -> None:
    assert typeset("the client's data : 12 %", "en") == "the client’s data : 12 %"


@given(st.text(alphabet="ab1 :;!?«»'’%h.§\u00a0\u202f"), st.sampled_from(["fr", "en"]))
def test_setting_a_text_twice_changes_nothing(text: str, language: str) -> None:
    once = typeset(text, language)
    assert typeset(once, language) == once


@given(st.text(), st.sampled_from(["fr", "en"]))
def test_only_spaces_and_apostrophes_ever_change(text: str, language: str) -> None:
    def bare(words: str) -> str:
        return words.replace(NB, " ").replace(NARROW, " ").replace("’", "'")

    assert bare(typeset(text, language)) == bare(text)
