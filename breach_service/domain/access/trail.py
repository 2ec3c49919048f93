"""What the audit trail holds: kinds of lines, and by which way somebody came."""

from enum import StrEnum


class AuditKind(StrEnum):
    """What was read, tried or changed."""

    READ_INCIDENT = "read_incident"
    """A restricted incident."""
    READ_EVIDENCE = "read_evidence"
    """A raw body or a sample."""
    DENIED = "denied"
    """Somebody asked for an incident that they do not see; they were told that there is none."""
    RESTRICTED = "restricted"
    OPENED_AGAIN = "opened_again"
    STANDING_BEGAN = "standing_began"
    STANDING_ENDED = "standing_ended"
    NOBODY_LEFT = "nobody_left"
    """All who hold the roles for a restricted incident are concerned: the representative was named, or nobody."""
    SUBSTITUTE = "substitute"
    CONSULTED = "consulted"
    """A note of the counsel compartment was written."""
    READ_COUNSEL = "read_counsel"
    READ_AUDIT = "read_audit"
    """The trail itself was taken out as a file."""


class Via(StrEnum):
    """By which way somebody came."""

    PAGE = "page"
    API = "api"
    COMMAND = "command"
    SLACK = "slack"
    SERVICE = "service"
