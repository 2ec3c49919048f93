"""What an event or an issue of Sentry names: issue, project, people, machines, releases; and what it is about.

Attributes as https://develop.sentry.dev/sdk/data-model/event-payloads/ has them. An error is about the running of an
application unless Sentry's own category, the name of the alert rule or the name of the exception says more.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from breach_service.domain.alert import AlertClass, Entity, EntityKind, EntityRole, Signal, class_of
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    text_of,
    texts_at,
    value_at,
)
from breach_service.sources.parts.words import signal_of_words

_ADDRESS = re.compile(r"https?://\S{1,400}")
_ISSUE_IN_LINK = re.compile(r"/issues/(\d{1,25})")
_ORGANISATION_PATH = re.compile(r"/(?:organizations|projects)/([\w-]{1,100})/")
_ORGANISATION_HOST = re.compile(r"https?://(?!us\.|de\.|www\.|app\.)([\w-]{1,100})\.sentry\.io/")
_PROJECT_IN_LINK = re.compile(r"/projects/[\w-]{1,100}/([\w-]{1,100})/")

_SIGNAL_OF_KIND = {
    "uptime": Signal.UNAVAILABILITY,
    "outage": Signal.UNAVAILABILITY,
    "uptime_domain_failure": Signal.UNAVAILABILITY,
    # `type_id` of the issue types in getsentry/sentry: src/sentry/uptime/grouptype.py.
    "7001": Signal.UNAVAILABILITY,
    "query_injection_vulnerability": Signal.VULNERABILITY,
    "db_query_injection_vulnerability": Signal.VULNERABILITY,
    # Reports of browsers about the page's own policy; extensions of visitors make them all day.
    "csp": Signal.ROUTINE,
    "hpkp": Signal.ROUTINE,
    "expectct": Signal.ROUTINE,
    "expectstaple": Signal.ROUTINE,
    "nel": Signal.ROUTINE,
}
"""By Sentry's own category or type of issue, or type of event."""

_METRIC_ISSUE = "8001"
"""An issue of a metric monitor: its title is the name that people gave to the monitor."""

_SIGNAL_OF_EXCEPTION = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (
            Signal.WEB_EXPLOIT,
            r"SuspiciousFileOperation|path ?traversal|directory ?traversal"
            r"|\b(?:sql|command|code|template|ldap|xml|header) ?injection|\bxss attack",
        ),
        (Signal.SCAN, r"\bDisallowedHost\b|Invalid HTTP_HOST header"),
        (Signal.BRUTE_FORCE, r"too many (?:failed )?(?:log ?ins?|attempts)|brute ?force|credential stuffing"),
        (Signal.ANOMALY, r"\bSuspicious(?:Operation|Session|MultipartForm)\b|security violation|possible attack"),
    )
)
"""Names of exceptions that frameworks raise where somebody tries something; the words of an error alone mislead."""

_TELLING_CLASSES = frozenset({AlertClass.SECURITY, AlertClass.AVAILABILITY})


def signal_of_issue(event: Record, title: str, rule: str) -> Signal:
    """What an event or issue is about; `rule` is the name that people gave to the alert rule, empty without one."""
    paths = (("issueType",), ("issueCategory",), ("occurrence", "type"), ("type",))
    kinds = [text_at(event, *path).lower() for path in paths]
    by_kind = next((_SIGNAL_OF_KIND[kind] for kind in kinds if kind in _SIGNAL_OF_KIND), None)
    by_rule = signal_of_words(rule)
    if by_rule is not None and class_of(by_rule) not in _TELLING_CLASSES:
        by_rule = None
    if by_kind is None and _METRIC_ISSUE in kinds:
        by_kind = signal_of_metric(title)
    by_name = next((signal for signal, pattern in _SIGNAL_OF_EXCEPTION if pattern.search(title[:500])), None)
    return by_kind or by_rule or by_name or _signal_of_check_in(event, title) or Signal.OPERATIONS


def signal_of_metric(name: str) -> Signal:
    """What a metric alert is about, by the name that people gave to its rule."""
    return signal_of_words(name) or Signal.OPERATIONS


def title_of_event(event: Record) -> str:
    """Sentry's own title, or what it would make it of."""
    # Of an issue that Sentry made itself (a check that failed, a metric) the event has at most a stopgap of a title.
    occurrence = first_text(event, ("occurrence", "issueTitle"), ("occurrence", "issue_title"))
    told = occurrence or first_text(event, ("title",), ("message",), ("logentry", "formatted"), ("logentry", "message"))
    kind, value = text_at(event, "metadata", "type"), text_at(event, "metadata", "value")
    made = ": ".join(filter(None, (kind, value)))
    return told or made or first_text(event, ("metadata", "title"), ("culprit",), ("transaction",))


def issue_of(event: Record) -> str:
    """The number of the issue that an event belongs to; empty where it names none."""
    named = first_text(event, ("issue_id",), ("groupID",), ("group_id",), ("issue", "id"))
    if named:
        return named
    found = _ISSUE_IN_LINK.search(f"{text_at(event, 'issue_url')[:500]} {text_at(event, 'web_url')[:500]}")
    return found[1] if found else ""


def project_in(event: Record) -> str:
    """The slug of the project: named, or in the address of the event (the attribute `project` is a number there)."""
    named = first_text(event, ("project", "slug"), ("project", "name"), ("project_slug",))
    if named:
        return named
    found = _PROJECT_IN_LINK.search(first_text(event, ("url",), ("project_url",))[:500])
    return found[1] if found else first_text(event, ("project_name",), ("project",))


def organisation_in(*links: str) -> str:
    """The slug of the organisation in the first of the addresses that has one."""
    for link in links:
        found = _ORGANISATION_PATH.search(link[:500]) or _ORGANISATION_HOST.match(link[:500])
        if found:
            return found[1]
    return ""


def telling_of(event: Record) -> str:
    """What an issue that Sentry made itself says of its reason; empty for an error."""
    occurrence = record_at(event, "occurrence")
    shown = (f"{text_at(one, 'name')}: {text_at(one, 'value')}" for one in records_at(occurrence, "evidenceDisplay"))
    return "\n".join((text_at(occurrence, "subtitle"), *shown)).strip()


def instant_of_event(event: Record) -> datetime | None:
    """When it happened: the event's own time, else when Sentry got it."""
    keys = ("datetime", "dateCreated", "timestamp", "received")
    return next((said for key in keys if (said := instant_in(value_at(event, key))) is not None), None)


def is_sample(event: Record) -> bool:
    """True for the example event that test buttons send (`create_sample_event` of getsentry/sentry)."""
    return any(key == "sample_event" and value.lower() in ("yes", "true") for key, value in tags_of(event))


def tags_of(event: Record) -> Iterator[tuple[str, str]]:
    """Key and value of each tag, which Sentry writes as pairs, as objects, or as one object."""
    tags: Any = value_at(event, "tags")
    if isinstance(tags, dict):
        yield from ((key, text_of(value)) for key, value in tags.items())
    for tag in tags if isinstance(tags, list) else ():
        match tag:
            case [str() as key, value]:
                yield key, text_of(value)
            case {"key": str() as key, "value": value}:
                yield key, text_of(value)


def entities_of_event(event: Record) -> tuple[Entity, ...]:
    """The project and organisation, the machine, the page, and the user whom it happened to, who is not at fault."""
    tags = dict(tags_of(event))
    page = first_text(event, ("request", "url")) or tags.get("url", "") or _page_in_title(event)
    user = first_text(event, ("user", "email"), ("user", "username"), ("user", "id"))
    clients = (text_at(event, "user", "ip_address"), text_at(event, "request", "env", "REMOTE_ADDR"))
    return gathered(
        entities_of(EntityKind.APPLICATION, [project_in(event)]),
        entities_of(EntityKind.ACCOUNT, [organisation_in(*_links_of(event))]),
        entities_of(EntityKind.HOST, [text_at(event, "server_name") or tags.get("server_name", "")]),
        [entity(EntityKind.DOMAIN, page, EntityRole.TARGET) if "://" in page else None],
        # What follows the question mark may hold tokens and what people typed.
        entities_of(EntityKind.URL, [masked(re.split(r"[?#]", page, maxsplit=1)[0])] if "://" in page else []),
        entities_of(EntityKind.USER, [user]),
        entities_of(EntityKind.SOURCE_ADDRESS, clients, EntityRole.INVOLVED),
    )


def _page_in_title(event: Record) -> str:
    """What an uptime check looked at, "Downtime detected for https://…"; errors quote addresses of anybody."""
    if signal_of_issue(event, "", "") is not Signal.UNAVAILABILITY:
        return ""
    found = _ADDRESS.search(title_of_event(event)[:500])
    return found[0] if found else ""


def labels_of_event(event: Record) -> dict[str, str]:
    """Tags without those about the user, and what the event says of release, environment and place."""
    tags = {key: value for key, value in tags_of(event) if not key.startswith(("user", "url", "sentry:user"))}
    named = {
        "project": project_in(event),
        "organization": organisation_in(*_links_of(event)),
        "release": first_text(event, ("release", "version"), ("release",)) or tags.get("sentry:release", ""),
        "environment": text_at(event, "environment") or tags.get("environment", ""),
        "platform": text_at(event, "platform"),
        "culprit": first_text(event, ("culprit",), ("location",)),
        "transaction": text_at(event, "transaction"),
        "logger": text_at(event, "logger"),
        "level": text_at(event, "level"),
        "fingerprint": ", ".join(texts_at(event, "fingerprint")),
    }
    return labels_from((*tags.items(), *((key, text) for key, text in named.items() if text)))


def _links_of(event: Record) -> tuple[str, ...]:
    return tuple(text_at(event, key) for key in ("web_url", "permalink", "url", "project_url", "issue_url"))


def _signal_of_check_in(event: Record, title: str) -> Signal | None:
    """A scheduled job that failed or did not come: what it is for, its name says."""
    is_check_in = text_at(event, "issueCategory").lower() == "cron" or "monitor" in record_at(event, "contexts")
    return signal_of_words(title, text_at(event, "contexts", "monitor", "slug")) if is_check_in else None
