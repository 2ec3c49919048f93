"""The chronology in typed values: what each entry says, from the parameters that were recorded with it.

Which parameters an entry carries, by kind (strings; instants in ISO 8601, lists joined by a space). An entry that
lacks one says less, it never fails; `reason` may stand in every kind, `ground` with `ground_number` in every decision,
`facts_digest` and `rules_digest` (what it was taken on) in every decision and opinion.

| kind | parameters |
|---|---|
| opened | `signal`, `source`, `systems`; `pattern` and `count` where a pattern did |
| merged, took_in, merge_proposed | `into`, `incident`, `with`: references |
| declared | `what_happened`, `told_by`, `told_at`, `personal_data` |
| status_changed | `from`, `to`; `closing` (a `ClosingReason`) and `duplicate_of` where it ends |
| systems_added | `systems`; `named` where the inventory knows names of alerts by now |
| fact_recorded | `fact`, `value`, `scope_kind`, `scope_key`; `turns`, `risk_before`, `risk_after`: what it changed |
| question_assigned | `fact`, `person`, `until` |
| instant_recorded | `instant`, `at`, `perimeter` |
| clock_change_proposed | `move`, `instant`, `before_at`, `at`, `recipient` |
| clock_change_settled | the same; `outcome`, `proposed_by` |
| delay_explained | `regime`, `recipient` |
| assessed | `personal_data`, `risk_least`, `risk_most` |
| obligation_arisen, obligation_changed, obligation_withdrawn | `regime`, `recipients`, `due_at`, `is_provisional` |
| decided_not_required, decided_to_notify | `regime` or `perimeter`, `recipient`, `advice`, `departs`, `precedents` |
| filed | `regime`, `recipient`, `sent_at`, `means`, `receipt` |
| opinion_given | `subject` (breach, notify, aware_at), `value`, `at`, `regime`, `recipient` |
| text_approved | `regime`, `recipient`, `text_digest` |
| glass_broken | `number`, `until`, `tried`, `should_have_been`, `away` |
| glass_reviewed | `number`, `person`, `note` |
| mandate_recorded, mandate_revoked | `number`, `person`, `mandate`, `organisation`, `acts`, `document`, `from`, `to` |
| playbook_attached | `playbooks`, `title_fr`, `title_en`; `because` (facts with values) where its conditions hold |
| plan_changed | `change` (a `ChangeKind`), `subject`, `title_fr`, `title_en`; `role`, `hours`, `after` |
| step_recorded | `step`, `state`, `title_fr`, `title_en`, `result`, `answers`, `done_by`, `at` |
| drill_started, drill_injected | `title_fr`, `title_en`, `hours`; `inject`, `to` (a role), `says_fr`, `says_en` |
| called | `stage` (a `Stage`), `step`, `about` (a `WakeReason`), `people`, `pagers` |
| call_acknowledged, call_ended | `about`; `began_at`; `why` (a `CallEnd`) |
| reminded | `about` (a `ReminderReason`), `due_at`, `others` |
| measure_changed | `what` (planned, changed, done…), `number`, `measure`, `owner`, `due_on`, `result`; `from_…` |
| evidence_handled | `what` (collected, copied…), `number`, `evidence`, `digest`, `by`, `at`, `whom`, `is_same` |
| reviewed | `what` (begun, saved, closed, opened_again), `revision`; `participants` where it is closed |
| noted | `note` |
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from breach_service.domain.assessment import WhatChanged, change_from_words
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import EntryKind, TimelineEntry
from breach_service.domain.inventory import Inventory
from breach_service.web.views.closing import reason_label
from breach_service.web.views.incidents import system_names
from breach_service.web.views.pieces import ContentWords, Recipient, Risk, Value, recipient_from, risk_of, value_of
from breach_service.web.views.plan import because_words

MOST_ENTRIES = 60
"""How many entries stand open; older ones are behind a fold."""


@dataclass(frozen=True)
class ChronologyLine:
    """One entry; the template makes a sentence of `kind` and of what is set. Instants in UTC."""

    id: int
    at: datetime
    opens_day: bool
    """True for the first line of a local day, newest first."""
    kind: EntryKind
    actor: str
    is_erased: bool
    params: Mapping[str, str]
    """Every parameter of the kind, empty where it was not recorded."""
    fact: str
    value: Value | None
    recipients: tuple[Recipient, ...]
    """The first few; `others` counts the rest."""
    others: int
    systems: tuple[str, ...]
    scope: str
    regime: str
    signal: str
    pattern: str
    """The title of the pattern that opened it, empty where an alert did."""
    instant_at: datetime | None
    """The instant that the entry is about: recorded, due or sent."""
    before_at: datetime | None
    """What counted before a change of a clock."""
    due_on: date | None
    """The day on which a measure is to be done."""
    reason: str
    grounds: tuple[tuple[str, tuple[str, ...]], ...]
    """What speaks for a playbook: a fact and its values."""
    answers: tuple[str, ...]
    """Labels of the facts that a step answers."""
    closing: str
    """As what the incident ended, in words; empty where the line is about something else."""
    seal: int | None
    digest: str
    """Its first six characters."""
    turns: tuple[tuple[str, str, str], ...] = ()
    """What a fact changed of our duties: duty, before, after."""
    risk_before: Risk | None = None
    """The risk before and after a fact, None where it did not move."""
    risk_after: Risk | None = None


PARAMETERS = (
    "source", "what_happened", "told_by", "from", "to", "instant", "personal_data", "risk_least", "risk_most",
    "is_provisional", "means", "receipt", "about", "note", "into", "incident", "with", "duplicate_of",
    "because", "standing", "substitute", "move", "outcome", "proposed_by",
    "change", "state", "title_fr", "title_en", "result", "role", "hours", "after", "done_by",
    "subject", "value", "ground", "ground_number", "text_digest", "departs", "facts_digest", "rules_digest",
    "tried", "should_have_been", "away", "person",
    "what", "measure", "owner", "from_measure", "from_owner", "from_due_on", "evidence", "by", "whom", "is_same",
    "participants",
    "stage", "people", "pagers", "says_fr", "says_en", "report", "digest", "channel", "reporter", "named", "provider",
    "questions", "phase", "why",
)  # fmt: skip
MOST_RECIPIENTS = 3


def chronology(dossier: Dossier, content: ContentWords, language: str) -> tuple[ChronologyLine, ...]:
    """The chronology of an incident, newest first."""
    zone = ZoneInfo(dossier.organisation.zone)

    def lines() -> Iterator[ChronologyLine]:
        last_day = None
        for entry in reversed(dossier.timeline):
            day = entry.at.astimezone(zone).date()
            yield _line(entry, day != last_day, dossier.inventory, content, language)
            last_day = day

    return tuple(lines())


def _line(
    entry: TimelineEntry, opens_day: bool, inventory: Inventory, content: ContentWords, language: str
) -> ChronologyLine:
    words = entry.words or {}
    names = {one.id: one.name for one in inventory.clients}
    fact, said = words.get("fact", ""), words.get("value", "")
    turns, (risk_before, risk_after) = turns_and_risks(change_from_words(words))
    recipients = (words.get("recipients") or words.get("recipient") or "").split()
    return ChronologyLine(
        id=entry.id,
        at=entry.at,
        opens_day=opens_day,
        kind=entry.kind,
        actor=entry.actor,
        is_erased=entry.words is None,
        params={name: words.get(name, "") for name in PARAMETERS},
        fact=content.fact(fact, language) if fact else "",
        value=recorded_value(said, fact, content, language) if fact else None,
        recipients=tuple(recipient_from(one, names) for one in recipients[:MOST_RECIPIENTS]),
        others=max(len(recipients) - MOST_RECIPIENTS, 0),
        systems=system_names(words.get("systems", "").split(), inventory, language),
        scope=scope_name(words.get("scope_kind", ""), words.get("scope_key", ""), inventory, language),
        regime=content.regime(words["regime"], language) if words.get("regime") else "",
        signal=_signal(words.get("signal", ""), content, language),
        pattern=content.pattern(words["pattern"], language) if words.get("pattern") else "",
        instant_at=_instant(words.get("at") or words.get("due_at") or words.get("sent_at") or words.get("until") or ""),
        before_at=_instant(words.get("before_at", "")),
        due_on=_day(words.get("due_on", "")),
        reason=words.get("reason", ""),
        grounds=because_words(_pairs(words), content, language) if entry.kind in _OF_PLANS else (),
        answers=tuple(content.fact(one, language) for one in words.get("answers", "").split()),
        closing=reason_label(words.get("closing", ""), language),
        seal=entry.seal,
        digest=entry.digest[:6],
        turns=turns,
        risk_before=risk_before,
        risk_after=risk_after,
    )


def turns_and_risks(
    change: WhatChanged | None,
) -> tuple[tuple[tuple[str, str, str], ...], tuple[Risk | None, Risk | None]]:
    """Duty, before and after of each turn; the risk before and after, None where it did not move."""
    if change is None:
        return (), (None, None)
    turns = tuple((one.duty, str(one.before), str(one.after)) for one in change.turns)
    has_moved = change.before != change.after
    return turns, ((risk_of(change.before), risk_of(change.after)) if has_moved else (None, None))


def recorded_value(said: str, fact: str, content: ContentWords, language: str) -> Value:
    """A value as it was written into the chronology, in today's words; what cannot be read any more stays as it is."""
    known = content.facts.get(fact)
    if known is None:
        return Value("words", words=(said,))
    try:
        return value_of(
            known.parse(said.split() if known.type == "set" and said != "unknown" else said), fact, content, language
        )
    except ValueError:
        return Value("words", words=(said,))


_OF_PLANS = frozenset({EntryKind.PLAYBOOK_ATTACHED})


def _pairs(words: Mapping[str, str]) -> list[tuple[str, str]]:
    found = (one.partition("=") for one in words.get("because", "").split())
    return [(fact, value) for fact, _, value in found]


def _signal(code: str, content: ContentWords, language: str) -> str:
    known = {str(signal): found for signal, found in content.signals.items()}.get(code)
    return known.label.in_language(language) if known else code


def _day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _instant(raw: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return at if at.tzinfo else None


# ---------- Facts ----------


@dataclass(frozen=True)
class FactLine:
    """One fact that a person recorded."""

    label: str
    value: Value
    scope: str
    by: str
    established_at: datetime
    note: str


def facts_recorded(dossier: Dossier, content: ContentWords, language: str) -> tuple[FactLine, ...]:
    """What people recorded, newest first; what the inventory and the alerts say stands with each finding."""
    recorded = [one for one in reversed(dossier.facts) if one.provenance == "person"]
    return tuple(
        FactLine(
            label=content.fact(one.name, language),
            value=value_of(one.value, one.name, content, language),
            scope=scope_name(one.scope.kind, one.scope.key, dossier.inventory, language),
            by=one.by,
            established_at=one.established_at,
            note=one.note,
        )
        for one in recorded
    )


def scope_name(kind: str, key: str, inventory: Inventory, language: str) -> str:
    """The part of an incident that a fact is about, empty for the whole of it."""
    activity_id, _, client_id = key.partition("/")
    system, activity, client = inventory.system(key), inventory.activity(activity_id), inventory.client(client_id)
    match kind:
        case "system" if system:
            return system.name.in_language(language)
        case "activity" if activity:
            return activity.name.in_language(language)
        case "client" if client:
            return f"{activity.name.in_language(language)}, {client.name}" if activity else client.name
        case _:
            return key
