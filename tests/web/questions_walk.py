"""Cases answered as a new user would: only what the page asks, from what the account of the case tells."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import case_from
from breach_service.catalog.documents import read_document
from breach_service.domain.conditions import FactValue, NumberRange, is_unknown
from breach_service.domain.facts import to_json
from tests.web.edge import Form, forms_in

CASES = Path(__file__).parents[1] / "content" / "cases"
MOST_QUESTIONS = 40
"""More means that a walk goes round in circles."""


@dataclass(frozen=True)
class Told:
    """A written case: the facts that its account tells, and the outcome."""

    name: str
    values: dict[str, FactValue]
    outcome: dict[str, str]


def told_in(name: str, catalogue: Catalogue) -> Told:
    """A case with one perimeter of our own."""
    text = (CASES / f"{name}.yaml").read_text()
    document, _ = read_document(name, text, only_words=True)
    assert document is not None
    case = case_from(text, name, catalogue)
    assert len(case.perimeters) == 1
    return Told(name, {one.name: one.value for one in case.facts}, document.data["outcome"])


def fields_for(form: Form, value: FactValue) -> dict[str, str | list[str]]:
    """How a person fills the form in."""
    if isinstance(value, NumberRange):
        bounds = (value.least, value.most)
        least, most = ("" if one is None else f"{one:g}" for one in bounds)
        return {"at_least": least, "at_most": most}
    if isinstance(value, frozenset):
        return {"value": sorted(value) or ["none_of_these"]}
    return {"value": str(value)}


def answered(browser: TestClient, reference: str, told: Told) -> list[tuple[str, bool]]:
    """Walk through the questions until none is left; each that was asked, and whether the account tells the answer."""
    asked: list[tuple[str, bool]] = []
    address = f"/incidents/{reference}/questions"
    while len(asked) < MOST_QUESTIONS:
        page = browser.get(address)
        assert page.status_code == 200
        form = forms_in(page.text).get(f"/incidents/{reference}/questions")
        if form is None or not _is_deciding(page.text):
            return asked
        fact = form.fields["fact"][0]
        is_told = fact in told.values and not is_unknown(told.values[fact])
        asked.append((fact, is_told))
        if is_told:
            answer = form.send(browser, **fields_for(form, told.values[fact]), scope="incident")
            assert answer.status_code == 303, (fact, answer.text)
            address = answer.headers["location"]
        else:
            address = _skip(page.text)
    raise AssertionError(f"{told.name} asks without end: {asked}")


def _is_deciding(html: str) -> bool:
    """What a playbook asks decides no duty: a person in a hurry stops there."""
    return "asked by a playbook" not in html.partition("</h2>")[0]


def _skip(html: str) -> str:
    link = html.partition('accesskey="s"')[0].rpartition('href="')[2].partition('"')[0]
    return link.replace("&amp;", "&")


def posted(value: FactValue) -> Any:
    """A value as a program sends it."""
    return to_json(value)
