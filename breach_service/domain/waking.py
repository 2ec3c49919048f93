"""Who is woken, and how soon: the urgency of an incident and the steps from one person to everybody."""

from enum import StrEnum


class Urgency(StrEnum):
    """How soon somebody must look at an incident."""

    LOG = "log"
    WORKING_HOURS = "working_hours"
    WAKE = "wake"


class WakeReason(StrEnum):
    """Why somebody is woken."""

    URGENT = "urgent"
    """What happened is urgent by itself (`playbooks/urgency.yaml`)."""
    DEADLINE = "deadline"
    """A date is six hours away, one hour away, or has passed."""
