"""How each service that watches sites from outside writes its webhook, as a table: where each thing stands."""

from collections.abc import Mapping

from breach_service.domain.alert import Severity
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import value_at
from breach_service.sources.senders.uptime.shape import Shape, words
from breach_service.sources.senders.uptime.smaller_services import SMALLER_SERVICES

SEVERITIES: Mapping[str, Severity] = {"down": Severity.HIGH, "trouble": Severity.MEDIUM}
"""Site24x7 grades its states: https://www.site24x7.com/help/admin/configuration-profiles/incident-parameters.html."""

SHAPES: tuple[Shape, ...] = (
    # https://help.uptimerobot.com/en/articles/14498593-webhook-integration (the names are those that are appended to
    # the address)
    Shape(
        vendor="UptimeRobot",
        marks=(("alertType",),),
        name=(("monitorFriendlyName",), ("monitorURL",)),
        state=(("alertType",), ("alertTypeFriendlyName",)),
        up=words("2 up"),
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
        up=words("up"),
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
        up=words("up success"),
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
        up=words("up"),
        identity=(("MONITOR_ID",), ("MONITOR_DASHBOARD_LINK",), ("MONITORNAME",)),
        address=(("MONITORURL",), ("HOSTNAME",)),
        detail=(("INCIDENT_REASON",), ("INCIDENT_DETAILS",), ("REASON",)),
        began_at=(("OUTAGE_TIME_UNIX_FORMAT",), ("INCIDENT_TIME_ISO",)),
        link=(("MONITOR_DASHBOARD_LINK",), ("RCA_LINK",)),
        severity=(("STATUS",),),
        tags=(("TAGS",), ("MONITOR_GROUPNAME",)),
        routine=words("maintenance suspended discovery"),
    ),
    # https://www.checklyhq.com/docs/integrations/alerts/webhooks/: a template; these are the names of its variables
    Shape(
        vendor="Checkly",
        marks=(("alert_type",), ("check_name",)),
        name=(("check_name",),),
        state=(("alert_type",),),
        up=words("alert_recovery alert_degraded_recovery alert_failure_recovery alert_recovered"),
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
        up=words("alert_recovery alert_degraded_recovery alert_failure_recovery alert_recovered"),
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
        # Older bodies say it beside the incident: https://docs.betteruptime.com/integrations/webhooks
        state=(("data", "attributes", "status"), ("event",)),
        up=words("resolved"),
        lifecycle=words("started acknowledged resolved"),
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
        up=words("up"),
        identity=(("TestID",), ("Name",), ("URL",)),
        address=(("URL",), ("IP",)),
        hosts=(("IP",),),
        detail=(("StatusCode",),),
        began_at=(),
        tags=(("Tags",),),
    ),
    *SMALLER_SERVICES,
)

ANY = Shape(
    vendor="",
    marks=(),
    name=(
        ("monitor_name",),
        ("check_name",),
        ("monitor", "name"),
        ("check", "name"),
        ("name",),
        ("monitor",),
        ("monitor", "url"),
        ("check", "url"),
    ),
    state=(
        ("status",),
        ("state",),
        ("current_state",),
        ("monitor_state",),
        ("monitor", "status"),
        ("event",),
        ("eventType",),
        ("type",),
        ("check", "status"),
    ),
    up=words("up ok online recovered recovery resolved success available healthy passing successful"),
    identity=(
        ("monitor_id",),
        ("check_id",),
        ("monitor", "id"),
        ("check", "id"),
        ("check", "monitorUuid"),
        ("url",),
        ("id",),
    ),
    address=(("url",), ("monitor", "url"), ("check", "url"), ("host",), ("hostname",), ("target",)),
    detail=(("message",), ("description",), ("reason",), ("error",), ("msg",), ("incident", "reason")),
    began_at=(
        ("started_at",),
        ("incident", "started_at"),
        ("down_since",),
        ("timestamp",),
        ("time",),
        ("date",),
        ("check", "date"),
    ),
    title=(("title",),),
    link=(("link",),),
)
"""What services without a row of their own, and templates by hand, usually say. Their times need a zone."""


def shape_of(record: Record) -> Shape | None:
    """The shape of the service that the body is of; None where it is of none in the table."""
    return next((shape for shape in SHAPES if all(value_at(record, *path) is not None for path in shape.marks)), None)
