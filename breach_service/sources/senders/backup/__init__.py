"""Backups: what their programs and the watchers of their jobs report, by webhook, ping, script or syslog line.

A run that went well is routine and resolves the same job; one that failed, went wrong in part or did not happen is
`backup_failed`. The job and its host are the identity. Shapes of the programs: see `reports`.
"""

import json
import re
from collections.abc import Mapping

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.general import key_names
from breach_service.sources.general.entities import entities_in
from breach_service.sources.general.leaves import Leaves, leaves_of
from breach_service.sources.general.state_words import is_test_title
from breach_service.sources.general.states import occurred_at_in, severity_in, severity_in_words
from breach_service.sources.general.text_bodies import text_in, text_record
from breach_service.sources.general.titles import summary_in, title_in
from breach_service.sources.parts.entities import entity, first_value, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line
from breach_service.sources.parts.reading import labels_from, text_at
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.senders.backup.reports import (
    MALWARE_WATCH,
    Result,
    report_of,
    result_in,
    veeam_in_object,
    veeam_records,
    without_result,
)
from breach_service.sources.source import Source

_EXPECTED = "the report of a backup: JSON of its program, a ping with a status, or lines of text"

_JOBS = key_names.listed(
    "job jobname backupname backupjob jobid plan planname schedule schedulename backupset policy policyname"
    " repository repo repositoryname datastore monitorname checkname slug name backup task taskname profile vm vmname"
    " monitor"
)
_RESULTS = key_names.listed("result jobresult parsedresult status state jobstatus backupstatus outcome phase")
_IN_WORDS: Mapping[Result, str] = {
    Result.SUCCESS: "Backup succeeded",
    Result.WARNING: "Backup ended with warnings",
    Result.FAILURE: "Backup failed",
    Result.MISSING: "Backup missing",
    Result.STARTED: "Backup started",
}
_RUN = re.compile(r"[ ._-]*\d{4}-?\d\d-?\d\d[\dT._:-]*$", re.ASCII)
_TELLING = ("title", "subject", "message", "msg", "body", "kind", "type", "event")
_LONGEST_LOOKED_AT = 2000
_EXIT_CODES = ("exitcode", "exitstatus", "returncode", "rc")
_OTHER_MATTERS = frozenset({"package-updates", "fencing", "license", "acme", "system-mail"})
"""Notifications of Proxmox that are of no backup."""
_PRODUCTS_OF_MORE = ("Veeam", "Acronis")
"""These watch for malware and much else besides."""
_SET_UP = re.compile(
    r"\b(?:settings|options) (?:have been|were) (?:changed|updated)|\bha(?:s|ve) been created\b", re.IGNORECASE
)
"""The set-up of a guard is not what it guards against."""
_LOG_LEVELS: Mapping[str, Result] = {"info": Result.SUCCESS, "notice": Result.SUCCESS, "error": Result.FAILURE}
"""`severity` where a program says nothing else: Proxmox reports good runs as info, bad ones as error."""


class Backup(Source):
    """One alert per job that is reported."""

    kind = "backup"
    aliases = (
        *(
            "veeam",
            "restic",
            "borg",
            "borgmatic",
            "bacula",
            "bareos",
            "healthchecks",
            "healthchecks-io",
            "pbs",
            "proxmox",
        ),
        *("proxmox-backup", "duplicati", "acronis", "kopia", "velero", "backrest", "commvault", "duplicacy", "rsync"),
    )
    title = Text(fr="Sauvegardes (Veeam, restic, Proxmox…)", en="Backups (Veeam, restic, Proxmox…)")
    default_auth = AuthKind.URL
    """Pings and the webhooks of most of these programs can only ask for an address."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER, AuthKind.HMAC)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        alerts = [_alert_of(source_name, report) for report in report_of(_records_in(delivery))]
        return [alert for alert in alerts if alert is not None]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"title": "Test message of an operator", "job": "test", "status": "success"}).encode()

    def recognises_text(self, text: str) -> bool:
        """See `Source.recognises_text`: the lines of Veeam."""
        return bool(veeam_records(text[:_LONGEST_LOOKED_AT]))

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_restic = text_at(record, "message_type") in ("summary", "exit_error") and (
            "snapshot_id" in record or "code" in record or "total_bytes_processed" in record
        )
        is_duplicati = "backup-name" in str(record.get("Extra", ""))[:5000]
        is_velero = text_at(record, "apiVersion").startswith("velero.io/")
        is_check = "ping_url" in record and "grace" in record
        return is_restic or is_duplicati or is_velero or is_check


SOURCE = Backup()


def _records_in(delivery: Delivery) -> list[Record]:
    """The objects of a request; the lines of Veeam; or a text, with the subject that Kopia gives it."""
    try:
        return [veeam_in_object(one) or one for one in records_of(delivery, _EXPECTED)]
    except UnreadablePayload:
        text = text_in(delivery)
        lines = veeam_records(text)
        record = None if lines else text_record(text)
        if not lines and record is None:
            raise
        subject = plain_line(delivery.headers.get("subject", ""))
        return lines or [{**(record or {}), **({"title": subject, "summary": text} if subject else {})}]


def _alert_of(source_name: str, report: Record) -> Alert | None:
    leaves = leaves_of(report)
    job, result = _job_of(leaves), _result_of(leaves)
    title = _title_of(leaves, job, result)
    if not title:
        raise UnreadablePayload(f"Found an object that says nothing; expected {_EXPECTED}.")
    entities = _entities_of(leaves, job, title)
    is_test, is_other = is_test_title(title), _is_other_matter(leaves, title, result)
    severity, vendor_severity = _severity_of(leaves, result)
    return Alert(
        source=source_name,
        title=title,
        signal=_other_signal(leaves, title) if is_other and not is_test else _signal_of(result, is_test=is_test),
        fingerprint=_fingerprint_of(leaves, job, title, entities, result, is_other=is_other),
        severity=severity,
        vendor_severity=vendor_severity,
        status=AlertStatus.TEST if is_test else _status_of(result),
        occurred_at=occurred_at_in(leaves),
        entities=entities,
        labels=labels_from((("job", job), ("program", leaves.text(["program"])), ("result", str(result or "")))),
        summary=summary_in(leaves, title),
        vendor_reference=plain_line(leaves.text(["reference", "snapshotid", "eventid", "uuid", "code", "id"]), 100),
        link=leaves.found(key_names.LINKS, lambda leaf: link_of(leaf.text) or None) or "",
    )


def _job_of(leaves: Leaves) -> str:
    """The name of the job; a number is that of one run, a date at its end as well."""
    found = leaves.found(_JOBS, lambda leaf: leaf.text if leaf.text and not leaf.text.isdigit() else None) or ""
    return plain_line(_RUN.sub("", found) or found, 200)


def _result_of(leaves: Leaves) -> Result | None:
    """How the job ended: its exit code, its own word, then what its title and its text say."""
    code = leaves.found(_EXIT_CODES, lambda leaf: leaf.text if leaf.text.lstrip("-").isdigit() else None)
    if code is not None and code != "-1":
        return Result.SUCCESS if code == "0" else Result.FAILURE
    said = leaves.found(_RESULTS, lambda leaf: result_in(leaf.text))
    if said is not None:
        # A watcher that calls a check down has not heard of it in time.
        is_ping = bool(leaves.by_name.get("lastping") or leaves.by_name.get("pingurl") or leaves.by_name.get("grace"))
        return Result.MISSING if is_ping and said is Result.FAILURE else said
    texts = (
        *(leaves.text([name]) for name in ("title", "subject", "message", "msg", "body", "kind", "type", "event")),
    )
    texts = (*texts, title_in(leaves))
    told = next((found for text in texts if text and (found := result_in(text)) is not None), None)
    return told or _LOG_LEVELS.get(leaves.text(["severity"]).lower())


def _title_of(leaves: Leaves, job: str, result: Result | None) -> str:
    """The sender's own title; else what happened to which job, and where."""
    own = plain_line(leaves.text(["title", "subject", "alert", "titre", "sujet", "objet"]))
    if own:
        return own
    host = first_value(entities_in(leaves, Signal.BACKUP_FAILED), EntityKind.HOST)
    named = job or leaves.text(["program"])
    if result is None:
        return title_in(leaves)
    named = leaves.text(["name"]) or named
    if not (named or host):
        return title_in(leaves) or _IN_WORDS[result]
    return plain_line(f"{_IN_WORDS[result]}: {named or host}" + (f" ({host})" if host and named else ""))


def _entities_of(leaves: Leaves, job: str, title: str) -> tuple[Entity, ...]:
    kept = (EntityKind.HOST, EntityKind.ADDRESS, EntityKind.ACCOUNT, EntityKind.USER)
    found = entities_in(leaves, Signal.BACKUP_FAILED, title)
    return gathered((one for one in found if one.kind in kept), [entity(EntityKind.APPLICATION, job) if job else None])


def _severity_of(leaves: Leaves, result: Result | None) -> tuple[Severity, str]:
    severity, said = severity_in(leaves)
    if said:
        return severity, said
    word = leaves.text(_RESULTS) if result in (Result.FAILURE, Result.WARNING) else ""
    return (Severity.UNKNOWN, "") if word in set(Result) else (severity_in_words(word), plain_line(word))


def _signal_of(result: Result | None, *, is_test: bool) -> Signal:
    is_routine = is_test or result in (Result.SUCCESS, Result.STARTED)
    return Signal.ROUTINE if is_routine else Signal.BACKUP_FAILED


def _status_of(result: Result | None) -> AlertStatus:
    return AlertStatus.RESOLVED if result is Result.SUCCESS else AlertStatus.FIRING


def _is_other_matter(leaves: Leaves, title: str, result: Result | None) -> bool:
    """True for what a backup server says that is of no backup: updates, licences, its own security."""
    if leaves.text(["type"]).lower() in _OTHER_MATTERS:
        return True
    if leaves.text(["program"]) not in _PRODUCTS_OF_MORE:
        return False
    is_of_job = bool(leaves.text(["job", "vmname"]))
    return result is None or (
        not is_of_job and signal_of_words(title) not in (None, Signal.BACKUP_FAILED, Signal.OPERATIONS)
    )


def _other_signal(leaves: Leaves, title: str) -> Signal:
    if _SET_UP.search(title):
        return Signal.OPERATIONS
    found = Signal.UNAVAILABILITY if leaves.text(["type"]).lower() == "fencing" else signal_of_words(title)
    return found if found not in (None, Signal.BACKUP_FAILED) and found is not None else Signal.OPERATIONS


def _fingerprint_of(
    leaves: Leaves, job: str, title: str, entities: tuple[Entity, ...], result: Result | None, *, is_other: bool
) -> str:
    host = first_value(entities, EntityKind.HOST, EntityKind.ADDRESS)
    # That a run began neither repeats nor ends what went wrong before it.
    began = "started" if result is Result.STARTED else ""
    if leaves.text(["operation"]) == MALWARE_WATCH and host:
        return fingerprint_of("backup", MALWARE_WATCH, host)
    if is_other or not (job or host):
        return fingerprint_of("backup", "title", without_result(title), host, began)
    operation = leaves.text(["operation"])
    return fingerprint_of("backup", job.lower(), host, leaves.text(["program"]), operation, began)
