"""The kinds of alerts that GitHub knows, read into one shape: which event, what was found, where, how grave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from breach_service.domain.alert import Severity, Signal
from breach_service.sources.parts.flaws import is_secret_scanner, signal_of_flaw
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, texts_at, value_at


@dataclass(frozen=True)
class Finding:
    """One alert, whatever its kind. Texts are as GitHub wrote them and not yet cleaned."""

    family: str
    """Kinds of events that speak of the same numbered alerts have the same family."""
    identity: str
    """What identifies it within its repository; empty only where the body names nothing at all."""
    title: str
    signal: Signal
    number: str = ""
    state: str = ""
    severity: str = ""
    """GitHub's own word, empty where it has none for this kind."""
    default_severity: Severity = Severity.UNKNOWN
    """What it is without a word of GitHub's."""
    occurred_at: Any = None
    files: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    """Who did it."""
    concerned: tuple[str, ...] = ()
    """Whose power it changed."""
    labels: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    link: str = ""


def kind_of_body(record: Record) -> str | None:
    """The event that a body can only be of, None where it does not tell."""
    if "hook_id" in record and ("zen" in record or ("hook" in record and "action" not in record)):
        return "ping"
    alert = record_at(record, "alert")
    if "secret_type" in alert:
        return "secret_scanning_alert"
    if record_at(alert, "rule") and record_at(alert, "tool"):
        return "code_scanning_alert"
    if record_at(alert, "security_advisory") or record_at(alert, "security_vulnerability"):
        return "dependabot_alert"
    if "affected_package_name" in alert:
        return "repository_vulnerability_alert"
    if text_at(record, "repository_advisory", "ghsa_id"):
        return "repository_advisory"
    if "hook_id" in record and text_at(record, "action") == "deleted":
        return "meta"
    return "security_advisory" if text_at(record, "security_advisory", "ghsa_id") else None


def finding_of(kind: str, record: Record) -> Finding | None:
    """What an event of that kind found; None for events that are no alerts.

    An event that is not known here, but carries a numbered alert, is one all the same.
    """
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(record)
    return _other_alert(kind, record) if text_at(record, "alert", "number") else None


def _dependabot(record: Record) -> Finding:
    alert = record_at(record, "alert")
    advisory, flaw = record_at(alert, "security_advisory"), record_at(alert, "security_vulnerability")
    package = first_text(alert, ("dependency", "package", "name"), ("security_vulnerability", "package", "name"))
    name = text_at(advisory, "summary")
    weaknesses = [text_at(one, "cwe_id") for one in records_at(advisory, "cwes")]
    is_malware = text_at(advisory, "classification").lower() == "malware"
    return Finding(
        family="dependabot",
        identity=first_text(alert, ("number",), ("html_url",), ("url",)) or f"{text_at(advisory, 'ghsa_id')} {package}",
        title=name or f"Dependabot alert: {package or 'vulnerable dependency'}",
        signal=Signal.MALWARE if is_malware else signal_of_flaw(name, weaknesses),
        number=text_at(alert, "number"),
        state=text_at(alert, "state"),
        severity=first_text(alert, ("security_advisory", "severity"), ("security_vulnerability", "severity")),
        occurred_at=value_at(alert, "created_at"),
        files=texts_at(alert, "dependency", "manifest_path"),
        labels=(
            *_advisory_labels(advisory),
            ("package", package),
            ("ecosystem", first_text(alert, ("dependency", "package", "ecosystem"))),
            ("scope", text_at(alert, "dependency", "scope")),
            ("state", text_at(alert, "state")),
            ("dismissed_reason", text_at(alert, "dismissed_reason")),
        ),
        summary=_lines(_range_in_words(package, flaw), text_at(advisory, "description")),
        link=text_at(alert, "html_url"),
    )


def _repository_vulnerability(record: Record) -> Finding:
    alert = record_at(record, "alert")
    package, flaw = text_at(alert, "affected_package_name"), first_text(alert, ("external_identifier",), ("ghsa_id",))
    fixed_in = text_at(alert, "fixed_in")
    return Finding(
        family="dependabot",
        identity=first_text(alert, ("number",), ("id",)) or f"{flaw} {package}",
        title=f"Vulnerable dependency {package} ({flaw})" if flaw else f"Vulnerable dependency {package}",
        signal=Signal.VULNERABILITY,
        number=text_at(alert, "number"),
        state=text_at(alert, "state"),
        severity=text_at(alert, "severity"),
        occurred_at=value_at(alert, "created_at"),
        labels=(("cve", flaw), ("ghsa", text_at(alert, "ghsa_id")), ("package", package)),
        summary=_lines(f"{package} {text_at(alert, 'affected_range')}", f"Fixed in {fixed_in}" if fixed_in else ""),
        link=first_text(alert, ("html_url",), ("external_reference",)),
    )


def _secret_scanning(record: Record) -> Finding:
    alert, place = record_at(record, "alert"), record_at(record, "location")
    named = text_at(alert, "secret_type_display_name") or text_at(alert, "secret_type").replace("_", " ")
    where = text_at(record, "repository", "full_name")
    is_inactive = text_at(alert, "validity").lower() == "inactive"
    return Finding(
        family="secret_scanning",
        identity=first_text(alert, ("number",), ("html_url",), ("url",)) or named,
        title=f"Leaked secret: {named or 'unknown type'}" + (f" in {where}" if where else ""),
        signal=Signal.LEAKED_SECRET,
        number=text_at(alert, "number"),
        state=text_at(alert, "state") or ("resolved" if text_at(alert, "resolution") else ""),
        # GitHub grades no secrets: until it is known to be dead, whoever reads the code can use it.
        default_severity=Severity.MEDIUM if is_inactive else Severity.HIGH,
        occurred_at=value_at(alert, "created_at"),
        files=(*texts_at(place, "details", "path"), *texts_at(alert, "first_location_detected", "path")),
        users=texts_at(alert, "push_protection_bypassed_by", "login"),
        labels=(
            ("secret_type", text_at(alert, "secret_type")),
            ("validity", text_at(alert, "validity")),
            ("publicly_leaked", text_at(alert, "publicly_leaked")),
            ("push_protection_bypassed", text_at(alert, "push_protection_bypassed")),
            ("resolution", text_at(alert, "resolution")),
            ("location_type", text_at(place, "type")),
            ("commit", text_at(place, "details", "commit_sha")),
        ),
        link=text_at(alert, "html_url"),
    )


def _code_scanning(record: Record) -> Finding:
    alert = record_at(record, "alert")
    rule, tool = record_at(alert, "rule"), text_at(alert, "tool", "name")
    instance = record_at(alert, "most_recent_instance") or next(iter(records_at(alert, "instances")), {})
    name = first_text(rule, ("description",), ("name",), ("id",))
    weaknesses = [tag.rpartition("/")[2] for tag in texts_at(rule, "tags") if "cwe/" in tag.lower()]
    signal = signal_of_flaw(name, weaknesses, tool)
    path = first_text(instance, ("location", "path"))
    return Finding(
        family="code_scanning",
        identity=first_text(alert, ("number",), ("html_url",), ("url",)) or f"{text_at(rule, 'id')} {path}",
        title=name or f"{tool or 'Code scanning'} alert",
        signal=signal,
        number=text_at(alert, "number"),
        state=text_at(alert, "state"),
        severity=first_text(rule, ("security_severity_level",), ("severity",)),
        occurred_at=value_at(alert, "created_at"),
        files=(path,) if path else (),
        labels=(
            ("tool", tool),
            ("rule_id", text_at(rule, "id")),
            ("ref", first_text(record, ("ref",)) or text_at(instance, "ref")),
            ("commit", text_at(record, "commit_oid")),
            ("state", text_at(alert, "state")),
            ("dismissed_reason", text_at(alert, "dismissed_reason")),
        ),
        summary="" if is_secret_scanner(tool) else _lines(tool, text_at(instance, "message", "text")),
        link=text_at(alert, "html_url"),
    )


def _advisory(key: str) -> Callable[[Record], Finding]:
    def reader(record: Record) -> Finding:
        advisory = record_at(record, key)
        name, number = text_at(advisory, "summary"), text_at(advisory, "ghsa_id")
        weaknesses = [text_at(one, "cwe_id") for one in records_at(advisory, "cwes")]
        return Finding(
            family="advisory",
            identity=number or name,
            title=name or f"Security advisory {number}".rstrip(),
            signal=signal_of_flaw(name, (*weaknesses, *texts_at(advisory, "cwe_ids"))),
            state="withdrawn" if text_at(advisory, "withdrawn_at") else text_at(advisory, "state"),
            severity=text_at(advisory, "severity"),
            occurred_at=value_at(advisory, "published_at") or value_at(advisory, "created_at"),
            labels=(
                *_advisory_labels(advisory),
                (
                    "package",
                    ", ".join(text_at(one, "package", "name") for one in records_at(advisory, "vulnerabilities")),
                ),
            ),
            summary=text_at(advisory, "description"),
            link=first_text(advisory, ("html_url",)) or _advisory_link(number),
        )

    return reader


def _other_alert(kind: str, record: Record) -> Finding:
    alert = record_at(record, "alert")
    name = first_text(alert, ("title",), ("summary",), ("description",))
    return Finding(
        family=kind or "alert",
        identity=text_at(alert, "number"),
        title=name or f"GitHub {kind.replace('_', ' ') or 'alert'} {text_at(alert, 'number')}",
        signal=signal_of_flaw(name, (), kind),
        number=text_at(alert, "number"),
        state=text_at(alert, "state"),
        severity=text_at(alert, "severity"),
        occurred_at=value_at(alert, "created_at"),
        link=text_at(alert, "html_url"),
    )


def _advisory_labels(advisory: Record) -> tuple[tuple[str, str], ...]:
    return (
        ("ghsa", text_at(advisory, "ghsa_id")),
        ("cve", text_at(advisory, "cve_id") or _cve_among(advisory)),
        ("cvss", first_text(advisory, ("cvss_severities", "cvss_v4", "score"), ("cvss", "score"))),
    )


def _cve_among(advisory: Record) -> str:
    numbers = (text_at(one, "value") for one in records_at(advisory, "identifiers") if text_at(one, "type") == "CVE")
    return next(numbers, "")


def _advisory_link(number: str) -> str:
    return f"https://github.com/advisories/{number}" if number.startswith("GHSA-") else ""


def _range_in_words(package: str, flaw: Record) -> str:
    fixed_in = text_at(flaw, "first_patched_version", "identifier") or text_at(flaw, "first_patched_version")
    return f"{package} {text_at(flaw, 'vulnerable_version_range')}" + (f", fixed in {fixed_in}" if fixed_in else "")


def _lines(*texts: str) -> str:
    return "\n".join(text for text in (one.strip() for one in texts) if text)


_READERS: Mapping[str, Callable[[Record], Finding]] = {
    "dependabot_alert": _dependabot,
    "repository_vulnerability_alert": _repository_vulnerability,
    "secret_scanning_alert": _secret_scanning,
    "secret_scanning_alert_location": _secret_scanning,
    "code_scanning_alert": _code_scanning,
    "security_advisory": _advisory("security_advisory"),
    "repository_advisory": _advisory("repository_advisory"),
}
