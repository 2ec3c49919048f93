"""What a report already says, as proposals: a person accepts each as a fact, or leaves it.

Read from plain words, French and English, by lists that anybody can check: nothing is guessed, and nothing is recorded
before somebody says so. A word that is denied (“no health data”) proposes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from breach_service.domain.assessment.implied import CATEGORIES
from breach_service.domain.conditions import FactValue, NumberRange
from breach_service.domain.inventory import Inventory
from breach_service.domain.playbook import SCENARIO

PERSONS, PERSON_KINDS, RECORDS = "persons.number", "persons.categories", "records.number"
Proposed = tuple[str, FactValue]
"""A fact and the value that the words speak for."""


@dataclass(frozen=True)
class Proposals:
    """What one report proposes."""

    facts: tuple[Proposed, ...]
    systems: tuple[str, ...]
    """Ids of systems of the inventory that it names and that do not belong to the incident yet."""

    def __bool__(self) -> bool:
        return bool(self.facts or self.systems)


_WORDS: Mapping[str, Mapping[str, str]] = {
    SCENARIO: {
        "ransomware": r"ran[cç]ongiciels?|ransomwares?",
        "phishing": r"hame[cç]onnage|phishing",
        "lost_device": r"(?:ordinateur|portable|(?<!de )t[ée]l[ée]phone|tablette|cl[ée] usb|disque|laptop"
        r"|phone(?! numbers?)|tablet|usb stick)"
        r"[^.!?]{0,40}\b(?:perdue?s?|vol[ée]e?s?|oubli[ée]e?s?|lost|stolen)",
        "misdirected_mail": r"mauvais(?:e)? (?:destinataires?|adresse|personne)|copie cach[ée]e|\bcci\b|\bbcc\b"
        r"|wrong (?:recipients?|address|person)",
        "leaked_secret": r"(?:cl[ée] d[’']api|api key|secret|jeton|token)[^.!?]{0,40}\b(?:publi[ée]e?s?|public|leaked)",
    },
    CATEGORIES: {
        "civil_status": r"noms?|pr[ée]noms?|dates? de naissance|[ée]tat civil|names?|dates? of birth",
        "contact": r"adresses?|courriels?|e-?mails?|t[ée]l[ée]phones?|coordonn[ée]es(?! bancaires)|phone numbers?"
        r"|contact details",
        "credentials": r"mots? de passe|identifiants?|passwords?|credentials",
        "financial": r"ibans?|ribs?|cartes? bancaires?|coordonn[ée]es bancaires|salaires?|bulletins? de paie|factures?"
        r"|bank details|credit cards?|salar(?:y|ies)|payslips?|invoices?",
        "nir": r"num[ée]ros? de s[ée]curit[ée] sociale|\bnir\b|social security numbers?",
        "official_documents": r"passeports?|cartes? d[’']identit[ée]|passports?|identity cards?",
        "health": r"(?:donn[ée]es|dossiers?) (?:de sant[ée]|m[ée]dica(?:l|les|ux))|diagnostics?|ordonnances?"
        r"|health data|medical records?",
        "location": r"g[ée]olocalisation|positions? gps|geolocation|gps positions?",
    },
    PERSON_KINDS: {
        "employees": r"salari[ée]e?s?|employ[ée]e?s?|collaborat(?:eurs?|rices?)|employees|staff",
        "customers": r"clients?|clientes?|customers?",
        "patients": r"patiente?s?",
        "students": r"[ée]l[èe]ves?|[ée]tudiante?s?|pupils?|students?",
        "minors": r"enfants?|mineure?s?|children|minors?",
        "members": r"adh[ée]rente?s?|members?",
        "users": r"utilisat(?:eurs?|rices?)|users?",
    },
}
_DENIED = re.compile(
    r"\b(?:aucune?s?|pas d[e’']|pas les?|ni|sans|no|not|without|neither)\b[^.!?,;]{0,25}$", re.IGNORECASE
)
_COUNTED = {
    PERSONS: r"personnes?|clients?|salari[ée]s?|employ[ée]s?|patients?|utilisateurs?|adh[ée]rents?|[ée]l[èe]ves?"
    r"|people|persons?|customers?|employees|users?|members?|pupils?",
    RECORDS: r"fiches?|enregistrements?|lignes?|dossiers?|records?|rows?",
}
_NUMBER = (
    r"(?P<bound>plus de|au moins|more than|at least|moins de|au plus|less than|at most)?\s*"
    r"(?P<n>\d[\d .,\u00a0\u202f]*)"
)
_LEAST = frozenset({"plus de", "au moins", "more than", "at least"})
MOST_READ = 20_000
"""Characters that are read of a report."""


def proposals_in(words: str, inventory: Inventory, systems: Iterable[str] = ()) -> Proposals:
    """What the words of a report propose; `systems` are those of the incident already."""
    text = words[:MOST_READ]
    facts = [*_of_lists(text), *_of_numbers(text)]
    return Proposals(tuple(facts), tuple(_systems_in(text, inventory, frozenset(systems))))


def _of_lists(text: str) -> Iterator[Proposed]:
    for fact, choices in _WORDS.items():
        found = frozenset(word for word, pattern in choices.items() if _is_said(pattern, text))
        if found:
            yield fact, found


def _is_said(pattern: str, text: str) -> bool:
    matches = re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
    return any(not _DENIED.search(text[max(0, one.start() - 40) : one.start()]) for one in matches)


def _of_numbers(text: str) -> Iterator[Proposed]:
    """The largest number of each kind; two that differ are not added up."""
    for fact, counted in _COUNTED.items():
        found = [
            _range(one["bound"] or "", number)
            for one in re.finditer(rf"(?<!\d){_NUMBER}\s*(?:{counted})(?!\w)", text, re.IGNORECASE)
            if (number := _number(one["n"])) is not None
        ]
        if found:
            yield fact, max(found, key=lambda one: (one.least or 0, one.most or 0))


def _number(written: str) -> int | None:
    """`12 000`, `12.000` and `12,000` are twelve thousand; anything else with a mark in it is not read."""
    text = re.sub(r"[\s\u00a0\u202f]+", " ", written).strip(" .,")
    if not re.fullmatch(r"\d+|\d{1,3}(?:[ .,]\d{3})+", text):
        return None
    return int(re.sub(r"\D", "", text))


def _range(bound: str, number: int) -> NumberRange:
    if not bound:
        return NumberRange(number, number)
    return NumberRange(number, None) if bound.lower() in _LEAST else NumberRange(None, number)


def _systems_in(text: str, inventory: Inventory, known: frozenset[str]) -> Iterator[str]:
    """Systems whose whole name or application stands in the text; short ones say too little."""
    for system in inventory.systems:
        names = {system.name.fr, system.name.en or "", *system.match.applications}
        if system.id not in known and any(len(one) > 3 and _is_said(re.escape(one), text) for one in names):
            yield system.id
