"""The queue of reports: what waits and why, and one report with all that it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breach_service.acts.reporting import Opened
from breach_service.domain.inventory import Inventory
from breach_service.domain.reports import QUESTIONS, Automatic, ReporterKind
from breach_service.store.reports import WAITING, Listed

MACHINES = frozenset(map(str, Automatic))
"""Why a report waits where no person seems to have written it."""


SORTING = ("reason", "kind", "reference", "other", "points_at_staff")
"""The fields of the forms of one report."""


@dataclass(frozen=True)
class ReportLine:
    """One report in a list: nothing of what it says. Instants in UTC."""

    number: str
    kind: str
    party: str
    """Name of the client or the provider."""
    channel: str
    is_signed_in: bool
    """True where whoever reported had an account; a page without is that of the public link."""
    told_at: datetime
    because: str
    """Why it waits, or waited; empty where it did not."""
    is_machine: bool
    """True where no person seems to have written it."""
    standing: str
    incident: str
    """Of the incident that it stands by, or whose report it answers."""
    answers: str
    files: int
    settled_by: str
    settled_at: datetime | None
    reason: str


@dataclass(frozen=True)
class ReportsPage:
    """The context variable `page` of `reports.html`."""

    waiting: tuple[ReportLine, ...]
    settled: tuple[ReportLine, ...]
    may_sort: bool
    error: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReportFile:
    """A file that came with a report."""

    place: int
    name: str
    media_type: str
    size: int
    digest: str
    is_inline: bool


@dataclass(frozen=True)
class OpenIncident:
    """An incident that a report may be about."""

    reference: str
    title: str


@dataclass(frozen=True)
class OneReport:
    """The context variable `page` of `one_report.html`."""

    line: ReportLine
    name: str
    contact: str
    subject: str
    words: str
    answers: tuple[tuple[str, str, str], ...]
    """Kind, question and answer; the first question is `words`."""
    occurred_at: datetime | None
    flaws: tuple[str, ...]
    written_at: datetime | None
    received_at: datetime
    digest: str
    size: int
    files: tuple[ReportFile, ...]
    points_at_staff: bool
    let_go_at: datetime | None
    incidents: tuple[OpenIncident, ...]
    """That it may be joined to; the one whose report it answers stands first."""
    kinds: tuple[str, ...]
    may_sort: bool
    typed: Mapping[str, str]
    error: str


def report_line(one: Listed, inventory: Inventory) -> ReportLine:
    """One line."""
    kept = one.report
    names = {client.id: client.name for client in inventory.clients}
    names |= {provider.id: provider.name for provider in inventory.providers}
    return ReportLine(
        number=kept.number, kind=str(kept.kind), party=names.get(kept.party, ""), channel=kept.channel,
        is_signed_in=one.is_signed_in, told_at=kept.told_at, because=kept.waits_because,
        is_machine=kept.waits_because in MACHINES, standing=kept.standing,
        incident=one.incident or one.answers_incident or "", answers=one.answers or "",
        files=kept.attachments, settled_by=kept.settled_by, settled_at=kept.settled_at, reason=kept.settled_because,
    )  # fmt: skip


def reports_page(
    waiting: Iterable[Listed], settled: Iterable[Listed], inventory: Inventory, may: frozenset[str], *,
    error: str = "", typed: Mapping[str, str] | None = None, chosen: Iterable[str] = (),
) -> ReportsPage:  # fmt: skip
    """What waits, the oldest first, and what was settled lately."""
    return ReportsPage(
        tuple(report_line(one, inventory) for one in waiting), tuple(report_line(one, inventory) for one in settled),
        "sort_reports" in may, error, typed or {}, frozenset(chosen),
    )  # fmt: skip


def one_report(
    one: Opened, incidents: Iterable[OpenIncident], inventory: Inventory, language: str, may: frozenset[str], *,
    typed: Mapping[str, str] | None = None, error: str = "",
) -> OneReport:  # fmt: skip
    """One report with its words and its files."""
    kept, said = one.listed.report, one.words
    line = report_line(one.listed, inventory)
    choices = sorted(incidents, key=lambda each: each.reference != line.incident)
    when = said.answers.get("when", "")
    return OneReport(
        line=line, name=said.name, contact=said.contact, subject=said.subject, words=said.words,
        answers=tuple(
            (str(each.kind), each.words.in_language(language), said.answers[each.id])
            for each in QUESTIONS
            if not each.is_required and each.id != "when" and said.answers.get(each.id)
        ),
        occurred_at=_instant(when), flaws=said.flaws, written_at=kept.written_at, received_at=kept.received_at,
        digest=kept.digest, size=len(one.original),
        files=tuple(
            ReportFile(place, each.name, each.media_type, len(each.content), each.digest, each.is_inline)
            for place, each in enumerate(one.files, 1)
        ),
        points_at_staff=said.points_at_staff, let_go_at=kept.let_go_at, incidents=tuple(choices),
        kinds=tuple(map(str, ReporterKind)), may_sort="sort_reports" in may and kept.standing == WAITING,
        typed={name: (typed or {}).get(name, "") for name in SORTING}, error=error,
    )  # fmt: skip


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
