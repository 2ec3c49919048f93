"""A refused form comes back as its page, with what was typed and the sentence that says what is wrong."""

from collections.abc import Iterator

import pytest

from breach_service.domain.access import UserRole
from tests.web.edge import ORIGIN, Edge, forms_in, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("refused")) as one:
        yield one


def test_what_was_typed_stands_in_the_page_again(edge: Edge) -> None:
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    page, action = f"/incidents/{reference}", f"/incidents/{reference}/acts/record_awareness"
    typed = {"candidate": "own", "aware_at": "1066-10-14T09:00", "reason": "Le prestataire nous l’a dit <hier>."}
    answer = dpo.post(action, data=typed, headers={"referer": f"{ORIGIN}{page}?done=recorded"})
    assert answer.status_code == 422
    form = forms_in(answer.text)[action]
    assert form.fields["reason"][0].strip() == typed["reason"]
    assert form.fields["_page"] == [page]
    assert "1066-10-14T09:00 " in text_in(answer.text)
    again = form.send(dpo, aware_at="1066-10-14T09:00")  # the address of the answer is the act's: nothing looks there
    assert forms_in(again.text)[action].fields["reason"][0].strip() == typed["reason"]


@pytest.mark.parametrize("page", ["https://elsewhere.example/incidents", "//elsewhere.example", "/sources/none", ""])
def test_without_its_page_the_sentence_alone_is_said(edge: Edge, page: str) -> None:
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    action = f"/incidents/{reference}/acts/record_awareness"
    answer = dpo.post(action, data={"aware_at": "1066-10-14T09:00"}, headers={"referer": page})
    assert answer.status_code == 422
    assert action not in forms_in(answer.text)
    assert "1066-10-14T09:00" in text_in(answer.text)


def test_a_program_is_told_in_its_own_form(edge: Edge) -> None:
    answer = edge.client.post("/api/v1/incidents", json={}, headers=edge.token())
    assert answer.headers["content-type"] == "application/problem+json"
