"""The page on which a sender's own format is taught: a sample, its parts, where each field stands, what comes out.

The form has one text for each key of `sources.mapping.Mapping`: alternatives of a path are joined by ` || `, words
stand one to a line, those of the tables as `theirs = ours`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breach_service.domain.alert import Alert, AlertStatus, Entity, Severity, Signal
from breach_service.sources.mapped.paths import BadPath, path_of
from breach_service.sources.mapped.reading import Mapping as SenderMapping
from breach_service.sources.mapped.reading import Trial, paths_in
from breach_service.web.views.alerts import web_link
from breach_service.web.views.pieces import ContentWords

PATHS = (
    "each", "title", "severity", "signal", "state", "identity", "time", "host", "user", "address", "source_address",
    "application", "summary", "link", "reference",
)  # fmt: skip
TABLES: Mapping[str, tuple[str, ...]] = {
    "severity_words": tuple(map(str, Severity)),
    "signal_words": tuple(map(str, Signal)),
}
LISTS = ("resolved_words", "test_words")
ALWAYS: Mapping[str, tuple[str, ...]] = {
    "signal": tuple(map(str, Signal)),
    "severity": tuple(map(str, Severity)),
}
MAPPING_FIELDS = (*PATHS, *TABLES, *LISTS, "zone", *(f"always_{one}" for one in ALWAYS))
"""The fields of the form."""
EITHER = " || "
"""Between alternatives of a path."""
LONGEST_SHOWN = 80
"""Characters of a value of the sample."""


@dataclass(frozen=True)
class FieldRow:
    """A field of the form."""

    name: str
    value: str
    fault: str
    ours: tuple[str, ...] = ()
    """Our words, where it is a table of words or a choice."""


@dataclass(frozen=True)
class LeafRow:
    """A part of the sample."""

    path: str
    value: str


@dataclass(frozen=True)
class TriedAlert:
    """One alert that the mapping makes of the sample."""

    title: str
    signal: str
    alert_class: str
    severity: Severity
    vendor_severity: str
    status: AlertStatus
    occurred_at: datetime | None
    entities: tuple[Entity, ...]
    summary: str
    vendor_reference: str
    link: str


@dataclass(frozen=True)
class MappingPage:
    """The context variable `page` of `mapping.html`."""

    name: str
    kind_title: str
    has_mapping: bool
    sample: str
    sample_from: int | None
    """Number of the message in quarantine that the sample is; None where somebody pasted it."""
    sample_fault: str
    leaves: tuple[LeafRow, ...]
    paths: tuple[FieldRow, ...]
    tables: tuple[FieldRow, ...]
    lists: tuple[FieldRow, ...]
    always: tuple[FieldRow, ...]
    zone: FieldRow
    signal_labels: Mapping[str, str]
    """What our signals are called, by their word."""
    faults: tuple[str, ...]
    """What is wrong and belongs to no field."""
    has_faults: bool
    """True where something is wrong with a field."""
    tried: tuple[TriedAlert, ...] | None
    """None where nothing was tried, or the mapping cannot be used."""
    yaml: str
    waiting: int
    """Messages of this source in quarantine."""
    may_manage: bool
    may_replay: bool
    error: str


@dataclass(frozen=True)
class Sample:
    """A body to point at."""

    text: str = ""
    number: int | None = None
    """Its number in quarantine."""
    records: tuple[Any, ...] = ()
    fault: str = ""


def mapping_page(
    name: str, kind_title: str, typed: Mapping[str, str], sample: Sample, yaml: str, content: ContentWords,
    language: str, may: frozenset[str], *, has_mapping: bool, waiting: int, faults: Iterable[tuple[str, str]] = (),
    trial: Trial | None = None, error: str = "",
) -> MappingPage:  # fmt: skip
    """The page with what was typed; `faults` and those of the trial stand at their fields."""
    found = _by_field((*faults, *(trial.faults if trial else ())))

    def row(field: str, ours: tuple[str, ...] = ()) -> FieldRow:
        return FieldRow(field, typed.get(field, ""), found.pop(field, ""), ours)

    is_marked = not found.keys() <= {""}
    alerts = trial.alerts if trial and (trial.alerts or not trial.faults) else None
    return MappingPage(
        name=name,
        kind_title=kind_title,
        has_mapping=has_mapping,
        sample=sample.text,
        sample_from=sample.number,
        sample_fault=sample.fault,
        leaves=_leaves(sample.records, typed.get("each", "")),
        paths=tuple(map(row, PATHS)),
        tables=tuple(row(field, ours) for field, ours in TABLES.items()),
        lists=tuple(map(row, LISTS)),
        always=tuple(row(f"always_{field}", ours) for field, ours in ALWAYS.items()),
        zone=row("zone"),
        signal_labels={str(one): content.signal(one, language) for one in Signal},
        faults=tuple(filter(None, found.values())),
        has_faults=is_marked,
        tried=None if alerts is None else tuple(_tried(one, content, language) for one in alerts),
        yaml=yaml,
        waiting=waiting,
        may_manage="manage_sources" in may,
        may_replay="replay" in may,
        error=error,
    )


def _by_field(faults: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, sentence in faults:
        name, _, rest = key.partition(".")
        field = f"always_{rest}" if name == "always" and rest in ALWAYS else name
        found[field] = f"{found[field]} {sentence}" if field in found else sentence
    return found


def _leaves(records: Sequence[Any], each: str) -> tuple[LeafRow, ...]:
    """The parts of the first record; where each alert is a member of a list, as they are called from there."""
    if not records:
        return ()
    whole = records[0]
    if each:
        inner = _first_member(whole, each)
        if inner is not None:
            whole = inner
    return tuple(LeafRow(path, _shown(value)) for path, value in paths_in(whole))


def _first_member(record: Any, each: str) -> Any:
    for path in alternatives(each):
        try:
            value = path_of(path).value_in(record)
        except BadPath:
            continue
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            return first
    return None


def _shown(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _tried(one: Alert, content: ContentWords, language: str) -> TriedAlert:
    return TriedAlert(
        title=one.title,
        signal=content.signal(one.signal, language),
        alert_class=one.alert_class,
        severity=one.severity,
        vendor_severity=one.vendor_severity,
        status=one.status,
        occurred_at=one.occurred_at,
        entities=one.entities,
        summary=one.summary,
        vendor_reference=one.vendor_reference,
        link=web_link(one.link),
    )


def alternatives(text: str) -> list[str]:
    """The paths of a field; a text that is a path only as a whole stays whole."""
    parts = [part.strip() for part in text.split(EITHER) if part.strip()]
    try:
        for part in parts:
            path_of(part)
    except BadPath:
        return [text.strip()]
    return parts


def document_of(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The document that a form means, and the faults of lines that mean nothing."""
    document: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for field in PATHS:
        if text := typed.get(field, "").strip():
            document[field] = alternatives(text)
    for field in TABLES:
        table, wrong = _table(typed.get(field, ""))
        document |= {field: table} if table else {}
        faults += [(field, f"{field}: {line!r} has no sign =: write their word = ours.") for line in wrong]
    for field in LISTS:
        if lines := [line.strip() for line in typed.get(field, "").splitlines() if line.strip()]:
            document[field] = lines
    if zone := typed.get("zone", "").strip():
        document["zone"] = zone
    always = {field: word for field in ALWAYS if (word := typed.get(f"always_{field}", ""))}
    return document | ({"always": always} if always else {}), faults


def _table(text: str) -> tuple[dict[str, str], list[str]]:
    table: dict[str, str] = {}
    wrong: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        theirs, sign, ours = line.rpartition("=")
        if sign and theirs.strip():
            table[theirs.strip()] = ours.strip()
        else:
            wrong.append(line)
    return table, wrong


def typed_from(mapping: SenderMapping) -> dict[str, str]:
    """A mapping as the fields of the form; what they mean is the mapping again."""
    typed = {field: EITHER.join(getattr(mapping, field)) for field in PATHS}
    for field in TABLES:
        typed[field] = "\n".join(f"{theirs} = {ours}" for theirs, ours in getattr(mapping, field).items())
    typed |= {field: "\n".join(getattr(mapping, field)) for field in LISTS}
    typed |= {f"always_{field}": str(getattr(mapping.always, field) or "") for field in ALWAYS}
    return typed | {"zone": mapping.zone or ""}
