"""The queue of reports on its pages and in the API; mails that a mail service hands on; Slack; the reporter's link."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from breach_service.acts import reporting
from breach_service.app import OPERATOR, own_addresses
from breach_service.domain.access import LIMITS, AuditKind, Throttled, UserRole
from breach_service.notify.slack_forms import LONGEST, SlackForms
from breach_service.store import audit
from breach_service.store import reports as stored
from breach_service.store.audit import AuditFilter
from breach_service.store.report_links import FOR_MAIL
from breach_service.store.sight import FULL
from breach_service.web.views.reporting import CHAT_FORM
from tests.domain.reports.mails import plain, with_files
from tests.domain.reports.test_posted import POSTMARK
from tests.notify.test_slack import StandIn, no, ok
from tests.web.edge import Edge, forms_in, shared_edge, text_in

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, PERSON = "T0001", "U2147483697"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """An application on SQLite, with a Slack that is not there."""
    with shared_edge(
        tmp_path_factory.mktemp("reports"), slack_signing_secret=SECRET, slack_token="xoxb-tests", slack_channel="C0",
        slack_api_url="http://127.0.0.1:9/api/", public_url="",
    ) as found:  # fmt: skip
        yield found


@pytest.fixture(scope="module")
def hook(edge: Edge) -> str:
    """Where a mail service posts."""
    return edge.service.database.write(lambda session: reporting.make_link(session, OPERATOR, edge.now, FOR_MAIL))


def posted(edge: Edge, hook: str, raw: bytes, kind: str = "message/rfc822") -> str:
    answer = edge.browser().post(hook, content=raw, headers={"content-type": kind})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["number"])


def waiting(edge: Edge, hook: str, subject: str) -> str:
    """The number of a new report that a machine wrote."""
    return posted(edge, hook, plain(subject, Auto_Submitted="auto-replied"))


def kept(edge: Edge, number: str) -> stored.Listed:
    with edge.service.database.reading() as session:
        found = stored.seen_by_number(session, number, FULL)
    assert found is not None
    return found


def said(edge: Edge, number: str) -> stored.Words:
    with edge.service.database.reading() as session:
        return stored.words_of(session, edge.service.cipher, kept(edge, number).report.id)


def read_by(edge: Edge, what: str) -> int:
    with edge.service.database.reading() as session:
        found = audit.entries(session, AuditFilter(kind=str(AuditKind.READ_EVIDENCE)))
    return sum(one.what == what for one in found)


# ── Mails that are handed on


def test_a_mail_that_is_handed_on_is_a_report_like_one_of_the_mailbox(edge: Edge, hook: str) -> None:
    """The mail itself, JSON or a form; the same one that comes again is one report."""
    raw = plain("Dossiers en ligne", "Le dossier de Mme Untel est en ligne.")
    number = posted(edge, hook, raw)
    assert posted(edge, f"{hook}/mime", raw) == number
    assert kept(edge, number).incident is not None
    assert kept(edge, number).report.digest == hashlib.sha256(raw).hexdigest()
    of_postmark = json.dumps(POSTMARK).encode()
    second = posted(edge, hook, of_postmark, "application/json")
    assert said(edge, second).words == "Nos dossiers sont en ligne."
    with edge.service.database.reading() as session:
        assert stored.original_of(session, edge.service.cipher, kept(edge, second).report.id) == of_postmark
    form = edge.browser().post(hook, files={"email": ("mail.eml", plain("Par formulaire"))})
    assert said(edge, form.json()["number"]).subject == "Par formulaire"


@pytest.mark.parametrize("body", [b"", b"{", b'{"event": "bounce"}'])
def test_what_is_no_mail_is_kept_and_opens_nothing(edge: Edge, hook: str, body: bytes) -> None:
    """A refusal would lose it: somebody looks at the original."""
    number = posted(edge, hook, body, "application/json")
    assert (kept(edge, number).incident, kept(edge, number).report.waits_because) == (None, "unreadable")


def test_amazon_is_answered_and_the_address_to_open_stands_in_the_log(edge: Edge, hook: str) -> None:
    """Nothing is visited, and nothing kept."""
    body = json.dumps({"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.example/?x"}).encode()
    answer = edge.browser().post(hook, content=body, headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["taken"]) == (200, False)


def test_mails_may_be_larger_than_webhooks(edge: Edge, hook: str) -> None:
    """They come with their files."""
    raw = plain("Gros") + b"x" * (edge.service.settings.max_body_bytes + 1)
    assert posted(edge, hook, raw).startswith("SIG-")


def test_only_the_address_in_force_takes_mails(edge: Edge, tmp_path: Path) -> None:
    """A wrong one, that of the five questions, and a former one take nothing."""
    people = edge.service.database.write(lambda session: reporting.make_link(session, OPERATOR, edge.now))
    for path in ("/reports/mail/x", people.replace("/signaler", "/reports/mail")):
        assert edge.browser().post(path, content=plain()).status_code == 401
    assert own_addresses(edge.service.settings) == frozenset()


# ── The queue


def test_a_report_is_read_and_taken_up_on_its_page(edge: Edge, hook: str) -> None:
    """The list says nothing of what it says; that it was read stands in the audit trail."""
    number = waiting(edge, hook, "Une fuite chez un client")
    responder = edge.person(UserRole.RESPONDER)
    listed = text_in(responder.get("/reports").text)
    assert number in listed
    assert "Une fuite chez un client" not in listed
    before = read_by(edge, f"report:{number}")
    answer = responder.get(f"/reports/{number}")
    assert "Une fuite chez un client" in text_in(answer.text)
    assert read_by(edge, f"report:{number}") == before + 1
    done = forms_in(answer.text)[f"/reports/{number}/take-up"].send(responder, kind="client")
    assert done.status_code == 303
    assert kept(edge, number).report.kind == "client"
    assert f"/incidents/{kept(edge, number).incident}" in done.headers["location"]
    page = responder.get(done.headers["location"])
    assert f"It was reported to us as {number}" in text_in(page.text)
    assert "/take-up" not in responder.get(f"/reports/{number}").text


def test_a_report_is_joined_to_an_incident_that_is_chosen_or_typed(edge: Edge, hook: str) -> None:
    """A wrong reference is said, and what was typed stays."""
    reference, number = edge.declare(), waiting(edge, hook, "Suite")
    responder = edge.person(UserRole.RESPONDER)
    form = forms_in(responder.get(f"/reports/{number}").text)[f"/reports/{number}/join"]
    assert reference in form.choices["reference"]
    wrong = form.send(responder, other="INC-1999-0001")
    assert (wrong.status_code, "There is no incident INC-1999-0001" in text_in(wrong.text)) == (422, True)
    assert form.send(responder, reference=reference).status_code == 303
    assert kept(edge, number).incident == reference


def test_what_machines_wrote_is_set_aside_together(edge: Edge, hook: str) -> None:
    """With one reason; without one nothing is."""
    numbers = [waiting(edge, hook, f"Absence {each}") for each in range(3)]
    responder = edge.person(UserRole.RESPONDER)
    form = forms_in(responder.get("/reports").text)["/reports/set-aside"]
    assert form.send(responder, number=numbers).status_code == 422
    assert form.send(responder, number=numbers, reason="Des absences").status_code == 303
    assert {kept(edge, one).report.standing for one in numbers} == {"set_aside"}


def test_files_are_handed_out_and_never_shown(edge: Edge, hook: str) -> None:
    """As bytes to keep, in no frame, and written down one by one."""
    raw = with_files()
    number = posted(edge, hook, raw)
    responder = edge.person(UserRole.RESPONDER)
    for path in ("original", "files/1"):
        answer = responder.get(f"/reports/{number}/{path}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
    assert responder.get(f"/reports/{number}/original").content == raw
    assert responder.get(f"/reports/{number}/files/99").status_code == 404
    assert read_by(edge, f"report:{number}:file:1") == 1


def test_the_api_does_what_the_pages_do(edge: Edge, hook: str) -> None:
    """List, read, take up, join, set aside."""
    first, second, third = (waiting(edge, hook, f"API {each}") for each in range(3))
    headers, api = edge.token(UserRole.RESPONDER), "/api/v1/reports"
    client = edge.client
    assert {first, second, third} <= {one["number"] for one in client.get(api, headers=headers).json()}
    whole = client.get(f"{api}/{first}", headers=headers).json()
    assert (whole["subject"], whole["waits_because"], whole["standing"]) == ("API 0", "auto_reply", "waiting")
    taken = client.post(f"{api}/{first}/take-up", json={"kind": "press"}, headers=headers)
    assert taken.status_code == 200
    joined = client.post(f"{api}/{second}/join", json={"incident": taken.json()["reference"]}, headers=headers)
    assert joined.json() == taken.json()
    assert client.post(f"{api}/{third}/set-aside", json={"reason": "Rien"}, headers=headers).status_code == 204
    again = client.post(f"{api}/{third}/take-up", json={}, headers=headers)
    assert (again.status_code, "waits no more" in again.json()["title"]) == (422, True)
    settled = client.get(api, params={"standing": ["opened", "joined", "set_aside"]}, headers=headers).json()
    assert {first, second, third} <= {one["number"] for one in settled}
    assert client.get(f"{api}/{first}/original", headers=headers).content.startswith(b"From")


def test_declaring_by_the_api_gives_a_number_and_once_for_one_key(edge: Edge) -> None:
    """The five questions under names that programs know."""
    body = {"what_happened": "A laptop was stolen.", "where": "Train", "done": "Nothing", "told_kind": "client"}
    headers = {**edge.token(), "idempotency-key": "k1"}
    first, again = (edge.client.post("/api/v1/incidents", json=body, headers=headers).json() for _ in range(2))
    assert first == again
    assert kept(edge, first["number"]).incident == first["reference"]
    assert said(edge, first["number"]).answers["where"] == "Train"


def test_declaring_on_the_page_asks_the_same_five_questions(edge: Edge) -> None:
    """And is a report; a form that is sent twice opens one incident."""
    dpo = edge.person(UserRole.DPO)
    page = dpo.get("/declare")
    for words in (
        "What happened?",
        "When did it happen?",
        "Where: which tool",
        "information about persons",
        "done so far",
    ):
        assert words in text_in(page.text)
    form = forms_in(page.text)["/declare"]
    first, again = (form.send(dpo, what_happened="Perdu", told_kind="press", done="Rien") for _ in range(2))
    assert first.headers["location"] == again.headers["location"]


# ── What whoever reported sees


def test_whoever_reported_follows_the_report_and_adds_to_it(edge: Edge) -> None:
    """Under a link that they get once; it says nothing of the incident."""
    path = edge.service.database.write(lambda session: reporting.make_link(session, OPERATOR, edge.now))
    browser = edge.browser()
    done = forms_in(browser.get(path).text)[path].send(browser, what="Un courriel de trop")
    [own] = re.findall(r"(/signaler/suivi/[\w-]+)\"", done.text)
    shown = browser.get(own)
    assert (shown.status_code, "INC-" in shown.text) == (200, False)
    form = forms_in(shown.text)[own]
    more = form.send(browser, what="Il y avait deux destinataires")
    assert more.status_code == 201
    [number] = re.findall(r"porte le numéro (SIG-\d+-\d+)|has the number (SIG-\d+-\d+)", more.text)[0:1]
    assert kept(edge, "".join(number)).report.waits_because == "reply"
    assert form.send(browser, what=" ").status_code == 422
    assert browser.get("/signaler/suivi/x").status_code == 410
    assert browser.post("/signaler/suivi/x", data={"what": "y"}).status_code == 410


# ── Slack


def slack(edge: Edge, path: str, fields: dict[str, str], *, secret: str = SECRET, seconds: int = 0) -> Any:
    body, at = urlencode(fields), str(int(edge.now.timestamp()) + seconds)
    signed = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={signed}",
    }  # fmt: skip
    return edge.browser().post(path, content=body, headers=headers)


def submission(view: str, person: str = PERSON, **values: Any) -> dict[str, str]:
    """A form that was sent, as Slack posts it."""
    state = {name: {name: value} for name, value in values.items()}
    payload = {
        "type": "view_submission", "team": {"id": TEAM}, "user": {"id": person, "name": "zoe"},
        "view": {"id": view, "callback_id": CHAT_FORM, "state": {"values": state}},
    }  # fmt: skip
    return {"payload": json.dumps(payload)}


def typed(words: str) -> dict[str, str]:
    return {"type": "plain_text_input", "value": words}


@pytest.fixture
def stand_in(edge: Edge) -> Iterator[StandIn]:
    """Slack's API, for as long as a test lasts."""
    one, context = StandIn(), edge.app.state.context
    thread = threading.Thread(target=one.server.serve_forever, args=(0.01,))
    thread.start()
    before = context.chat
    object.__setattr__(context, "chat", SlackForms(SECRET, "xoxb-tests", one.address))
    yield one
    object.__setattr__(context, "chat", before)
    one.server.shutdown()
    thread.join()
    one.server.server_close()


def test_the_command_opens_the_five_questions(edge: Edge, stand_in: StandIn) -> None:
    """As a modal, within the limits of Slack, for whoever gave the command alone."""
    stand_in.answers = [ok(view={"id": "V1"})]
    answer = slack(edge, "/slack/commands", {"command": "/signaler", "trigger_id": "13345224609.738474920"})
    assert (answer.status_code, answer.content) == (200, b"")
    [(path, sent)] = stand_in.calls
    assert path.endswith("views.open")
    view = json.loads(sent["view"]) if isinstance(sent["view"], str) else sent["view"]
    asked = [one["block_id"] for one in view["blocks"] if one["type"] == "input"]
    assert asked == ["what", "when", "where", "persons", "done", "contact", "points_at_staff"]
    assert all(len(view[name]["text"]) <= 24 for name in ("title", "submit", "close"))
    assert [one["block_id"] for one in view["blocks"] if one["type"] == "input" and not one.get("optional")] == ["what"]


@pytest.mark.parametrize("is_there", [True, False])
def test_where_slack_opens_no_form_whoever_asked_is_told(edge: Edge, request: Any, is_there: bool) -> None:
    """In a sentence that they alone see: nobody waits for a form that does not come."""
    if is_there:
        request.getfixturevalue("stand_in").answers = [no("expired_trigger_id")]
    answer = slack(edge, "/slack/commands", {"command": "/signaler", "trigger_id": "1"})
    assert (answer.status_code, answer.json()["response_type"]) == (200, "ephemeral")
    assert "de vive voix" in answer.json()["text"]


def test_a_form_that_is_sent_is_a_report_with_a_number(edge: Edge) -> None:
    """Told by whoever sent it, when it was sent; sent twice it is one. Nothing of it comes back but the number."""
    fields = submission(
        "V2", what=typed("J’ai perdu mon badge"), when={"type": "datetimepicker", "selected_date_time": 1763800000},
        persons={"type": "radio_buttons", "selected_option": {"value": "yes"}}, where=typed("Train"),
        done={"type": "plain_text_input", "value": None},
        points_at_staff={"type": "checkboxes", "selected_options": []},
    )  # fmt: skip
    first, again = (slack(edge, "/slack/interactions", fields) for _ in range(2))
    assert first.json()["response_action"] == "update"
    assert "badge" not in first.text
    [number] = re.findall(r"SIG-\d{4}-\d{4}", first.text)
    assert number in again.text
    one, words = kept(edge, number), said(edge, number)
    assert (one.report.channel, one.report.kind, one.incident is not None) == ("slack", "employee", True)
    assert (words.name, words.answers["persons"], words.answers["where"]) == ("zoe", "yes", "Train")
    assert words.contact.endswith(f"{TEAM}/{PERSON}")


def test_a_form_that_says_nothing_is_shown_again(edge: Edge) -> None:
    """With the sentence under its field; too many from one person wait."""
    nothing = slack(edge, "/slack/interactions", submission("V3", what=typed(" ")))
    assert nothing.json() == {"response_action": "errors", "errors": {"what": nothing.json()["errors"]["what"]}}
    ahead = {"type": "datetimepicker", "selected_date_time": int(edge.now.timestamp()) + 3600}
    assert "when" in slack(edge, "/slack/interactions", submission("V4", what=typed("x"), when=ahead)).json()["errors"]
    for each in range(LIMITS[Throttled.REPORT].failures + 1):
        answer = slack(edge, "/slack/interactions", submission(f"W{each}", "U0TALKATIVE", what=typed("x" * LONGEST)))
    assert answer.json()["response_action"] == "errors"


def test_only_what_slack_signed_just_now_is_taken(edge: Edge) -> None:
    """Another secret, an old request and none at all are refused; without the setting there is no such address."""
    fields = submission("V9", what=typed("x"))
    assert slack(edge, "/slack/interactions", fields, secret="wrong").status_code == 401
    assert slack(edge, "/slack/interactions", fields, seconds=-400).status_code == 401
    assert edge.browser().post("/slack/commands", data={"trigger_id": "1"}).status_code == 401
    assert slack(edge, "/slack/interactions", {"payload": "["}).status_code == 422
    pressed = {"payload": json.dumps({"type": "block_actions", "actions": [{"action_id": "open"}, 7, {}]})}
    assert slack(edge, "/slack/interactions", pressed).status_code == 200


def test_without_the_setting_there_is_no_way_in_from_slack(tmp_path: Path) -> None:
    """404, whatever is sent."""
    with shared_edge(tmp_path) as other:
        assert slack(other, "/slack/commands", {"trigger_id": "1"}).status_code == 404


def test_what_waits_is_counted_beside_the_way_to_it(edge: Edge, hook: str) -> None:
    """On every page, in the navigation and in the menu, for those who may look at reports."""
    dpo, viewer = edge.person(UserRole.DPO), edge.person(UserRole.VIEWER)
    waiting(edge, hook, "Compte")
    first = count_in(dpo.get("/register").text)
    waiting(edge, hook, "Compte encore")
    assert count_in(dpo.get("/register").text) == [str(int(one) + 1) for one in first]
    assert len(first) == 2
    assert count_in(viewer.get("/register").text) == []


def count_in(html: str) -> list[str]:
    return re.findall(r'class="waits">(\d+)', html)
