"""What backup programs report, each in its own shape, as one record: job, host, result, title, message, time.

- restic `--json`: https://restic.readthedocs.io/en/stable/075_scripting.html, by `message_type`
- borg `--json` and `--log-json`: https://borgbackup.readthedocs.io/en/stable/internals/frontends.html
- Duplicati `send-http-json-urls`: the result under `Data`, the set-up under `Extra`
- Velero: the Backup object, https://velero.io/docs/main/api-types/backup/
- Veeam: https://helpcenter.veeam.com/docs/backup/vsphere/syslog_servers_hiw.html, RFC 5424 with `Veeam_MP`
- healthchecks.io: the check as `$JSON` gives it, https://healthchecks.io/docs/api/
- Acronis: https://developer.acronis.com/doc/alerts/v1/reference/, `type`, `severity`, `details`
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, text_at, value_at

_MOST_ERRORS = 20


class Result(StrEnum):
    """How a job ended."""

    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"
    MISSING = "missing"
    """It did not run when it should have."""
    STARTED = "started"


_SUCCESS_WORDS = (
    r"success\w*|succeeded|succeed|ok|okay|completed?|finished|finish|up|passed|done|good|healthy"
    r"|r[ée]ussie?|termin[ée]e?"
)
_FAILURE_WORDS = (
    r"fail\w*|errors?|fatal|crit\w*|abort\w*|cancell?ed|unsuccessful\w*|down|incomplete|corrupt\w*|[ée]chec|[ée]chou[ée]e?"
    r"|erreurs?|missed|problem|problème"
)
_WARNING_WORDS = r"warn\w*|partial\w*|partiallyfailed|avertissements?"
_MISSING_WORDS = (
    r"missing|late|overdue|no backup|not run|did not (?:run|start)|not started"
    r"|stale|too old|no recent|expired|manquante?|en retard"
)
_STARTED_WORDS = (
    r"start|started|starting|running|run|in ?progress|begin\w*|new|queued|pending|paused|grace|d[ée]marr[ée]e?"
)
_NEGATED = re.compile(
    r"\b(?:no|0|zero|without|sans|aucune?)\s+(?:errors?|warnings?|failures?|problems?|erreurs?)\b", re.IGNORECASE
)
_NOT_DONE = re.compile(r"\b(?:not|never|n'a pas|n’a pas)\b", re.IGNORECASE)
_ROWS = tuple(
    (result, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE))
    for result, words in (
        (Result.MISSING, _MISSING_WORDS),
        (Result.WARNING, _WARNING_WORDS),
        (Result.FAILURE, _FAILURE_WORDS),
        (Result.SUCCESS, _SUCCESS_WORDS),
        (Result.STARTED, _STARTED_WORDS),
    )
)
_FILLERS = r"with|has|been|is|was|of|ended|not|avec|est|a|été"
_OUTCOME = re.compile(
    rf"(?<![\w-])(?:{_SUCCESS_WORDS}|{_FAILURE_WORDS}|{_WARNING_WORDS}|{_MISSING_WORDS}|{_STARTED_WORDS}|{_FILLERS})(?![\w-])",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\W_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_READ = 600
_LONGEST_LINE = 5000


def result_in(text: str) -> Result | None:
    """The result that a word or a sentence says, the graver of two; None where it says none."""
    plain = _NEGATED.sub(" ", _HUMPS.sub(" ", text[:_LONGEST_READ]))
    found = next((result for result, pattern in _ROWS if pattern.search(plain)), None)
    is_denied = found is Result.SUCCESS and _NOT_DONE.search(plain)
    return Result.FAILURE if is_denied else found


def without_result(text: str) -> str:
    """A title without the words that say how it ended: the same for good and bad."""
    return " ".join(_BETWEEN.sub(" ", _OUTCOME.sub(" ", text[:_LONGEST_READ])).split()).lower()


def report_of(records: Sequence[Record]) -> list[Record]:
    """The reports of one body: the lines of one run of restic or borg are one report, every other object is one."""
    if any(text_at(one, "message_type") for one in records):
        return [_restic_report(records)]
    if any(text_at(one, "type") in _BORG_LINES for one in records):
        return [_borg_log_report(records)]
    return [_shaped(one) for one in records]


_BORG_LINES = frozenset({"log_message", "archive_progress", "progress_message", "progress_percent", "file_status"})


def _shaped(record: Record) -> Record:
    if record_at(record, "Extra") or "ParsedResult" in record_at(record, "Data"):
        return _duplicati_report(record)
    if text_at(record, "kind") == "Backup" and record_at(record, "status"):
        return _velero_report(record)
    if record_at(record, "archive") and record_at(record, "repository"):
        return _borg_report(record)
    if record_at(record, "details") and text_at(record, "type") and "severity" in record:
        return _acronis_report(record)
    check = record_at(record, "check")
    return {**record, **check} if text_at(check, "status") else record


def _restic_report(records: Sequence[Record]) -> Record:
    """One run: a summary alone is success; single files that failed are a warning; an exit error is failure."""
    by_type: dict[str, list[Record]] = {}
    for one in records:
        by_type.setdefault(text_at(one, "message_type"), []).append(one)
    others = {key: value for one in by_type.get("", []) for key, value in one.items()}
    exits, errors, summaries = by_type.get("exit_error", []), by_type.get("error", []), by_type.get("summary", [])
    said = [text_at(one, "message") for one in exits]
    said += [first_text(one, ("error", "message"), ("error",), ("item",)) for one in errors[:_MOST_ERRORS]]
    summary = summaries[-1] if summaries else {}
    result = Result.STARTED
    if exits or (errors and not summaries):
        result = Result.FAILURE
    elif errors:
        result = Result.WARNING
    elif summaries:
        result = Result.SUCCESS
    return {
        "program": "restic",
        **others,
        "result": str(result),
        "message": "\n".join(text for text in said if text),
        "starttime": value_at(summary, "backup_start"),
        "snapshot_id": text_at(summary, "snapshot_id"),
    }


def _borg_log_report(records: Sequence[Record]) -> Record:
    lines = [one for one in records if text_at(one, "type") == "log_message"]
    bad = [one for one in lines if text_at(one, "levelname").upper() in ("ERROR", "CRITICAL")]
    unsure = [one for one in lines if text_at(one, "levelname").upper() == "WARNING"]
    others = {key: value for one in records if not text_at(one, "type") for key, value in one.items()}
    is_archived = any(record_at(one, "archive") for one in records)
    result = Result.SUCCESS if is_archived or not lines else Result.STARTED
    result = Result.WARNING if unsure else result
    result = Result.FAILURE if bad else result
    message = "\n".join(text_at(one, "message") for one in (bad or unsure)[:_MOST_ERRORS])
    return {"program": "borg", **_borg_report(others), "result": str(result), "message": message}


def _borg_report(record: Record) -> Record:
    archive, repository = record_at(record, "archive"), record_at(record, "repository")
    return {
        "program": "borg",
        **{key: value for key, value in record.items() if key not in ("archive", "repository", "cache", "encryption")},
        "job": first_text(repository, ("label",), ("location",)),
        "hostname": text_at(archive, "hostname"),
        "result": str(Result.SUCCESS),
        "starttime": value_at(archive, "start"),
    }


def _duplicati_report(record: Record) -> Record:
    data, extra = record_at(record, "Data"), record_at(record, "Extra")
    result = first_text(data, ("ParsedResult",), ("Result",)) or first_text(extra, ("ParsedResult",))
    fault = first_text(record, ("Exception",), ("Data", "Message"))
    said = value_at(data, "Errors")
    errors = "\n".join(str(one)[:300] for one in said[:_MOST_ERRORS]) if isinstance(said, list) else ""
    return {
        "program": "Duplicati",
        "operation": first_text(extra, ("OperationName",)) or text_at(data, "MainOperation"),
        "job": first_text(extra, ("backup-name",), ("backup-id",)),
        "hostname": first_text(extra, ("machine-name",), ("machine-id",)),
        "result": result or (str(Result.FAILURE) if fault or errors else ""),
        "message": fault or errors,
        "starttime": first_text(data, ("BeginTime",), ("EndTime",)),
    }


def _velero_report(record: Record) -> Record:
    labels, status = record_at(record, "metadata", "labels"), record_at(record, "status")
    schedule = text_at(labels, "velero.io/schedule-name")
    return {
        "program": "Velero",
        "job": schedule or text_at(record, "metadata", "name"),
        "cluster": text_at(labels, "cluster"),
        "namespace": text_at(record, "metadata", "namespace"),
        "result": text_at(status, "phase"),
        "message": first_text(status, ("failureReason",), ("validationErrors",)),
        "starttime": first_text(status, ("startTimestamp",), ("completionTimestamp",)),
        "reference": text_at(record, "metadata", "name"),
    }


def _acronis_report(record: Record) -> Record:
    details, kind = record_at(record, "details"), text_at(record, "type")
    shown = record_at(details, "fields")
    return {
        "program": "Acronis",
        "title": text_at(details, "title"),
        "job": text_at(details, "planName") or text_at(shown, "Plan name"),
        "hostname": text_at(details, "resourceName") or text_at(shown, "Device"),
        "kind": _HUMPS.sub(" ", kind),
        "result": _HUMPS.sub(" ", kind) if text_at(record, "severity") != "ok" else str(Result.SUCCESS),
        "severity": text_at(record, "severity"),
        "message": first_text(details, ("description",), ("errorMessage",), ("errorMessage", "reason")),
        "starttime": value_at(record, "createdAt"),
        "reference": text_at(record, "id"),
    }


# Its name stands in the header, which relays cut off; then the structured data begins the line.
_VEEAM = re.compile(r"\bVeeam_\w+\b|\[categoryId=\"?\d+\"? instanceId=\"?\d+\"?")
_VEEAM_HEAD = re.compile(
    r"(?:<(?P<first>\d{1,3})>)?(?:\d )?(?P<time>\d{4}-\d\d-\d\dT\S+)\s+(?:<(?P<second>\d{1,3})>\s+)?"
    r"(?P<host>[\w.-]+)\s+Veeam_\w+"
)
_PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"]|"(?=\S[^\]]*?/>))*?)"(?=[\s\]])|(\S+?)(?=[\s\]]))')
_NAMED_JOB = re.compile(r"(?:job|task|policy)\s+[‘'\"«]\s*([^’'\"»]{1,120}?)\s*[’'\"»]", re.IGNORECASE)


_VEEAM_RESULTS = {"0": Result.SUCCESS, "1": Result.WARNING, "2": Result.FAILURE}
"""`Result` of the events that end a job, whatever the language of the description."""
MALWARE_WATCH = "malware"
"""`operation` of the events of Veeam that say whether a machine is infected:
https://helpcenter.veeam.com/docs/backup/events/event_41600.html and those after it."""
_MALWARE_EVENT = re.compile(r"416\d\d", re.ASCII)
_CLEAN = re.compile(r"\bno (?:threats|malware)\b|\bas clean\b|\bis clean\b", re.IGNORECASE)
_GRAVE_LEVELS = ("emergency", "alert", "critical", "error", "warning")
"""Levels of syslog that weigh something; the rest say nothing of how grave it is."""
_LINE_MEMBERS = (("message",), ("event", "original"), ("msg",), ("log",), ("raw",), ("_raw",))
_STILL_RUNS = re.compile(r"\bin ?progress\b|\bpending\b", re.IGNORECASE)


def veeam_records(text: str) -> list[Record]:
    """The lines of Veeam Backup & Replication among the lines of a text."""
    return [_veeam_record(line) for line in text.splitlines() if _VEEAM.search(line[:_LONGEST_READ])]


def veeam_in_object(record: Record) -> Record | None:
    """The line of Veeam that a shipper put into an object, with its machine and time; None where there is none."""
    line = first_text(record, *_LINE_MEMBERS)
    if not _VEEAM.search(line[:_LONGEST_READ]):
        return None
    said = _veeam_record(line)
    machine = first_text(record, ("host",), ("hostname",), ("host", "name"), ("host", "hostname"))
    at = first_text(record, ("@timestamp",), ("timestamp",), ("time",))
    return {**said, "hostname": said["hostname"] or machine, "starttime": said["starttime"] or at}


def _veeam_record(line: str) -> Record:
    line = line[:_LONGEST_LINE]
    head = _VEEAM_HEAD.search(line)
    told = {found[1]: found[2] or found[3] or "" for found in _PARAMETER.finditer(line)}
    description = told.get("Description") or line.rpartition("]")[2].strip(" |")
    named = _NAMED_JOB.search(description)
    is_over = not _STILL_RUNS.search(description)
    of_malware = told.get("ObjectName", "") if _MALWARE_EVENT.fullmatch(told.get("instanceId", "")) else ""
    result = _VEEAM_RESULTS.get(told.get("Result", ""), "") if is_over else Result.STARTED
    return {
        "program": "Veeam",
        "title": description,
        "job": told.get("JobName") or (named[1] if named else ""),
        "vmname": told.get("VmName", ""),
        # The machine that is infected; else the one that backs up, and that is where the line comes from.
        "hostname": of_malware or (head["host"] if head else told.get("VbrHostName", "")),
        "operation": MALWARE_WATCH if of_malware else "",
        "loglevel": _level_of(head),
        "eventid": told.get("instanceId", ""),
        "starttime": head["time"] if head else "",
        "user": told.get("UserName", ""),
        "result": str(Result.SUCCESS if of_malware and _CLEAN.search(description) else result),
    }


def _level_of(head: re.Match[str] | None) -> str:
    """The level that the priority at the start of a line says, where it weighs something."""
    priority = (head["first"] or head["second"] or "") if head else ""
    level = int(priority) % 8 if priority else len(_GRAVE_LEVELS)
    return _GRAVE_LEVELS[level] if level < len(_GRAVE_LEVELS) else ""
