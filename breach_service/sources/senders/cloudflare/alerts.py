"""The types of Cloudflare's notifications: what each reports, when it is over, and what identifies it.

Types as in the API's list of alert types (https://developers.cloudflare.com/api/resources/alerting/).
"""

import re
from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.alert import AlertStatus, Signal
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, text_at, texts_at, value_at
from breach_service.sources.parts.words import signal_of_words

_SIGNAL_OF_TYPE: Mapping[str, Signal] = {
    kind: signal
    for signal, kinds in (
        (
            Signal.UNAVAILABILITY,
            "advanced_ddos_attack_l4_alert advanced_ddos_attack_l7_alert dos_attack_l4 dos_attack_l7 fbm_dosd_attack "
            "fbm_volumetric_attack health_check_status_notification load_balancing_health_alert "
            "http_alert_origin_error http_alert_edge_error advanced_http_alert_error real_origin_monitoring "
            "tunnel_health_event magic_tunnel_health_check_event magic_wan_tunnel_health "
            "secondary_dns_all_primaries_failing synthetic_test_low_availability_alert",
        ),
        (Signal.WEB_EXPLOIT, "clickhouse_alert_fw_anomaly clickhouse_alert_fw_ent_anomaly"),
        (
            Signal.MALWARE,
            "scriptmonitor_alert_new_malicious_hosts scriptmonitor_alert_new_malicious_scripts "
            "scriptmonitor_alert_new_malicious_url",
        ),
        (Signal.INTEGRITY_CHANGE, "scriptmonitor_alert_new_code_change_detections"),
        (
            Signal.ANOMALY,
            "brand_protection_alert brand_protection_digest logo_match_alert traffic_anomalies_alert sentinel_alert "
            "bgp_hijack_notification abuse_report_alert block_notification_new_block "
            "block_notification_review_rejected block_notification_block_removed",
        ),
        (Signal.SCAN, "bot_traffic_basic_alert custom_bot_detection_alert"),
        (Signal.VULNERABILITY, "security_insights_alert"),
        (
            Signal.OPERATIONS,
            "access_custom_certificate_expiration_type custom_ssl_certificate_event_type "
            "dedicated_ssl_certificate_event_type universal_ssl_event_type "
            "hostname_aop_custom_certificate_expiration_type zone_aop_custom_certificate_expiration_type "
            "mtls_certificate_store_certificate_expiration_type expiring_service_token_alert tunnel_update_event "
            "billing_usage_alert failing_logpush_job_disabled_alert pages_event_alert workers_alert "
            "workers_observability_alert incident_alert load_balancing_pool_enablement_alert "
            "device_connectivity_anomaly_alert synthetic_test_latency_alert secondary_dns_primaries_failing "
            "secondary_dns_warning secondary_dns_zone_validation_warning fbm_auto_advertisement "
            "image_notification image_resizing_notification",
        ),
        (
            Signal.ROUTINE,
            "maintenance_event_notification cni_maintenance_notification radar_notification stream_live_notifications "
            "web_analytics_metrics_update cloudforce_one_request_notification secondary_dns_zone_successfully_updated "
            "scriptmonitor_alert_new_resources scriptmonitor_alert_new_max_length_resource_url "
            "scriptmonitor_alert_new_hosts",
        ),
    )
    for kind in kinds.split()
}
_HOSTILE_KINDS = re.compile(r"ddos|dos_attack", re.IGNORECASE)

_STATE_KEYS = (
    ("new_status",),
    ("new_health_status",),
    ("new_health",),
    ("incident_status",),
    ("event",),
    ("status",),
    ("certificate_status",),
    ("pack_status",),
)
"""Where `data` says how things are now; constants (`TUNNEL_STATUS_TYPE_DOWN`) count by their last word."""
_GOOD_STATES = frozenset({"healthy", "up", "resolved", "recovered", "success", "succeeded", "completed", "reachable"})
_CLOSING_TYPES = frozenset({"block_notification_block_removed"})
_ENDS_OF_DEPLOYMENT = frozenset({"failed", "failure", "success"})
_CERTIFICATE_STATES = frozenset({"active", "issued", "deployed"})

_THINGS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("health_check_id",),),
    (("tunnel_id",), ("tunnel_tag",), ("tunnel_name",)),
    (("pool_id",), ("pool_name",)),
    (("episode", "id"), ("config", "id")),
    (("incident_id",),),
    (("project_id",), ("project_name",)),
    (("certificate_pack_id",), ("pack_id",), ("certificate_id",)),
)
"""Numbers of things whose alerts say up and down: they outlive a correlation id. The first that is there."""
_PARTS = ("attack_id", "zone_tag", "zone_name", "target_hostname", "target_ip", "hostnames", "query_id", "rule_id")

_START_KEYS = (
    ("start_time",),
    ("alert_start_time",),
    ("episode", "first_failed"),
    ("episode", "first_fired"),
    ("status_change_time",),
    ("incident_start_time",),
    ("timestamp",),
)


def signal_of_type(kind: str, data: Record, *words: str) -> Signal:
    """What a notification of that type reports; a type that is not known here is judged by its words."""
    known = _SIGNAL_OF_TYPE.get(kind)
    if known is Signal.OPERATIONS and kind == "pages_event_alert" and _state_in(data) not in _ENDS_OF_DEPLOYMENT:
        return Signal.ROUTINE
    if known is not None:
        return known
    if _HOSTILE_KINDS.search(kind):
        return Signal.UNAVAILABILITY
    return signal_of_words(kind.replace("_", " "), *words) or Signal.ANOMALY


def type_in_words(kind: str) -> str:
    """A title for a notification that has none."""
    return f"Cloudflare: {kind.replace('_', ' ')}" if kind else "Cloudflare notification"


def family_of(kind: str) -> str:
    """The type, or what types have in common of which one ends what another began."""
    return "block_notification" if kind.startswith("block_notification") else kind


def state_of(record: Record, data: Record) -> AlertStatus:
    """Over or not: by what `data` says of the thing, else by START and END."""
    kind, state = text_at(record, "alert_type").lower(), _state_in(data)
    is_certificate = "ssl" in kind or "certificate" in kind
    if state in _GOOD_STATES or (is_certificate and state in _CERTIFICATE_STATES) or kind in _CLOSING_TYPES:
        return AlertStatus.RESOLVED
    says_state_itself = bool(first_text(data, *_STATE_KEYS[:3]))
    is_end = text_at(record, "alert_event").upper().endswith(("_END", "_RESOLVED"))
    return AlertStatus.RESOLVED if is_end and not says_state_itself else AlertStatus.FIRING


def identity_of(record: Record, data: Record) -> tuple[str, ...]:
    """What stays the same from the start to the end of one thing, and when it is said again."""
    thing = next((found for paths in _THINGS if (found := first_text(data, *paths))), "")
    if thing:
        return (thing, *(text_at(data, key) for key in ("origin_ip", "origin_name", "environment", "service")))
    correlation = text_at(record, "alert_correlation_id")
    if correlation.strip("0-"):
        return (correlation,)
    parts = tuple(text_at(data, key) for key in _PARTS) + texts_at(data, "zones")
    account = first_text(record, ("account_id",), ("data", "account_tag"))
    return (account, text_at(record, "policy_id"), *(parts if any(parts) else (text_at(record, "text"),)))


def started_at(record: Record, data: Record) -> datetime | None:
    """When it began where `data` says so, else when the notification was made (seconds since 1970)."""
    for path in _START_KEYS:
        said = instant_in(value_at(data, *path))
        if said is not None:
            return said
    return instant_in(value_at(record, "ts"))


def _state_in(data: Record) -> str:
    said = first_text(data, *_STATE_KEYS)
    return (said.rpartition("_")[2] if said.isupper() else said).strip().lower()
