"""Cloudflare notifications, generic webhook.

https://developers.cloudflare.com/notifications/reference/webhook-payload-schema/. The secret stands bare in the header
cf-webhook-auth. `data` differs from one type of alert to the next; START and END of one thing share a correlation id,
while health checks and tunnels say up or down in `data` and have a number of their own. "Save and Test" sends nothing
but `text`.
"""

import json

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    text_of,
    texts_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.request import Delivery
from breach_service.sources.senders.cloudflare.alerts import (
    family_of,
    identity_of,
    signal_of_type,
    started_at,
    state_of,
    type_in_words,
)
from breach_service.sources.source import Source

_EXPECTED = 'a notification of Cloudflare, an object with "text" and "data" or "alert_type"'
_ENVELOPE = ("alert_type", "alert_event", "alert_correlation_id", "policy_name", "policy_id", "account_id")
_APPLICATION_KEYS = (
    "tunnel_name",
    "health_check_name",
    "pool_name",
    "load_balancer_name",
    "project_name",
    "service",
    "script_name",
    "application_name",
    "job_name",
)
_SEVERITY_KEYS = (("severity",), ("incident_impact",), ("impact",), ("priority",))
# Somebody else's, found by Cloudflare: look-alike domains, hostile scripts in our pages.
_FOREIGN_TYPES = ("brand_protection", "logo_match", "scriptmonitor")
_MOST_LISTED = 20


class Cloudflare(Source):
    """One alert per notification."""

    kind = "cloudflare"
    aliases = ("cloudflare-notifications", "cloudflare-waf", "cloudflare-ddos")
    title = Text(fr="Cloudflare (notifications)", en="Cloudflare (notifications)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)
    secret_headers = ("cf-webhook-auth",)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"text": "Test message of an operator"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return "alert_type" in record and any(key in record for key in _ENVELOPE if key != "alert_type")


SOURCE = Cloudflare()


def _alert_of(source_name: str, record: Record) -> Alert:
    text = text_at(record, "text")
    if not text and not text_at(record, "alert_type") and not text_at(record, "name"):
        raise UnreadablePayload(f'Found an object without "text" and "alert_type"; expected {_EXPECTED}.')
    if not any(key in record for key in ("data", "name", *_ENVELOPE)):
        return _test_alert(source_name, text)
    data, kind = record_at(record, "data"), _type_of(record)
    status = state_of(record, data)
    severity, vendor_severity = _severity_of(data)
    return Alert(
        source=source_name,
        title=_title_of(record, kind),
        signal=signal_of_type(kind, data, first_text(record, ("text",), ("policy_name",), ("name",))),
        fingerprint=fingerprint_of("cloudflare", family_of(kind), *identity_of(record, data)),
        severity=severity,
        vendor_severity=vendor_severity,
        status=status,
        occurred_at=started_at(record, data),
        entities=gathered(_own_things(record, data, kind), _places_of(record, data, kind)),
        labels=_labels_of(record, data),
        summary=plain_text(text),
        vendor_reference=plain_line(
            first_text(data, ("attack_id",), ("incident_id",), ("id",)) or _correlation(record)
        ),
        link=link_of(first_text(data, ("dashboard_link",), ("rule_link",), ("link",), ("url",), ("incident_url",))),
    )


def _type_of(record: Record) -> str:
    """The alert's type in lower case; older ones say it in `data` only."""
    return first_text(record, ("alert_type",), ("data", "alert_type"), ("data", "type")).lower()


def _test_alert(source_name: str, text: str) -> Alert:
    return Alert(
        source=source_name,
        title=plain_line(text),
        signal=Signal.HEARTBEAT,
        fingerprint=fingerprint_of("cloudflare", "test"),
        status=AlertStatus.TEST,
    )


def _title_of(record: Record, kind: str) -> str:
    """The first line of the text, which names the things; else the name of the policy, which people chose.

    `name` is that of the webhook, and says nothing of the alert: the type with its zone says more.
    """
    lines = (plain_line(line) for line in plain_text(text_at(record, "text")).splitlines())
    first = next((line for line in lines if line), "")
    zone = text_at(record, "data", "zone_name")
    typed = f"{type_in_words(kind)} ({zone})" if zone else type_in_words(kind)
    named = plain_line(text_at(record, "policy_name"))
    return first or named or plain_line(typed if kind else text_at(record, "name") or typed)


def _severity_of(data: Record) -> tuple[Severity, str]:
    """A few types have one, as a word or as the end of a constant (`INCIDENT_IMPACT_MAJOR`); most have none."""
    said = first_text(data, *_SEVERITY_KEYS)
    return severity_of_word(said.rpartition("_")[2]), plain_line(said)


def _own_things(record: Record, data: Record, kind: str) -> list[Entity]:
    account = first_text(data, ("account_name",), ("account", "name")) or first_text(
        record, ("account_id",), ("data", "account_tag"), ("data", "account", "id")
    )
    # The service of a firewall alert is a part of Cloudflare.
    keys = [key for key in _APPLICATION_KEYS if key != "service" or "_fw_" not in kind]
    applications = [text_at(data, key) for key in keys]
    applications += [text_at(one, "script_name") for one in records_at(data, "scripts")]
    if kind.startswith("workers"):
        applications.append(text_at(data, "config", "name"))
    addresses = _split(first_text(data, ("target_ip",), ("target_ips",))) + _split(
        first_text(data, ("origin_ip",), ("origin_address",), ("origin", "address"))
    )
    addresses += [text_at(one, "address") for one in records_at(data, "origins")[:_MOST_LISTED]]
    return [
        *entities_of(EntityKind.ACCOUNT, [account]),
        *entities_of(EntityKind.APPLICATION, applications),
        *entities_of(EntityKind.HOST, addresses),
        *entities_of(EntityKind.HOST, [text_at(data, "target_hostname"), text_at(data, "hostname")]),
        *entities_of(EntityKind.SOURCE_ADDRESS, [first_text(data, ("client_ip",), ("source_ip",))]),
        *entities_of(EntityKind.USER, [first_text(data, ("user_email",), ("actor_email",))]),
    ]


def _places_of(record: Record, data: Record, kind: str) -> list[Entity | None]:
    """Zones and host names of ours; for what was found elsewhere, the domains and addresses that imitate or attack."""
    ours = [*_split(text_at(data, "zone_name")), *texts_at(data, "zones")[:_MOST_LISTED]]
    for one in (*records_at(data, "zones"), *records_at(data, "unreachable_zones"))[:_MOST_LISTED]:
        ours += [first_text(one, ("name",), ("zone_name",)), text_at(one, "host")]
    if kind.startswith("security_insights"):
        ours += _split(text_at(data, "subject"))
    ours += [name for key in ("hostnames", "hosts") for one in texts_at(data, key) for name in _split(one)]
    found: list[Entity | None] = [entity(EntityKind.DOMAIN, name, EntityRole.TARGET) for name in ours[:_MOST_LISTED]]
    if kind.startswith(_FOREIGN_TYPES):
        found += [entity(kind_of, text, EntityRole.ACTOR) for kind_of, text in _foreign_things(data)]
    return found


def _foreign_things(data: Record) -> list[tuple[EntityKind, str]]:
    holders = [data, *(record_at(data, key) for key in ("resource", "version", "match"))]
    for key in ("resources", "matches", "scripts", "domains"):
        holders += records_at(data, key)[:_MOST_LISTED]
    found = []
    for holder in holders:
        for key in ("domain", "host", "matched_domain", "matched_domains", "domains", "malicious_host"):
            found += [(EntityKind.DOMAIN, text) for text in texts_at(holder, key)[:_MOST_LISTED]]
        for key in ("resource_url", "script_url", "malicious_url", "matched_url", "url"):
            found += [(EntityKind.URL, text) for text in texts_at(holder, key) if holder is not data or key != "url"]
        found += [(EntityKind.FILE_HASH, text_at(holder, "hash"))]
    return found


def _labels_of(record: Record, data: Record) -> dict[str, str]:
    """The envelope, and all that `data` says in single words: its keys differ from type to type."""
    # The destination of a Logpush job holds its credentials.
    single = (
        (key, text_of(value)) for key, value in data.items() if not key.endswith(("link", "url", "text", "_conf"))
    )
    envelope = ((key, text_at(record, key)) for key in _ENVELOPE)
    return labels_from((*single, *envelope, ("zone", text_at(data, "zone_name"))))


def _correlation(record: Record) -> str:
    return text_at(record, "alert_correlation_id")


def _split(text: str) -> list[str]:
    """The members of a list that Cloudflare writes as one text, with commas or blanks between them."""
    return text[:4000].replace(",", " ").replace(";", " ").split()[:_MOST_LISTED]
