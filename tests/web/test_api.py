"""The JSON API: the shapes that others rely on, every act for every role, and errors in words."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from breach_service.app import Service
from breach_service.domain.access import ALLOWED, Act, UserRole
from tests.conftest import settings_for
from tests.deciders import agree
from tests.web.edge import ROLES, Edge, routes_of, shared_edge

ALERT = {
    "id", "source", "title", "signal", "severity", "vendor_severity", "status", "occurred_at", "received_at",
    "entities", "fingerprint", "count", "incident",
}  # fmt: skip
INCIDENT = {"reference", "title", "status", "alerts", "systems", "personal_data", "risk", "obligations"}
OBLIGATION = {"regime", "recipient", "due_at", "state", "is_provisional"}
ASSESSMENT = {"personal_data", "risk", "risk_min", "risk_max", "duties", "perimeters", "findings", "open_questions"}
PERIMETER = {"controller", "our_role", "client", "risk", "duties", "owed_by"}

NOW = "2026-11-23T09:00:00+01:00"
REASON = {"reason": "The logs show it."}
SILENCE = {"match": {"sources": ["s"]}, "ends_at": "2026-11-23T12:00:00+01:00", "reason": "Works."}
ROUTES: dict[tuple[str, str], tuple[Act, Any]] = {
    ("GET", "/drills"): (Act.LOOK, None),
    ("GET", "/drills/scenarios"): (Act.LOOK, None),
    ("POST", "/drills"): (Act.RUN_DRILL, {"scenario": "stolen-laptop", "hours": 1}),
    ("GET", "/drills/{reference}"): (Act.LOOK, None),
    ("POST", "/drills/{reference}/stop"): (Act.RUN_DRILL, {"reason": "Done."}),
    ("GET", "/calls"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/calls/acknowledge"): (Act.ANSWER_CALL, None),
    ("GET", "/playbooks"): (Act.LOOK, None),
    ("GET", "/playbooks/{playbook}"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/playbook"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/playbook/steps"): (
        Act.WORK_PLAYBOOK, {"title": "Call the host.", "role": "responder"},
    ),
    ("POST", "/incidents/{reference}/playbook/steps/{step}"): (Act.WORK_PLAYBOOK, {"state": "done"}),
    ("POST", "/incidents/{reference}/playbook/changes"): (
        Act.WORK_PLAYBOOK, {"change": "attach", "subject": "ransomware"},
    ),
    ("GET", "/audit"): (Act.LOOK_AT_AUDIT, None),
    ("GET", "/substitutes"): (Act.NAME_SUBSTITUTE, None),
    ("POST", "/substitutes"): (Act.NAME_SUBSTITUTE, {"person": 1, "substitute": None}),
    ("GET", "/incidents/{reference}/people"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/people"): (Act.RESTRICT, {"person": 999, "standing": "named", **REASON}),
    ("POST", "/incidents/{reference}/people/end"): (Act.RESTRICT, {"person": 999, "standing": "counsel", **REASON}),
    ("POST", "/incidents/{reference}/restrict"): (Act.RESTRICT, {"named": [999], **REASON}),
    ("POST", "/incidents/{reference}/open-again"): (Act.RESTRICT, REASON),
    ("GET", "/alerts"): (Act.LOOK, None),
    ("GET", "/incidents"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/drafts"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/drafts/{obligation}"): (Act.LOOK, None),
    ("GET", "/sources"): (Act.LOOK_AROUND, None),
    ("GET", "/content"): (Act.LOOK_AROUND, None),
    ("POST", "/content/activate"): (Act.ACTIVATE_CONTENT, {"digest": "0" * 64}),
    ("GET", "/quarantine"): (Act.LOOK_AROUND, None),
    ("POST", "/incidents"): (Act.DECLARE, {"what_happened": "A laptop was stolen."}),
    ("GET", "/reports"): (Act.LOOK_AT_REPORTS, None),
    ("GET", "/reports/{number}"): (Act.LOOK_AT_REPORTS, None),
    ("GET", "/reports/{number}/original"): (Act.LOOK_AT_REPORTS, None),
    ("GET", "/reports/{number}/files/{place}"): (Act.LOOK_AT_REPORTS, None),
    ("POST", "/reports/{number}/take-up"): (Act.SORT_REPORTS, {}),
    ("POST", "/reports/{number}/join"): (Act.SORT_REPORTS, {"incident": "INC-2026-0001"}),
    ("POST", "/reports/{number}/set-aside"): (Act.SORT_REPORTS, REASON),
    ("POST", "/incidents/{reference}/facts"): (Act.RECORD_FACT, {"fact": "loss.integrity", "value": "no"}),
    ("POST", "/incidents/{reference}/systems"): (Act.ADD_SYSTEMS, {"systems": ["mail"], **REASON}),
    ("POST", "/incidents/{reference}/awareness"): (
        Act.RECORD_AWARENESS, {"aware_at": "2026-11-23T09:00:00+01:00", **REASON},
    ),
    ("POST", "/incidents/{reference}/confirm"): (Act.QUALIFY, REASON),
    ("POST", "/incidents/{reference}/dismiss"): (Act.QUALIFY, REASON),
    ("POST", "/incidents/{reference}/close"): (Act.CLOSE, REASON),
    ("GET", "/measures"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/measures"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/measures"): (Act.MANAGE_MEASURES, {"what": "Reset"}),
    ("PUT", "/incidents/{reference}/measures/{number}"): (Act.MANAGE_MEASURES, {"what": "Reset"}),
    ("POST", "/incidents/{reference}/measures/{number}/settle"): (
        Act.MANAGE_MEASURES, {"state": "done", "outcome": "All."},
    ),
    ("GET", "/incidents/{reference}/evidence"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/evidence"): (
        Act.KEEP_EVIDENCE, {"what": "Log", "place": "app-01", "method": "scp", "collected_at": NOW},
    ),
    ("POST", "/incidents/{reference}/evidence/{number}/handlings"): (
        Act.KEEP_EVIDENCE, {"kind": "copied", "why": "Why.", "at": NOW},
    ),
    ("GET", "/incidents/{reference}/evidence/{number}/file"): (Act.READ_EVIDENCE, None),
    ("GET", "/reviews"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/review"): (Act.LOOK, None),
    ("PUT", "/incidents/{reference}/review"): (Act.REVIEW_INCIDENT, {}),
    ("POST", "/incidents/{reference}/review/reopen"): (Act.REVIEW_INCIDENT, REASON),
    ("GET", "/incidents/closable"): (Act.LOOK, None),
    ("POST", "/incidents/close"): (Act.QUALIFY, {"incidents": [{"reference": "INC-1999-0001"}]}),
    ("GET", "/false-alarms"): (Act.LOOK_AROUND, None),
    ("GET", "/noise"): (Act.LOOK_AROUND, None),
    ("GET", "/noise/{key}"): (Act.LOOK_AROUND, None),
    ("POST", "/noise/{key}/silence"): (Act.SILENCE, {}),
    ("POST", "/incidents/{reference}/obligations/{obligation}/filing"): (
        Act.RECORD_FILING, {"sent_at": "2026-11-23T09:00:00+01:00", "means": "letter"},
    ),
    ("POST", "/incidents/{reference}/obligations/{obligation}/not-required"): (Act.DECIDE_NOT_REQUIRED, REASON),
    ("POST", "/quarantine/{item}/replay"): (Act.REPLAY, None),
    ("POST", "/sources"): (Act.MANAGE_SOURCES, {"kind": "json", "name": "no name at all"}),
    ("POST", "/sources/try"): (Act.LOOK_AROUND, {"kind": "json", "body": {"title": "x"}}),
    ("POST", "/sources/{name}/rotate"): (Act.MANAGE_SOURCES, {}),
    ("PUT", "/sources/{name}/interval"): (Act.MANAGE_SOURCES, {"every": "off"}),
    ("POST", "/sources/{name}/test"): (Act.MANAGE_SOURCES, None),
    ("GET", "/incidents/{reference}/merge-proposals"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/lead"): (Act.LEAD, {"person": None}),
    ("GET", "/incidents/{reference}/reminders/mute"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/reminders/mute"): (Act.MUTE_REMINDERS, {"until": NOW, **REASON}),
    ("POST", "/incidents/{reference}/reminders/unmute"): (Act.MUTE_REMINDERS, None),
    ("GET", "/incidents/{reference}/questions"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/questions/{fact}/assignment"): (
        Act.RECORD_FACT,
        {"who": "Maud Sabran", "due_at": "2026-11-30T10:00:00+01:00"},
    ),
    ("POST", "/incidents/{reference}/merge"): (Act.MERGE, {"into": "INC-2026-0001", **REASON}),
    ("POST", "/incidents/{reference}/merge-proposals/{number}/decline"): (Act.MERGE, REASON),
    ("GET", "/on-call"): (Act.LOOK_AROUND, None),
    ("GET", "/rota"): (Act.LOOK_AROUND, None),
    ("PUT", "/rota"): (Act.MANAGE_ROTA, {"first": {"people": ["nobody"], "starts_on": "2026-11-23"}}),
    ("GET", "/rota/shifts"): (Act.LOOK_AROUND, None),
    ("GET", "/rota/gaps"): (Act.LOOK_AROUND, None),
    ("POST", "/rota/overrides"): (Act.KEEP_OWN_ACCOUNT, {"level": "first", "from_at": NOW, "to_at": NOW}),
    ("POST", "/rota/overrides/{number}/end"): (Act.KEEP_OWN_ACCOUNT, None),
    ("POST", "/rota/absences"): (Act.KEEP_OWN_ACCOUNT, {"from_at": NOW, "to_at": NOW}),
    ("POST", "/rota/absences/{number}/end"): (Act.KEEP_OWN_ACCOUNT, None),
    ("GET", "/inventory/unknown"): (Act.LOOK_AROUND, None),
    ("POST", "/inventory/unknown/{number}/answer"): (Act.MANAGE_INVENTORY, {"answer": "not_ours", **REASON}),
    ("GET", "/providers/notices"): (Act.LOOK, None),
    ("POST", "/providers/notices"): (
        Act.DECLARE, {"provider": "nobody", "received_at": "2026-11-23T09:00:00+01:00", "said": "Told."},
    ),
    ("GET", "/providers/notices/{number}"): (Act.LOOK, None),
    ("POST", "/providers/notices/{number}/asked"): (
        Act.RECORD_FACT, {"sent_at": "2026-11-23T09:00:00+01:00", "means": "mail"},
    ),
    ("POST", "/providers/notices/{number}/answers"): (Act.RECORD_FACT, {"fact": "loss.integrity", "value": "no"}),
    ("GET", "/silences"): (Act.LOOK_AROUND, None),
    ("POST", "/silences"): (Act.SILENCE, SILENCE),
    ("POST", "/silences/preview"): (
        Act.LOOK_AROUND, {"match": {"rules": ["s"]}, "ends_at": "2026-11-23T12:00:00+01:00"},
    ),
    ("POST", "/silences/{number}/end"): (Act.SILENCE, REASON),
    ("GET", "/sources/{name}/mapping"): (Act.LOOK_AROUND, None),
    ("PUT", "/sources/{name}/mapping"): (Act.MANAGE_SOURCES, {"title": "event"}),
    ("DELETE", "/sources/{name}/mapping"): (Act.MANAGE_SOURCES, None),
    ("POST", "/sources/{name}/release"): (Act.MANAGE_SOURCES, None),
    ("PUT", "/sources/{name}/expected"): (Act.MANAGE_SOURCES, {}),
    ("GET", "/mandates"): (Act.LOOK_AROUND, None),
    ("GET", "/mandates/uncovered"): (Act.LOOK_AROUND, None),
    ("POST", "/mandates"): (
        Act.RECORD_MANDATE, {"email": "nobody@us.example", "kind": "delegation", "document": "Minutes"},
    ),
    ("POST", "/mandates/{number}/revoke"): (Act.RECORD_MANDATE, {"reason": " "}),
    ("GET", "/incidents/{reference}/positions"): (Act.LOOK, None),
    ("GET", "/precedents"): (Act.LOOK_AROUND, None),
    ("GET", "/incidents/{reference}/awareness"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/decisions"): (Act.LOOK, None),
    ("GET", "/incidents/{reference}/clocks"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/clocks"): (
        Act.RECORD_AWARENESS, {"kind": "told_at", "at": "2026-11-22T09:00:00+01:00", **REASON},
    ),
    ("POST", "/incidents/{reference}/clocks/proposals"): (
        Act.DECIDE_NOT_REQUIRED, {"move": "stop", "obligation": 999, **REASON},
    ),
    ("POST", "/incidents/{reference}/clocks/proposals/{number}/confirm"): (Act.RECORD_AWARENESS, REASON),
    ("POST", "/incidents/{reference}/clocks/proposals/{number}/decline"): (Act.RECORD_AWARENESS, REASON),
    ("POST", "/incidents/{reference}/clocks/proposals/{number}/withdraw"): (Act.DECIDE_NOT_REQUIRED, REASON),
    ("POST", "/incidents/{reference}/obligations/{obligation}/delay"): (Act.RECORD_FACT, REASON),
    ("POST", "/incidents/{reference}/decisions"): (
        Act.DECIDE_NOT_REQUIRED, {"perimeter": "own", "duty": "persons", "notify": True, **REASON},
    ),
    ("POST", "/incidents/{reference}/opinion"): (Act.GIVE_OPINION, {"is_breach": True, **REASON}),
    ("POST", "/incidents/{reference}/drafts/{obligation}/approve"): (Act.APPROVE_DRAFT, {"digest": "0" * 64}),
    ("POST", "/incidents/{reference}/glass/drafts/{obligation}/approve"): (Act.BREAK_GLASS, {"digest": "0" * 64}),
    ("POST", "/incidents/{reference}/glass/drafts/{obligation}/filing"): (
        Act.BREAK_GLASS, {"sent_at": "2026-11-23T09:00:00+01:00", "means": "portal"},
    ),
    ("GET", "/glass"): (Act.LOOK, None),
    ("POST", "/incidents/{reference}/glass"): (Act.BREAK_GLASS, {"reason": " "}),
    ("POST", "/glass/{number}/review"): (Act.REVIEW_GLASS, {"review": "It was right."}),
    ("GET", "/people"): (Act.MANAGE_PEOPLE, None),
    ("POST", "/people"): (Act.MANAGE_PEOPLE, {"email": "nobody", "role": "viewer"}),
    ("GET", "/people/{person}"): (Act.MANAGE_PEOPLE, None),
    ("PATCH", "/people/{person}"): (Act.MANAGE_PEOPLE, {"name": "Nobody"}),
    ("POST", "/people/{person}/invite"): (Act.MANAGE_PEOPLE, None),
    ("POST", "/people/{person}/disable"): (Act.MANAGE_PEOPLE, REASON),
    ("POST", "/people/{person}/enable"): (Act.MANAGE_PEOPLE, None),
    ("DELETE", "/people/{person}/sessions"): (Act.MANAGE_PEOPLE, None),
    ("DELETE", "/people/{person}/sessions/{held}"): (Act.MANAGE_PEOPLE, None),
    ("GET", "/tokens"): (Act.MANAGE_PEOPLE, None),
    ("POST", "/tokens"): (Act.MANAGE_PEOPLE, {"name": "x", "role": "viewer", "days": 9999}),
    ("DELETE", "/tokens/{name}"): (Act.MANAGE_PEOPLE, None),
    ("GET", "/inventory"): (Act.LOOK_AROUND, None),
    ("GET", "/inventory/export"): (Act.LOOK_AROUND, None),
    ("POST", "/inventory/import"): (Act.MANAGE_INVENTORY, {"data": "no inventory"}),
    ("GET", "/inventory/revisions"): (Act.LOOK_AROUND, None),
    ("GET", "/inventory/revisions/{number}"): (Act.LOOK_AROUND, None),
    ("GET", "/inventory/{part}/{entry_id}"): (Act.LOOK_AROUND, None),
    ("PUT", "/inventory/{part}/{entry_id}"): (Act.MANAGE_INVENTORY, {"entry": {}, **REASON}),
    ("POST", "/inventory/{part}/{entry_id}/end"): (Act.MANAGE_INVENTORY, {"on": "2026-11-23", **REASON}),
}  # fmt: skip


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("api")) as one:
        yield one


class Caller:
    """Somebody who asks the API with the session of a person: an API token decides nothing."""

    def __init__(self, edge: Edge, role: UserRole = UserRole.DPO) -> None:
        self._edge, self._headers = edge, edge.signed_in(role)

    def get(self, path: str, **query: Any) -> Any:
        answer = self._edge.client.get(f"/api/v1{path}", params=query, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, *, status: int = 204) -> Any:
        answer = self._edge.client.post(f"/api/v1{path}", json=body, headers=self._headers)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            return answer.json()["title"]
        return answer.json() if answer.content else None

    def try_out(self, method: str, path: str, body: Any) -> int:
        answer = self._edge.client.request(method, f"/api/v1{path}", json=body, headers=self._headers)
        return int(answer.status_code)


@pytest.fixture(scope="module")
def dpo(edge: Edge) -> Caller:
    return Caller(edge)


def test_the_table_of_this_test_holds_every_route(edge: Edge) -> None:
    """A new route must be given its act here before its roles are proven."""
    there = {
        (method, path.removeprefix("/api/v1"))
        for path, methods in routes_of(edge.app.routes)
        for method in methods
        if path.startswith("/api/v1/")
    }
    assert there == set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_of_acts_allows_and_nothing_else(edge: Edge, role: UserRole) -> None:
    """403 where it may not; an answer, or a sentence about the command, where it may."""
    caller, sender = Caller(edge, role), edge.source()
    edge.send(sender, b"\x00\xff\x00\xff")
    edge.work()
    item = Caller(edge).get("/quarantine")[0]["id"]
    admin = Caller(edge, UserRole.ADMIN)
    assert admin.try_out("PUT", f"/sources/{sender.name}/mapping", {"title": "event"}) == 204
    for (method, path), (act, body) in ROUTES.items():
        reference = edge.declare()
        owed = edge.obligations(reference)["cnil"]["id"]
        filled = path.replace("{reference}", reference).replace("{obligation}", str(owed)).replace("{item}", str(item))
        filled = filled.replace("{name}", sender.name).replace("{number}", "1")
        filled = filled.replace("{person}", "999999").replace("{held}", "1")
        filled = filled.replace("{part}", "systems").replace("{entry_id}", "application")
        filled = filled.replace("{playbook}", "ransomware").replace("{step}", "open-log")
        status = caller.try_out(method, filled, body)
        # Nothing is proposed here, and no incident was chosen for the inspector.
        numbered = (
            "/drills/{", "{key}", "/decline", "/reports/", "/review", "/rota/", "/people/{", "/tokens/{", "{number}",
            "/clocks/proposals",
        )  # fmt: skip
        may_be_missing = any(one in path for one in numbered) or role is UserRole.INSPECTOR
        fitting = (200, 201, 204, 422, *((404,) if may_be_missing else ()))
        assert status in (fitting if role in ALLOWED[act] else (403,)), (role, method, path, status)


def test_an_alert_that_was_received_is_listed_with_its_incident(service: Service) -> None:
    """The promised shape; repeats are counted, not listed again."""
    with Edge(service) as edge:
        sender, dpo = edge.source(), Caller(edge)
        edge.send(sender)
        edge.send(sender)
        edge.work()
        listed = dpo.get("/alerts", source=sender.name)
        assert len(listed) == 1
        one = listed[0]
        assert set(one) >= ALERT
        assert (one["count"], one["source"], one["signal"]) == (2, sender.name, "privilege_change")
        assert one["received_at"].endswith("Z")
        assert {"kind": "host", "value": "app-01", "role": "target"} in one["entities"]
        assert dpo.get("/alerts", source="nobody") == []
        shown = dpo.get(f"/incidents/{one['incident']}")
        assert [episode["id"] for episode in shown["episodes"]] == [one["id"]]


def test_incidents_are_listed_with_their_obligations(edge: Edge, dpo: Caller) -> None:
    """The promised shape, with the recipients as the rules know them."""
    reference = edge.declare()
    one = next(one for one in dpo.get("/incidents") if one["reference"] == reference)
    assert set(one) >= INCIDENT
    assert all(set(each) >= OBLIGATION for each in one["obligations"])
    recipients = {each["recipient"] for each in one["obligations"]}
    assert {"cnil", "persons", "register", "client:mutuelle-exemple"} <= recipients
    cnil = next(each for each in one["obligations"] if each["recipient"] == "cnil")
    assert (cnil["regime"], cnil["state"], cnil["is_provisional"]) == ("gdpr-art33-authority", "running", True)
    assert cnil["due_at"] == (edge.now + timedelta(hours=72)).isoformat().replace("+00:00", "Z")


def test_one_incident_is_shown_whole(edge: Edge, dpo: Caller) -> None:
    """Assessment per perimeter, facts, instants, chronology with digests."""
    found = dpo.get(f"/incidents/{edge.declare('The mail server was entered.')}")
    assert set(found["assessment"]) >= ASSESSMENT
    assert all(set(one) >= PERIMETER for one in found["assessment"]["perimeters"])
    assert {one["our_role"] for one in found["assessment"]["perimeters"]} >= {"controller", "processor"}
    assert set(found["assessment"]["duties"]) == {"register", "authority", "persons", "clients"}
    declared = next(one for one in found["timeline"] if one["kind"] == "declared")
    assert declared["words"]["what_happened"] == "The mail server was entered."
    assert len(declared["digest"]) == 64
    assert found["assessment"]["open_questions"]


def test_every_instant_carries_its_zone(edge: Edge, dpo: Caller) -> None:
    """ISO 8601 in UTC, with Z, in every field whose name ends in _at."""
    reference = edge.declare()
    seen = list(instants_in([dpo.get("/incidents"), dpo.get(f"/incidents/{reference}"), dpo.get("/sources")]))
    assert len(seen) > 10
    assert [one for one in seen if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", one)] == []


def instants_in(found: Any) -> Iterator[str]:
    match found:
        case dict():
            for name, one in found.items():
                if name == "words":
                    continue  # what somebody said, in texts
                if name == "at" or name.endswith("_at"):
                    yield from [one] if isinstance(one, str) else []
                else:
                    yield from instants_in(one)
        case list():
            for one in found:
                yield from instants_in(one)


def test_the_lists_are_paged_without_gap_or_repeat(tmp_path: Path, make_service: Any) -> None:
    """Page on with the smallest id of the page before; the newest come first."""
    with Edge(make_service(settings_for(tmp_path))) as edge:
        dpo, sender = Caller(edge), edge.source()
        for number in range(5):
            edge.declare(f"Number {number}.")
            edge.send(
                sender, b'{"title": "Scan %d", "signal": "scan", "host": "app-0%d", "id": "%d"}' % ((number,) * 3)
            )
        edge.work()
        for path in ("/incidents", "/alerts"):
            whole = [one["id"] for one in dpo.get(path)]
            assert whole == sorted(whole, reverse=True)
            paged: list[int] = []
            while page := [one["id"] for one in dpo.get(path, limit=2, **({"before": paged[-1]} if paged else {}))]:
                assert len(page) <= 2
                paged += page
            assert paged == whole
            assert len(whole) >= 5


def test_open_and_settled_incidents_are_told_apart(edge: Edge, dpo: Caller) -> None:
    """`open=true` holds what still needs somebody."""
    one, other = edge.declare(), edge.declare()
    dpo.post(f"/incidents/{one}/dismiss", REASON)
    is_open = {each["reference"] for each in dpo.get("/incidents", open="true", limit=1000)}
    settled = {each["reference"] for each in dpo.get("/incidents", open="false", limit=1000)}
    assert other in is_open - settled
    assert one in settled - is_open


def approve(caller: Caller, base: str, obligation: int) -> None:
    """Release the text as it stands."""
    text = caller.get(f"{base}/drafts/{obligation}")["text"]
    caller.post(f"{base}/drafts/{obligation}/approve", {"digest": hashlib.sha256(text.encode()).hexdigest()})


def test_the_whole_way_from_declaring_to_closing(service: Service) -> None:
    """Declare, establish facts, become aware, confirm, file, decide, close: each act shows in the incident."""
    with Edge(service) as edge:
        dpo = Caller(edge)
        declared = {
            "what_happened": "An export was sent to the wrong address.", "systems": ["application"],
            "told_at": "2026-11-23T08:30:00+01:00", "occurred_at": "2026-11-22T22:00:00+01:00",
            "told_by": "A client, by telephone", "personal_data": "yes", "title": "Wrong address",
        }  # fmt: skip
        reference = dpo.post("/incidents", declared, status=201)["reference"]
        assert reference == "INC-2026-0001"
        base = f"/incidents/{reference}"
        for fact, value in (
            ("incident.compromise_suspected", "yes"), ("loss.confidentiality", True), ("loss.integrity", "no"),
            ("persons.number", "1200..1500"), ("data.categories", ["civil_status", "contact"]),
            ("incident.contained", "unknown"),
        ):  # fmt: skip
            dpo.post(f"{base}/facts", {"fact": fact, "value": value, "note": "Seen in the export."})
        dpo.post(f"{base}/awareness", {"aware_at": "2026-11-23T08:45:00+01:00", "reason": "The client sent it back."})
        found = dpo.get(base)
        assert found["title"] == "Wrong address"
        assert {one["fact"]: one["value"] for one in found["facts"]}["persons.number"] == {
            "at_least": 1200.0, "at_most": 1500.0,
        }  # fmt: skip
        assert {one["kind"] for one in found["instants"]} >= {"told_at", "occurred_at", "aware_at"}
        owed = {one["recipient"]: one for one in found["obligations"]}
        assert owed["cnil"]["due_at"] == "2026-11-26T07:45:00Z"
        assert not any(one["is_provisional"] for one in owed.values())
        dpo.post(f"{base}/close", REASON, status=422)
        dpo.post(f"{base}/confirm", REASON)
        sentence = dpo.post(f"{base}/close", REASON, status=422)
        assert "owed" in sentence
        filing = {"sent_at": "2026-11-23T09:00:00+01:00", "means": "teleservice", "receipt": "CNIL-2026-1"}
        assert "approved" in dpo.post(f"{base}/obligations/{owed['cnil']['id']}/filing", filing, status=422)
        approve(dpo, base, owed["cnil"]["id"])
        dpo.post(f"{base}/obligations/{owed['cnil']['id']}/filing", filing)
        assert "already" in dpo.post(f"{base}/obligations/{owed['cnil']['id']}/filing", filing, status=422)
        for one in owed.values():
            if one["duty"] not in ("authority", "register"):  # the service itself keeps the register
                dpo.post(f"{base}/obligations/{one['id']}/not-required", {"reason": "Told by telephone."})
        agree(service, edge.now, reference=reference)
        dpo.post(f"{base}/close", REASON)
        closed = dpo.get(base)
        assert closed["status"] == "closed"
        assert [one["receipt"] for one in closed["filings"]] == ["CNIL-2026-1"]
        kinds = [one["kind"] for one in closed["timeline"]]
        expected = {"declared", "fact_recorded", "instant_recorded", "status_changed", "text_approved", "filed"}
        assert expected <= set(kinds)
        assert "closed" in dpo.post(f"{base}/facts", {"fact": "loss.integrity", "value": "yes"}, status=422)


WRONG_FACTS: list[tuple[str, Any]] = [
    ("loss.integrity", "maybe"), ("loss.integrity", 5), ("loss.integrity", ["yes"]), ("loss.integrity", {"a": 1}),
    ("persons.number", "many"), ("persons.number", True), ("persons.number", "9..1"), ("persons.number", ["x", "y"]),
    ("persons.number", {"least": 5}), ("persons.number", [1, 2, 3]), ("data.categories", ["shoe size"]),
    ("data.categories", {"a": 1}), ("data.categories", 5), ("data.categories", [["x"]]),
    ("incident.cause", "bad luck"), ("incident.cause", ["external"]), ("incident.cause", {"a": 1}),
    ("no.such.fact", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "wrong"), WRONG_FACTS)
def test_a_wrong_value_of_a_fact_is_refused_in_words(edge: Edge, dpo: Caller, fact: str, wrong: Any) -> None:
    """422 with what would be right; nothing is recorded."""
    reference = edge.declare()
    before = len(dpo.get(f"/incidents/{reference}")["facts"])
    assert fact in dpo.post(f"/incidents/{reference}/facts", {"fact": fact, "value": wrong}, status=422)
    assert len(dpo.get(f"/incidents/{reference}")["facts"]) == before


@pytest.mark.parametrize("wrong", ["nan", "inf", "-inf..5", 1e400])
def test_a_number_that_counts_nothing_is_refused(edge: Edge, dpo: Caller, wrong: Any) -> None:
    """Persons are counted with finite numbers."""
    body = b'{"fact": "persons.number", "value": 1e400}' if wrong == 1e400 else None
    reference = edge.declare()
    if body is None:
        dpo.post(f"/incidents/{reference}/facts", {"fact": "persons.number", "value": wrong}, status=422)
    else:
        headers = {**edge.token(), "content-type": "application/json"}
        assert (
            edge.client.post(f"/api/v1/incidents/{reference}/facts", content=body, headers=headers).status_code == 422
        )


@pytest.mark.parametrize(
    ("scope", "key", "status"),
    [
        ("system", "application", 204), ("system", "mainframe", 422), ("incident", "application", 422),
        ("activity", "service-usage", 204), ("client", "*/mutuelle-exemple", 204), ("client", "*/nobody", 422),
        ("client", "service-usage/mutuelle-exemple", 204), ("galaxy", "", 422),
    ],
)  # fmt: skip
def test_a_fact_is_about_a_part_that_is_there(edge: Edge, dpo: Caller, scope: str, key: str, status: int) -> None:
    """The whole incident, or a system, an activity or a client of the inventory."""
    body = {"fact": "loss.confidentiality", "value": "yes", "scope": scope, "key": key}
    dpo.post(f"/incidents/{edge.declare()}/facts", body, status=status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aware_at": "2026-11-23T09:00:00"}, {"aware_at": "2026-11-23T09:00:01+01:00"}, {"aware_at": "yesterday"},
        {"aware_at": NOW, "reason": " "}, {"aware_at": NOW, "reason": ""}, {"aware_at": NOW, "perimeter": "client:x"},
        {"aware_at": NOW, "flaw_discovered_at": "2027-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_a_clock_is_not_started_by_a_wrong_command(edge: Edge, dpo: Caller, wrong: dict[str, str]) -> None:
    """No zone, in the future, no reason, no such perimeter: 422, and the obligations stay provisional."""
    reference = edge.declare()
    dpo.post(f"/incidents/{reference}/awareness", {"reason": "Seen.", **wrong}, status=422)
    assert all(one["is_provisional"] for one in edge.obligations(reference).values())


def test_a_system_that_turns_out_to_be_concerned_brings_its_clients(edge: Edge, dpo: Caller) -> None:
    """Their data, their clocks; a system that nobody knows, or no reason, is refused."""
    reference = edge.declare(systems=())
    assert not any(one.startswith("client:") for one in edge.obligations(reference))
    dpo.post(f"/incidents/{reference}/systems", {"systems": ["application"], **REASON})
    assert dpo.get(f"/incidents/{reference}")["systems"] == ["application"]
    assert "client:mutuelle-exemple" in edge.obligations(reference)
    for wrong in ({"systems": ["mainframe"], **REASON}, {"systems": [], **REASON}, {"systems": ["mail"]}):
        dpo.post(f"/incidents/{reference}/systems", wrong, status=422)


def test_an_obligation_of_another_incident_cannot_be_touched(edge: Edge, dpo: Caller) -> None:
    """The number of the obligation belongs to the reference in the path."""
    one, other = edge.declare(), edge.declare()
    number = edge.obligations(other)["cnil"]["id"]
    filing = {"sent_at": "2026-11-23T09:00:00+01:00", "means": "letter"}
    dpo.post(f"/incidents/{one}/obligations/{number}/filing", filing, status=404)
    dpo.post(f"/incidents/{one}/obligations/{number}/not-required", REASON, status=404)
    assert edge.obligations(other)["cnil"]["state"] == "running"


def test_drafts_are_in_the_language_of_their_recipient_or_as_asked(edge: Edge, dpo: Caller) -> None:
    """One per letter, as text and in sections; what is missing is visible; the register has no letter."""
    reference = edge.declare()
    owed = edge.obligations(reference)
    drafts = {one["obligation"]: one for one in dpo.get(f"/incidents/{reference}/drafts")}
    assert set(drafts) == {one["id"] for recipient, one in owed.items() if recipient != "register"}
    cnil = drafts[owed["cnil"]["id"]]
    assert (cnil["slug"], cnil["language"]) == ("cnil", "fr")
    assert cnil["filled"] < cnil["total"]
    assert "[À COMPLÉTER" in cnil["text"]
    assert {section["id"] for section in cnil["sections"]}
    irish = drafts[owed["client:kilbride-example"]["id"]]
    assert irish["language"] == "en"
    path = f"/incidents/{reference}/drafts/{owed['cnil']['id']}"
    assert dpo.get(path)["language"] == "fr"
    assert dpo.get(path, language="en")["language"] == "en"
    answer = edge.client.get(f"/api/v1/incidents/{reference}/drafts/{owed['register']['id']}", headers=edge.token())
    assert answer.status_code == 404


def test_a_body_in_quarantine_can_be_played_again(edge: Edge, dpo: Caller) -> None:
    """It goes back to the inbox with the instant at which it came; who did it is recorded; not twice."""
    sender = edge.source()
    edge.send(sender, b"\x00\xff\x00\xff")
    edge.work()
    mine = next(one for one in dpo.get("/quarantine") if one["source"] == sender.name)
    assert mine["replayed_at"] is None
    dpo.post(f"/quarantine/{mine['id']}/replay")
    assert edge.waiting() == 1
    shown = next(one for one in dpo.get("/quarantine") if one["id"] == mine["id"])
    assert shown["replayed_at"] == edge.now.isoformat().replace("+00:00", "Z")
    dpo.post(f"/quarantine/{mine['id']}/replay", status=422)
    edge.work()
    again = [one for one in dpo.get("/quarantine") if one["source"] == sender.name]
    assert [one["received_at"] for one in again] == [mine["received_at"]] * 2


def test_the_list_of_the_quarantine_shows_no_body(edge: Edge, dpo: Caller) -> None:
    """Bodies may hold personal data: they are looked at one by one, by those who may."""
    sender = edge.source()
    edge.send(sender, b"Zephirine Example, 12 rue de la Paix")
    edge.work()
    assert "Zephirine" not in str(dpo.get("/quarantine"))


def test_senders_are_listed_with_what_became_of_their_requests(edge: Edge, dpo: Caller) -> None:
    """By name: last seen, received, set aside, refused and why; never a secret or its hash."""
    sender = edge.source()
    before = next(one for one in dpo.get("/sources") if one["name"] == sender.name)
    assert (before["last_seen_at"], before["received"], before["refused"]) == (None, 0, 0)
    edge.send(sender)
    edge.send(sender, b"\x00\xff\x00\xff")
    edge.client.post(sender.path)
    edge.work()
    edge.gate.flush_refusals(edge.now)
    listed = dpo.get("/sources")
    assert [one["name"] for one in listed] == sorted(one["name"] for one in listed)
    after = next(one for one in listed if one["name"] == sender.name)
    assert set(after) == {
        "name", "kind", "auth", "created_at", "last_seen_at", "received", "quarantined", "refused", "last_refusal",
        "last_refused_at", "in_quarantine", "redelivered", "refusals", "refusing_since", "observed_until", "secrets",
        "rotated_at",
        "former_used_at", "has_mapping", "has_expectations", "expected_every", "expectation", "silent_since",
    }  # fmt: skip
    assert (after["received"], after["quarantined"], after["refused"]) == (2, 1, 1)
    assert after["last_refusal"] == "missing_credential"
    assert [(one["reason"], one["count"]) for one in after["refusals"]] == [("missing_credential", 1)]
    assert after["refusing_since"] is not None


def test_an_incident_with_words_from_everywhere_comes_back_as_it_was_told(service: Service) -> None:
    """Accents, other scripts, markup, line breaks: stored and shown as they are."""
    words = "Données lues – « export.csv » \n<script>alert(1)</script> 数据 🔓 O'Brien; DROP TABLE incident"
    with Edge(service) as edge:
        dpo = Caller(edge)
        reference = dpo.post("/incidents", {"what_happened": words}, status=201)["reference"]
        told = next(one for one in dpo.get(f"/incidents/{reference}")["timeline"] if one["kind"] == "declared")
        assert told["words"]["what_happened"] == words
        page = edge.person(UserRole.DPO).get(f"/incidents/{reference}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_a_character_that_no_text_holds_is_refused(service: Service) -> None:
    """PostgreSQL keeps no NUL in a text: 422 on both databases, not a mistake of ours on one."""
    with Edge(service) as edge:
        dpo, admin, name = Caller(edge), Caller(edge, UserRole.ADMIN), edge.source().name
        reference = edge.declare()
        owed = str(edge.obligations(reference)["cnil"]["id"])
        for (method, path), (act, body) in ROUTES.items():
            filled = path.replace("{reference}", reference).replace("{obligation}", owed).replace("{item}", "1")
            filled = filled.replace("{number}", "1").replace("{fact}", "loss.integrity")
            filled, caller = filled.replace("{name}", name), admin if UserRole.DPO not in ALLOWED[act] else dpo
            for field in [name for name, one in (body or {}).items() if isinstance(one, str)]:
                status = caller.try_out(method, filled.replace("{decision}", "close"), {**body, field: "A\u0000B"})
                assert status == 422, (path, field, status)
        for field in ("title", "told_by"):
            dpo.post("/incidents", {"what_happened": "x", field: "A\u0000B"}, status=422)
        fact = {"fact": "loss.integrity", "value": "no", "note": "A\u0000B"}
        dpo.post(f"/incidents/{reference}/facts", fact, status=422)
        filing = {"sent_at": NOW, "means": "letter", "receipt": "A\u0000B"}
        dpo.post(f"/incidents/{reference}/obligations/{owed}/filing", filing, status=422)
        for path in ("/alerts?source=%00", "/incidents/%00", "/incidents/%00/drafts"):
            answer = edge.client.get(f"/api/v1{path}", headers=edge.token())
            assert answer.status_code == 400, (path, answer.text)
