"""The severity, the state and the instant that a body of unknown shape says."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from breach_service.domain.alert import AlertStatus, Severity
from breach_service.sources.general import key_names
from breach_service.sources.general.leaves import Leaf, Leaves
from breach_service.sources.general.state_words import (
    is_good_news,
    is_success,
    is_test_title,
    state_in_event,
    state_in_status,
    state_in_title,
)
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.parts.severities import severity_of_word

_Scale = Sequence[tuple[float, Severity]]
_RISK: _Scale = ((74, Severity.CRITICAL), (48, Severity.HIGH), (22, Severity.MEDIUM), (11, Severity.LOW))
"""Of 100, as Elastic cuts it; up to 10 it may be another scale."""
_CVSS: _Scale = ((9, Severity.CRITICAL), (7, Severity.HIGH), (4, Severity.MEDIUM), (0.1, Severity.LOW))
_SCALES = ((("riskscore", "eventriskscore", "rulescore"), _RISK, 100), (("cvss", "cvssscore", "basescore"), _CVSS, 10))
_NUMBERED: Sequence[tuple[str, str, Mapping[str, Severity]]] = (
    # Graylog: graylog2-server, EventDefinitionPriorityEnum
    (
        "eventdefinitionid",
        "priority",
        {"1": Severity.LOW, "2": Severity.MEDIUM, "3": Severity.HIGH},
    ),
    # Rollbar: https://rollbar.com/docs/webhooks/
    (
        "itemlastoccurrenceid",
        "itemlevel",
        {"20": Severity.INFO, "30": Severity.MEDIUM, "40": Severity.HIGH, "50": Severity.CRITICAL},
    ),
    # TheHive: https://docs.strangebee.com/thehive/api-docs/, alerts and cases
    (
        "sourceref",
        "severity",
        {"1": Severity.LOW, "2": Severity.MEDIUM, "3": Severity.HIGH, "4": Severity.CRITICAL},
    ),
    # Instana: https://www.ibm.com/docs/en/instana-observability?topic=alerting-webhooks
    ("issueentitylabel", "severity", {"-1": Severity.INFO, "5": Severity.MEDIUM, "10": Severity.CRITICAL}),
)
"""Numbers for a severity, told by a key that only their sender has: the key, where the number is, what it means."""
_A_SUBJECT = "alert"
_TYPES_OF_MESSAGE = ("messagetype", "alertmessagetype", "triggertype")
"""VictorOps and Sumo Logic say CRITICAL, WARNING, RECOVERY or ResolvedCritical there."""
_LONGEST_SEVERITY = 60
_MOST_WORDS_OF_SEVERITY = 4
_LONGEST_NUMBER = 6
_RUNS = ("buildnumber", "buildid")


def severity_in(leaves: Leaves) -> tuple[Severity, str]:
    """The severity, and the sender's own word for it: the first that is understood, else the first that is there."""
    understood = leaves.found(key_names.SEVERITIES, _understood) or _numbered(leaves) or _scored(leaves)
    if understood is not None:
        return understood
    said = plain_line(leaves.found(key_names.SEVERITIES, _worded) or "")
    # Some senders say the severity as the state: critical, warning, resolved.
    state = leaves.found((*key_names.STATUSES, *_TYPES_OF_MESSAGE), _understood)
    is_telling = not said and state is not None and state[0] is not Severity.INFO
    return state if is_telling and state is not None else (Severity.UNKNOWN, said)


def _understood(leaf: Leaf) -> tuple[Severity, str] | None:
    severity = severity_in_words(leaf.text) if isinstance(leaf.value, str) else Severity.UNKNOWN
    return (severity, plain_line(leaf.text)) if severity is not Severity.UNKNOWN else None


def _worded(leaf: Leaf) -> str | None:
    """A word or a number; `***`, as PRTG writes the weight of a sensor, is neither."""
    return leaf.text if any(one.isalnum() for one in leaf.text[:_LONGEST_SEVERITY]) else None


def severity_in_words(text: str) -> Severity:
    """The severity that a short text means: `P1 - Critical`, `SEVERITY_HIGH`, `High (3)`; UNKNOWN for all else."""
    whole = severity_of_word(text)
    words = "".join(one if one.isalnum() else " " for one in text[:_LONGEST_SEVERITY]).split()
    if whole is not Severity.UNKNOWN or len(text) > _LONGEST_SEVERITY or len(words) > _MOST_WORDS_OF_SEVERITY:
        return whole
    # `ALERT_CRITICALITY_LEVEL_WARNING`: what it is called comes before what it is.
    found = [severity_of_word(word) for word in words if word.lower() != _A_SUBJECT or len(words) == 1]
    return next((one for one in found if one is not Severity.UNKNOWN), whole)


def _numbered(leaves: Leaves) -> tuple[Severity, str] | None:
    """The severity of a number whose sender is known by another key."""
    for mark, name, meaning in _NUMBERED:
        said = leaves.text([name]) if leaves.text([mark]) else ""
        if said in meaning:
            return meaning[said], said
    return None


def _scored(leaves: Leaves) -> tuple[Severity, str] | None:
    """The severity of a score whose scale is known by its name."""
    for names, scale, highest in _SCALES:
        said = leaves.text(names)
        if len(said) <= _LONGEST_NUMBER and said.replace(".", "", 1).isdecimal() and float(said) <= highest:
            severity = next((severity for least, severity in scale if float(said) >= least), None)
            if severity is not None:
                return severity, said
    return None


def status_in(leaves: Leaves, title: str, is_about_a_job: bool) -> AlertStatus:
    """The state of the problem; firing where nothing says otherwise.

    Success ends the problem of a job only: of a log-in it says that somebody is in.
    """
    # A job may be called "Test".
    is_trial = is_test_title(title) and not (title.lower() == "test" and leaves.text(_RUNS))
    if leaves.found(key_names.TESTS, _truth) or is_trial:
        return AlertStatus.TEST
    said = leaves.found(key_names.STATUSES, lambda leaf: _state_of(leaf, is_about_a_job))
    named = leaves.found(key_names.EVENTS, lambda leaf: state_in_event(leaf.text))
    if named is AlertStatus.TEST:
        return named
    # A test button plays a state, too: only its own words say what it is.
    well = is_about_a_job and (
        any(is_success(leaves.text([name])) for name in ("type", "result")) or is_good_news(title)
    )
    ended = AlertStatus.RESOLVED if well else _ended(leaves)
    states = (said, _flagged(leaves), named, state_in_title(title), ended)
    return next((state for state in states if state is not None), AlertStatus.FIRING)


def _state_of(leaf: Leaf, is_about_a_job: bool) -> AlertStatus | None:
    if is_about_a_job and is_success(leaf.text):
        return AlertStatus.RESOLVED
    return state_in_status(leaf.text) if isinstance(leaf.value, str) else None


def _truth(leaf: Leaf) -> bool | None:
    return True if leaf.text.lower() in ("true", "1", "yes") else None


def _flagged(leaves: Leaves) -> AlertStatus | None:
    """The state that a truth value says."""
    if leaves.found(key_names.ARE_RESOLVED, _truth):
        return AlertStatus.RESOLVED
    lies = leaves.found(key_names.ARE_FIRING, lambda leaf: leaf.value is False or None)
    return AlertStatus.RESOLVED if lies else None


def _ended(leaves: Leaves) -> AlertStatus | None:
    """RESOLVED where the sender gives the instant at which it was."""
    at = leaves.found(key_names.RESOLVED_TIMES, lambda leaf: instant_in(leaf.value))
    return AlertStatus.RESOLVED if at is not None else None


def occurred_at_in(leaves: Leaves) -> datetime | None:
    """When it began, as the sender says it; in its own zone where it names one; None where no instant can be used."""
    zone = leaves.found(key_names.ZONES, lambda leaf: zone_of(leaf.text))

    def instant(leaf: Leaf) -> datetime | None:
        return instant_in(leaf.value, zone)

    day_and_time = Leaf(("time",), "time", f"{leaves.text(['date'])} {leaves.text(['time'])}", 0)
    return leaves.found(key_names.STARTS, instant) or leaves.found(key_names.TIMES, instant) or instant(day_and_time)


def zone_of(name: str) -> tzinfo | None:
    """The time zone of that IANA name, None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None  # no such name, or none that could be one
