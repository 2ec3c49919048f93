"""What people are refused most often is said in French on French pages, without a word of English or of the code."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, shared_edge

ENGLISH = re.compile(
    r"\b(the|there|is|are|already|give|say|choose|this|that|lies|not|with|nobody|only|your|you|does|role of|first)\b"
    r"|[a-z]+_[a-z_]+",
    re.IGNORECASE,
)
"""Words that French has not, and names of the code."""


class _Said(HTMLParser):
    """The sentences in bold or in a banner of a page, without its code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_banner = ("role", "alert") in attrs
        if self.inside or is_banner or ("class", "sheet-body prose") in attrs:
            self.inside.extend([tag] if tag not in ("br", "input", "path", "use", "circle", "img", "hr") else [])

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.words.append(data)


def said_on(html: str) -> str:
    """What the banners of a page, or the body of a problem page, say; spaces are plain."""
    return " ".join(" ".join(_Said(html).words).split())


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("french")) as one:
        yield one


@pytest.fixture(scope="module")
def reference(edge: Edge) -> str:
    return edge.declare()


@pytest.fixture(scope="module")
def people(edge: Edge) -> dict[str, Any]:
    """A browser of each role that is used here, reading French; made once."""
    roles = (UserRole.ADMIN, UserRole.DPO, UserRole.DECIDER, UserRole.VIEWER, UserRole.RESPONDER)
    found = {str(role): edge.person(role) for role in roles}
    found["no mandate"] = edge.person(UserRole.DECIDER, has_mandate=False)
    for browser in found.values():
        browser.cookies.set("breach_language", "fr")
    return found


NEW_PERSON = {"email": "p1@us.example", "name": "Ana", "role": "viewer"}
QUALIFY = "/incidents/{reference}/acts/qualify"
REFUSALS: list[tuple[str, str, dict[str, Any], str]] = [
    ("admin", "/people", NEW_PERSON, "Il existe déjà un compte pour p1@us.example"),
    ("admin", "/people", {**NEW_PERSON, "email": "nowhere"}, "n’est pas une adresse électronique"),
    ("admin", "/people", {**NEW_PERSON, "email": "x@us.example", "role": "chief"}, "Choisissez un rôle"),
    ("admin", "/tokens", {"name": "a", "role": "viewer", "days": "many"}, "Écrivez les jours en chiffres"),
    ("admin", "/mandates", {"email": "x@us.example", "kind": "x"}, "le représentant légal, ou une délégation"),
    ("admin", "/people/1/leave", {"reason": " "}, ""),
    ("admin", "/sources", {"name": "A B", "kind": "json"}, "Le nom d’une source"),
    ("dpo", "/declare", {"what_happened": " "}, "Dites ce qui s’est passé"),
    ("dpo", "/declare", {"what_happened": "x", "told_at": "2099-01-01T10:00"}, "est dans le futur"),
    ("dpo", "/declare", {"what_happened": "x", "told_at": "hier"}, "n’est pas une date avec une heure"),
    ("dpo", "/declare", {"what_happened": "x", "systems": "zzz"}, "ne figure pas parmi les systèmes"),
    ("dpo", "/incidents/{reference}/opinion", {"is_breach": "yes", "reason": " "}, "Donnez le motif"),
    ("dpo", "/incidents/{reference}/opinion", {"reason": "x"}, "Dites ce que vous conseillez"),
    ("dpo", QUALIFY, {"outcome": "x", "reason": "x"}, "Choisissez : confirmer ou écarter"),
    ("dpo", "/incidents/{reference}/acts/aware", {"aware_at": "2099-01-01T10:00"}, ""),
    ("no mandate", QUALIFY, {"outcome": "confirm", "reason": "x"}, "(qualifier l’incident)"),
    ("decider", "/incidents/{reference}/glass", {"reason": "x", "tried": "x"}, ""),
    ("decider", "/incidents/{reference}/merge", {}, "Choisissez l’autre incident"),
    ("viewer", "/declare", {"what_happened": "x"}, "déclarer un incident"),
    ("viewer", "/incidents/{reference}/opinion", {"reason": "x"}, "donner un avis"),
    ("responder", "/silences", {"source": "json", "reason": ""}, ""),
    ("responder", "/silences", {"reason": "x"}, "Une sourdine doit dire quelles alertes"),
    ("responder", "/account/channels", {"kind": "mail", "address": "nowhere"}, ""),
    ("responder", "/account/password", {"password": "a", "again": "b"}, ""),
    ("responder", "/incidents/close", {}, ""),
]


@pytest.mark.parametrize(("who", "path", "form", "sentence"), REFUSALS)
def test_a_usual_refusal_is_said_in_french(
    edge: Edge, people: dict[str, Any], reference: str, who: str, path: str, form: dict[str, Any], sentence: str
) -> None:
    """With the words of the field, and without names of the code."""
    answer = people[who].post(path.format(reference=reference), data=form)
    assert answer.status_code in (403, 404, 422), answer.status_code
    said = said_on(answer.text)
    assert sentence in said
    assert len(said) > 20
    assert ENGLISH.findall(said) == [], said


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("dpo", "/nowhere"),
        ("dpo", "/incidents/INC-1999-0001"),
        ("dpo", "/quarantine/999"),
        ("dpo", "/quarantine/x"),
        ("viewer", "/quarantine/1"),
        ("viewer", "/audit"),
        ("dpo", "/people"),
        ("admin", "/people/999"),
        ("admin", "/sources/nothing"),
    ],
)
def test_a_problem_page_is_french(people: dict[str, Any], who: str, path: str) -> None:
    """What happened, and what to do."""
    answer = people[who].get(path)
    assert answer.status_code in (403, 404, 422)
    said = said_on(answer.text)
    assert len(said) > 20
    assert ENGLISH.findall(said) == [], said
