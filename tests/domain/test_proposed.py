"""What the words of a report propose: nothing is guessed, and what is denied is not proposed."""

import pytest

from breach_service.domain.conditions import FactValue, NumberRange
from breach_service.domain.inventory import Inventory
from breach_service.domain.proposed import proposals_in

INVENTORY = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "Dpo"}}],
        "systems": [
            {"id": "crm", "name": {"fr": "Gestion commerciale", "en": "Sales system"},
             "match": {"applications": ["kestrel"]}},
            {"id": "web", "name": {"fr": "Web"}},
        ],
    }
)  # fmt: skip


def said(words: str) -> dict[str, FactValue]:
    """The facts that the words propose."""
    return dict(proposals_in(words, INVENTORY).facts)


@pytest.mark.parametrize(
    ("words", "fact", "value"),
    [
        ("Mon ordinateur portable a été volé dans le train.", "incident.scenario", frozenset({"lost_device"})),
        ("A laptop was left and stolen", "incident.scenario", frozenset({"lost_device"})),
        ("Envoyé au mauvais destinataire", "incident.scenario", frozenset({"misdirected_mail"})),
        ("Les noms et les adresses", "data.categories", frozenset({"civil_status", "contact"})),
        ("des coordonnées bancaires", "data.categories", frozenset({"financial"})),
        ("medical records of patients", "persons.categories", frozenset({"patients"})),
        ("environ 12 000 personnes", "persons.number", NumberRange(12000, 12000)),
        ("plus de 40 clients", "persons.number", NumberRange(40, None)),
        ("at most 1,200 customers", "persons.number", NumberRange(None, 1200)),
        ("12\u202f000 fiches", "records.number", NumberRange(12000, 12000)),
        ("3 clients puis 40 clients", "persons.number", NumberRange(40, 40)),
    ],
)
def test_plain_words_propose_facts(words: str, fact: str, value: FactValue) -> None:
    """In French and in English; a number as it is said."""
    assert said(words)[fact] == value


@pytest.mark.parametrize(
    "words",
    [
        "Aucune donnée de santé.", "no health data", "sans mot de passe", "Rien de particulier.",
        "Le 3.14 clients", "volet", "2026",
    ],
)  # fmt: skip
def test_what_is_denied_or_not_said_proposes_nothing(words: str) -> None:
    """Neither does what only resembles a number or a word."""
    assert said(words).keys().isdisjoint({"data.categories", "incident.scenario", "persons.number"})


def test_a_system_that_is_named_is_proposed_unless_it_is_there() -> None:
    """By its name or its application, in either language; short names say too little."""
    assert proposals_in("La gestion commerciale affiche tout", INVENTORY).systems == ("crm",)
    assert proposals_in("kestrel shows other clients", INVENTORY).systems == ("crm",)
    assert proposals_in("kestrel", INVENTORY, ["crm"]).systems == ()
    assert proposals_in("le web", INVENTORY).systems == ()
    assert not proposals_in("", INVENTORY)
