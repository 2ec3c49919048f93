"""How each service that watches sites from outside writes its webhook, as a table: where each thing stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from breach_service.domain.alert import Severity
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import value_at

Paths = tuple[tuple[str, ...], ...]
"""Places to look at, the first that has something wins."""


@dataclass(frozen=True)
class Shape:
    """One service's body."""

    vendor: str
    marks: Paths
    """A body that has all of these is of this service."""
    name: Paths
    state: Paths
    up: frozenset[str]
    """Words of the state, lower case, for a check that is well again."""
    identity: Paths
    """What stays the same of one check."""
    address: Paths
    detail: Paths
    began_at: Paths
    """Places of the start, UTC where they name no zone."""
    title: Paths = ()
    """Where it writes a sentence itself."""
    link: Paths = ()
    severity: Paths = ()
    tags: Paths = ()
    tests: frozenset[str] = frozenset()
    """Words of the state, lower case, for a trial."""
    routine: frozenset[str] = frozenset()
    """Words of the state, lower case, for planned work."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SEVERITIES: Mapping[str, Severity] = {"down": Severity.HIGH, "trouble": Severity.MEDIUM}
"""Site24x7 grades its states: https://www.site24x7.com/help/admin/configuration-profiles/incident-parameters.html."""

SHAPES: tuple[Shape, ...] = (
    # https://help.uptimerobot.com/en/articles/11360871 (variables; names as they are appended to the address)
    Shape(
        vendor="UptimeRobot",
        marks=(("alertType",),),
        name=(("monitorFriendlyName",), ("monitorURL",)),
        state=(("alertType",), ("alertTypeFriendlyName",)),
        up=_words("2 up"),
        identity=(("monitorID",), ("monitorURL",), ("monitorFriendlyName",)),
        address=(("monitorURL",),),
        detail=(("alertDetails",), ("friendlyMessage",)),
        began_at=(("alertDateTime",),),
        tags=(("monitorTags",), ("monitorGroup",)),
    ),
    # The same where the operator's own body leaves the number of the state out.
    Shape(
        vendor="UptimeRobot",
        marks=(("monitorFriendlyName",),),
        name=(("monitorFriendlyName",),),
        state=(("alertTypeFriendlyName",),),
        up=_words("up"),
        identity=(("monitorID",), ("monitorURL",), ("monitorFriendlyName",)),
        address=(("monitorURL",),),
        detail=(("alertDetails",), ("friendlyMessage",)),
        began_at=(("alertDateTime",),),
    ),
    # https://www.pingdom.com/resources/webhooks/: uptime and transaction checks
    Shape(
        vendor="Pingdom",
        marks=(("check_id",), ("current_state",)),
        name=(("check_name",),),
        state=(("current_state",),),
        up=_words("up success"),
        identity=(("check_id",),),
        address=(("check_params", "full_url"), ("check_params", "hostname"), ("check_params", "url")),
        detail=(("long_description",), ("description",)),
        began_at=(("state_changed_timestamp",), ("state_changed_utc_time",)),
        severity=(("importance_level",),),
        tags=(("tags",),),
    ),
    # https://www.site24x7.com/help/admin/third-party-integration/webhooks.html
    Shape(
        vendor="Site24x7",
        marks=(("MONITORNAME",), ("STATUS",)),
        name=(("MONITORNAME",),),
        state=(("STATUS",),),
        up=_words("up"),
        identity=(("MONITOR_ID",), ("MONITOR_DASHBOARD_LINK",), ("MONITORNAME",)),
        address=(("MONITORURL",), ("HOSTNAME",)),
        detail=(("INCIDENT_REASON",), ("INCIDENT_DETAILS",), ("REASON",)),
        began_at=(("OUTAGE_TIME_UNIX_FORMAT",), ("INCIDENT_TIME_ISO",)),
        link=(("MONITOR_DASHBOARD_LINK",), ("RCA_LINK",)),
        severity=(("STATUS",),),
        tags=(("TAGS",), ("MONITOR_GROUPNAME",)),
        routine=_words("maintenance suspended discovery"),
    ),
    # https://www.checklyhq.com/docs/integrations/alerts/webhooks/: a template; these are the names of its variables
    Shape(
        vendor="Checkly",
        marks=(("alert_type",), ("check_name",)),
        name=(("check_name",),),
        state=(("alert_type",),),
        up=_words("alert_recovery alert_degraded_recovery alert_failure_recovery alert_recovered"),
        identity=(("check_id",), ("check_name",)),
        address=(("ssl_check_domain",), ("request_url",)),
        detail=(("check_error_message",), ("event",)),
        began_at=(("started_at",),),
        title=(("event",), ("alert_title",)),
        link=(("link",), ("result_link",)),
        tags=(("tags",),),
    ),
    Shape(
        vendor="Checkly",
        marks=(("ALERT_TYPE",),),
        name=(("CHECK_NAME",),),
        state=(("ALERT_TYPE",),),
        up=_words("alert_recovery alert_degraded_recovery alert_failure_recovery alert_recovered"),
        identity=(("CHECK_ID",), ("CHECK_NAME",)),
        address=(("SSL_CHECK_DOMAIN",), ("REQUEST_URL",)),
        detail=(("CHECK_ERROR_MESSAGE",), ("ALERT_TITLE",)),
        began_at=(("STARTED_AT",),),
        title=(("ALERT_TITLE",),),
        link=(("RESULT_LINK",),),
        tags=(("TAGS",),),
    ),
    # https://betterstack.com/docs/uptime/webhooks/: the incident of its API
    Shape(
        vendor="Better Stack",
        marks=(("data", "id"), ("data", "attributes", "started_at")),
        name=(("data", "attributes", "name"), ("data", "attributes", "url")),
        state=(("data", "attributes", "status"),),
        up=_words("resolved"),
        identity=(("data", "id"),),
        address=(("data", "attributes", "url"),),
        detail=(("data", "attributes", "cause"),),
        began_at=(("data", "attributes", "started_at"),),
        link=(("data", "attributes", "origin_url"), ("data", "links", "self")),
        tags=(("data", "attributes", "team_name"),),
    ),
    # https://www.statuscake.com/kb/knowledge-base/how-to-use-the-web-hook-url/: a form; Token is a secret
    Shape(
        vendor="StatusCake",
        marks=(("Status",), ("StatusCode",)),
        name=(("Name",), ("URL",)),
        state=(("Status",),),
        up=_words("up"),
        identity=(("TestID",), ("Name",), ("URL",)),
        address=(("URL",), ("IP",)),
        detail=(("StatusCode",),),
        began_at=(),
        tags=(("Tags",),),
    ),
    # https://updown.io/doc/how-to-use-webhooks (French): an array of events
    Shape(
        vendor="updown.io",
        marks=(("event",), ("check", "token")),
        name=(("check", "alias"), ("check", "url")),
        state=(("event",),),
        up=_words("check.up check.ssl_valid check.ssl_renewed check.performance_recovery"),
        identity=(("check", "token"),),
        address=(("check", "url"),),
        detail=(("downtime", "error"), ("description",), ("ssl", "err")),
        began_at=(("downtime", "started_at"), ("time",)),
        title=(("description",),),
    ),
    # https://docs.hetrixtools.com/uptime-monitor-webhook-notifications/
    Shape(
        vendor="HetrixTools",
        marks=(("monitor_id",), ("monitor_status",)),
        name=(("monitor_name",), ("monitor_target",)),
        state=(("monitor_status",),),
        up=_words("online up"),
        identity=(("monitor_id",),),
        address=(("monitor_target",),),
        detail=(("monitor_errors",),),
        began_at=(("timestamp",),),
        tags=(("monitor_category",),),
    ),
    # https://docs.openstatus.dev/alerting/providers/webhook
    Shape(
        vendor="OpenStatus",
        marks=(("monitor", "id"), ("cronTimestamp",)),
        name=(("monitor", "name"),),
        state=(("status",),),
        up=_words("recovered"),
        identity=(("monitor", "id"),),
        address=(("monitor", "url"),),
        detail=(("errorMessage",),),
        began_at=(("cronTimestamp",),),
    ),
    # https://support.freshping.io/support/solutions/articles/50000003706
    Shape(
        vendor="Freshping",
        marks=(("webhook_event_data", "check_id"),),
        name=(("webhook_event_data", "check_name"),),
        state=(("webhook_event_data", "check_state_name"),),
        up=_words("available up"),
        identity=(("webhook_event_data", "check_id"),),
        address=(("webhook_event_data", "request_url"),),
        detail=(("webhook_event_data", "response_summary"), ("text",)),
        began_at=(("webhook_event_data", "response_start_time"), ("webhook_event_created_on",)),
        title=(("text",),),
    ),
    # odown and Odoo-like clones of Checkly: https://odown.com/docs/alerting/webhooks
    Shape(
        vendor="Odown",
        marks=(("event",), ("check", "id")),
        name=(("check", "name"), ("check", "url")),
        state=(("event",),),
        up=_words("alert_recovery"),
        identity=(("check", "id"),),
        address=(("check", "url"),),
        detail=(("alert", "status_code"),),
        began_at=(("alert", "created_at"), ("check", "date")),
    ),
)

ANY = Shape(
    vendor="",
    marks=(),
    name=(("monitor_name",), ("check_name",), ("monitor", "name"), ("check", "name"), ("monitor",), ("name",)),
    state=(("status",), ("state",), ("current_state",), ("event",), ("type",)),
    up=_words("up ok online recovered recovery resolved success available healthy"),
    identity=(("monitor_id",), ("check_id",), ("monitor", "id"), ("check", "id"), ("url",), ("id",)),
    address=(("url",), ("monitor", "url"), ("check", "url"), ("host",), ("hostname",), ("target",)),
    detail=(("message",), ("description",), ("reason",), ("error",), ("msg",)),
    began_at=(("started_at",), ("down_since",), ("timestamp",), ("time",), ("date",)),
    title=(("title",),),
    link=(("link",),),
)
"""What services without a row of their own, and templates by hand, usually say. Their times need a zone."""


def shape_of(record: Record) -> Shape | None:
    """The shape of the service that the body is of; None where it is of none in the table."""
    return next((shape for shape in SHAPES if all(value_at(record, *path) is not None for path in shape.marks)), None)
