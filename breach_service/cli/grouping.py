"""`grouping`: play a recording through the service, and see what changed rules would have done."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from breach_service.acts import senders
from breach_service.acts.grouping import try_grouping
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service, open_service, prepare
from breach_service.cli.audited import write_down_shown
from breach_service.cli.output import AsJson, fail, opened, show, table, text_of
from breach_service.cli.recordings import Recorded, read_recording
from breach_service.domain.grouping.scoring import Labelled, Score, score_of
from breach_service.pipeline import Gate, process
from breach_service.pipeline.dry_running import MOST_ALERTS, DryRun
from breach_service.settings import settings_from_environment
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood
from breach_service.store import alerts, incidents
from breach_service.store.database import Session
from breach_service.store.inbox import pending
from breach_service.store.sight import FULL

grouping = typer.Typer(no_args_is_help=True, help="What makes alerts one incident.")
A_REQUEST = 100
"""Alerts of a recording that are sent together."""
MOST_WAITING = 2_000
"""Requests that wait before they are processed."""


@grouping.command("replay")
def replay(
    file: Annotated[Path, typer.Argument(help="JSON lines or CSV, also compressed with gzip.")],
    as_json: AsJson = False,
) -> None:
    """Play recorded alerts through a service of its own, and say what they became; nothing is sent to anybody."""
    recording = read_recording(file)
    began = time.monotonic()
    with _service_for_a_while() as service:
        _send(service, recording)
        placed = _placed(service, recording)
        with service.database.reading() as session:
            found = [one.incident for one in incidents.summaries(session, limit=100_000, visibility=FULL)]
    standing = {one.id: one for one in found if one.status != "merged"}
    score = score_of(
        [
            Labelled(one.at.timestamp(), one.detector, one.host, one.label or "-", number)
            for one, number in zip(recording, placed, strict=True)
        ]
    )
    rows = [
        (one.reference, one.detected_at.isoformat(), one.last_alert_at.isoformat(), one.alerts, one.title)
        for one in sorted(standing.values(), key=lambda one: one.detected_at)
    ]
    said = {
        "alerts": len(recording),
        "incidents": [dict(zip(("reference", "from", "until", "alerts", "title"), one, strict=True)) for one in rows],
        "score": _score_json(score, recording),
        "seconds": round(time.monotonic() - began, 1),
    }
    show(said, as_json, lambda: _in_words(rows, score, recording, time.monotonic() - began))


@contextmanager
def _service_for_a_while() -> Any:
    """A service with the content of this installation and a database of its own, gone afterwards."""
    mine = settings_from_environment()
    with tempfile.TemporaryDirectory(prefix="breach-replay-") as folder:
        settings = mine.model_copy(
            update={
                "data_dir": Path(folder), "database_url": None, "secret_key": None, "slack_token": None,
                "log_level": "error", "backlog_limit": 10_000_000,
            }
        )  # fmt: skip
        service = open_service(settings)
        try:
            prepare(service)
            yield service
        finally:
            service.close()


def _send(service: Service, recording: Sequence[Recorded]) -> None:
    """Deliver and process, source by source as they speak."""
    gate = Gate(service.database, service.cipher, service.settings.backlog_limit)
    secrets: dict[str, str] = {}
    for name in sorted({one.source for one in recording}):
        wanted = Connection(name, "json", "bearer")
        secrets[name] = service.database.write(partial(_add, service=service, wanted=wanted))
    gate.renew()
    waiting = []
    for source, some in _requests(recording):
        body = json.dumps([one.body for one in some]).encode()
        headers = {"authorization": f"Bearer {secrets[source]}", "content-type": "application/json"}
        waiting.append(gate.receive(source, None, headers, "", body, service.now()))
        if len(waiting) >= MOST_WAITING:
            _process(service, waiting)
            waiting = []
    _process(service, waiting)


def _add(session: Session, service: Service, wanted: Connection) -> str:
    return senders.add_source(session, OPERATOR, wanted, service.cipher, service.now()).secret


def _requests(recording: Sequence[Recorded]) -> Iterable[tuple[str, list[Recorded]]]:
    """Neighbours of one source, in the order of the recording."""
    some: list[Recorded] = []
    for one in recording:
        if some and (one.source != some[0].source or len(some) >= A_REQUEST):
            yield some[0].source, some
            some = []
        some.append(one)
    if some:
        yield some[0].source, some


def _process(service: Service, waiting: Iterable[Any]) -> None:
    for one in waiting:
        one.result(60)
    while process(service.database, service.cipher, service.knowledge(), service.now()):
        pass
    with service.database.reading() as session:
        left = pending(session)[0]
    if left:
        fail(f"{left} requests could not be processed")


def _placed(service: Service, recording: Sequence[Recorded]) -> list[int | None]:
    """The incident of each alert, in the order of the recording."""
    with service.database.reading() as session:
        spans = alerts.spans(session)
    kind, found = source_of("json"), []
    known: dict[tuple[str, str, str, str], str] = {}
    for one in recording:
        said = (one.source, one.title, one.host, one.address)
        if said not in known:
            delivery = Delivery(json.dumps(one.body).encode(), {}, "", service.now())
            known[said] = understood(kind, one.source, delivery)[0].fingerprint
        found.append(_incident_at(spans.get((one.source, known[said]), ()), one.at))
    return found


def _incident_at(spans: Iterable[alerts.Span], at: datetime) -> int | None:
    """The incident in which an alert stands at an instant; one observed and one in an incident may share a minute."""
    fitting = [one for one in spans if one.first_at <= at <= one.last_at]
    return next((one.incident_id for one in fitting if one.incident_id is not None), None)


def _score_json(score: Score, recording: Sequence[Recorded]) -> dict[str, Any]:
    said: dict[str, Any] = {"reduction": round(score.reduction, 6), "incidents": score.incidents}
    if any(one.label for one in recording):
        said |= {
            "steps": list(score.steps), "seen": list(score.seen), "in_main": list(score.in_main),
            "alerts_of_steps_outside_any_incident": dict(score.unseen_alerts),
            "noise_in_main": score.noise_in_main, "pure_noise_incidents_a_day": round(score.noise_incidents_a_day, 2),
        }  # fmt: skip
    return said


def _in_words(rows: Sequence[Any], score: Score, recording: Sequence[Recorded], seconds: float) -> str:
    lines = [
        table(rows, ("incident", "from", "until", "alerts", "title")),
        "",
        f"{score.alerts} alerts, {score.incidents} incidents: {100 * score.reduction:.3f} % fewer ({seconds:.0f} s)",
    ]
    if any(one.label for one in recording):
        noise = "–" if score.noise_in_main is None else f"{100 * score.noise_in_main:.1f} %"
        lines += [
            f"steps in an incident: {len(score.seen)} of {len(score.steps)}"
            + (f" (not: {', '.join(sorted(set(score.steps) - set(score.seen)))})" if score.seen != score.steps else ""),
            f"steps in the main incident: {len(score.in_main)} ({', '.join(score.in_main)})",
            f"noise in the main incident, repeats collapsed: {noise}",
            f"incidents of pure noise a day: {score.noise_incidents_a_day:.1f}",
        ]
    return "\n".join(lines)


@grouping.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="A changed grouping.yaml.")],
    days: Annotated[float, typer.Option(help="How far back, in days.")] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Show what changed rules would have made of the alerts that came in before; nothing is changed."""
    with opened() as service:
        text, catalogue = text_of(file), service.knowledge().catalogue
        with service.database.reading() as session:
            trial = try_grouping(session, OPERATOR, text, timedelta(days=days), catalogue, service.now())
        found = trial.run
        shown = (reference for one in (found.incidents if found else ()) for reference in one.references)
        write_down_shown(service, "grouping try", shown)
    if found is None:
        fail("\n".join(map(str, trial.faults)))
    rows = [
        (words, getattr(found.before, name), getattr(found.after, name))
        for name, words in (
            ("incidents", "incidents"), ("opens", "alerts that open one"), ("joins", "alerts that join one"),
            ("observed", "alerts in no incident"), ("patterns", "patterns completed"),
        )
    ]  # fmt: skip
    said = {
        "alerts": found.looked_at, "before": vars(found.before), "after": vars(found.after),
        "same": found.same, "incidents": found.incidents, "new": found.new, "gone": found.gone,
    }  # fmt: skip
    show(said, as_json, lambda: _changes_in_words(rows, found))


def _changes_in_words(rows: Sequence[tuple[str, int, int]], found: DryRun) -> str:
    lines = [table(rows, ("", "as it is", "as it would be"))]
    if found.is_cut:
        lines += ["", f"only the newest {MOST_ALERTS} alerts were looked at: choose fewer days"]
    if found.incidents:
        changes = [
            (one.change, one.alerts[0].first_at.isoformat(), len(one.alerts), one.alerts[0].title,
             " ".join(one.references))
            for one in found.incidents[:50]
        ]  # fmt: skip
        lines += ["", table(changes, ("would be", "from", "alerts", "first alert", "stands in"))]
    for titles, sentence in (
        (found.new, "would stand in an incident now"), (found.gone, "would stand in none any more"),
    ):  # fmt: skip
        if titles:
            counted = Counter(titles)
            lines += ["", f"{len(counted)} alerts {sentence}:", *sorted(counted)[:20]]
    return "\n".join(lines)
