"""View models: what a page says follows from the dossier and the instant, and from nothing else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import Act
from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Section
from breach_service.domain.facts import Provenance, Scope, ScopeKind
from breach_service.domain.incident import ClockState, EntryKind, IncidentStatus
from breach_service.domain.rules import NO_RISK
from breach_service.store.inbox import Quarantined
from breach_service.store.sources import Refused, SourceSummary
from breach_service.web.views import (
    IncidentOverview,
    KindChoice,
    blocks_of,
    connect_form,
    declare_page,
    draft_page,
    frame_for,
    incident_page,
    incidents_page,
    inventory_page,
    noise_of,
    observation_of,
    problem_page,
    quarantine_item_page,
    register_page,
    sign_in_page,
    source_row,
    sources_page,
    without_adding,
)
from breach_service.web.views.chronology import PARAMETERS
from breach_service.web.views.clocks import clock_of, nearest_first
from breach_service.web.views.deciding import approval_view
from breach_service.web.views.pieces import badge_for, value_of

HOUR = timedelta(hours=1)
NAMES: dict[str, str] = {"belviere": "Mutuelle Belvière", "vernolles": "Commune de Vernolles"}


def shown(case: Any, dossier: Dossier, **how: Any) -> Any:
    """The page of a dossier, in French, for somebody who may do everything."""
    now = how.pop("now", case.now)
    may = how.pop("may", case.may)
    return incident_page(dossier, case.content, how.pop("drafts", {}), "fr", now, may, **how)


# ---------- Clocks ----------


@pytest.mark.parametrize(
    ("hours_before", "code", "is_late"),
    [(40, "running", False), (18, "due_soon", False), (0.01, "due_soon", False), (0, "overdue", True)],
)
def test_a_countdown_says_running_then_due_soon_then_overdue(
    case: Any, hours_before: float, code: str, is_late: bool
) -> None:
    """72 hours: the last quarter is near; from the due instant on it is overdue, and the span is told as late."""
    obligation = case.due(case.now - 72 * HOUR, 72, advice=Duty.REQUIRED)
    now = obligation.due_at - hours_before * HOUR
    clock = clock_of(obligation, case.incident(), NAMES, case.content, "fr", now)
    assert clock is not None
    assert clock.left is not None
    assert (clock.badge.code, clock.left.is_late) == (code, is_late)
    assert clock.left.length == hours_before * HOUR


@given(st.integers(-400, 400))
def test_the_length_of_a_span_is_never_negative(case: Any, hours: int) -> None:
    """Late or not is a word of its own, and beyond 72 hours the length is told in days."""
    clock = clock_of(case.due(case.now, 72), case.incident(), NAMES, case.content, "fr", case.now + hours * HOUR)
    assert clock is not None
    assert clock.left is not None
    assert clock.left.length == abs(72 - hours) * HOUR
    assert clock.left.is_late is (hours >= 72)
    assert clock.left.is_in_days is (abs(72 - hours) > 72)


def test_a_fulfilled_clock_tells_how_long_it_took_and_stops(case: Any) -> None:
    """Nothing is left of it, however long ago it was."""
    obligation = case.due(case.now, 72, fulfilled_at=case.now + 31 * HOUR)
    clock = clock_of(obligation, case.incident(), NAMES, case.content, "fr", case.now + 900 * HOUR)
    assert clock is not None
    assert (clock.left, clock.took, clock.act) == (None, 31 * HOUR, "see_filing")


@pytest.mark.parametrize("change", [{"not_required_reason": "no risk"}, {"due_at": None}])
def test_what_has_no_date_or_is_not_required_has_no_clock(case: Any, change: dict[str, Any]) -> None:
    """It stays in the list of obligations, where its reason is told."""
    obligation = case.due(case.now, 72, **change)
    assert clock_of(obligation, case.incident(), NAMES, case.content, "fr", case.now) is None


def test_an_unrecorded_trigger_and_an_open_question_are_told_beside_the_state() -> None:
    """Running becomes provisional or undecided; near and overdue keep their word and gain one."""
    assert badge_for(ClockState.RUNNING, True).code == "provisional"
    assert badge_for(ClockState.RUNNING, True, Duty.UNDECIDED).code == "undecided"
    assert badge_for(ClockState.RUNNING, False).code == "running"
    assert badge_for(ClockState.OVERDUE, True).is_provisional
    assert badge_for(ClockState.DUE_SOON, False, Duty.UNDECIDED).is_provisional
    assert not badge_for(ClockState.DUE_SOON, False).is_provisional


def test_clients_whose_clocks_agree_share_one(case: Any) -> None:
    """Three hundred clients of one platform are one clock and a number, the CNIL keeps its own."""
    cnil = case.due(case.now, 72, id=1)
    clients = [replace(cnil, id=number, recipient=f"client:c{number}") for number in range(2, 302)]
    later = case.due(case.now + HOUR, 72, id=900, recipient="client:other")
    clocks = [clock_of(one, case.incident(), {}, case.content, "fr", case.now) for one in (*clients, later, cnil)]
    merged = nearest_first(one for one in clocks if one)
    assert [(one.recipient.kind, one.others) for one in merged] == [("cnil", 0), ("client", 299), ("client", 0)]


# ---------- The list ----------


def overview(case: Any, dossier: Dossier, **changes: Any) -> IncidentOverview:
    """A dossier as the list knows it."""
    incident = replace(dossier.incident, **changes)
    assessment = dossier.assessment
    return IncidentOverview(incident, assessment.personal_data, assessment.risk, dossier.obligations)


def test_an_unqualified_incident_counts_with_its_qualification_clock_alone(case: Any) -> None:
    """Its provisional dates do not make noise in the list until one of them is near."""
    early = case.incident().detected_at + HOUR
    fresh = [overview(case, case.fresh_dossier())]
    page = incidents_page(fresh, case.inventory, case.content, "fr", early)
    assert [one.act for one in page.clocks] == ["qualify"]
    assert (page.standing.open, page.standing.unqualified) == (1, 1)
    late = incidents_page(fresh, case.inventory, case.content, "fr", early + 60 * HOUR)
    assert {one.recipient.kind for one in late.clocks} == {"qualification", "client", "cnil"}


def test_the_list_shows_five_clocks_and_counts_the_others(case: Any) -> None:
    """The nearest first, overdue ones before all."""
    many = [
        overview(case, case.fresh_dossier(), id=n, reference=f"INC-2026-{n:04d}", qualify_by=case.now + n * HOUR)
        for n in range(-2, 10)
    ]
    many = [replace(one, obligations=()) for one in many]
    page = incidents_page(many, case.inventory, case.content, "fr", case.now)
    assert [one.incident for one in page.clocks] == [f"INC-2026-{n:04d}" for n in range(-2, 3)]
    assert page.more == 7
    assert page.standing.overdue == 3
    assert page.standing.next is not None
    assert page.standing.next.incident == "INC-2026-0001"


def test_open_incidents_stand_by_their_next_date_and_closed_ones_apart(case: Any) -> None:
    """A dismissed incident owes nothing and runs no clock."""
    soon = overview(case, case.dossier(), id=1, reference="A")
    later = replace(overview(case, case.dossier(), id=2, reference="B"), obligations=())
    closed = overview(case, case.dossier(), id=3, reference="C", status=IncidentStatus.DISMISSED)
    page = incidents_page([closed, later, soon], case.inventory, case.content, "fr", case.now)
    assert [one.reference for one in page.open] == ["A", "B"]
    assert [(one.reference, one.next, one.has_firing) for one in page.closed] == [("C", None, False)]


def test_an_empty_list_says_so(case: Any) -> None:
    """No incident, no clock, nothing next."""
    page = incidents_page([], case.inventory, case.content, "fr", case.now)
    assert page.is_empty
    assert (page.clocks, page.standing.next, page.standing.overdue) == ((), None, 0)


# ---------- One incident ----------


def test_the_page_of_an_incident_opens_with_the_nearest_clock(case: Any) -> None:
    """Near before running before fulfilled."""
    page = shown(case, case.dossier())
    assert [one.badge.code for one in page.clocks] == ["due_soon", "undecided", "fulfilled"]
    assert page.standing.next.recipient.name == "Mutuelle Belvière"
    assert page.sent == 1


def test_every_act_is_hidden_from_those_who_may_not_do_it(case: Any) -> None:
    """What the set `may` does not hold is not offered; a reader sees no form at all."""
    assert not shown(case, case.dossier(), may=frozenset({str(Act.LOOK)})).acts.any
    assert shown(case, case.dossier(), may=frozenset({str(Act.RECORD_FACT)})).acts.record_fact
    for act in (Act.RECORD_FACT, Act.RECORD_AWARENESS, Act.QUALIFY, Act.CLOSE, Act.RECORD_FILING):
        without = shown(case, case.dossier(), may=case.may - {str(act)}).acts
        assert not getattr(without, str(act))
    assert not shown(case, case.dossier(), may=case.may - {"decide_not_required"}).acts.decide_not_required


@pytest.mark.parametrize("status", [IncidentStatus.DISMISSED, IncidentStatus.CLOSED, IncidentStatus.MERGED])
def test_nothing_is_recorded_in_an_incident_that_is_over(case: Any, status: IncidentStatus) -> None:
    """Facts, awareness and assessment need an open incident."""
    acts = shown(case, case.dossier(incident=case.incident(status=status))).acts
    assert {acts.record_fact, acts.record_awareness, acts.qualify, acts.close} == {False}


def test_only_an_open_letter_can_be_chosen_for_a_filing(case: Any) -> None:
    """Not the register, not what was sent; the one that the person came for is chosen."""
    dossier = case.dossier()
    cnil = next(one.id for one in dossier.obligations if one.recipient == "cnil")
    acts = shown(case, dossier, obligation=cnil).acts
    assert {one.recipient.kind for one in acts.letters} == {"client", "cnil", "persons"}
    assert len([one for one in acts.letters if one.recipient.kind == "client"]) == 1
    assert [one.value for one in acts.letters if one.is_chosen] == [str(cnil)]
    assert "register" not in {one.recipient.kind for one in acts.obligations}


def test_the_first_open_question_is_asked_unless_a_fact_was_chosen(case: Any) -> None:
    """A chosen fact that does not exist falls back to the question."""
    first = case.dossier().assessment.open_questions[0].fact
    assert shown(case, case.dossier()).questions.asked.fact == first
    assert shown(case, case.dossier(), fact="no.such.fact").questions.asked.fact == first
    chosen = shown(case, case.dossier(), fact="persons.number").questions
    assert (chosen.asked.fact, chosen.asked.number, chosen.asked.input) == ("persons.number", 0, "range")
    assert first in {one.fact for one in chosen.others}


@pytest.mark.parametrize(
    ("fact", "kind", "values"),
    [
        ("loss.confidentiality", "radios", ["yes", "no", "unknown"]),
        ("incident.cause", "radios", ["external", "internal", "unknown"]),
        ("data.categories", "boxes", ["civil_status", "contact", "financial", "health", "none_of_these", "unknown"]),
        ("outage.duration", "range", []),
    ],
)
def test_every_type_of_fact_has_its_form_and_unknown_is_an_answer(
    case: Any, fact: str, kind: str, values: list[str]
) -> None:
    """The values are those that FactType.parse takes."""
    form = shown(case, case.dossier(), fact=fact).questions.asked
    assert (form.input, [one.value for one in form.options]) == (kind, values)
    for value in values:
        if value != "none_of_these":  # an empty list: the form says so
            case.content.facts[fact].parse([value] if kind == "boxes" and value != "unknown" else value)


def test_each_answer_says_what_it_would_entail(case: Any) -> None:
    """The consequences come from the assessment with the answer in it, not from a table."""
    dossier = case.fresh_dossier()
    asked = shown(case, dossier, fact="loss.confidentiality").questions.asked
    outcome = {one.value: one.consequence for one in asked.options}
    assert "clients" in outcome["yes"].required
    assert "clients" in outcome["unknown"].undecided
    silent = shown(case, dossier, fact="incident.cause").questions.asked
    assert {one.consequence for one in silent.options} == {None}


def test_a_value_is_held_only_where_all_perimeters_concerned_agree(case: Any) -> None:
    """What one system is known for is not shown as known of another."""
    form = shown(case, case.dossier(), fact="loss.confidentiality").questions.asked
    assert form.controllers == ("Atelier Mirabel",)
    assert form.known is None
    assert [one.value for one in form.options if one.is_chosen] == ["unknown"]


def test_a_fact_can_be_about_each_part_of_the_incident(case: Any) -> None:
    """The whole, each system, each activity, each client in an activity; the values name them."""
    scopes = shown(case, case.dossier(), fact="persons.number").questions.asked.scopes
    assert scopes[0].value == "incident"
    assert {"system:web-02", "activity:demarches", "client:adherents/belviere"} <= {one.value for one in scopes}
    assert [one.kind for one in scopes] == sorted((one.kind for one in scopes), key=list(ScopeKind).index)
    assert sum(one.is_chosen for one in scopes) == 1


def test_no_criterion_disappears_from_the_assessment(case: Any) -> None:
    """Those that hold, those that wait for an answer (three open, heaviest first) and those that do not apply."""
    page = shown(case, case.dossier())
    rules = {finding.rule.id for one in case.dossier().assessment.perimeters for finding in one.findings}
    for group in page.assessment.groups:
        waiting = (*group.possible, *group.folded)
        assert len(group.applying) + len(waiting) + len(group.not_applying) == len(rules)
        assert {one.truth for one in group.applying} <= {Truth.YES}
        assert {one.truth for one in waiting} <= {Truth.UNKNOWN}
        assert {one.truth for one in group.not_applying} <= {Truth.NO}
        assert len(group.possible) <= 3
        assert [one.says == "at_most" for one in waiting] == sorted(one.says == "at_most" for one in waiting)


def test_perimeters_whose_findings_read_alike_share_one_group(case: Any) -> None:
    """A platform of many clients is assessed once on the page, under all their names."""
    dossier = case.dossier()
    own = dossier.assessment.perimeters[0]
    twin = replace(own, perimeter=replace(own.perimeter, key="client:twin", controller="Twin"))
    assessment = replace(dossier.assessment, perimeters=(*dossier.assessment.perimeters, twin))
    groups = shown(case, case.dossier(assessment=assessment)).assessment.groups
    assert (own.perimeter.controller, "Twin") in [one.controllers for one in groups]


def test_a_line_says_who_established_its_value(case: Any) -> None:
    """A person by name and instant; the inventory and the alerts as such."""
    groups = shown(case, case.dossier()).assessment.groups
    lines = [line for group in groups for one in (*group.applying, *group.possible) for line in one.lines]
    read = next(one for one in lines if one.fact == "loss.confidentiality" and one.truth is Truth.YES)
    assert (read.by, read.provenance, read.established_at) == ("Yanis Ferrachat", Provenance.PERSON, case.at(21, 4, 5))
    assert any(one.provenance is Provenance.INVENTORY for one in lines)
    assert all(one.is_open_question for one in lines if one.fact == "financial.iban_complete" and one.by == "")


def test_a_client_owes_its_own_notices_and_we_owe_it_one(case: Any) -> None:
    """The card of a client's perimeter lists the notice to the client only."""
    cards = shown(case, case.dossier()).perimeters
    assert [one.is_ours for one in cards] == [True, False, False]
    assert {line.kind for one in cards if not one.is_ours for line in one.owed} == {"client"}
    health = [tag for one in cards for tag in one.data if tag.is_special]
    assert [one.name for one in health] == ["santé"]


def test_the_other_reading_of_a_term_is_told_for_laws_only(case: Any) -> None:
    """Regulation 1182/71 lies outside contracts and promises."""
    rows = shown(case, case.dossier()).obligations
    assert {one.kind for one in rows if one.other_reading_at} == {"legal"}
    cnil = next(one for one in rows if one.recipient.kind == "cnil")
    assert cnil.other_reading_at == case.at(24, 12, 0)


def test_an_obligation_sent_after_its_date_says_so(case: Any) -> None:
    """The reasons for the delay belong to the notice (GDPR Art. 33(1))."""
    dossier = case.dossier()
    filing = dossier.filings[0]
    owed = [
        replace(one, fulfilled_at=one.due_at + HOUR) if one.id == filing.obligation else one
        for one in dossier.obligations
    ]
    rows = shown(case, case.dossier(obligations=tuple(owed))).obligations
    assert [one.filed_late for one in rows if one.filing] == [True]


# ---------- Chronology, alerts, time line ----------


def test_the_chronology_is_newest_first_and_opens_each_local_day_once(case: Any) -> None:
    """00:30 in Paris is the next day, whatever UTC says."""
    night = [case.entry(n, case.at(22, 0, 30) + n * 20 * HOUR, EntryKind.NOTED, {"note": str(n)}) for n in range(3)]
    log = shown(case, case.dossier(timeline=tuple(night))).log
    assert [one.id for one in log] == [2, 1, 0]
    assert [one.opens_day for one in log] == [True, True, False]


def test_an_entry_without_its_parameters_says_less_and_does_not_fail(case: Any) -> None:
    """Every kind, with no word, with erased words, and with words of another version."""
    entries = [
        case.entry(number, case.now, kind, words)
        for number, kind in enumerate(EntryKind)
        for words in (
            None,
            {},
            {"due_at": "soon", "value": "?", "fact": "gone", "from": "", "recipients": "x client:y"},
        )
    ]
    page = shown(case, case.dossier(timeline=tuple(entries)))
    log = (*page.log, *page.folded_log)
    assert len(log) == len(entries)
    assert sum(one.is_erased for one in log) == len(EntryKind)


def test_a_recorded_value_is_told_in_todays_words(case: Any) -> None:
    """Choices by their labels, ranges as ranges, and what no playbook knows any more as it was written."""
    words = [
        {"fact": "data.categories", "value": "contact health"},
        {"fact": "persons.number", "value": "8900..9300"},
        {"fact": "loss.integrity", "value": "unknown"},
        {"fact": "left.the.playbooks", "value": "blue"},
        {"fact": "loss.integrity", "value": "perhaps"},
    ]
    entries = [case.entry(n, case.now, EntryKind.FACT_RECORDED, one) for n, one in enumerate(words)]
    values = [one.value for one in reversed(shown(case, case.dossier(timeline=tuple(entries))).log)]
    assert values[0].words == ("coordonnées", "santé")
    assert values[1].range == NumberRange(8900, 9300)
    assert values[2].truth is Truth.UNKNOWN
    assert (values[3].words, values[4].words) == (("blue",), ("perhaps",))


def test_many_recipients_of_one_entry_are_named_three_and_counted(case: Any) -> None:
    """One line speaks for all of them."""
    words = {"regime": "client", "recipients": " ".join(f"client:c{n}" for n in range(300))}
    entry = case.entry(1, case.now, EntryKind.OBLIGATION_ARISEN, words)
    line = shown(case, case.dossier(timeline=(entry,))).log[0]
    assert (len(line.recipients), line.others) == (3, 297)


def test_alerts_are_grouped_by_system_with_the_key_first(case: Any) -> None:
    """Each says why it stands here; what was seen before the opening lies before it."""
    view = shown(case, case.dossier()).alerts
    assert [one.is_group_key for one in view.groups] == [True, False, False]
    assert view.groups[0].systems == ("Portail de démarches",)
    rows = {one.why_here: one for group in view.groups for one in group.rows}
    assert rows["observed_before"].after_first < timedelta(0) < rows["same_key"].after_first
    assert view.alerts == 48


def test_a_flood_of_alerts_is_folded(case: Any) -> None:
    """Twenty-five of a group are shown, the others stand behind a fold and are counted."""
    one = case.dossier().episodes[1]
    view = shown(case, case.dossier(episodes=tuple(replace(one, id=n) for n in range(200)))).alerts
    assert (len(view.groups[0].rows), len(view.groups[0].folded)) == (25, 175)


def test_the_list_of_the_time_line_says_what_the_drawing_says(case: Any) -> None:
    """Every instant, now, and every open term, in order."""
    view = shown(case, case.dossier()).timeline
    assert [one.at for one in view.items] == sorted(one.at for one in view.items)
    assert sum(one.css == "is-now" for one in view.items) == 1
    assert len(view.flags) == sum(one.moment is not None for one in view.items)
    open_bars = [term for _, term in view.bars if term.obligation.fulfilled_at is None]
    assert [one.term for one in view.items if one.term] == sorted(open_bars, key=lambda one: one.obligation.due_at)


def test_a_long_name_is_shortened_in_the_drawing_only(case: Any) -> None:
    """The label of a bar stays within the drawing; the clock keeps the whole name."""
    long_name = "Syndicat intercommunal " * 6
    clients = [
        one.model_copy(update={"name": long_name}) if one.id == "belviere" else one for one in case.inventory.clients
    ]
    inventory = case.inventory.model_copy(update={"clients": tuple(clients)})
    page = shown(case, case.dossier(inventory=inventory))
    names = [term.recipient.name for _, term in page.timeline.bars]
    assert max(map(len, names)) <= 44
    assert page.clocks[0].recipient.name == long_name


# ---------- The other pages ----------


def test_a_draft_counts_its_gaps_and_names_the_points_of_article_33(case: Any) -> None:
    """Each letter of Art. 33(3) is there, has a gap, or is absent, and links to where it stands."""
    dossier = case.dossier()
    owed = next(one for one in dossier.obligations if one.recipient == "cnil")
    draft, may = case.draft(), frozenset({"approve_draft", "record_filing"})
    page = draft_page(
        dossier, owed, draft, case.content, "fr", case.now, approval_view(dossier, owed.id, draft, draft, may, may)
    )
    assert (page.filled, page.total, page.gaps) == (1, 3, 2)
    states = [(one.letter, one.state, one.section) for one in page.articles]
    assert states == [("a", "gap", "p3"), ("b", "gap", "p2"), ("c", "absent", ""), ("d", "filled", "p3")]
    assert page.approval is not None
    assert page.approval.may_approve
    assert not page.approval.may_file, "only a text that was approved leaves"
    keys = [field.key for part in page.sections for field in part.fields]
    assert len(keys) == len(set(keys))


def test_a_letter_that_no_article_asks_for_shows_no_list_of_articles(case: Any) -> None:
    """And a letter that was sent cannot be filed again."""
    dossier = case.dossier()
    sent = next(one for one in dossier.obligations if one.fulfilled_at)
    letter = replace(case.draft(), sections=(Section("body", "", ()),))
    may = frozenset({"approve_draft", "record_filing"})
    page = draft_page(
        dossier, sent, letter, case.content, "fr", case.now, approval_view(dossier, sent.id, letter, letter, may, may)
    )
    assert page.articles == ()
    assert page.approval is not None
    assert not page.approval.may_approve
    assert not page.approval.may_file
    assert page.filing is not None


def test_the_register_holds_confirmed_breaches_only(case: Any) -> None:
    """One line per controller; an open incident is counted as undecided; what was no breach is not there."""
    dismissed = case.dossier(incident=case.incident(status=IncidentStatus.DISMISSED))
    page = register_page([case.dossier(), case.fresh_dossier(), dismissed], case.content, "fr", case.now)
    assert [one.controller for one in page.rows] == ["Atelier Mirabel", "Commune de Vernolles", "Mutuelle Belvière"]
    assert (page.incidents, page.undecided) == (1, 1)
    assert {notice.duty for one in page.rows for notice in one.notices} == {"authority", "persons", "client"}


def test_a_perimeter_without_a_breach_stays_out_of_the_register(case: Any) -> None:
    """Only what is or may be a breach of personal data under that controller is entered."""
    dossier = case.dossier()
    perimeters = (replace(dossier.assessment.perimeters[0], is_breach=Truth.NO), *dossier.assessment.perimeters[1:])
    changed = case.dossier(assessment=replace(dossier.assessment, perimeters=perimeters))
    assert len(register_page([changed], case.content, "fr", case.now).rows) == 2


def source(name: str, now: datetime, **changes: Any) -> SourceSummary:
    """A sender that is heard, with changes."""
    known = SourceSummary(
        name=name, kind="wazuh", auth="hmac", created_at=now - 30 * HOUR, last_seen_at=now, received=5, quarantined=0,
        in_quarantine=changes.get("quarantined", 0), redelivered=0,
        refused=0, last_refusal="", last_refused_at=None, refusals=(), refusing_since=None,
        observed_until=None, secrets=1, rotated_at=None, former_used_at=None, has_mapping=False,
        has_expectations=False,
    )  # fmt: skip
    return replace(known, **changes)


def test_a_source_that_is_refused_now_stands_before_those_that_were(case: Any) -> None:
    """Refusals that are over are told as past; a sender never heard of is counted."""
    past = (Refused("wrong_signature", 2, case.now - HOUR),)
    senders = [
        source("fine", case.now),
        source("again", case.now, refused=2, refusals=past),
        source("broken", case.now, refused=2, refusals=past, refusing_since=case.now - HOUR),
        source("never", case.now, last_seen_at=None),
    ]
    form = connect_form([KindChoice("wazuh", "Wazuh", (), False)], 24)
    page = sources_page(senders, form, "https://x.example/", case.now, case.may)
    assert [(one.name, one.is_refused_now) for one in page.refused] == [("broken", True), ("again", False)]
    assert (page.never_seen, page.refused_now) == (1, 1)
    assert page.public_url == "https://x.example"
    assert {one.kind_title for one in page.rows} == {"Wazuh"}


def test_a_replaced_secret_says_when_it_ends(case: Any) -> None:
    """24 hours after its last use, or after the rotation where it was not used since."""

    def rotation(**changes: Any) -> Any:
        return source_row(source("x", case.now, **changes), {}, case.now).rotation

    at = case.now - 3 * HOUR
    assert rotation() is None
    assert rotation(secrets=2, rotated_at=at).retires_at == at + 24 * HOUR
    assert rotation(secrets=2, rotated_at=at, former_used_at=at + HOUR).retires_at == at + 25 * HOUR
    assert rotation(secrets=2).retires_at is None


def test_an_observation_that_has_passed_is_none(case: Any) -> None:
    """The worker ends it within seconds; the page does not wait for that."""
    assert source_row(source("x", case.now, observed_until=case.now), {}, case.now).observed_until is None
    until = case.now + HOUR
    assert source_row(source("x", case.now, observed_until=until), {}, case.now).observed_until == until


def test_the_report_of_an_observation_counts_what_would_have_been_sent(case: Any) -> None:
    """A card for each incident and channel, the reminders that are due, and whom the rules would have called."""
    fresh = case.fresh_dossier()
    incident, owed = fresh.incident, fresh.obligations
    early = observation_of(case.now, [(incident, owed)], ("slack", "console"), incident.detected_at)
    assert early is not None
    assert (early.cards, early.reminders, early.calls) == (2, 0, 0)
    late = observation_of(None, [(incident, owed)], ("slack", "console"), incident.qualify_by)
    assert late is not None
    assert (late.cards, late.reminders, late.calls) == (2, 2, 1)
    closed = case.incident(status=IncidentStatus.DISMISSED)
    over = observation_of(None, [(closed, owed)], ("slack",), incident.qualify_by)
    assert over is not None
    assert (over.reminders, over.calls) == (0, 0)
    assert observation_of(None, [], ("slack",), case.now) is None


def test_the_noisiest_titles_say_what_their_signal_does(case: Any) -> None:
    """A signal that the playbooks do not know opens nothing and is named by its code."""
    found = noise_of([("Scan", "scan", 9), ("Odd", "no_such", 1)], case.content, "fr")
    assert [(one.signal, one.count, one.opens_incident) for one in found] == [
        ("balayage", 9, True),
        ("no such", 1, False),
    ]


def test_a_recipe_is_cut_into_what_a_page_shows() -> None:
    """Headings, paragraphs with code in them, lists and configurations, in order; nothing is lost or obeyed."""
    blocks = blocks_of(
        "## Title\n\nOpen `Settings` **now**\nthen go.\n\n- one\n  more\n- two\n\n```yaml a.yml\nx: *y\n```\n"
    )
    assert [one.kind for one in blocks] == ["heading", "text", "list", "code"]
    assert [(one.text, one.is_code) for one in blocks[1].items[0]] == [
        ("Open ", False),
        ("Settings", True),
        (" now then go.", False),
    ]
    assert [item[0].text for item in blocks[2].items] == ["one more", "two"]
    assert (blocks[3].text, blocks[3].about) == ("x: *y", "a.yml")


def test_the_page_that_is_shown_once_starts_at_the_sender() -> None:
    """Who reads it has added the source already."""
    start = "# Connect\n\nAdd it.\n\n```sh\nbreach-service source add x --kind json\n```\n\n"
    there = without_adding(blocks_of(start + "## There\n\nGo."))
    assert [one.kind for one in there] == ["heading", "text"]
    assert without_adding(blocks_of("## There\n\nGo.")) == there
    assert without_adding(blocks_of(start)) == blocks_of(start)


@given(st.text(max_size=400))
def test_any_text_is_some_recipe(text: str) -> None:
    """Whatever an operator writes into a recipe of their own."""
    blocks_of(text)


@given(st.binary(max_size=2000))
def test_any_body_in_quarantine_can_be_shown(case: Any, body: bytes) -> None:
    """Bytes that are no text are escaped, broken JSON stays as it is."""
    item = Quarantined(1, "x", 1, case.now, "not understood", None)
    page = quarantine_item_page(item, {"b": "2", "a": "1"}, body, case.may)
    assert page.size == len(body)
    assert [name for name, _ in page.headers] == ["a", "b"]
    page.body.encode("utf-8")


def test_the_inventory_names_what_no_alert_finds_and_whom_nobody_can_reach(case: Any) -> None:
    """Both are holes that are noticed too late otherwise."""
    page = inventory_page(case.inventory, "en")
    assert [one.id for one in page.systems if not one.can_be_found] == ["usine"]
    assert (page.not_found, page.without_contact, page.is_empty) == (1, 1, False)
    assert {one.id: one.hours for one in page.clients} == {"vernolles": None, "belviere": 48}
    assert next(one for one in page.activities if one.id == "adherents").controllers == ("Mutuelle Belvière",)


def test_a_declaration_keeps_what_was_typed(case: Any) -> None:
    """After a refusal nothing has to be typed again; personal data is unknown until somebody says."""
    fresh = declare_page(case.inventory, "fr", case.now)
    assert fresh.typed["personal_data"] == "unknown"
    again = declare_page(
        case.inventory, "fr", case.now, typed={"title": "T", "personal_data": "no"}, systems=["crm"], error="no"
    )
    assert (again.typed["title"], again.typed["personal_data"], again.typed["told_by"]) == ("T", "no", "")
    assert [one.id for one in again.systems if one.is_chosen] == ["crm"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", ""])
def test_signing_in_leads_to_a_path_of_ours_only(elsewhere: str) -> None:
    """A link to the form cannot send people to another site."""
    assert sign_in_page(next_path=elsewhere).next == "/"
    assert sign_in_page(next_path="/incidents/INC-2026-0001?fact=x").next == "/incidents/INC-2026-0001?fact=x"


def test_the_language_switch_leads_back_to_the_page(case: Any) -> None:
    """With its query, quoted, and to the other language."""
    frame = frame_for("incidents", "/incidents/X?fact=a.b&obligation=1", "fr", case.now)
    assert frame.language_href == "/language/en?next=/incidents/X%3Ffact%3Da.b%26obligation%3D1"
    assert frame_for("", "/", "en", case.now).language_href.startswith("/language/fr")


@pytest.mark.parametrize(("status", "kind"), [(404, 404), (418, 400), (502, 500), (503, 503)])
def test_every_status_has_words(status: int, kind: int) -> None:
    """A status without its own is told as its family."""
    assert problem_page(status).kind == kind


def values() -> Iterator[tuple[Any, str, str]]:
    """Values of facts, the fact, and the kind of words they become."""
    yield None, "loss.integrity", "truth"
    yield Truth.NO, "loss.integrity", "truth"
    yield "unknown", "incident.cause", "truth"
    yield "external", "incident.cause", "words"
    yield frozenset(), "data.categories", "words"
    yield NumberRange(1, None), "outage.duration", "range"
    yield "processor", "perimeter.role", "role"
    yield frozenset({"x"}), "no.such.fact", "words"


@pytest.mark.parametrize(("value", "fact", "kind"), list(values()))
def test_every_value_of_a_fact_has_words(case: Any, value: Any, fact: str, kind: str) -> None:
    """Also of a fact that the playbooks no longer know."""
    assert value_of(value, fact, case.content, "fr").kind == kind


def test_an_incident_in_which_nothing_is_known_has_a_page(case: Any) -> None:
    """No system, no alert, no instant: one perimeter of ours in which everything is asked."""
    page = shown(case, case.declared_dossier())
    assert page.is_declared
    assert page.opened_by == "Maud Sabran"
    assert page.timeline is not None
    assert page.assessment.risk != NO_RISK
    assert [one.systems for one in page.perimeters] == [()]
    scope = Scope()
    assert page.questions.asked.scopes[0].kind is scope.kind


@pytest.mark.parametrize("name", ["_log.html", "_work_words.html"])
def test_every_word_that_the_chronology_says_is_handed_to_it(name: str) -> None:
    """A page that asks for another one could not be shown at all."""
    template = (Path(__file__).parents[2] / "templates" / "pages" / name).read_text(encoding="utf-8")
    assert set(re.findall(r"\bsaid\.(\w+)", template)) <= set(PARAMETERS)
