"""Deciding on the pages and by the API: what each reader sees and may do, from an opinion to a reviewed glass."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, Form, forms_in, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One application for all: each test has an incident and people of its own."""
    with shared_edge(tmp_path_factory.mktemp("deciding")) as made:
        yield made


def forms(browser: TestClient, path: str) -> dict[str, Form]:
    answer = browser.get(path)
    assert answer.status_code == 200, text_in(answer.text)
    return forms_in(answer.text)


def read(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, text_in(answer.text)
    return text_in(answer.text)


def cnil(edge: Edge, reference: str) -> int:
    return int(edge.obligations(reference)["cnil"]["id"])


# Opinion and decision -------------------------------------------------------------------------------------------------


def test_a_dpo_without_a_delegation_advises_on_the_same_page_and_decides_nothing(edge: Edge) -> None:
    """No form to decide with, the reason why, who can; and a form that is sent all the same is refused."""
    reference = edge.declare()
    adviser = edge.person(UserRole.DPO, has_mandate=False)
    shown = forms(adviser, f"/incidents/{reference}")
    assert f"/incidents/{reference}/acts/qualify" not in shown
    assert f"/incidents/{reference}/acts/decide_not_required" not in shown
    assert f"/incidents/{reference}/opinion" in shown
    said = read(adviser, f"/incidents/{reference}")
    assert "You cannot decide here: no mandate is recorded for you." in said
    refused = adviser.post(f"/incidents/{reference}/acts/qualify", data={"outcome": "confirm", "reason": "It is one."})
    assert refused.status_code == 403
    assert "You hold no mandate to decide for bsoft" in text_in(refused.text)
    assert edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()["status"] == "suspected"


def test_the_decider_sees_what_was_advised_and_a_divergence_stands_in_the_register(edge: Edge) -> None:
    """From the opinion on the page to the register, page and API."""
    reference = edge.declare()
    adviser, decider = edge.person(UserRole.DPO, has_mandate=False), edge.person(UserRole.DECIDER)
    number = str(edge.obligations(reference)["persons"]["id"])
    sent = forms(adviser, f"/incidents/{reference}")[f"/incidents/{reference}/opinion"].send(
        adviser, is_breach="yes", obligation=number, notify="yes", reason="Passwords may be among them."
    )
    assert sent.status_code == 303, sent.text
    page = read(decider, f"/incidents/{reference}")
    assert "You decide here as the legal representative." in page
    assert "Passwords may be among them." in page
    shown = forms(decider, f"/incidents/{reference}")
    shown[f"/incidents/{reference}/acts/qualify"].send(decider, outcome="confirm", reason="Accounts were read.")
    decision = forms(decider, f"/incidents/{reference}")[f"/incidents/{reference}/acts/decide_not_required"]
    assert decision.send(decider, obligation=number, reason="They are hashed.").status_code == 303
    assert "the decision departs from the opinion" in read(decider, f"/incidents/{reference}")
    register = read(decider, "/register")
    assert "Departs from the DPO’s opinion" in register
    assert "They are hashed." in register
    found = edge.client.get(f"/api/v1/incidents/{reference}/positions", headers=edge.token()).json()
    assert [one["subject"] for one in found["divergences"]] == ["notify"]
    whole = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    assert (len(whole["positions"]), len(whole["divergences"])) == (4, 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"is_breach": "yes", "reason": " "}, "Give the reason"),
        ({"reason": "I do not know yet."}, "Say what you advise"),
        ({"notify": "yes", "reason": "It must."}, "of which notice"),
        ({"aware_at": "2026-11-24T08:00", "reason": "Seen."}, "lies in the future"),
        ({"aware_at": "yesterday", "reason": "Seen."}, "is not a date"),
    ],
)
def test_an_opinion_that_is_not_clear_comes_back_with_what_was_typed(
    edge: Edge, typed: dict[str, str], sentence: str
) -> None:
    """With the sentence above it, and status 422."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    answer = dpo.post(f"/incidents/{reference}/opinion", data=typed)
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    again = forms_in(answer.text)[f"/incidents/{reference}/opinion"].fields
    for name, value in typed.items():
        assert again[name] == [value.strip()], name


def test_a_token_neither_decides_nor_advises(edge: Edge) -> None:
    """403 with a sentence that says who does."""
    reference, token = edge.declare(), edge.token(UserRole.DPO)
    base = f"/api/v1/incidents/{reference}"
    for path, body in (
        ("confirm", {"reason": "x"}), ("dismiss", {"reason": "x"}), ("opinion", {"reason": "x", "is_breach": True}),
        (f"obligations/{cnil(edge, reference)}/not-required", {"reason": "x"}),
        (f"drafts/{cnil(edge, reference)}/approve", {"digest": "0" * 64}), ("glass", {"reason": "x" * 20}),
    ):  # fmt: skip
        answer = edge.client.post(f"{base}/{path}", json=body, headers=token)
        assert answer.status_code == 403, (path, answer.text)
        assert "for a person" in answer.json()["title"], path


# Texts ----------------------------------------------------------------------------------------------------------------


def test_one_person_approves_and_files_in_two_clicks(edge: Edge) -> None:
    """Both buttons stand on the page of the draft; who approved which text is shown."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    path = f"/incidents/{reference}/drafts/{cnil(edge, reference)}"
    first = forms(dpo, path)
    assert f"{path}/file" not in first
    assert first[f"{path}/approve"].send(dpo).status_code == 303
    assert "This text was approved by" in read(dpo, path)
    second = forms(dpo, path)
    assert f"{path}/approve" not in second
    assert second[f"{path}/file"].send(dpo, receipt="CNIL-9").status_code == 303
    found = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    assert [one["receipt"] for one in found["filings"]] == ["CNIL-9"]


def test_a_fact_that_changes_the_draft_changes_nothing_of_what_was_approved_and_sent(edge: Edge) -> None:
    """Said on the page and in the list of drafts; the approved text can be read, and is what is recorded as sent."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    number = cnil(edge, reference)
    path, draft = f"/incidents/{reference}/drafts/{number}", f"/api/v1/incidents/{reference}/drafts/{number}"
    stale = forms(dpo, path)[f"{path}/approve"]
    edge.approve(reference, number)
    assert "approved by dpo" in read(dpo, f"/incidents/{reference}")
    assert "Read the approved text" not in read(dpo, path)
    fact = {"fact": "persons.number", "value": "800..850", "note": "Counted."}
    edge.client.post(f"/api/v1/incidents/{reference}/facts", json=fact, headers=edge.token())
    assert "The text has changed since" in read(dpo, path)
    assert "changed since dpo" in read(dpo, f"/incidents/{reference}")
    known = dpo.get(draft).json()
    assert known["approval"]["text"] != known["text"]
    assert " ".join(known["approval"]["text"].split())[:200] in read(dpo, path)
    late = stale.send(dpo)
    assert late.status_code == 422
    assert "changed since you looked" in text_in(late.text)
    assert forms(dpo, path)[f"{path}/file"].send(dpo, receipt="CNIL-61").status_code == 303
    found = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    assert [one["text_digest"] for one in found["filings"]] == [known["approval"]["digest"]]


def test_where_two_texts_were_approved_the_page_asks_which_was_sent(edge: Edge) -> None:
    """The last one is proposed; the other one can be chosen."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    number = cnil(edge, reference)
    path, draft = f"/incidents/{reference}/drafts/{number}", f"/api/v1/incidents/{reference}/drafts/{number}"
    edge.approve(reference, number)
    first = dpo.get(draft).json()["approval"]["digest"]
    fact = {"fact": "persons.number", "value": "800..850", "note": "Counted."}
    edge.client.post(f"/api/v1/incidents/{reference}/facts", json=fact, headers=edge.token())
    edge.approve(reference, number)
    second = dpo.get(draft).json()["approval"]["digest"]
    form = forms(dpo, path)[f"{path}/file"]
    assert (form.choices["digest"], form.fields["digest"]) == ([second, first], [second])
    assert form.send(dpo, digest=first).status_code == 303
    found = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    assert [one["text_digest"] for one in found["filings"]] == [first]


def test_who_may_not_decide_sees_who_approved_and_no_button(edge: Edge) -> None:
    """A reader, a responder, and a DPO who only advises."""
    reference = edge.declare()
    path = f"/incidents/{reference}/drafts/{cnil(edge, reference)}"
    edge.approve(reference, cnil(edge, reference))
    for role in (UserRole.VIEWER, UserRole.RESPONDER, UserRole.AUDITOR):
        browser = edge.person(role)
        assert "This text was approved by" in read(browser, path)
        assert not [one for one in forms(browser, path) if one.startswith("/incidents/")]
    adviser = edge.person(UserRole.DPO, has_mandate=False)
    assert f"{path}/approve" not in forms(adviser, path)


# The broken glass -----------------------------------------------------------------------------------------------------


def break_glass(browser: TestClient, reference: str, **typed: str) -> Any:
    answers = {"reason": "The 72 hours end tonight.", "tried": "All of them, by telephone since 18:00.", **typed}
    return forms(browser, f"/incidents/{reference}/glass")[f"/incidents/{reference}/glass"].send(browser, **answers)


def test_the_glass_from_the_page_of_the_incident_to_its_review(edge: Edge) -> None:
    """Link, form, banner, release, filing; then outstanding for the others until one of them has reviewed it."""
    reference = edge.declare()
    responder, decider = edge.person(UserRole.RESPONDER), edge.person(UserRole.DECIDER)
    assert f'href="/incidents/{reference}/glass"' in responder.get(f"/incidents/{reference}").text
    early = responder.post(f"/incidents/{reference}/glass/drafts/{cnil(edge, reference)}/approve", data={"digest": "x"})
    assert early.status_code == 422
    assert "broken no glass here" in text_in(early.text)
    assert break_glass(responder, reference).status_code == 303
    page = read(responder, f"/incidents/{reference}")
    assert "The glass is broken." in page
    assert "The glass is broken." in read(edge.person(UserRole.VIEWER), f"/incidents/{reference}")
    path = f"/incidents/{reference}/glass/drafts/{cnil(edge, reference)}"
    draft = f"/incidents/{reference}/drafts/{cnil(edge, reference)}"
    assert forms(responder, draft)[f"{path}/approve"].send(responder).status_code == 303
    assert "by broken glass no." in read(responder, draft)
    assert forms(responder, draft)[f"{path}/file"].send(responder, receipt="CNIL-60").status_code == 303
    persons = edge.obligations(reference)["persons"]["id"]
    told = f"/incidents/{reference}/drafts/{persons}"
    refused = forms(responder, told)[f"/incidents/{reference}/glass/drafts/{persons}/approve"].send(responder)
    assert refused.status_code == 403

    waiting = forms(decider, "/glass")
    number = max(int(one.split("/")[2]) for one in waiting if one.startswith("/glass/"))
    assert not [one for one in forms(responder, "/glass") if one.startswith("/glass/")]
    short = waiting[f"/glass/{number}/review"].send(decider, review="ok")
    assert short.status_code == 422
    assert forms_in(short.text)[f"/glass/{number}/review"].fields["review"] == ["ok"]
    words = "It was needed: nobody answered. A deputy is named."
    assert waiting[f"/glass/{number}/review"].send(decider, review=words).status_code == 303
    assert words in read(responder, "/glass")
    assert "The glass is broken." not in read(decider, f"/incidents/{reference}")
    listed = edge.client.get("/api/v1/glass?outstanding=true", headers=edge.token()).json()
    assert number not in [one["id"] for one in listed]


def test_what_was_released_under_a_glass_is_recorded_as_sent_by_the_api_too(edge: Edge) -> None:
    """By whoever broke it, of what was approved; the way of the role stays shut, and without a glass this one too."""
    reference, responder = edge.declare(), edge.signed_in(UserRole.RESPONDER)
    number = cnil(edge, reference)
    base = f"/api/v1/incidents/{reference}"
    path, sent = f"{base}/glass/drafts/{number}/filing", {"sent_at": "2026-11-23T09:00:00+01:00", "means": "portal"}
    refused = edge.client.post(path, json=sent, headers=responder)
    assert (refused.status_code, "broken no glass here" in refused.text) == (422, True)
    reasons = {"reason": "The 72 hours end tonight.", "tried": "All of them, by telephone."}
    assert edge.client.post(f"{base}/glass", json=reasons, headers=responder).status_code == 201
    early = edge.client.post(path, json=sent, headers=responder)
    assert (early.status_code, "nobody has approved" in early.text) == (422, True)
    text = edge.client.get(f"{base}/drafts/{number}", headers=responder).json()["text"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    released = edge.client.post(f"{base}/glass/drafts/{number}/approve", json={"digest": digest}, headers=responder)
    assert released.status_code == 204, released.text
    assert edge.client.post(
        f"{base}/obligations/{number}/filing", json=sent, headers=responder
    ).status_code == 403  # fmt: skip
    done = edge.client.post(path, json={**sent, "digest": digest}, headers=responder)
    assert done.status_code == 204, done.text
    found = edge.client.get(base, headers=edge.token()).json()
    assert [one["text_digest"] for one in found["filings"]] == [digest]


def test_a_glass_that_cannot_be_broken_comes_back_with_what_was_typed(edge: Edge) -> None:
    """Whom it should have been is said."""
    reference, responder = edge.declare(), edge.person(UserRole.RESPONDER)
    edge.person(UserRole.DECIDER)
    answer = break_glass(responder, reference, tried=" ")
    assert answer.status_code == 422
    assert "it should have been" in text_in(answer.text)
    assert forms_in(answer.text)[f"/incidents/{reference}/glass"].fields["reason"] == ["The 72 hours end tonight."]


def test_who_can_decide_is_offered_no_glass(edge: Edge) -> None:
    """And is refused one with a sentence."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    assert f'href="/incidents/{reference}/glass"' not in dpo.get(f"/incidents/{reference}").text
    answer = break_glass(dpo, reference)
    assert answer.status_code == 422
    assert "You can decide here already" in text_in(answer.text)


def test_a_glass_of_a_restricted_incident_is_hidden_like_the_incident(edge: Edge) -> None:
    """From the page and the API of whoever is not named in it."""
    reference, responder, viewer = edge.declare(), edge.person(UserRole.RESPONDER), edge.person(UserRole.VIEWER)
    assert break_glass(responder, reference).status_code == 303
    assert reference in read(viewer, "/glass")
    restrict(edge, reference)
    assert reference not in read(viewer, "/glass")
    listed = edge.client.get("/api/v1/glass", headers=edge.token(UserRole.VIEWER)).json()
    assert reference not in [one["incident"] for one in listed]
    auditor = edge.person(UserRole.AUDITOR)
    assert reference not in read(auditor, "/audit")
    assert reference not in outstanding(auditor)


def outstanding(browser: TestClient) -> list[str]:
    """The incidents whose broken glass the audit trail says to be without a review."""
    return [one["incident"] for one in browser.get("/api/v1/audit?limit=1").json()["outstanding"]]


def test_the_audit_trail_shows_what_waits_for_a_review(edge: Edge) -> None:
    """On its page, with a link to the review, and in its answer; until somebody has reviewed it."""
    reference, responder, auditor = edge.declare(), edge.person(UserRole.RESPONDER), edge.person(UserRole.AUDITOR)
    assert break_glass(responder, reference).status_code == 303
    assert reference in outstanding(auditor)
    listed = edge.client.get("/api/v1/glass?outstanding=true", headers=edge.token()).json()
    (number,) = [one["id"] for one in listed if one["incident"] == reference]
    shown = auditor.get("/audit?person=nobody").text
    assert f'href="/glass#glass-{number}"' in shown
    assert f'href="/incidents/{reference}"' in shown
    review = {"review": "It was needed: nobody could be reached."}
    assert edge.person(UserRole.DECIDER).post(f"/glass/{number}/review", data=review).status_code == 303
    assert reference not in outstanding(auditor)
    assert f"glass-{number}" not in auditor.get("/audit").text


def restrict(edge: Edge, reference: str) -> None:
    def work(session: Any) -> None:
        session.connection().exec_driver_sql(f"UPDATE incident SET is_restricted = 1 WHERE reference = '{reference}'")

    edge.service.database.write(work)


# Mandates -------------------------------------------------------------------------------------------------------------


def person_of(edge: Edge, role: UserRole) -> tuple[str, TestClient]:
    """The address of a new person without a mandate, and their browser."""
    browser = edge.person(role, has_mandate=False)
    admin = edge.person(UserRole.ADMIN)
    form = forms(admin, "/mandates")["/mandates#new"]
    newest = max(
        (one for one in form.choices["email"] if one.startswith("p")), key=lambda one: int(one[1:].split("@")[0])
    )
    return newest, browser


def test_an_administrator_records_a_mandate_and_its_holder_decides(edge: Edge) -> None:
    """From the form to the decision; revoked, they decide no more."""
    email, decider = person_of(edge, UserRole.DECIDER)
    admin, reference = edge.person(UserRole.ADMIN), edge.declare()
    path = f"/incidents/{reference}/acts/qualify"
    assert path not in forms(decider, f"/incidents/{reference}")
    sent = forms(admin, "/mandates")["/mandates#new"].send(
        admin, email=email, kind="representative", granted_by="The general meeting", document="Minutes of 3 May 2024"
    )
    assert sent.status_code == 303, text_in(sent.text)
    assert "Minutes of 3 May 2024" in read(edge.person(UserRole.VIEWER), "/mandates")
    assert path in forms(decider, f"/incidents/{reference}")
    listed = edge.client.get("/api/v1/mandates", headers=edge.token()).json()
    number = next(one["id"] for one in listed if one["document"] == "Minutes of 3 May 2024")
    assert forms(admin, "/mandates")[f"/mandates/{number}/revoke"].send(admin, reason="They left.").status_code == 303
    assert path not in forms(decider, f"/incidents/{reference}")


def test_a_mandate_that_cannot_be_taken_comes_back_with_what_was_typed(edge: Edge) -> None:
    """With the sentence, and nothing lost."""
    email, _ = person_of(edge, UserRole.DECIDER)
    admin = edge.person(UserRole.ADMIN)
    typed = {
        "email": email, "kind": "delegation", "granted_by": "Alix", "document": "Lyon", "from_at": "2026-12-10",
        "to_at": "2026-12-01", "acts": ["qualify"],
    }  # fmt: skip
    answer = admin.post("/mandates", data=typed)
    assert answer.status_code == 422
    assert "ends before it begins" in text_in(answer.text)
    fields = forms_in(answer.text)["/mandates#new"].fields
    for name, value in typed.items():
        assert fields[name] == (value if isinstance(value, list) else [value]), name


def test_the_legal_representative_delegates_on_the_page_and_a_delegate_does_not(edge: Edge) -> None:
    """The last day counts as a whole."""
    email, _ = person_of(edge, UserRole.DPO)
    representative, delegate = edge.person(UserRole.DECIDER), edge.person(UserRole.DPO)
    form = forms(representative, "/mandates")["/mandates#new"]
    assert form.choices["kind"] == ["delegation"]
    sent = form.send(representative, email=email, document="Lyon, 20 November", to_at="2026-11-30")
    assert sent.status_code == 303, text_in(sent.text)
    listed = edge.client.get("/api/v1/mandates", headers=edge.token()).json()
    made = next(one for one in listed if one["document"] == "Lyon, 20 November")
    assert made["to_at"] == "2026-11-30T23:00:00Z"
    assert made["granted_by"].startswith("decider")
    assert "/mandates#new" not in forms(delegate, "/mandates")
    assert delegate.post("/mandates", data={"email": email}).status_code == 403


@pytest.mark.parametrize("role", [UserRole.VIEWER, UserRole.RESPONDER, UserRole.DPO, UserRole.AUDITOR])
def test_whoever_only_reads_records_no_mandate(edge: Edge, role: UserRole) -> None:
    """They see who decides, without a form; an inspector sees none of it."""
    browser = edge.person(role)
    assert [one for one in forms(browser, "/mandates") if one.startswith("/mandates")] == []
    assert edge.person(UserRole.INSPECTOR).get("/mandates").status_code == 403


@pytest.fixture
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """An installation in which nobody was given a mandate."""
    with shared_edge(tmp_path_factory.mktemp("lonely")) as made:
        yield made


def test_what_is_not_covered_is_said_to_those_who_can_mend_it(lonely: Edge) -> None:
    """A banner for deciders, data protection officers and administrators; no days left once somebody may decide."""
    dpo, viewer = lonely.person(UserRole.DPO, has_mandate=False), lonely.person(UserRole.VIEWER)
    assert "Deciding is not covered." in dpo.get("/").text
    assert "Deciding is not covered." not in viewer.get("/").text
    assert "nobody can decide on" in read(dpo, "/mandates")
    lonely.person(UserRole.DECIDER)
    assert "nobody can decide on" not in read(dpo, "/mandates")
    assert "Fewer than two people can do this" in read(dpo, "/mandates")
    lonely.person(UserRole.DPO)
    assert "Deciding is not covered." not in dpo.get("/").text
