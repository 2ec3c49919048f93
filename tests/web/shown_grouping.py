"""What the tests of all pages look at of merging and grouping: something in every place."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from breach_service.acts.grouping import Trial
from breach_service.catalog import Fault
from breach_service.domain.grouping import Grouping, Role
from breach_service.domain.grouping.content import LinkKind
from breach_service.domain.incident import IncidentStatus
from breach_service.pipeline.dry_running import Change, DryRun, PlayedAlert, PlayedIncident, Tally
from breach_service.store.merging import Decision, Proposal
from breach_service.web import views

DAY = timedelta(days=1)


def two_incidents(case: Any, drafts: Any, language: str) -> Iterator[tuple[str, Any]]:
    """An incident that may be one with others: with and without what they share, for who may decide and who may not."""
    now, dossier = case.now, case.dossier()
    other = replace(case.fresh_dossier().incident, reference="INC-2026-0008", detected_at=now - 9 * DAY)
    twins = tuple(replace(one, systems=(*one.systems, "crm")) for one in dossier.episodes)
    proposals = [
        (Proposal(1, other, now, Decision.WAITING, None), twins),
        (Proposal(2, replace(other, systems=(), alerts=0, reference="INC-2026-0009"), now, Decision.WAITING, None), ()),
    ]
    links = dict.fromkeys(LinkKind, 60)
    rules = Grouping.model_validate({**GROUPING, "link_minutes": links})
    for may in (case.may, frozenset({"look"})):
        view = views.merging_view(
            dossier, proposals, [other, replace(other, reference="INC-2026-0010", title="Vol d'un poste")], rules,
            language, may, goes_on_as="INC-2026-0001", took_in=["INC-2026-0002", "INC-2026-0003"],
        )  # fmt: skip
        yield "incident.html", views.incident_page(dossier, case.content, drafts, language, now, may, merging=view)
        merged = case.dossier(incident=case.incident(status=IncidentStatus.MERGED))
        yield "incident.html", views.incident_page(merged, case.content, drafts, language, now, may, merging=view)


GROUPING: dict[str, Any] = {
    "title": {"fr": "Alertes", "en": "Alerts"}, "why": {"fr": "Une attaque.", "en": "One attack."},
    "quiet_minutes": 120, "around_minutes": 30, "longest_hours": 48,
    "common": {"values": ["root"], "seen_with": 5, "on_days": 3, "within_days": 14},
}  # fmt: skip


def grouped(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """The page of the grouping: every role, link and kind of step; each outcome of a try, its faults, no right."""
    when = {
        "a": {"fact": "alert.signal", "any_of": ["scan", "web_shell"]},
        "b": {"any": {"c": {"fact": "alert.severity", "known": "no"}, "d": {"fact": "alert.users", "known": "yes"}}},
        "e": {"not": {"fact": "alert.words", "contains": "sudo"}},
    }  # fmt: skip
    text = {"fr": "mot", "en": "word"}
    rules = [{"id": f"r-{role}", "why": text, "when": when, "role": role, "links": role != "opens"} for role in Role]
    steps = [
        {"sort": "s", "at_least": 5}, {"sort": "s", "after_minutes": 2880 // 2, "different": "user", "at_least": 3},
        {"sort": "s", "after_minutes": 90, "absent": True},
    ]  # fmt: skip
    patterns = [{"id": f"p-{one}", "title": text, "why": text, "by": one, "steps": steps} for one in (None, *LinkKind)]
    sorts = {"s": {"title": text, "when": when}}
    links = dict.fromkeys(LinkKind, 45)
    full = Grouping.model_validate(
        {**GROUPING, "rules": rules, "patterns": patterns, "sorts": sorts, "link_minutes": links}
    )
    bare = Grouping.model_validate(GROUPING)
    alert = PlayedAlert("probe", "Pages essayées", case.now, 3)
    changes = [
        PlayedIncident(change, (alert,) * size, 2, 1, 2, ("INC-2026-0001",) * (size > 1))
        for change in Change for size in (1, 12)
    ]  # fmt: skip
    before, after = Tally(1, 2, 3, 4, 5), Tally(2, 2, 0, 9, 5)
    full_run = DryRun(30, True, before, after, tuple(changes) * 6, 1, ("a", "a", "b"), ("c",))
    trials = [
        Trial(full_run), Trial(DryRun(1, False, before, before, (), 2)),
        Trial(None, (Fault("grouping.yaml", 3, 4, "x"),)),
        Trial(None, (Fault("grouping.yaml", 3, 4, "x"), Fault("rules/a.yaml", 1, 1, "y"))),
    ]  # fmt: skip
    for may in (case.may, frozenset({"look"})):
        for one in (full, bare):
            yield "grouping.html", views.grouping_page(one, "title: x", case.content, language, may, case.now)
        for trial in trials:
            view = views.grouping_page(full, "x", case.content, language, may, case.now, days=1, trial=trial)
            yield "grouping.html", view
        yield "grouping.html", views.grouping_page(full, "x", case.content, language, may, case.now, error="faux")
