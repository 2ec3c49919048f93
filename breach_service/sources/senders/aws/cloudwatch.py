"""Alarms of Amazon CloudWatch, as SNS carries them and as EventBridge does; metric alarms and composite ones.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html and
cloudwatch-and-eventbridge.html in the same guide. An alarm has no severity.
"""

import re
from collections.abc import Iterable

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.sources.parts.entities import gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    text_of,
    value_at,
)
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.senders.aws.resources import Event, arn_of, entities_of_dimensions, entity_of_account

Pairs = list[tuple[str, str]]

_NO_DATA = "INSUFFICIENT_DATA"

_SIGNAL_OF_METRIC: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.UNAVAILABILITY, r"statuscheckfailed|healthyhostcount|unhealthy|healthcheckstatus|ddosdetected"),
        (Signal.UNAVAILABILITY, r"health.?check|\bsynthetics\b|successpercent|databaseconnectionsdown"),
        (
            Signal.BACKUP_FAILED,
            r"backup ?jobs? ?(failed|aborted|expired)|numberof(backup|copy)jobs(failed|aborted|expired)",
        ),
        (Signal.SUSPICIOUS_LOGIN, r"root.?(account)?.?(usage|login|activity)|signin.?without.?mfa|nomfa"),
        (Signal.BRUTE_FORCE, r"(signin|console|authentication|login).?(sign.?in.?)?fail"),
        (Signal.PRIVILEGE_CHANGE, r"iam.?(policy|user|role).?(event|change)|policy.?change"),
        (Signal.INTEGRITY_CHANGE, r"(cloudtrail|config|trail).{0,16}change|(disable|delet).{0,8}(cmk|kms|key)"),
        (
            Signal.INTEGRITY_CHANGE,
            r"(security.?group|network.?acl|nacl|gateway|route.?table|vpc|bucket.?(policy|activity)|organi[sz]ations?)"
            r".{0,12}(event|change)",
        ),
        (Signal.ANOMALY, r"unauthori[sz]ed.?(api|operation|attempt)"),
    )
)
"""By metric and name; the second half are the metric filters that the CIS benchmark of AWS asks for."""


def is_alarm(message: Record) -> bool:
    """True for the message of an alarm, which SNS carries."""
    return "AlarmName" in message and "NewStateValue" in message


def alarm_of_message(source_name: str, message: Record, region: str) -> Alert:
    """The alert of a message of SNS; `region` is the one of the topic, for alarms that only give a display name."""
    arn = arn_of(text_at(message, "AlarmArn"))
    return _alarm(
        source_name,
        name=text_at(message, "AlarmName"),
        state=text_at(message, "NewStateValue").upper(),
        before=text_at(message, "OldStateValue").upper(),
        account=text_at(message, "AWSAccountId") or arn.account,
        region=arn.region or region or text_at(message, "Region"),
        reference=text_at(message, "AlarmArn"),
        at=value_at(message, "StateChangeTime"),
        words=(text_at(message, "AlarmDescription"), text_at(message, "NewStateReason")),
        metrics=_metrics_of_trigger(record_at(message, "Trigger")),
        rule=text_at(message, "AlarmRule"),
    )


def alarm_of_event(source_name: str, event: Event) -> list[Alert]:
    """The alert of an event `CloudWatch Alarm State Change`."""
    detail = event.detail
    reference = next(iter(event.resources), "")
    metrics = records_at(detail, "configuration", "metrics")
    return [
        _alarm(
            source_name,
            name=text_at(detail, "alarmName"),
            state=text_at(detail, "state", "value").upper(),
            before=text_at(detail, "previousState", "value").upper(),
            account=event.account,
            region=event.region,
            reference=reference,
            at=value_at(detail, "state", "timestamp") or text_of(event.happened_at and event.happened_at.isoformat()),
            words=(text_at(detail, "configuration", "description"), text_at(detail, "state", "reason")),
            metrics=[_metric_of_statistics(record_at(one, "metricStat", "metric")) for one in metrics],
            rule=text_at(detail, "configuration", "alarmRule"),
        )
    ]


def _alarm(
    source_name: str,
    *,
    name: str,
    state: str,
    before: str,
    account: str,
    region: str,
    reference: str,
    at: object,
    words: tuple[str, str],
    metrics: list[Pairs],
    rule: str,
) -> Alert:
    pairs = [pair for metric in metrics for pair in metric]
    dimensions = [pair for pair in pairs if pair[0] not in ("metric", "namespace")]
    return Alert(
        source=source_name,
        title=plain_line(name) or plain_line(words[0]) or "CloudWatch alarm",
        signal=_signal_of(name, pairs, words[0], is_new_silence=state == _NO_DATA and before != "ALARM"),
        fingerprint=fingerprint_of("cloudwatch", account, region, name),
        status=AlertStatus.RESOLVED if state == "OK" else AlertStatus.FIRING,
        occurred_at=instant_in(at),
        entities=gathered([entity_of_account(account)], entities_of_dimensions(dimensions)),
        labels=labels_from((*pairs, ("account", account), ("region", region), ("state", state), ("alarm_rule", rule))),
        summary=plain_text("\n".join(text for text in words if text)),
        vendor_reference=plain_line(reference),
    )


def _signal_of(name: str, pairs: Pairs, description: str, *, is_new_silence: bool) -> Signal:
    """What an alarm is about; where it only lacks data, nothing has happened yet."""
    if is_new_silence:
        return Signal.OPERATIONS
    named = [f"{value} " for key, value in pairs if key == "metric"]
    for text in (*named, name):
        found = next((signal for signal, pattern in _SIGNAL_OF_METRIC if pattern.search(text[:1000])), None)
        if found is not None:
            return found
    by_words = signal_of_words(name, *named, description)
    return by_words or Signal.OPERATIONS


def _metrics_of_trigger(trigger: Record) -> list[Pairs]:
    """Namespace, name and dimensions of each metric; of an alarm on an expression there are several."""
    within = [record_at(one, "MetricStat", "Metric") for one in records_at(trigger, "Metrics")]
    return [_metric_of_trigger(one) for one in (trigger, *within)]


def _metric_of_trigger(metric: Record) -> Pairs:
    dimensions = (
        (first_text(one, ("name",), ("Name",)), first_text(one, ("value",), ("Value",)))
        for one in records_at(metric, "Dimensions")
    )
    return _named(text_at(metric, "Namespace"), text_at(metric, "MetricName"), dimensions)


def _metric_of_statistics(metric: Record) -> Pairs:
    dimensions = ((key, text_of(value)) for key, value in record_at(metric, "dimensions").items())
    return _named(text_at(metric, "namespace"), text_at(metric, "name"), dimensions)


def _named(namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> Pairs:
    pairs = [("namespace", namespace), ("metric", name), *dimensions]
    return [(key, value) for key, value in pairs if key and value]


def message_in(text: object) -> Record | None:
    """The object that a text of SNS holds as JSON; None where it holds none."""
    value = decoded(text)
    return value if isinstance(value, dict) else None
