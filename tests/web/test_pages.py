"""The pages as HTML: both languages, rich and empty, well-formed, labelled, escaped, without a leftover of English."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from breach_service.acts.closing import Closing
from breach_service.acts.closing import Refused as NotClosed
from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.domain.assessment import Duties, Duty
from breach_service.domain.closing import (
    Caution,
    ClosingReason,
    Ended,
    OpenerKind,
    Proposal,
    ProposalCause,
    StaysOpen,
    shares_of,
)
from breach_service.domain.conditions import Lines, Truth
from breach_service.domain.differences import Comparison, JudgedDifferently, judged_differently
from breach_service.domain.drafts import Draft, FieldKind
from breach_service.domain.grouping import ALERT_FACTS
from breach_service.domain.incident import EntryKind, IncidentStatus, Silenced
from breach_service.domain.inventory import Inventory
from breach_service.domain.noise import Dismissal, NoiseProposal
from breach_service.domain.personal_data import DataKind
from breach_service.domain.rules import RiskInterval, RiskLevel
from breach_service.domain.silences import PastAlert, Preview, Recurrence, Silence
from breach_service.domain.text import Text
from breach_service.pipeline.quietening import DryRun, Standing
from breach_service.rendering import Renderer, missing_translations
from breach_service.rendering.catalogues import catalogue_path, read_catalogue
from breach_service.sources.mapped.reading import Trial, try_mapping
from breach_service.sources.proofs import Expectation
from breach_service.sources.senders.microsoft import SOURCE as MICROSOFT
from breach_service.store.activations import Version
from breach_service.store.alerts import ListedAlert
from breach_service.store.inbox import Quarantined
from breach_service.store.sources import Refused, SourceSummary
from breach_service.web import views
from breach_service.web.views import Banner, DemoAccount, IncidentOverview
from tests.web.shown_deciding import deciding
from tests.web.shown_grouping import grouped, two_incidents

ROOT = Path(__file__).parents[2]
BANNERS = ("recorded", "declared", "refused", "content_kept", "worker_silent", "problem")
PARIS = "Europe/Paris"
DAY = timedelta(days=1)
LANGUAGES = ("fr", "en")
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SVG_LEAVES = {"use", "path", "rect", "circle", "line"}


@dataclass
class Page(HTMLParser):
    """A page read strictly: every element closed in order, every attribute once."""

    html: str
    open: list[str] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element; self-closing SVG leaves come here too."""
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> says an attribute twice: {names}")
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A leaf of a drawing."""
        if tag not in SVG_LEAVES | VOID:
            self.faults.append(f"<{tag}/> closes itself")
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Must close what is open."""
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keep what people read."""
        if data.strip():
            self.texts.append(" ".join(data.split()))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def rich(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Every page with something in every place."""
    dossier, now, may, content = case.dossier(), case.now, case.may, case.content
    cnil = next(one for one in dossier.obligations if one.recipient == "cnil")
    drafts = {one.id: case.draft(language) for one in dossier.letters}

    listed = [
        IncidentOverview(one.incident, one.assessment.personal_data, one.assessment.risk, one.obligations)
        for one in (dossier, case.fresh_dossier(), case.declared_dossier())
    ]
    listed.append(replace(listed[0], incident=case.incident(id=99, status=IncidentStatus.DISMISSED)))
    yield "incidents.html", views.incidents_page(listed, case.inventory, content, language, now)
    yield "incident.html", views.incident_page(dossier, content, drafts, language, now, may)
    for fact in content.facts:
        yield "incident.html", views.incident_page(dossier, content, drafts, language, now, may, fact=fact)
    late = views.incident_page(dossier, content, drafts, language, now + 30 * DAY, may, obligation=cnil.id)
    yield "incident.html", late
    yield "incident.html", views.incident_page(case.fresh_dossier(), content, {}, language, now, may)
    yield "incident.html", views.incident_page(case.declared_dossier(), content, {}, language, now, frozenset())
    yield from shown_by_alerts(case, language)
    yield from contents(case, language)
    silent = case.dossier(incident=case.incident(is_muted=True))
    yield "incident.html", views.incident_page(silent, content, drafts, language, now, may)
    for status in IncidentStatus:
        of_status = case.dossier(incident=case.incident(status=status))
        yield "incident.html", views.incident_page(of_status, content, drafts, language, now, may)
    for name in ("draft.html", "draft_print.html"):
        for one in dossier.letters:
            yield name, views.draft_page(dossier, one, case.draft(language), content, language, now)
    yield "declare.html", views.declare_page(case.inventory, language, now, error="x", typed={"title": "T"})
    yield "register.html", views.register_page([dossier, case.fresh_dossier()], content, language, now)
    yield "inventory.html", views.inventory_page(case.inventory, language)
    yield from two_incidents(case, drafts, language)
    yield from grouped(case, language)
    yield from senders(case, language)
    yield from ended(case, language, case.may)
    yield from ended(case, language, frozenset({"look"}))
    for may in (case.may, frozenset({"look"})):
        for view in silenced(case, language, may):
            yield "silences.html", view
    shown = [replace(one, silenced=Silenced(1, "Maud", now + DAY)) for one in dossier.episodes]
    silenced_dossier = case.dossier(incident=case.incident(is_muted=True), episodes=tuple(shown))
    yield "incident.html", views.incident_page(silenced_dossier, content, drafts, language, now, may)
    for status in (400, 401, 403, 404, 405, 409, 413, 418, 422, 429, 500, 502, 503):
        yield "problem.html", views.problem_page(status, "a sentence", "01J9")
    for error in ("", "wrong", "locked", "ended"):
        demo = [DemoAccount("Noé Varenne", "dpo", "dpo@demo.example", "quatre-chevaux")] if error else []
        yield "sign_in.html", views.sign_in_page(error, "a@b.example", "/incidents", demo, has_passkeys=bool(error))
    yield from own_account("Noé Varenne", now)
    yield from deciding(case, language)


def account_of(name: str, now: datetime, **changes: Any) -> views.AccountPage:
    """An account with nothing but a password."""
    bare = views.AccountPage(
        name=name, email=name, language="fr", has_password=True, password_changed_at=None,
        totp=views.totp_view("", "", None), recovery_left=0, passkeys=(),
        sessions=(views.SessionLine(1, True, "password", name, now, now, now + DAY),), asks_password=False,
        enrol_before=None, must_enrol=False, can_hold_passkeys=False, error="", now=now,
    )  # fmt: skip
    return replace(bare, **changes)


def own_account(name: str, now: datetime) -> Iterator[tuple[str, Any]]:
    """The account's page as it can be, the recovery codes, and the second step of signing in."""
    keys = tuple(views.PasskeyLine(one, name, now, now if one else None) for one in range(2))
    ways = ("password", "password+totp", "password+recovery", "passkey", "oidc", "link")
    sessions = tuple(views.SessionLine(n, n == 0, how, name, now, now, now + DAY) for n, how in enumerate(ways))
    for asks in (False, True):
        yield "account.html", account_of(
            name, now, passkeys=keys, sessions=sessions, recovery_left=9, asks_password=asks, can_hold_passkeys=True,
            totp=views.totp_view("", "", now), password_changed_at=now, error=name,
        )  # fmt: skip
        yield "account.html", account_of(
            name, now, totp=views.totp_view("ABCDEFGH", "otpauth://totp/x", None), asks_password=asks,
            enrol_before=now + DAY, must_enrol=asks, has_password=asks, can_hold_passkeys=True,
        )  # fmt: skip
    yield "account_codes.html", views.recovery_page(("2222-3333-4444-5555", "6666-7777-8888-9999"))
    for error in ("", "wrong"):
        yield "sign_in_second.html", views.second_step_page(error, "/incidents", has_passkeys=bool(error))


KINDS = (
    views.KindChoice("wazuh", "Wazuh", (), False),
    views.KindChoice("sentry", "Sentry", ("glitchtip",), True),
)
RECIPE = """# Chez l'émetteur

Ouvrez `Réglages`.

- un point
  et sa suite
- l'autre

```yaml conf.yml
url: {{ 7 * 7 }}
```
"""


def sender(name: str, now: datetime, **changes: Any) -> SourceSummary:
    """A sender that is well, with changes."""
    known = SourceSummary(
        name=name, kind="wazuh", auth="bearer", created_at=now - 9 * DAY, last_seen_at=now, received=5, quarantined=0,
        in_quarantine=changes.get("quarantined", 0), redelivered=0,
        refused=0, last_refusal="", last_refused_at=None, refusals=(), refusing_since=None,
        observed_until=None, secrets=1, rotated_at=None, former_used_at=None, has_mapping=False,
        has_expectations=False,
    )  # fmt: skip
    return replace(known, **changes)


def one_sender(case: Any, language: str, summary: SourceSummary, may: frozenset[str], error: str = "") -> Any:
    """The page of one sender with everything on it: what it opened in silence, each status and doubt of an alert."""
    dossier, now = case.fresh_dossier(), case.now
    episodes = [
        ListedAlert(replace(dossier.episodes[0], status=status, said_at=now + DAY, link="https://x.example/1",
                            vendor_reference="A-1", is_unverified=True), incident)
        for status, incident in zip(AlertStatus, ("INC-2026-0001", None, None, None), strict=True)
    ]  # fmt: skip
    quiet = [ListedAlert(dossier.episodes[0], None)]
    observation = views.observation_of(
        summary.observed_until, [(dossier.incident, dossier.obligations)], ("slack", "console"), now
    )
    said = [("Port scan", "scan", 7), ("x", "no_such_signal", 1)]
    return views.source_page(
        views.source_row(summary, {"wazuh": "Wazuh"}, now), "https://a.example", observation,
        views.noise_of(said, case.content, language), [*episodes, *quiet],
        [Quarantined(1, summary.name, 1, now, "no rule", None)], case.content, language,
        views.expected_here(MICROSOFT.expectations, {"client-state": "x", "tenant": "t"}, language), may, error,
    )  # fmt: skip


def once(case: Any, auth: str, *, is_theirs: bool, text: str = "x") -> Any:
    """The page that is shown once."""
    return views.NewSourcePage(
        name=text, kind_title=text, is_new=is_theirs, url="https://a.example/webhooks/x", secret=text, auth=auth,
        header="" if auth == "bearer" else text, prefix="sha256=" if auth == "hmac" else "", is_theirs=is_theirs,
        observed_until=case.now if is_theirs else None, recipe=views.blocks_of(RECIPE),
    )  # fmt: skip


def shown_by_alerts(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """An incident whose alerts show personal data: as the inventory has it, and against it."""
    dossier = case.dossier()
    for known in (dossier, case.dossier(assessment=replace(dossier.assessment, personal_data=Truth.NO))):
        seen = views.seen_view(known, {DataKind.EMAIL: 3, DataKind.IBAN: 1}, case.content, language)
        yield "incident.html", views.incident_page(known, case.content, {}, language, case.now, case.may, seen=seen)


def contents(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """The content in force: nothing to do, faults, and everything that may differ."""
    dossier, now, may = case.dossier(), case.now, case.may
    versions = [Version("a" * 64, now, "Noé", None, None, ""), Version("b" * 64, now, "Maud", 3, 1, "c" * 64)]
    own = dossier.assessment.perimeters[0]
    other = replace(
        own, personal_data=Truth.UNKNOWN, risk=RiskInterval(RiskLevel.UNLIKELY, RiskLevel.HIGH_RISK),
        duties=Duties(Duty.UNDECIDED, Duty.NOT_REQUIRED, Duty.REQUIRED, Duty.UNDECIDED), findings=(),
    )  # fmt: skip
    after = replace(dossier.assessment, perimeters=(other, *dossier.assessment.perimeters[1:]))
    differences = judged_differently(dossier.assessment, after)
    bare = replace(differences[0], perimeter="client:vernolles", findings=())
    incidents = tuple(
        JudgedDifferently(f"INC-2026-{number:04d}", dossier.incident.title, status, (*differences, bare))
        for number, status in enumerate((*IncidentStatus, *[IncidentStatus.CLOSED] * 100))
    )
    files = (("rules/a.yaml", "added"), ("rules/b.yaml", "changed"), ("facts.yaml", "removed"))
    whole = Comparison("a" * 64, "d" * 64, files, 200, 3, incidents)
    rules = {each.rule.id: each.rule.title for each in own.findings}
    names = {one.id: one.name for one in case.inventory.clients}
    for compared, faults, allowed, error in (
        (whole, (), may, "x"), (whole, (), frozenset({"look"}), ""), (None, ("rules/a.yaml:3: fault",), may, ""),
        (replace(whole, latter="a" * 64, files=(), incidents=(), looked_at=0), (), may, ""),
        (replace(whole, incidents=(), looked_at=1, left_out=0), (), may, ""),
        (replace(whole, incidents=(), looked_at=0, left_out=0), (), may, ""),
    ):  # fmt: skip
        yield "content.html", views.content_page(
            versions, compared, "e" * 64, faults, rules, names, language, allowed, now, error
        )  # fmt: skip


def silenced(case: Any, language: str, may: frozenset[str]) -> Iterator[Any]:
    """The silences: each state, every way to match, a form as it was typed with its preview or its fault."""
    now = case.now
    when = TypeAdapter(Lines).validate_python(
        {"a": {"fact": "alert.signal", "any_of": ["scan", "web_shell"]},
         "b": {"any": {"c": {"fact": "alert.hosts", "contains": "web-02"}, "d": {"fact": "alert.rule", "is": "R 1"}}},
         "e": {"not": {"fact": "alert.users", "none_of": ["root"]}},
         **{f"g{n}": {"fact": name, "known": "yes"} for n, name in enumerate(ALERT_FACTS)}}
    )  # fmt: skip
    usual = Silence(1, "Maud", "Travaux", now - DAY, now + DAY, when, created_by="Noé")
    usual = replace(usual, silenced=3, last_silenced_at=now)
    nightly = Recurrence(frozenset(range(7)), time(22), time(2), "America/New_York")
    some = [
        usual, replace(usual, id=2, starts_at=now + DAY / 2), replace(usual, id=3, recurrence=nightly),
        replace(usual, id=4, recurrence=replace(nightly, zone=PARIS)), replace(usual, id=5, ends_at=now),
        replace(usual, id=6, ended_at=now - DAY / 2, ended_by="Yanis", silenced=0, last_silenced_at=None),
        replace(usual, id=7, when={}, scanners=tuple(f"192.0.2.{n}" for n in range(14))),
    ]  # fmt: skip
    alert = Alert("probe", "Pages essayées", Signal.SCAN, "f")
    past = PastAlert("probe", "json", alert, (), 3, now, now, "INC-2026-0007")
    grave = replace(past, alert=replace(alert, signal=Signal.EXFILTRATION), incident=None)
    tried = [Preview((past,), (grave,), 1, 9), Preview((past, grave), (grave, grave), 2, 9), Preview((), (), 0, 0)]
    typed = dict.fromkeys(views.SILENCE_FIELDS, "x") | {"weekdays": "04", "signal": "scan", "system": "crm"}
    forms: list[dict[str, Any]] = [{"error": "faux"}, *({"preview": one} for one in tried)]
    for more in forms:
        form = views.silence_form(["x"], case.inventory, case.content, language, PARIS, now, typed, **more)
        yield views.silences_page(some, form, case.content, language, PARIS, now, may)


SAMPLE = '{"what": "x", "items": [{"title": "Copie", "prio": "P1", "where": {"host": "h-1"}}]}'


def mapped(case: Any, language: str, may: frozenset[str]) -> Iterator[Any]:
    """The page on which a format is taught: blank, tried, with faults everywhere, and as it is kept."""
    records = (json.loads(SAMPLE),)
    good = {"each": "items", "title": "title", "host": "where.host", "severity_words": "P1 = critical"}
    document, _ = views.document_of(good)
    trial = try_mapping(document, SAMPLE.encode())
    wrong = tuple((key, f"{key}: <b>faux</b>") for key in (*views.MAPPING_FIELDS[:-2], "always.signal", "", "nowhere"))

    def page(typed: dict[str, str], sample: views.Sample, **more: Any) -> Any:
        known = {"has_mapping": False, "waiting": 0, **more}
        return views.mapping_page("s", "JSON", typed, sample, "title: a", case.content, language, may, **known)

    yield page({}, views.Sample())
    yield page(good, views.Sample(SAMPLE, None, records), trial=trial, waiting=2, has_mapping=True)
    yield page(good, views.Sample(SAMPLE, 7, records), faults=wrong, error="non")
    yield page({}, views.Sample("x", None, (), "illisible"), trial=Trial(), waiting=1)


def ended(case: Any, language: str, may: frozenset[str], text: str = "Copie") -> Iterator[tuple[str, Any]]:
    """What is proposed for closing and what is only noise: fresh, refused in part, and for whoever may not close."""
    now, content, inventory = case.now, case.content, case.inventory
    incident = case.incident(title=text, reference=text)
    some = [
        Proposal(incident, Truth.NO, cause, now, cautions)
        for cause, cautions in ((ProposalCause.ALL_RESOLVED, ()), (ProposalCause.SILENT_FOR_7_DAYS, tuple(Caution)))
    ]
    some[0] = replace(some[0], incident=case.incident(title=text, reference=f"{text} 2"))
    known = Dismissal(text, ClosingReason.TEST, now, Truth.NO, "json", Alert(text, text, Signal.SCAN, "f"), ())
    proposal = NoiseProposal((known, known, known))
    lines = (views.noise_line(proposal, content, language),)
    typed = views.TypedClosing("test", text, text, {text: Closing(text, text, ClosingReason.TEST)})
    refused = (NotClosed(text, text), *(NotClosed("x", "y", one) for one in StaysOpen))
    dismissed = case.incident(status=IncidentStatus.DISMISSED, closing_reason="duplicate", duplicate_of=text)
    overview = IncidentOverview(dismissed, Truth.NO, case.dossier().assessment.risk)
    for form in (
        views.closing_form(some, inventory, language, may),
        views.closing_form(some, inventory, language, may, typed, ("z",), refused, text),
        views.closing_form([], inventory, language, may, typed, (), refused[:1]),
    ):
        yield "incidents.html", views.incidents_page([overview], inventory, content, language, now, form, lines)
    past = PastAlert(text, "json", known.alert, (), 7, now - DAY, now, "INC-2026-0007")
    for spared in (0, 1, 2):
        run = DryRun(Preview((past,), (), 0, 9), Standing(3, 5), Standing(3 - spared, 2))
        yield "noise.html", views.noise_page(proposal, run, content, language, now, may)
    openers = [(OpenerKind.RULE, text), (OpenerKind.PATTERN, text), (OpenerKind.SIGNAL, "scan")]
    statuses = (IncidentStatus.DISMISSED, IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING)
    for count in (1, 3):
        share = shares_of(
            [Ended(text, *one, ClosingReason.TEST) for one in list(zip(openers, statuses, strict=True))[:count]]
        )[text]
        row = views.source_row(sender(text, now), {}, now, share)
        yield (
            "source.html",
            views.source_page(row, "", None, [], [], [], content, language, (), may, share=share, noise=[proposal]),
        )
    form = views.connect_form([], 24)
    yield "sources.html", views.sources_page([sender(text, now)], form, "", now, may, None, {text: share})


def senders(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """The pages of senders with each reason of refusal."""
    reasons = (
        "missing_credential", "wrong_credential", "missing_signature", "wrong_signature", "stale_signature",
        "not_allowed", "bad_framing", "unknown_source", "too_large", "backlog_full", "disabled", "a_new_reason",
    )  # fmt: skip
    now = case.now
    found = [
        sender(f"s{n}", now, auth=auth, refusals=(Refused(reason, n + 1, now - 2 * DAY),), refused=n + 1,
               refusing_since=now - 2 * DAY if n % 2 else None, quarantined=n, redelivered=n)
        for n, (reason, auth) in enumerate(zip(reasons, ["hmac", "bearer", "url"] * 4, strict=True))
    ]  # fmt: skip
    found += [
        sender("muet", now, last_seen_at=None, auth="url", observed_until=now + DAY),
        sender("deux", now, secrets=2, rotated_at=now - DAY, former_used_at=now, has_mapping=True),
        sender("deux-muets", now, secrets=2, rotated_at=now - DAY),
    ]
    for may in (case.may, frozenset({"look"})):
        for form in (views.connect_form(KINDS, 24), views.connect_form(KINDS, 0, {"kind": "x", "live": "yes"}, "faux")):
            yield "sources.html", views.sources_page(found, form, "https://a.example", now, may)
        for one in found:
            yield "source.html", one_sender(case, language, one, may)
    for may in (case.may, frozenset({"look"})):
        for view in mapped(case, language, may):
            yield "mapping.html", view
    for auth in ("bearer", "hmac", "url"):
        for is_theirs in (False, True):
            yield "source_new.html", once(case, auth, is_theirs=is_theirs)
    items = [Quarantined(n, "wazuh", 1, case.now - n * DAY, "no rule", case.now if n else None) for n in range(3)]
    yield "quarantine.html", views.quarantine_page(items, case.may)
    yield "quarantine.html", views.quarantine_page(items, case.may, "wazuh")
    yield "quarantine_item.html", views.quarantine_item_page(items[0], {"a": "b"}, b'{"a": [1]}', case.may)
    yield "quarantine_item.html", views.quarantine_item_page(items[1], {}, b"\xff" * 300_000, frozenset())


def empty(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Every page of a new installation."""
    nothing = Inventory(organisations=case.inventory.organisations)
    bare = replace(
        case.declared_dossier(), inventory=nothing, obligations=(), timeline=(), instants=(),
        assessment=replace(case.declared_dossier().assessment, perimeters=(), open_questions=()),
    )  # fmt: skip
    yield "incidents.html", views.incidents_page([], nothing, case.content, language, case.now)
    yield "incident.html", views.incident_page(bare, case.content, {}, language, case.now, case.may)
    yield "declare.html", views.declare_page(nothing, language, case.now)
    yield "register.html", views.register_page([], case.content, language, case.now)
    yield "inventory.html", views.inventory_page(nothing, language)
    yield "sources.html", views.sources_page([], views.connect_form([], 24), "", case.now, frozenset())
    bare_row = views.source_row(sender("s", case.now), {}, case.now)
    yield "source.html", views.source_page(bare_row, "", None, [], [], [], case.content, language, (), frozenset())
    yield "quarantine.html", views.quarantine_page([], frozenset())
    for may in (case.may, frozenset[str]()):
        form = views.silence_form([], nothing, case.content, language, PARIS, case.now)
        yield "silences.html", views.silences_page([], form, case.content, language, PARIS, case.now, may)
    yield "sign_in.html", views.sign_in_page()
    yield "sign_in_second.html", views.second_step_page()
    yield "account.html", account_of("A", case.now)


def rendered(case: Any, renderer: Renderer, language: str, views_of_pages: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The pages around a signed-in DPO with every banner; the form to sign in around nobody."""
    for name, page in views_of_pages:
        is_inside = not name.startswith("sign_in")
        frame = views.frame_for(
            "incidents" if is_inside else "", "/incidents", language, case.now,
            organisation="Atelier Mirabel" if is_inside else "", user="Noé Varenne" if is_inside else "",
            role="dpo", may=case.may, form_token="token", banners=[Banner(code, "détail") for code in BANNERS],
        )  # fmt: skip
        yield renderer.page(name, language, PARIS, {"frame": frame, "page": page})


@pytest.fixture(scope="module", params=[(language, kind) for language in LANGUAGES for kind in ("rich", "empty")])
def pages(request: pytest.FixtureRequest, case: Any, renderer: Renderer) -> tuple[str, list[Page]]:
    """The language and all its pages."""
    language, kind = request.param
    found = rich(case, language) if kind == "rich" else empty(case, language)
    return language, [Page(html) for html in rendered(case, renderer, language, found)]


def test_every_page_is_well_formed(pages: tuple[str, list[Page]]) -> None:
    """Every element is closed in order, no attribute is said twice, no id either."""
    for page in pages[1]:
        assert page.faults == []
        assert [one for one, count in Counter(page.values("id")).items() if count > 1] == []


def test_every_page_can_be_read_aloud(pages: tuple[str, list[Page]]) -> None:
    """One h1, a language, a title; every label, description and heading named exists."""
    language, some = pages
    for page in some:
        ids = set(page.values("id"))
        assert len(page.all("h1")) == 1
        assert page.all("html")[0]["lang"] in LANGUAGES
        named = [one for name in ("aria-labelledby", "aria-describedby", "for") for one in page.values(name)]
        assert {word for one in named for word in one.split()} <= ids
        assert {one.removeprefix("#") for one in page.values("href") if one.startswith("#")} <= ids
        if page.all("header"):
            assert page.all("html")[0]["lang"] == language


def test_every_field_has_a_label(pages: tuple[str, list[Page]]) -> None:
    """Inputs stand in a label or are named by one; buttons have words."""
    for page in pages[1]:
        labelled = {one["for"] for one in page.all("label") if "for" in one}
        for tag in ("input", "select", "textarea"):
            for one in page.all(tag):
                if one.get("type") not in ("hidden", "radio", "checkbox"):
                    assert one["id"] in labelled
        assert all(
            one["type"] == "submit" or {"data-copy", "data-path", "data-passkey"} & set(one)
            for one in page.all("button")
        )


def test_no_page_needs_more_than_the_content_policy_allows(pages: tuple[str, list[Page]]) -> None:
    """No inline style, no inline script, no handler, nothing from elsewhere."""
    for page in pages[1]:
        assert page.values("style") == []
        assert page.all("style") == []
        assert all(one.get("src") in ("/static/app.js", "/static/passkeys.js") for one in page.all("script"))
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
        assert not [one for one in (*page.values("src"), *page.values("action")) if not one.startswith("/")]


def test_every_form_that_posts_carries_the_token(pages: tuple[str, list[Page]]) -> None:
    """As many tokens as forms that change something."""
    for page in pages[1]:
        posting = [one for one in page.all("form") if one.get("method") == "post"]
        tokens = [one for one in page.all("input") if one.get("name") == "form_token"]
        assert len(tokens) == len(posting)


def test_dates_carry_their_offset(pages: tuple[str, list[Page]]) -> None:
    """Each time element says which instant it means, whatever the words."""
    for page in pages[1]:
        assert all(re.search(r"T\d\d:\d\d:\d\d[+-]\d\d:\d\d$", one["datetime"]) for one in page.all("time"))


def test_the_pages_are_wholly_translated() -> None:
    """Every message of the pages stands in the French catalogue."""
    missing = missing_translations([ROOT / "templates"])
    assert [str(one) for one in missing if "/pages/" in one.path] == []


def test_no_word_of_english_is_left_on_a_french_page(case: Any, renderer: Renderer) -> None:
    """No English message that has a French translation is seen on any French page."""
    messages = [one for one in read_catalogue(catalogue_path(ROOT / "templates", "fr"), "fr") if one.id]
    ids = {part for one in messages for part in (one.id if isinstance(one.id, list | tuple) else [one.id])}
    french = {part for one in messages for part in ([one.string] if isinstance(one.string, str) else one.string)}
    english = {one for one in ids - french if len(one) > 4 and "%(" not in one}
    found = [*rich(case, "fr"), *empty(case, "fr")]
    for html in rendered(case, renderer, "fr", found):
        page = Page(html)
        shown = {text.strip(" .,:") for text in (*page.texts, *page.values("aria-label"))}
        assert shown & {one.strip(" .,:") for one in english} == set()


# ---------- Countdown and overdue ----------


def clock_page(case: Any, renderer: Renderer, language: str, hours: float) -> Page:
    """The page of an incident that owes the CNIL within 72 h, so many hours after the trigger."""
    dossier = case.dossier(obligations=(case.due(case.now, 72, is_provisional=False),), filings=())
    now = case.now + timedelta(hours=hours)
    view = views.incident_page(dossier, case.content, {}, language, now, case.may)
    return Page(next(iter(rendered(case, renderer, language, [("incident.html", view)]))))


@pytest.mark.parametrize(
    ("hours", "css", "word", "left"),
    [
        (10, "is-run", "Indécise", "62 h 00"),
        (60, "is-soon", "Proche, provisoire", "12 h 00"),
        (72, "is-over", "Dépassée, provisoire", "0 min"),
        (80, "is-over", "Dépassée, provisoire", "8 h 00"),
    ],
)
def test_a_clock_says_its_state_by_shape_and_word(
    case: Any, renderer: Renderer, hours: float, css: str, word: str, left: str
) -> None:
    """Before, at and after the due date; the colour only repeats the drawing and the word."""
    page = clock_page(case, renderer, "fr", hours)
    clock = next(one["class"] for one in page.all("li") if one.get("class", "").startswith("clock"))
    assert css in clock.split()
    assert word in page.html
    assert left in [one.replace("\u00a0", " ") for one in page.texts]
    assert ("de retard" in page.texts) is (hours >= 72)
    icon = {"is-run": "#i-ask", "is-soon": "#i-soon", "is-over": "#i-over"}[css]
    assert icon in page.values("href")


def test_an_overdue_term_is_drawn_with_its_own_mark_and_its_late_part(case: Any, renderer: Renderer) -> None:
    """An octagon at the due date, a dotted part up to now; neither is there before."""
    late = clock_page(case, renderer, "fr", 80).values("class")
    early = clock_page(case, renderer, "fr", 60).values("class")
    assert {"end-over", "b late"} <= set(late)
    assert not {"end-over", "b late"} & set(early)


def test_the_time_left_can_be_reckoned_again_by_the_reader(case: Any, renderer: Renderer) -> None:
    """The element carries the due date and the words for each case."""
    times = [one for one in clock_page(case, renderer, "en", 10).all("time") if "data-late" in one]
    assert times
    assert {(one["data-left"], one["data-late"]) for one in times} == {("left", "late")}


# ---------- Forms ----------


def test_the_forms_post_the_acts_under_their_own_names(case: Any, renderer: Renderer) -> None:
    """Each act has one address and plain fields."""
    view = views.incident_page(case.dossier(), case.content, {}, "fr", case.now, case.may, fact="persons.number")
    page = Page(next(iter(rendered(case, renderer, "fr", [("incident.html", view)]))))
    start = "/incidents/INC-2026-0007/acts/"
    acts = {one["action"].removeprefix(start) for one in page.all("form") if one.get("action", "").startswith(start)}
    assert acts == {
        "add_systems", "close", "decide_not_required", "qualify", "record_awareness", "record_fact", "record_filing",
    }  # fmt: skip
    names = {one["name"] for tag in ("input", "select", "textarea") for one in page.all(tag)}
    assert names == {
        "form_token", "fact", "scope", "at_least", "at_most", "note", "candidate", "aware_at", "flaw_discovered_at",
        "perimeter",
        "reason", "outcome", "reason_kind", "duplicate_of", "obligation", "sent_at", "means", "phase",
        "receipt", "systems",
    }  # fmt: skip


def test_a_reader_sees_no_form_of_an_act(case: Any, renderer: Renderer) -> None:
    """Neither buttons nor links to acts."""
    view = views.incident_page(case.dossier(), case.content, {}, "fr", case.now, frozenset({"look"}))
    page = Page(next(iter(rendered(case, renderer, "fr", [("incident.html", view)]))))
    assert not [one for one in page.values("action") if "/acts/" in one]
    assert "#record-filing" not in " ".join(page.values("href"))


# ---------- Hostile text ----------

HOSTILE = "\"><script>alert(1)</script>{{ 7 * 7 }}<img src=x onerror=alert(1)> %(num)s 'x' & javascript:alert(1)"
KEPT = {
    "reference", "status", "organisation", "group_key", "systems", "signals", "opened_by", "source_id", "perimeter",
    "regime", "recipient", "language", "slug", "zone", "calendar", "id", "kind", "key", "activity", "activities",
    "data", "our_role", "role", "cnil", "name_of_fact", "why_here", "auth", "last_refusal", "scope", "clients",
    "country", "providers", "articles", "article", "client", "duty", "counted_from", "advice",
    "then", "when", "judgement", "exposures", "term", "in_force", "verified",
}  # fmt: skip


def hostile(value: Any) -> Any:
    """The same value with hostile text wherever a sender or a person may write."""
    if isinstance(value, Text):
        return Text(fr=HOSTILE, en=HOSTILE)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: hostile(getattr(value, one.name)) for one in fields(value) if one.name not in KEPT}
        return replace(value, **{name: one for name, one in changed.items() if one is not getattr(value, name)})
    if isinstance(value, BaseModel):
        changed = {name: hostile(getattr(value, name)) for name in type(value).model_fields if name not in KEPT}
        return value.model_copy(update=changed)
    if isinstance(value, tuple):
        return tuple(map(hostile, value))
    return HOSTILE if type(value) is str else value


def hostile_pages(case: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Every page of a company whose senders and people write markup everywhere."""
    inventory = hostile(case.inventory)
    known = case.dossier()
    entries = [
        case.entry(number, case.now, kind, dict.fromkeys(
            ("source", "what_happened", "told_by", "reason", "means", "receipt", "note", "signal", "value", "fact",
             "systems", "recipients", "regime", "about", "instant", "scope_key"), HOSTILE), HOSTILE)
        for number, kind in enumerate(EntryKind)
    ]  # fmt: skip
    dossier = replace(
        known, inventory=inventory, incident=replace(known.incident, title=HOSTILE), timeline=tuple(entries),
        episodes=hostile(known.episodes), filings=hostile(known.filings),
        facts=tuple(replace(one, by=HOSTILE, note=HOSTILE) for one in known.facts),
        obligations=tuple(
            replace(
                one,
                terms=replace(one.terms, reference=HOSTILE),
                not_required_reason=HOSTILE if one.id == 2 else None,
            )
            for one in known.obligations
        ),
        assessment=hostile(known.assessment),
    )  # fmt: skip
    content = views.ContentWords(
        {key: hostile(one) for key, one in case.content.signals.items()},
        {key: hostile(one) for key, one in case.content.facts.items()},
        {key: hostile(one) for key, one in case.content.regimes.items()},
    )
    now, may = case.now, case.may
    letter: Draft = hostile(case.draft(language))
    cnil = next(one for one in dossier.obligations if one.recipient == "cnil")
    overview = IncidentOverview(
        dossier.incident, dossier.assessment.personal_data, dossier.assessment.risk, dossier.obligations
    )
    yield "incidents.html", views.incidents_page([overview], inventory, content, language, now)
    drafts = {cnil.id: letter}
    yield "incident.html", views.incident_page(dossier, content, drafts, language, now, may)
    yield "incident.html", views.incident_page(dossier, content, drafts, language, now, may, fact="data.categories")
    for name in ("draft.html", "draft_print.html"):
        yield name, views.draft_page(dossier, cnil, letter, content, language, now)
    yield from deciding(case, language, HOSTILE)
    typed = dict.fromkeys(views.DECLARATION, HOSTILE)
    yield "declare.html", views.declare_page(inventory, language, now, typed=typed, error=HOSTILE)
    yield "register.html", views.register_page([dossier], content, language, now)
    yield "inventory.html", views.inventory_page(inventory, language)
    refusals = (Refused(HOSTILE, 1, now),)
    source = sender(HOSTILE, now, kind=HOSTILE, auth=HOSTILE, refusals=refusals, refused=1, refusing_since=now)
    kinds = [views.KindChoice(HOSTILE, HOSTILE, (HOSTILE,), True)]
    form = views.connect_form(kinds, 24, dict.fromkeys(views.CONNECTION, HOSTILE), HOSTILE)
    yield "sources.html", views.sources_page([source], form, HOSTILE, now, may)
    episode = replace(dossier.episodes[0], link="javascript:alert(1)")
    yield "source.html", views.source_page(
        views.source_row(source, {}, now), HOSTILE,
        views.observation_of(now, [(dossier.incident, ())], (HOSTILE,), now),
        views.noise_of([(HOSTILE, HOSTILE, 1)], content, language), [ListedAlert(episode, HOSTILE)],
        [Quarantined(1, HOSTILE, 1, now, HOSTILE, None)], content, language,
        views.expected_here([Expectation(HOSTILE, Text(fr=HOSTILE, en=HOSTILE))], {HOSTILE: HOSTILE}, language), may,
        HOSTILE,
    )  # fmt: skip
    yield "source_new.html", once(case, "hmac", is_theirs=False, text=HOSTILE)
    yield from ended(case, language, may, HOSTILE)
    typed = dict.fromkeys(views.MAPPING_FIELDS, HOSTILE)
    faults = [(field, HOSTILE) for field in ("title", "zone", "", "signal_words")]
    body = json.dumps({"title": HOSTILE, HOSTILE: HOSTILE, "link": "javascript:alert(1)"})
    trial = try_mapping({"title": "title", "summary": "title", "link": "link"}, body.encode())
    yield "mapping.html", views.mapping_page(
        HOSTILE, HOSTILE, typed, views.Sample(f"</textarea>{HOSTILE}", 1, (json.loads(body),), HOSTILE),
        f"</textarea>{HOSTILE}", content, language, may, has_mapping=True, waiting=1, faults=faults, trial=trial,
        error=HOSTILE,
    )  # fmt: skip
    item = Quarantined(1, HOSTILE, 1, now, HOSTILE, now)
    yield "quarantine.html", views.quarantine_page([item], may)
    yield "quarantine_item.html", views.quarantine_item_page(item, {HOSTILE: HOSTILE}, HOSTILE.encode(), may)
    yield "problem.html", views.problem_page(404, HOSTILE, HOSTILE)
    yield "sign_in.html", views.sign_in_page("wrong", HOSTILE, "/" + HOSTILE, [DemoAccount(*[HOSTILE] * 4)])
    yield "sign_in_second.html", views.second_step_page("wrong", "/" + HOSTILE, has_passkeys=True)
    yield from own_account(HOSTILE, case.now)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_is_shown_and_never_obeyed(case: Any, renderer: Renderer, language: str) -> None:
    """Markup, template code and scripts from senders and people are text on every page, in every place."""
    for name, view in hostile_pages(case, language):
        frame = views.frame_for(
            "", "/" + HOSTILE, language, case.now, organisation=HOSTILE, user=HOSTILE, role=HOSTILE, may=case.may,
            form_token=HOSTILE, banners=[Banner("refused", HOSTILE)],
        )  # fmt: skip
        html = renderer.page(name, language, PARIS, {"frame": frame, "page": view})
        page = Page(html)
        assert page.faults == [], name
        assert all(one.get("src") in ("/static/app.js", "/static/passkeys.js") for one in page.all("script")), name
        assert page.all("img") == [], name
        assert "{{ 7 * 7 }}" in html, name
        assert not [one for one in page.values("href") if one.lower().startswith("javascript:")], name
        assert page.values("onerror") == [], name


def test_every_field_kind_of_a_letter_is_shown_whole(case: Any, renderer: Renderer) -> None:
    """Values, boxes, remarks and gaps; each value can be copied by its id, boxes are to be ticked."""
    dossier = case.dossier()
    cnil = next(one for one in dossier.obligations if one.recipient == "cnil")
    view = views.draft_page(dossier, cnil, case.draft(), case.content, "fr", case.now)
    page = Page(next(iter(rendered(case, renderer, "fr", [("draft.html", view)]))))
    copied = [one["data-copy"] for one in page.all("button") if "data-copy" in one]
    assert set(copied) <= set(page.values("id"))
    fields_shown = [one for part in view.sections for one in part.fields]
    assert len(copied) == sum(one.kind is not FieldKind.CHOICE for one in fields_shown)
    assert "À compléter plus tard" in page.texts
    assert page.html.count('<mark class="gap">') == 2
