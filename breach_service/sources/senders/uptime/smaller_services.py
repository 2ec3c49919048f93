"""How the smaller services that watch sites from outside write their webhooks; the others stand in `shapes`."""

from breach_service.sources.senders.uptime.shape import Shape, words

SMALLER_SERVICES: tuple[Shape, ...] = (
    # updown.io (French), https://updown.io/api, section on webhooks: an array of events
    Shape(
        vendor="updown.io",
        marks=(("event",), ("check", "token")),
        name=(("check", "alias"), ("check", "url")),
        state=(("event",),),
        up=words("check.up check.ssl_valid check.ssl_renewed check.performance_recovery"),
        identity=(("check", "token"),),
        address=(("check", "url"),),
        detail=(("downtime", "error"), ("description",), ("ssl", "err")),
        began_at=(("downtime", "started_at"), ("time",)),
        title=(("description",),),
    ),
    # What people change of a monitor, from the same page: of no alert
    Shape(
        vendor="Better Stack monitors",
        marks=(("data", "id"), ("data", "attributes", "pronounceable_name")),
        name=(("data", "attributes", "pronounceable_name"), ("data", "attributes", "url")),
        state=(("event",),),
        up=frozenset(),
        identity=(("data", "id"),),
        address=(("data", "attributes", "url"),),
        detail=(),
        began_at=(("data", "attributes", "updated_at"),),
        routine=words("created updated paused unpaused deleted"),
    ),
    # https://ohdear.app/docs/webhooks/events: the name of the event says check and result
    Shape(
        vendor="Oh Dear",
        marks=(("type",), ("site", "url")),
        name=(("site", "label"), ("site", "sort_url"), ("site", "url")),
        state=(("type",),),
        up=frozenset(),
        identity=(("site", "id"), ("site", "url")),
        address=(("site", "url"),),
        detail=(("run", "result_payload", "error"), ("run", "summary")),
        began_at=(("created_at",),),
    ),
    # https://docs.spectate.net/features/alerting/integrations/webhook
    Shape(
        vendor="Spectate",
        marks=(("check",), ("incident", "id"), ("monitor", "label")),
        name=(("monitor", "label"),),
        state=(("status",),),
        up=words("recovered"),
        identity=(("monitor", "id"),),
        address=(("monitor", "url"),),
        detail=(("incident", "reason"),),
        began_at=(("incident", "started_at"),),
        severity=(("incident", "severity"),),
        aspect=(("check",),),
    ),
    # https://docs.hydrozen.io/overview/integrations/webhooks: `is_ok` 1 or 0; `url` is its own page
    Shape(
        vendor="Hydrozen",
        marks=(("is_ok",), ("name",)),
        name=(("name",),),
        state=(("is_ok",),),
        up=words("1 true"),
        identity=(("monitor_id",), ("heartbeat_id",), ("name",)),
        address=(("target",),),
        detail=(),
        began_at=(),
        link=(("url",),),
    ),
    # https://docs.hetrixtools.com/webhook-notifications
    Shape(
        vendor="HetrixTools",
        marks=(("monitor_id",), ("monitor_status",)),
        name=(("monitor_name",), ("monitor_target",)),
        state=(("monitor_status",),),
        up=words("online up"),
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
        up=words("recovered"),
        identity=(("monitor", "id"),),
        address=(("monitor", "url"),),
        detail=(("errorMessage",),),
        began_at=(("cronTimestamp",),),
    ),
    # Freshping (Freshworks), support article on its webhook
    Shape(
        vendor="Freshping",
        marks=(("webhook_event_data", "check_id"),),
        name=(("webhook_event_data", "check_name"),),
        state=(("webhook_event_data", "check_state_name"),),
        up=words("available up"),
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
        up=words("alert_recovery"),
        identity=(("check", "id"),),
        address=(("check", "url"),),
        detail=(("alert", "status_code"),),
        began_at=(("alert", "created_at"), ("check", "date")),
    ),
)
