"""What the operator reads of a restricted incident stands in the audit trail, whatever command showed it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from breach_service.acts import silences
from breach_service.acts.silences import NewSilence
from breach_service.app import OPERATOR, shipped
from breach_service.domain.silences import Matchers, lines_of
from breach_service.store import alerts, audit, incidents
from breach_service.store.audit import AuditFilter
from breach_service.store.sight import FULL
from tests.cli.conftest import CommandLine
from tests.pipeline.incoming import WEB_SHELL, Incoming

NOTHING_OPENS = (
    "rules:\n  - id: nothing\n    why: {fr: Rien., en: Nothing.}\n"
    "    when: {tout: {fact: alert.signal, known: yes}}\n    role: observes\n"
)


@pytest.fixture
def told(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """A restricted incident of alerts that are over, a silence made from one of them, and content that is changed."""
    service = cli.service()
    try:
        incoming = Incoming(service)
        incoming.alert(WEB_SHELL)
        incoming.alert(WEB_SHELL, status="resolved")

        def work(session: Session) -> None:
            (one,) = incidents.summaries(session, visibility=FULL)
            row = incidents.row_by_id(session, one.incident.id)
            row.is_restricted, row.has_firing = True, False
            session.add(row)
            alert = alerts.episodes_of(session, one.incident.id)[0].id
            when = lines_of(Matchers(rules=("x",)))
            ends_at = service.now() + timedelta(days=1)
            silences.add_silence(session, OPERATOR, NewSilence(ends_at, "Why.", when, alert=alert), service.now())

        service.database.write(work)
    finally:
        service.close()
    return cli


def noted(cli: CommandLine) -> list[tuple[str, str]]:
    service = cli.service()
    try:
        with service.database.reading() as session:
            return [(one.kind, one.what) for one in audit.entries(session, AuditFilter(), FULL)]
    finally:
        service.close()


COMMANDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("incident", "closable"), "incident closable"), (("incident", "show", "{}"), "incident"),
    (("dossier", "{}"), "incident"), (("silence", "list"), "silence list"),
    (("silence", "preview", "--source", "probe", "--signal", "web_shell"), "silence preview"),
    (("grouping", "try", "{rules}"), "grouping try"), (("content", "diff"), "content diff"),
)  # fmt: skip


@pytest.mark.parametrize(("command", "what"), COMMANDS)
def test_whatever_shows_a_restricted_incident_leaves_a_line(
    told: CommandLine, tmp_path: Path, command: tuple[str, ...], what: str
) -> None:
    """Before it is shown; one line for the incident."""
    rules = tmp_path / "grouping.yaml"
    text = (shipped("playbooks") / "grouping.yaml").read_text(encoding="utf-8")
    rules.write_text(text.replace("rules:\n", NOTHING_OPENS, 1), encoding="utf-8")
    _retire(told, tmp_path)
    service = told.service()
    with service.database.reading() as session:
        (one,) = incidents.summaries(session, visibility=FULL)
    service.close()
    before = noted(told)
    shown = told.says(*(word.format(one.incident.reference, rules=rules) for word in command))
    assert one.incident.reference in shown or "silence" in command, shown
    assert noted(told)[: len(noted(told)) - len(before)] == [("read_incident", what)]


def _retire(cli: CommandLine, tmp_path: Path) -> None:
    """Content of the operator's own in which personal data are found by one criterion less."""
    own = tmp_path / "own" / "playbooks" / "rules"
    own.mkdir(parents=True)
    name = "personal-data-in-the-system.yaml"
    text = (shipped("playbooks") / "rules" / name).read_text(encoding="utf-8")
    (own / name).write_text(text.replace("status: active", "status: retired"), encoding="utf-8")
    cli.environment["BREACH_CONTENT_DIR"] = str(tmp_path / "own")
