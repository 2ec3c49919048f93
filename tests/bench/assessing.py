"""How long it takes to judge a large incident again when one fact of it changes."""

import statistics
import time
from datetime import datetime

from pydantic import SecretStr

from breach_service.acts import content
from breach_service.app import OPERATOR, Service, open_service, prepare
from breach_service.clock import utc_now
from breach_service.demo.running import example_inventory
from breach_service.domain.assessment import weighed_questions
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import assessment_of, judge
from breach_service.settings import Settings
from breach_service.store import incidents
from breach_service.store.database import Session
from tests.bench.report import Line, at_most
from tests.bench.serving import KEY
from tests.bench.stage import Stage
from tests.pipeline.incoming import WEB_SHELL, Incoming

ALERTS, TO_A_BODY = 10_000, 500
ROUNDS = 21
REFERENCE = "INC-2026-0001"


def reassessing(stage: Stage) -> list[Line]:
    """An incident with 10,000 alerts, judged again from its stored facts, in milliseconds."""
    service = _with_a_large_incident(stage)
    try:
        alerts = _alerts_in(service)
        whole = statistics.median(_judged_again(service) for _ in range(ROUNDS))
        knowledge = service.knowledge()
        with service.database.reading() as session:
            dossier = dossier_of(session, REFERENCE, knowledge)
        pure, weighed = [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assessment = assessment_of(dossier.incident, dossier.facts, knowledge)
            pure.append(time.perf_counter() - began)
            began = time.perf_counter()
            weighed_questions(assessment)
            weighed.append(time.perf_counter() - began)
    finally:
        service.close()
    return [
        at_most("reassessing 10,000 alerts: read, judge, oblige", "ms", round(whole * 1000, 2), 50, alerts=alerts),
        at_most("reassessing 10,000 alerts: judge alone", "ms", round(statistics.median(pure) * 1000, 2), 10),
        at_most("weighing every open question", "ms", round(statistics.median(weighed) * 1000, 2), 100),
    ]


def _alerts_in(service: Service) -> int:
    with service.database.reading() as session:
        return incidents.row_of(session, REFERENCE).alerts


def _with_a_large_incident(stage: Stage) -> Service:
    settings = Settings(
        data_dir=stage.directory / "assessing", secret_key=SecretStr(KEY), log_level="error", observe_hours=0
    )
    service = open_service(settings)
    prepare(service)
    inventory, now = example_inventory(settings), utc_now()
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, now))
    incoming = Incoming(service)
    for first in range(0, ALERTS, TO_A_BODY):
        incoming.send(*(WEB_SHELL | {"id": f"shell-{number}"} for number in range(first, first + TO_A_BODY)))
        incoming.process()
    return service


def _judged_again(service: Service) -> float:
    """Seconds to judge the incident as if it had never been judged."""
    knowledge, now = service.knowledge(), utc_now()

    def again(session: Session, at: datetime) -> float:
        row = incidents.row_of(session, REFERENCE)
        row.assessment_digest = ""
        began = time.perf_counter()
        judge(session, row.id or 0, knowledge, at)
        return time.perf_counter() - began

    return service.database.write(lambda session: again(session, now))
