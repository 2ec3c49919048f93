"""What Prometheus reads: the names that the rules stand on, the truth about every clock, and nothing about anybody."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlmodel import select

from breach_service.acts import content, senders
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR
from breach_service.demo.playing import ATTACK, dated
from breach_service.demo.running import KINDS
from breach_service.domain.access import UserRole
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.inventory import Inventory, Role
from breach_service.pipeline import listening
from breach_service.store.expected_tables import BackupRow
from breach_service.store.tables import IncidentRow, ObligationRow, SourceRow
from breach_service.web.figures import HEARTBEAT_SENT
from breach_service.worker.loop import WORKER_LEASE
from breach_service.worker.signing_life import SENT, SigningLife
from tests.conftest import settings_for
from tests.helm.conftest import METRICS
from tests.web.edge import Edge, credential, shared_edge

WATCHDOG = b'{"alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}, "annotations": {}}]}'
TOKEN = "prometheus-reads-with-this"
NAMES = {
    "breach_obligation_due_timestamp_seconds": {"incident", "regime", "recipient", "phase"},
    "breach_obligation_next_due_timestamp_seconds": {"regime", "phase"},
    "breach_obligations": {"state", "regime"},
    "breach_incidents": {"status"},
    "breach_incident_unqualified_oldest_timestamp_seconds": set(),
    "breach_incident_unqualified_due_timestamp_seconds": set(),
    "breach_alerts_received_total": {"source"},
    "breach_webhooks_refused_total": {"source", "reason"},
    "breach_quarantined_total": {"source"},
    "breach_inbox_pending": set(),
    "breach_inbox_oldest_timestamp_seconds": set(),
    "breach_stage_duration_seconds": {"stage"},
    "breach_outbox_pending": {"channel"},
    "breach_outbox_oldest_timestamp_seconds": {"channel"},
    "breach_deliveries_total": {"channel", "result", "reason"},
    "breach_source_last_seen_timestamp_seconds": {"source"},
    "breach_source_silent": {"source"},
    "breach_heartbeats_total": {"result"},
    "breach_heartbeat_last_success_timestamp_seconds": set(),
    "breach_wakes_unacknowledged": set(),
    "breach_backup_last_success_timestamp_seconds": set(),
    "breach_worker_last_tick_timestamp_seconds": set(),
    "breach_seal_last_timestamp_seconds": set(),
    "breach_catalog_valid": set(),
    "breach_build_info": {"version"},
}
"""The promised names with their labels, as far as this release has them."""
PIECES = ("_bucket", "_count", "_sum", "_created")
"""What a histogram is made of, with the label `le` on its buckets."""

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("metrics")) as one:
        yield one


@pytest.fixture
def own_edge(tmp_path: Path, make_service: Any) -> Iterator[Edge]:
    """A service whose clock the test moves."""
    with Edge(make_service(settings_for(tmp_path, heartbeat_url=SecretStr("http://127.0.0.1:9/ping")))) as one:
        yield one


def parsed(text: str) -> Samples:
    """The exposition, read by the parser of Prometheus' own client."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = tuple(sorted(one.labels.items()))
            series = found.setdefault(one.name, {})
            assert labels not in series, f"{one.name}{labels} stands there twice"
            series[labels] = one.value
    return found


def scrape(edge: Edge) -> Samples:
    answer = edge.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return parsed(answer.text)


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get(name, {}).get(tuple(sorted(labels.items())))


def everything(edge: Edge) -> None:
    """One of each thing that is counted."""
    sender, beat = edge.source(), edge.source("alertmanager")
    expect(edge, beat.name)

    def save(session: Any) -> None:
        session.add(BackupRow(at=edge.now, digest="0" * 64, size=1, seals=0))

    edge.service.database.write(save)
    edge.send(sender)
    edge.send(sender, b"\x00\xff\x00\xff")
    edge.send(beat, WATCHDOG)
    edge.work()
    edge.send(sender)  # waits
    edge.client.post(sender.path)  # refused
    edge.gate.flush_refusals(edge.now)


def expect(edge: Edge, source: str) -> None:
    """A person says that the sender speaks every hour."""

    def work(session: Any) -> None:
        row = session.exec(select(SourceRow).where(SourceRow.name == source)).one()
        row.expected_every = 3600
        session.add(row)

    edge.service.database.write(work)


def test_names_and_labels_are_those_that_were_promised(own_edge: Edge) -> None:
    """Rules and dashboards stand on them: nothing is missing, nothing has another label, nothing else is there."""
    play(own_edge)
    everything(own_edge)
    own_edge.declare()
    found: dict[str, set[str]] = {}
    for name, series in scrape(own_edge).items():
        bare = next((name.removesuffix(piece) for piece in PIECES if name.endswith(piece)), name)
        labels = {key for one in series for key, _ in one} - ({"le"} if name.endswith("_bucket") else set())
        found.setdefault(bare, set()).update(labels)
    assert found.pop("breach_outbox_oldest_timestamp_seconds", {"channel"}) == {"channel"}  # only while one waits
    assert found == {name: labels for name, labels in NAMES.items() if name in found}
    assert set(NAMES) - set(found) <= {"breach_outbox_oldest_timestamp_seconds"}


def test_the_rules_and_the_dashboard_know_the_same_metrics() -> None:
    """What their tests call a metric is what the service tells."""
    assert set(NAMES) == METRICS


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": f"Bearer {TOKEN}"}, 200),
        ({"authorization": f"bearer {TOKEN}"}, 200),
        ({"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "192.0.2.7"}, 200),
        ({"authorization": f"Bearer {TOKEN}x"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
    ],
)
def test_a_token_that_is_set_is_needed(edge_with_token: Edge, headers: dict[str, str], status: int) -> None:
    """From loopback too, since a proxy may stand there."""
    assert edge_with_token.client.get("/metrics", headers=headers).status_code == status


@pytest.fixture(scope="module")
def edge_with_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("token"), metrics_token=TOKEN) as one:
        yield one


def test_a_token_of_the_api_does_not_open_the_metrics(edge_with_token: Edge) -> None:
    """Nor does a session: each credential is for one thing."""
    assert edge_with_token.client.get("/metrics", headers=edge_with_token.token(UserRole.ADMIN)).status_code == 401
    assert edge_with_token.person(UserRole.ADMIN).get("/metrics").status_code == 401


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("192.0.2.7", 401), ("10.0.0.1", 401), ("testclient", 401)],
)
def test_without_a_token_only_this_machine_may_read(edge: Edge, address: str, status: int) -> None:
    """Whoever asks from elsewhere is told which setting is missing."""
    answer = Edge(edge.service, address=address).browser().get("/metrics")
    assert answer.status_code == status
    assert ("BREACH_METRICS_TOKEN" in answer.text) is (status == 401)


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "X-Forwarded-For"])
def test_without_a_token_a_proxy_on_this_machine_is_refused(edge: Edge, header: str) -> None:
    """It speaks for somebody else."""
    assert edge.client.get("/metrics", headers={header: "for=127.0.0.1"}).status_code == 401


def play(edge: Edge) -> None:
    """Send the recorded attack through the webhooks, and process it."""
    connected = {}
    for kind in KINDS:
        connected[f"demo-{kind}"] = edge.service.database.write(
            lambda session, kind=kind: senders.add_source(  # type: ignore[misc]  # bound per round
                session, OPERATOR, Connection(f"demo-{kind}", kind), edge.service.cipher, edge.now
            )
        )
    edge.gate.renew()
    for step in json.loads(ATTACK.read_text(encoding="utf-8")):
        at = edge.now - timedelta(minutes=step["minutes_before"])
        sender, body = connected[step["source"]], json.dumps(dated(step["body"], at)).encode()
        for _ in range(min(step.get("repeat", 1), 3)):
            assert edge.client.post(sender.path, content=body, headers=credential(sender, body)).status_code == 200
    edge.work()


def strings_in(found: Any) -> Iterable[str]:
    """Every text of a JSON value."""
    match found:
        case dict():
            for one in found.values():
                yield from strings_in(one)
        case list():
            for one in found:
                yield from strings_in(one)
        case str():
            yield found


def test_the_exposition_names_nobody_and_quotes_nothing(own_edge: Edge) -> None:
    """After the recorded attack: no client, no address of a person, no machine, no title of an alert, no free text."""
    play(own_edge)
    own_edge.declare("Zoé Example reads the mails of the Mutuelle.")
    text = own_edge.client.get("/metrics").text
    knowledge = own_edge.service.knowledge()
    inventory = knowledge.inventory
    telling = {one.name for one in inventory.clients} | {one.id for one in inventory.clients}
    telling |= {one.id for one in inventory.systems} | {one.id for one in inventory.activities}
    telling |= {one.name for one in inventory.organisations} | {one.name for one in inventory.providers}
    alerts = own_edge.client.get("/api/v1/alerts", headers=own_edge.token()).json()
    assert len(alerts) > 5
    for one in alerts:
        telling |= {one["title"], one["fingerprint"], one["vendor_severity"], *strings_in(one["entities"])}
    telling = {one for one in telling if len(one) > 3} - {"file", "host", "user", "high", "none", "critical"}
    assert [one for one in telling if re.search(rf"\b{re.escape(one)}\b", text)] == []
    assert "@" not in text
    assert "Zoé" not in text
    labels = {pair for series in parsed(text).values() for one in series for pair in one}
    assert [pair for pair in labels if not re.fullmatch(r"[a-z0-9_:.+-]*|INC-\d{4}-\d{4}|\+Inf", pair[1])] == []
    recipients = {content for key, content in labels if key == "recipient"}
    assert {one for one in recipients if not re.fullmatch(r"client:[0-9a-f]{16}", one)} <= {
        "cnil",
        "persons",
        "register",
    }
    assert len(recipients) > 3


def test_a_clock_is_told_before_at_and_after_it_falls_due(own_edge: Edge) -> None:
    """The series names the instant; the state goes from running over due soon to overdue at that very instant."""
    edge = own_edge
    reference = edge.declare()
    due = edge.now + timedelta(hours=72)
    series = {"incident": reference, "regime": "gdpr-art33-authority", "recipient": "cnil", "phase": "provisional"}

    def states() -> dict[str, float | None]:
        samples = scrape(edge)
        return {
            state: value(samples, "breach_obligations", state=state, regime="gdpr-art33-authority")
            for state in ("running", "due_soon", "overdue")
        }

    assert value(scrape(edge), "breach_obligation_due_timestamp_seconds", **series) == due.timestamp()
    assert states() == {"running": 1, "due_soon": 0, "overdue": 0}
    edge.clock.at = due - timedelta(hours=18, seconds=1)
    assert states() == {"running": 1, "due_soon": 0, "overdue": 0}
    edge.clock.at = due - timedelta(hours=18)
    assert states() == {"running": 0, "due_soon": 1, "overdue": 0}
    edge.clock.at = due - timedelta(seconds=1)
    samples = scrape(edge)
    of_regime = {"regime": "gdpr-art33-authority", "phase": "provisional"}
    assert states() == {"running": 0, "due_soon": 1, "overdue": 0}
    assert value(samples, "breach_obligation_next_due_timestamp_seconds", **of_regime) == due.timestamp()
    edge.clock.at = due
    samples = scrape(edge)
    assert states() == {"running": 0, "due_soon": 0, "overdue": 1}
    assert value(samples, "breach_obligation_due_timestamp_seconds", **series) == due.timestamp()
    assert value(samples, "breach_obligation_next_due_timestamp_seconds", **of_regime) is None


def test_a_target_wakes_nobody_and_is_never_overdue(own_edge: Edge) -> None:
    """It is counted, and passed when it is missed; no date of it stands in what the rules page by."""
    edge = own_edge
    edge.declare()

    def aim(session: Any) -> None:
        row = session.exec(select(ObligationRow).where(ObligationRow.recipient == "cnil")).one()
        row.terms = {**row.terms, "kind": "target"}
        session.add(row)

    edge.service.database.write(aim)
    edge.clock.at += timedelta(hours=200)
    samples, regime = scrape(edge), "gdpr-art33-authority"
    states = {
        state: value(samples, "breach_obligations", state=state, regime=regime) for state in ("overdue", "passed")
    }
    assert states == {"overdue": 0, "passed": 1}
    dates = samples["breach_obligation_due_timestamp_seconds"]
    assert dates
    assert not [one for one in dates if ("regime", regime) in one]


@pytest.mark.parametrize("mark", ["is_drill", "is_muted"])
def test_an_exercise_and_what_is_only_observed_are_in_no_figure(own_edge: Edge, mark: str) -> None:
    """Nothing of them may page."""
    edge = own_edge
    change(edge, edge.declare(), **{mark: True})
    samples = scrape(edge)
    assert not samples.get("breach_obligation_due_timestamp_seconds")
    assert not samples.get("breach_obligation_next_due_timestamp_seconds")
    assert not samples.get("breach_obligations")
    assert "breach_incident_unqualified_due_timestamp_seconds" not in samples
    assert value(samples, "breach_incidents", status=IncidentStatus.SUSPECTED) == (mark == "is_muted")


def test_a_restricted_incident_is_in_what_is_counted_alone(own_edge: Edge) -> None:
    """Its dates page without its reference."""
    edge = own_edge
    reference = edge.declare()
    before = scrape(edge)
    change(edge, reference, is_restricted=True)
    samples = scrape(edge)
    assert not samples.get("breach_obligation_due_timestamp_seconds")
    for name in (
        "breach_obligation_next_due_timestamp_seconds",
        "breach_obligations",
        "breach_incident_unqualified_due_timestamp_seconds",
    ):
        assert samples[name] == before[name] != {}
    assert reference not in str(samples)


def change(edge: Edge, reference: str, **values: bool) -> None:
    """Set columns of an incident."""

    def work(session: Any) -> None:
        row = session.exec(select(IncidentRow).where(IncidentRow.reference == reference)).one()
        for name, one in values.items():
            setattr(row, name, one)
        session.add(row)

    edge.service.database.write(work)


def test_awareness_turns_provisional_clocks_into_running_ones(own_edge: Edge) -> None:
    """The phase changes; there are never two series of one duty."""
    edge = own_edge
    reference = edge.declare()
    aware = {"aware_at": edge.now.isoformat(), "reason": "Confirmed by the logs."}
    answer = edge.client.post(f"/api/v1/incidents/{reference}/awareness", json=aware, headers=edge.token())
    assert answer.status_code == 204, answer.text
    phases = {dict(one)["phase"] for one in scrape(edge)["breach_obligation_due_timestamp_seconds"]}
    assert phases == {"running"}


def test_only_open_obligations_are_told(own_edge: Edge) -> None:
    """What was sent, is not required, or fell with its incident has no series any more."""
    edge = own_edge
    reference, dpo = edge.declare(), edge.signed_in(UserRole.DPO)
    owed = edge.obligations(reference)
    base = f"/api/v1/incidents/{reference}/obligations"
    edge.approve(reference, owed["cnil"]["id"], dpo)
    filing = {"sent_at": edge.now.isoformat(), "means": "letter"}
    assert edge.client.post(f"{base}/{owed['cnil']['id']}/filing", json=filing, headers=dpo).status_code == 204
    assert value(scrape(edge), "breach_obligations", state="running", regime="gdpr-art33-authority") is None
    answer = edge.client.post(f"{base}/{owed['persons']['id']}/not-required", json={"reason": "None."}, headers=dpo)
    assert answer.status_code == 204
    assert value(scrape(edge), "breach_obligations", state="running", regime="gdpr-art34-persons") is None
    answer = edge.client.post(f"/api/v1/incidents/{reference}/dismiss", json={"reason": "A false alarm."}, headers=dpo)
    assert answer.status_code == 204
    samples = scrape(edge)
    assert samples.get("breach_obligations", {}) == {}
    assert samples.get("breach_obligation_due_timestamp_seconds", {}) == {}
    assert value(samples, "breach_incidents", status=IncidentStatus.DISMISSED) == 1
    assert value(samples, "breach_incidents", status=IncidentStatus.SUSPECTED) == 0


def test_at_most_500_obligations_are_told_and_they_are_the_nearest(own_edge: Edge) -> None:
    """A flood of incidents does not drown Prometheus; all are counted all the same."""
    edge = own_edge
    edge.declare()

    def copy(session: Any) -> None:
        model = session.exec(select(ObligationRow).where(ObligationRow.recipient == "cnil")).one()
        for number in range(600):
            values = model.model_dump(exclude={"id"})
            values |= {"recipient": f"client:c{number}", "public_id": f"{number:016x}", "regime": "client-notice"}
            session.add(ObligationRow(**{**values, "due_at": edge.now + timedelta(hours=100, minutes=-number)}))

    edge.service.database.write(copy)
    samples = scrape(edge)
    told = samples["breach_obligation_due_timestamp_seconds"]
    with edge.service.database.reading() as session:
        dues = [at.timestamp() for at in session.exec(select(ObligationRow.due_at)) if at]
    assert len(dues) > 600
    assert sorted(told.values()) == sorted(dues)[:500]
    assert sum(samples["breach_obligations"].values()) == edge.open_obligations()


def test_two_perimeters_that_owe_the_same_recipient_are_one_series(own_edge: Edge) -> None:
    """Our own data and those of a joint controller both go to the CNIL; Prometheus takes no series twice."""
    edge = own_edge
    held = edge.service.knowledge().inventory
    ours = next(one for one in held.activities if one.our_role is Role.CONTROLLER and one.id in system_of(held))
    shared = ours.model_copy(update={"id": "shared", "our_role": Role.JOINT, "controller": "Our partner"})
    systems = tuple(
        one.model_copy(update={"activities": (*one.activities, "shared")}) if one.id == "application" else one
        for one in held.systems
    )
    inventory = held.model_copy(update={"activities": (*held.activities, shared), "systems": systems})
    edge.service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, edge.now))
    reference = edge.declare()
    with edge.service.database.reading() as session:
        rows = list(session.exec(select(ObligationRow.recipient)))
    assert rows.count("cnil") == 2
    series = {"incident": reference, "regime": "gdpr-art33-authority", "recipient": "cnil", "phase": "provisional"}
    samples = scrape(edge)
    due = (edge.now + timedelta(hours=72)).timestamp()
    assert value(samples, "breach_obligation_due_timestamp_seconds", **series) == due
    assert value(samples, "breach_obligations", state="running", regime="gdpr-art33-authority") == 2


def system_of(inventory: Inventory) -> tuple[str, ...]:
    """The activities of the application."""
    found = inventory.system("application")
    return found.activities if found else ()


def test_the_oldest_unqualified_incident_is_told_until_it_is_qualified(own_edge: Edge) -> None:
    """The rule that pages stands on it."""
    edge = own_edge
    name = "breach_incident_unqualified_oldest_timestamp_seconds"
    assert name not in scrape(edge)
    first_at = edge.now
    first = edge.declare()
    edge.clock.at += timedelta(hours=3)
    edge.declare("Another one.")
    assert value(scrape(edge), name) == first_at.timestamp()
    due = "breach_incident_unqualified_due_timestamp_seconds"
    assert value(scrape(edge), due) == (first_at + timedelta(hours=24)).timestamp()
    edge.client.post(f"/api/v1/incidents/{first}/confirm", json={"reason": "It is one."}, headers=edge.signed_in())
    assert value(scrape(edge), name) == edge.now.timestamp()


def test_the_queues_are_told(own_edge: Edge) -> None:
    """How many wait, and since when; processed ones do not."""
    edge = own_edge
    sender, sent_at = edge.source(), edge.now
    assert value(scrape(edge), "breach_inbox_pending") == 0
    edge.send(sender)
    edge.clock.at += timedelta(minutes=2)
    edge.send(sender)
    samples = scrape(edge)
    assert value(samples, "breach_inbox_pending") == 2
    assert value(samples, "breach_inbox_oldest_timestamp_seconds") == sent_at.timestamp()
    edge.work()
    samples = scrape(edge)
    assert value(samples, "breach_inbox_pending") == 0
    assert "breach_inbox_oldest_timestamp_seconds" not in samples
    assert value(samples, "breach_alerts_received_total", source=sender.name) == 2
    assert sum(samples["breach_deliveries_total"].values()) > 0


def test_only_a_sender_that_beats_is_watched_for_silence(own_edge: Edge) -> None:
    """The silence of an event-driven sender means nothing; the heartbeat of another does."""
    edge = own_edge
    event, beat = edge.source("json"), edge.source("alertmanager")
    edge.send(event)
    edge.send(beat, watchdog(edge))
    edge.work()
    series = scrape(edge)["breach_source_last_seen_timestamp_seconds"]
    assert series == {(("source", beat.name),): edge.now.timestamp()}


def test_a_sender_of_which_something_is_expected_is_told_to_be_silent_when_it_is(own_edge: Edge) -> None:
    """0 while it is heard, 1 from the look of the worker that finds it silent, 0 again when it speaks."""
    edge = own_edge
    event, beat = edge.source("json"), edge.source("alertmanager")
    expect(edge, beat.name)
    for at, is_silent in ((timedelta(), 0), (timedelta(hours=1), 0)):
        edge.clock.at += at
        edge.send(event)
        edge.send(beat, watchdog(edge))
        edge.work()
        assert scrape(edge)["breach_source_silent"] == {(("source", beat.name),): is_silent}
    for _ in range(8 * 60):  # who listens all the time knows that nothing was said
        edge.clock.at += timedelta(minutes=1)
        edge.service.database.write(
            lambda session: listening.watch_silence(session, edge.service.knowledge(), edge.now)
        )
    assert scrape(edge)["breach_source_silent"] == {(("source", beat.name),): 1}


def watchdog(edge: Edge) -> bytes:
    """The heartbeat of an Alertmanager."""
    step = next(one for one in json.loads(ATTACK.read_text(encoding="utf-8")) if "Watchdog" in json.dumps(one))
    return json.dumps(dated(step["body"], edge.now)).encode()


def test_the_worker_and_the_seal_are_told(own_edge: Edge) -> None:
    """A worker that stands still is seen; while nothing waits for a seal the seal is as young as the worker."""
    edge = own_edge
    tick, seal = "breach_worker_last_tick_timestamp_seconds", "breach_seal_last_timestamp_seconds"
    assert tick not in scrape(edge)
    edge.work()
    started = edge.now.timestamp()
    assert (value(scrape(edge), tick), value(scrape(edge), seal)) == (started, started)
    edge.clock.at += timedelta(hours=1)
    edge.declare()  # an entry that nobody seals
    samples = scrape(edge)
    assert (value(samples, tick), value(samples, seal)) == (started, started)
    edge.work()
    assert value(scrape(edge), seal) == edge.now.timestamp()


def test_when_the_switch_last_heard_from_us_is_told_where_one_is_set(own_edge: Edge, edge: Edge) -> None:
    """0 before a sign arrived, so that a wrong address is seen; nothing where there is no switch."""
    name = "breach_heartbeat_last_success_timestamp_seconds"
    assert value(scrape(own_edge), name) == 0
    service = own_edge.service
    own_edge.work()
    assert SENT == HEARTBEAT_SENT
    assert SigningLife(Heard(), service.database, WORKER_LEASE).sign(own_edge.now)  # type: ignore[arg-type]
    assert value(scrape(own_edge), name) == own_edge.now.timestamp()
    assert name not in scrape(edge)


class Heard:
    """A dead-man's switch that hears everything."""

    def sign(self) -> None:
        pass


def test_the_content_is_valid_and_the_version_is_named(edge: Edge) -> None:
    """1 while the files on disk have no fault."""
    samples = scrape(edge)
    assert value(samples, "breach_catalog_valid") == 1
    assert [dict(one)["version"] for one in samples["breach_build_info"]] == [edge.app.version]


def test_every_replica_tells_the_same_of_the_database(service: Any) -> None:
    """Rules take `max by`: two applications on one database differ in nothing but their own stages."""
    with Edge(service) as one, Edge(service) as other:
        everything(one)
        one.declare()
        first, second = scrape(one), scrape(other)
    own = {name for name in first if name.startswith("breach_stage_duration_seconds")}
    assert {name: first[name] for name in first if name not in own} == {
        name: second[name] for name in second if name not in own
    }
