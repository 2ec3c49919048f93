"""What people do on the pages, as their browsers do it: only fields and choices that the page offers are sent."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.acts import content
from breach_service.app import OPERATOR, Service
from breach_service.demo.running import ACCOUNT
from breach_service.domain.access import ALLOWED, Act, UserRole
from tests.conftest import settings_for
from tests.deciders import agree
from tests.web.edge import PASSWORD, ROLES, Edge, Form, forms_in, shared_edge, text_in

ACT_OF_FORM = {
    "record_fact": Act.RECORD_FACT,
    "add_systems": Act.ADD_SYSTEMS,
    "record_awareness": Act.RECORD_AWARENESS,
    "qualify": Act.QUALIFY,
    "record_filing": Act.RECORD_FILING,
    "decide_not_required": Act.DECIDE_NOT_REQUIRED,
    "close": Act.CLOSE,
}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("forms")) as one:
        yield one


@pytest.fixture
def dpo(edge: Edge) -> TestClient:
    return edge.person(UserRole.DPO)


def act_form(browser: TestClient, reference: str, act: str, **query: str) -> Form:
    """The form of one act on the page of an incident."""
    page = browser.get(f"/incidents/{reference}", params=query)
    assert page.status_code == 200
    return forms_in(page.text)[f"/incidents/{reference}/acts/{act}"]


def recorded(answer: Any, reference: str) -> None:
    """It was done, and the incident is shown again."""
    assert answer.status_code == 303, text_in(answer.text)
    assert answer.headers["location"] == f"/incidents/{reference}?done=recorded"


def shown(edge: Edge, reference: str) -> dict[str, Any]:
    """The incident as the API shows it."""
    found: dict[str, Any] = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    return found


# ── Signing in


def sign_in(browser: TestClient, email: str, password: str, **query: str) -> Any:
    page = browser.get("/sign-in", params=query)
    return forms_in(page.text)["/sign-in"].send(browser, email=email, password=password)


def test_the_right_password_opens_a_session(edge: Edge) -> None:
    """The first page comes, with the name and the way out."""
    browser, email = edge.browser(), edge.account()
    answer = sign_in(browser, f" {email.upper()} ", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = browser.get("/")
    assert page.status_code == 200
    assert email.partition("@")[0] in text_of_header(page.text)
    assert "/sign-out" in forms_in(page.text)


def text_of_header(html: str) -> str:
    return html.partition("<header")[2].partition("</header>")[0]


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "é" * 50, "x" * 5000])
def test_a_wrong_password_is_said_and_the_address_stays_typed(edge: Edge, password: str) -> None:
    """401, one sentence, no cookie; only the password has to be typed again."""
    browser, email = edge.browser(), edge.account()
    browser.get("/language/en")
    answer = sign_in(browser, email, password, next="/register")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "do not go together" in text_in(answer.text)
    form = forms_in(answer.text)["/sign-in"]
    assert (form.fields["email"], form.fields["password"], form.fields["next"]) == ([email], [""], ["/register"])
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("email", ["nobody@us.example", "", "' OR 1=1 --", "<script>@x", "a\x00b@us.example"])
def test_an_unknown_person_reads_the_same_sentence(edge: Edge, email: str) -> None:
    """Who has an account here is nobody's business."""
    browser = edge.browser()
    browser.get("/language/en")
    answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 401
    assert "do not go together" in text_in(answer.text)
    assert "<script>@x" not in answer.text


def test_after_five_wrong_passwords_an_account_waits_five_minutes(tmp_path: Path, make_service: Any) -> None:
    """The message says so, the right password does not help, and after the wait it does."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        browser, email, other = edge.browser(), edge.account(), edge.account()
        browser.get("/language/en")
        for _ in range(4):
            assert "do not go together" in text_in(sign_in(browser, email, "wrong").text)
        assert "Too many tries" in text_in(sign_in(browser, email, "wrong").text)
        locked = sign_in(browser, email, PASSWORD)
        assert (locked.status_code, "Too many tries" in text_in(locked.text)) == (401, True)
        assert sign_in(edge.browser(), other, PASSWORD).status_code == 303
        edge.clock.at += timedelta(minutes=5)
        assert sign_in(browser, email, PASSWORD).status_code == 303


def test_the_sign_in_of_the_demonstration_is_shown_there_and_nowhere_else(edge: Edge) -> None:
    """A password on a page exists only where everything is invented."""
    assert ACCOUNT.password not in edge.browser().get("/sign-in").text
    service = edge.service
    service.demo = ACCOUNT
    try:
        page = Edge(service).browser().get("/sign-in")
    finally:
        service.demo = None
    assert ACCOUNT.email in text_in(page.text)
    assert ACCOUNT.password in text_in(page.text)


# ── Declaring


def test_declaring_opens_an_incident_with_what_was_said(edge: Edge, dpo: TestClient) -> None:
    """One sentence is enough; its page says that the clocks run."""
    form = forms_in(dpo.get("/declare").text)["/declare"]
    answer = form.send(dpo, what_happened="A laptop was stolen in the train.", systems=["application"])
    assert answer.status_code == 303
    page = dpo.get(answer.headers["location"])
    assert page.status_code == 200
    assert "A laptop was stolen in the train." in text_in(page.text)
    assert "clocks are running" in page.text


def test_the_form_offers_the_systems_of_the_inventory(edge: Edge, dpo: TestClient) -> None:
    """Each can be ticked, none has to be."""
    form = forms_in(dpo.get("/declare").text)["/declare"]
    assert form.choices["systems"] == [one.id for one in edge.service.knowledge().inventory.systems]
    assert form.fields["systems"] == []
    assert form.fields["personal_data"] == ["unknown"]
    assert form.fields["told_at"] == ["2026-11-23T09:00"]


WRONG = {
    "nothing said": ({"what_happened": "   "}, "Say what happened"),
    "no date": ({"told_at": "yesterday"}, "not a date"),
    "no such day": ({"occurred_at": "2026-02-30T10:00"}, "not a date"),
    "in the future": ({"told_at": "2026-11-23T09:01"}, "future"),
    "happened tomorrow": ({"occurred_at": "2026-11-24T09:00"}, "future"),
    "year mistyped": ({"occurred_at": "0026-11-22T09:00"}, "check the year"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_a_declaration_that_cannot_be_taken_is_shown_again_as_it_was_typed(
    edge: Edge, dpo: TestClient, case: str
) -> None:
    """422 with the sentence; every field holds what was typed, and nothing was recorded."""
    wrong, sentence = WRONG[case]
    typed = {
        "what_happened": 'Mail <b>sent</b> to "all"\nand to O\'Brien & co', "title": "Mail", "told_by": "A client",
        "occurred_at": "2026-11-22T14:05", "told_at": "2026-11-22T15:00", "personal_data": "yes",
    } | wrong  # fmt: skip
    before = edge.open_obligations()
    form = forms_in(dpo.get("/declare").text)["/declare"]
    answer = form.send(dpo, **typed, systems=["mail", "database"])
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    again = forms_in(answer.text)["/declare"]
    for name, value in typed.items():
        assert [one.strip() for one in again.fields[name]] == [value.strip()], name
    assert set(again.fields["systems"]) == {"mail", "database"}
    assert "<b>sent</b>" not in answer.text
    assert edge.open_obligations() == before
    assert again.send(dpo, what_happened="Now it is right.", told_at="", occurred_at="").status_code == 303


def test_a_system_that_nobody_knows_is_refused_even_if_it_is_sent_anyway(edge: Edge, dpo: TestClient) -> None:
    """A form that was tampered with, or an inventory that changed in between."""
    answer = dpo.post("/declare", data={"what_happened": "x", "systems": "mainframe"})
    assert (answer.status_code, "mainframe" in text_in(answer.text)) == (422, True)


LOCAL = {
    "2026-11-30T09:00": "2026-11-30T08:00:00Z",
    "2026-07-14T09:00": "2026-07-14T07:00:00Z",
    "2026-10-25T01:59": "2026-10-24T23:59:00Z",
    "2026-10-25T02:30": "2026-10-25T00:30:00Z",  # comes twice: the first, since a clock starts rather early than late
    "2026-10-25T03:00": "2026-10-25T02:00:00Z",
    "2026-03-29T01:59": "2026-03-29T00:59:00Z",
    "2026-03-29T02:30": "2026-03-29T01:30:00Z",  # does not exist: what a clock that was not changed would show
    "2026-03-29T03:00": "2026-03-29T01:00:00Z",
}


def test_hours_are_those_of_the_organisation(tmp_path: Path, make_service: Any) -> None:
    """In summer, in winter and at the changes of the clocks; another zone reads the same words otherwise."""
    service: Service = make_service(settings_for(tmp_path))
    with Edge(service) as edge:
        edge.clock.at += timedelta(days=30)
        browser = edge.person(UserRole.RESPONDER)

        def told_at(local: str) -> str:
            answer = forms_in(browser.get("/declare").text)["/declare"].send(
                browser, what_happened="A test.", told_at=local
            )
            reference = answer.headers["location"].partition("?")[0].rpartition("/")[2]
            instants = {one["kind"]: one["at"] for one in shown(edge, reference)["instants"]}
            return str(instants["told_at"])

        assert {local: told_at(local) for local in LOCAL} == LOCAL
        held = service.knowledge().inventory
        first = held.organisations[0].model_copy(update={"zone": "Indian/Reunion"})
        moved = held.model_copy(update={"organisations": (first, *held.organisations[1:])})
        service.database.write(lambda session: content.import_inventory(session, OPERATOR, moved, edge.now))
        assert told_at("2026-11-30T09:00") == "2026-11-30T05:00:00Z"


# ── Acts on an incident


@pytest.mark.parametrize(
    ("fact", "answers", "held"),
    [
        ("loss.integrity", {"value": "no"}, "no"),
        ("loss.confidentiality", {"value": "unknown"}, "unknown"),
        ("persons.number", {"at_least": "1200", "at_most": "1500"}, {"at_least": 1200.0, "at_most": 1500.0}),
        ("persons.number", {"at_least": "1200"}, {"at_least": 1200.0, "at_most": None}),
        ("data.categories", {"value": ["contact", "financial"]}, ["contact", "financial"]),
        ("exfiltration.state", {"value": "excluded"}, "excluded"),
    ],
)
def test_each_kind_of_fact_can_be_recorded(
    edge: Edge, dpo: TestClient, fact: str, answers: dict[str, Any], held: Any
) -> None:
    """Yes or no, a number, several words, one word; with the note that says how one knows."""
    reference = edge.declare()
    form = act_form(dpo, reference, "record_fact", fact=fact)
    assert form.fields["fact"] == [fact]
    recorded(form.send(dpo, **answers, note="Read in the logs of the proxy."), reference)
    found = [one for one in shown(edge, reference)["facts"] if one["fact"] == fact and one["note"]]
    assert [(one["value"], one["note"]) for one in found] == [(held, "Read in the logs of the proxy.")]


def test_the_question_that_is_asked_first_can_be_answered(edge: Edge, dpo: TestClient) -> None:
    """Without looking for it: its answer is on the page afterwards, and another question is asked."""
    reference = edge.declare()
    form = act_form(dpo, reference, "record_fact")
    fact = form.fields["fact"][0]
    name = "value" if "value" in form.fields else "at_least"
    recorded(form.send(dpo, **{name: form.choices[name][0] if name in form.choices else "5"}), reference)
    assert fact in {one["fact"] for one in shown(edge, reference)["facts"]}
    page = dpo.get(f"/incidents/{reference}?done=recorded")
    assert "Recorded in the chronology" in page.text


def test_another_fact_can_be_chosen(edge: Edge, dpo: TestClient) -> None:
    """The menu of facts leads to the form of the fact that was chosen."""
    reference = edge.declare()
    menu = forms_in(dpo.get(f"/incidents/{reference}").text)[f"/incidents/{reference}#questions"]
    page = menu.send(dpo, fact="backup.exists")
    assert page.status_code == 200
    form = forms_in(page.text)[f"/incidents/{reference}/acts/record_fact"]
    assert form.fields["fact"] == ["backup.exists"]


def test_a_fact_can_be_about_one_part(edge: Edge, dpo: TestClient) -> None:
    """One system, one processing activity, one client: the form offers those that are concerned."""
    reference = edge.declare()
    form = act_form(dpo, reference, "record_fact", fact="loss.confidentiality")
    assert len(form.choices["scope"]) > 3
    for scope in form.choices["scope"]:
        recorded(form.send(dpo, value="yes", scope=scope), reference)
    found = {f"{one['scope']}:{one['key']}".rstrip(":") for one in shown(edge, reference)["facts"]}
    assert set(form.choices["scope"]) <= found


def test_further_systems_can_be_ticked(edge: Edge, dpo: TestClient) -> None:
    """Those that are not concerned yet are offered, and the reason stands in the chronology."""
    reference = edge.declare()
    form = act_form(dpo, reference, "add_systems")
    assert "application" not in form.choices["systems"]
    recorded(form.send(dpo, systems=["mail", "database"], reason="The same account was used there."), reference)
    found = shown(edge, reference)
    assert set(found["systems"]) == {"application", "mail", "database"}
    assert "The same account was used there." in str(found["timeline"])


def test_what_is_ticked_may_be_nothing_known(edge: Edge, dpo: TestClient) -> None:
    """“Not known yet” is an answer of its own, and what is ticked beside it is known."""
    reference = edge.declare()
    form = act_form(dpo, reference, "record_fact", fact="data.categories")
    recorded(form.send(dpo, value=["unknown"], note="Nobody knows."), reference)
    recorded(form.send(dpo, value=["unknown", "contact"], note="At least these."), reference)
    found = {one["note"]: one["value"] for one in shown(edge, reference)["facts"] if one["fact"] == "data.categories"}
    assert (found["Nobody knows."], found["At least these."]) == ("unknown", ["contact"])


def test_awareness_starts_the_clocks(edge: Edge, dpo: TestClient) -> None:
    """From the local hour that was typed; the flaw, found earlier, moves the clients' dates."""
    reference = edge.declare()
    form = act_form(dpo, reference, "record_awareness")
    answer = form.send(
        dpo, aware_at="2026-11-23T08:45", flaw_discovered_at="2026-11-22T18:00", reason="The client sent it back."
    )
    recorded(answer, reference)
    owed = edge.obligations(reference)
    assert (owed["cnil"]["due_at"], owed["cnil"]["is_provisional"]) == ("2026-11-26T07:45:00Z", False)
    assert owed["client:atelier-exemple"]["due_at"] == "2026-11-25T17:00:00Z"


def test_awareness_of_one_perimeter_starts_its_clocks_only(edge: Edge, dpo: TestClient) -> None:
    """One client's data are certain, the others' are not."""
    reference = edge.declare()
    form = act_form(dpo, reference, "record_awareness")
    chosen = next(one for one in form.choices["perimeter"] if one.startswith("client:mutuelle"))
    recorded(form.send(dpo, aware_at="2026-11-23T08:45", perimeter=chosen, reason="Seen."), reference)
    owed = edge.obligations(reference)
    assert owed[chosen]["is_provisional"] is False
    assert owed["cnil"]["is_provisional"] is True


@pytest.mark.parametrize(("outcome", "status"), [("confirm", "confirmed"), ("dismiss", "dismissed")])
def test_an_incident_is_qualified_with_a_reason(edge: Edge, dpo: TestClient, outcome: str, status: str) -> None:
    """The choice and the reason stand in the chronology."""
    reference = edge.declare()
    form = act_form(dpo, reference, "qualify")
    recorded(form.send(dpo, outcome=outcome, reason="The logs show it.", reason_kind="test"), reference)
    found = shown(edge, reference)
    assert (found["status"], found["closing_reason"]) == (status, "test" if outcome == "dismiss" else None)
    changed = [one["words"] for one in found["timeline"] if one["kind"] == "status_changed"]
    assert changed[-1]["reason"] == "The logs show it."


def test_a_filing_keeps_what_was_sent_when_and_how(edge: Edge, dpo: TestClient) -> None:
    """The link of a clock opens the page with its notice chosen; the draft's page shows the receipt afterwards."""
    reference = edge.declare()
    number = edge.obligations(reference)["cnil"]["id"]
    form = act_form(dpo, reference, "record_filing", obligation=str(number))
    early = form.send(dpo, sent_at="2026-11-23T09:00", means=form.choices["means"][0], receipt="CNIL-1")
    assert early.status_code == 422, "nobody has approved the text yet"
    draft = forms_in(dpo.get(f"/incidents/{reference}/drafts/{number}").text)
    assert draft[f"/incidents/{reference}/drafts/{number}/approve"].send(dpo).status_code == 303
    assert form.fields["obligation"] == [str(number)]
    means = form.choices["means"][0]
    recorded(form.send(dpo, sent_at="2026-11-23T09:00", means=means, receipt="CNIL-1"), reference)
    found = shown(edge, reference)
    assert [(one["obligation"], one["means"], one["receipt"], one["sent_at"]) for one in found["filings"]] == [
        (number, means, "CNIL-1", "2026-11-23T08:00:00Z")
    ]
    page = dpo.get(f"/incidents/{reference}/drafts/{number}")
    assert page.status_code == 200
    assert "Sent on" in text_in(page.text)


def test_a_notice_that_is_not_required_keeps_its_reason(edge: Edge, dpo: TestClient) -> None:
    """Reasoned, and shown."""
    reference = edge.declare()
    number = edge.obligations(reference)["persons"]["id"]
    form = act_form(dpo, reference, "decide_not_required")
    recorded(form.send(dpo, obligation=str(number), reason="All were told by telephone."), reference)
    owed = edge.obligations(reference)["persons"]
    assert (owed["state"], owed["not_required_reason"]) == ("not_required", "All were told by telephone.")


def test_an_incident_in_which_nothing_is_owed_can_be_closed(edge: Edge, dpo: TestClient) -> None:
    """By forms alone, from the declaration to the end; then no form is left."""
    answer = forms_in(dpo.get("/declare").text)["/declare"].send(dpo, what_happened="A letter went astray.")
    reference = answer.headers["location"].partition("?")[0].rpartition("/")[2]
    recorded(act_form(dpo, reference, "qualify").send(dpo, outcome="confirm", reason="It is one."), reference)
    for one in act_form(dpo, reference, "decide_not_required").choices["obligation"]:
        form = act_form(dpo, reference, "decide_not_required")
        recorded(form.send(dpo, obligation=one, reason="Nobody is at risk."), reference)
    agree(edge.service, edge.now, reference=reference)
    recorded(act_form(dpo, reference, "close").send(dpo, reason="Done."), reference)
    assert shown(edge, reference)["status"] == "closed"
    left = [one for one in forms_in(dpo.get(f"/incidents/{reference}").text) if "/acts/" in one]
    assert left == []


REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("record_awareness", {"aware_at": "", "reason": "x"}, "date"),
    ("record_awareness", {"aware_at": "2026-11-23T09:01", "reason": "x"}, "future"),
    ("record_awareness", {"aware_at": "2026-11-23T08:00", "reason": "  "}, "reason"),
    ("add_systems", {"systems": "", "reason": "x"}, "Choose systems"),
    ("add_systems", {"systems": "mainframe", "reason": "x"}, "Choose systems"),
    ("add_systems", {"systems": "mail", "reason": " "}, "reason"),
    ("qualify", {"outcome": "", "reason": "x"}, "Choose"),
    ("qualify", {"outcome": "confirm", "reason": ""}, "reason"),
    ("qualify", {"outcome": "explode", "reason": "x"}, "Choose"),
    ("qualify", {"outcome": "dismiss", "reason": "x"}, "as what"),
    ("qualify", {"outcome": "dismiss", "reason": "x", "reason_kind": "breach_handled"}, "as what"),
    ("qualify", {"outcome": "dismiss", "reason": "x", "reason_kind": "duplicate"}, "which incident"),
    ("record_fact", {"fact": "no.such", "value": "yes"}, "no.such"),
    ("record_fact", {"fact": "loss.integrity", "value": "maybe"}, "loss.integrity"),
    ("record_fact", {"fact": "persons.number", "at_least": "many"}, "persons.number"),
    ("record_fact", {"fact": "loss.integrity", "value": "yes", "scope": "galaxy:x"}, "galaxy"),
    ("record_fact", {"fact": "loss.integrity", "value": "yes", "scope": "system:mainframe"}, "mainframe"),
    ("record_filing", {"obligation": "", "sent_at": "2026-11-23T08:00", "means": "letter"}, "Choose"),
    ("record_filing", {"obligation": "x", "sent_at": "2026-11-23T08:00", "means": "letter"}, "Choose"),
    ("record_filing", {"obligation": "OWED", "sent_at": "2026-11-23T09:01", "means": "letter"}, "future"),
    ("record_filing", {"obligation": "OWED", "sent_at": "2026-11-23T08:00", "means": ""}, "means"),
    ("decide_not_required", {"obligation": "OWED", "reason": ""}, "reason"),
    ("close", {"reason": "x"}, "confirm it or dismiss it"),
    ("close", {"reason": ""}, "reason"),
    ("close", {"reason": "A\x00B"}, "NUL"),
]


@pytest.mark.parametrize(("act", "fields", "sentence"), REFUSED)
def test_what_cannot_be_done_is_said_and_nothing_is_recorded(
    edge: Edge, dpo: TestClient, act: str, fields: dict[str, str], sentence: str
) -> None:
    """422 with a sentence and a way back, also where a browser would not have let it through."""
    reference = edge.declare()
    owed = str(edge.obligations(reference)["cnil"]["id"])
    before = shown(edge, reference)
    data = {name: value.replace("OWED", owed) for name, value in fields.items()}
    answer = dpo.post(f"/incidents/{reference}/acts/{act}", data=data)
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    assert shown(edge, reference) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents/INC-1999-0001/acts/close", 404), ("/incidents/{reference}/acts/explode", 404),
        ("/incidents/{reference}/acts/", 404), ("/quarantine/999/replay", 404),
    ],
)  # fmt: skip
def test_an_act_that_is_not_there_is_not_found(edge: Edge, dpo: TestClient, path: str, status: int) -> None:
    """404, as a page."""
    answer = dpo.post(path.replace("{reference}", edge.declare()), data={"reason": "x"})
    assert answer.status_code == status


def test_a_number_too_large_for_any_database_is_no_mistake_of_ours(edge: Edge, dpo: TestClient) -> None:
    """It is refused like any number that names nothing."""
    data = {"obligation": "9" * 30, "reason": "x"}
    answer = dpo.post(f"/incidents/{edge.declare()}/acts/decide_not_required", data=data)
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("role", [one for one in ROLES if one is not UserRole.INSPECTOR])
def test_each_role_sees_the_forms_of_what_it_may_do(edge: Edge, role: UserRole) -> None:
    """No form leads to a refusal, and none is missing."""
    browser, reference = edge.person(role), edge.declare()
    dpo = edge.person(UserRole.DPO)
    recorded(act_form(dpo, reference, "qualify").send(dpo, outcome="confirm", reason="It is one."), reference)
    forms = set(forms_in(browser.get(f"/incidents/{reference}").text))
    offered = {act for act in ACT_OF_FORM if f"/incidents/{reference}/acts/{act}" in forms}
    allowed = {name for name, act in ACT_OF_FORM.items() if role in ALLOWED[act]}
    assert offered <= allowed
    assert allowed - offered <= {"qualify", "close"}  # these depend on how far the incident is
    page = browser.get("/declare")
    assert ('href="/declare"' in page.text) is (role in ALLOWED[Act.DECLARE])


@pytest.mark.parametrize("role", [UserRole.VIEWER, UserRole.AUDITOR])
def test_who_only_looks_gets_403_when_posting_anyway(edge: Edge, role: UserRole) -> None:
    """For every act, with fields that would be right; nothing is recorded."""
    browser, reference = edge.person(role), edge.declare()
    owed = str(edge.obligations(reference)["cnil"]["id"])
    fields = {
        "reason": "x", "outcome": "confirm", "aware_at": "2026-11-23T08:00", "fact": "loss.integrity", "value": "yes",
        "obligation": owed, "sent_at": "2026-11-23T08:00", "means": "letter", "what_happened": "x",
    }  # fmt: skip
    before, waiting = shown(edge, reference), edge.waiting()
    paths = [f"/incidents/{reference}/acts/{act}" for act in ACT_OF_FORM] + ["/declare", "/quarantine/1/replay"]
    for path in paths:
        answer = browser.post(path, data=fields)
        assert answer.status_code == 403, path
        assert str(role) in text_in(answer.text)
    assert (shown(edge, reference), edge.waiting()) == (before, waiting)


def test_a_body_in_quarantine_is_played_again_by_its_button(edge: Edge, dpo: TestClient) -> None:
    """And shown as played; it cannot be played twice."""
    sender = edge.source()
    edge.send(sender, b"\x00\xff\x00\xff")
    edge.work()
    listed = edge.client.get("/api/v1/quarantine", headers=edge.token()).json()
    item = next(one["id"] for one in listed if one["source"] == sender.name)
    form = forms_in(dpo.get(f"/quarantine/{item}").text)[f"/quarantine/{item}/replay"]
    answer = form.send(dpo)
    assert (answer.status_code, answer.headers["location"]) == (303, "/quarantine?done=recorded")
    assert edge.waiting() == 1
    page = dpo.get(f"/quarantine/{item}")
    assert f"/quarantine/{item}/replay" not in forms_in(page.text)
    assert "Played again" in text_in(page.text)
    edge.work()


def test_a_page_announces_only_what_the_service_did(edge: Edge, dpo: TestClient) -> None:
    """A link with words of its own puts none on the page."""
    plain = dpo.get("/incidents").text
    assert dpo.get("/incidents", params={"done": "You won! Call +33…"}).text.count("banner") == plain.count("banner")
    assert dpo.get("/incidents", params={"done": "recorded"}).text.count("banner") > plain.count("banner")
