"""How far a notice goes: a first one may leave incomplete, and is completed later (GDPR Art. 33(4))."""

from enum import StrEnum


class FilingPhase(StrEnum):
    """The kinds of notification of the CNIL's form, used for every recipient."""

    INITIAL = "initial"
    """What is missing follows."""
    COMPLEMENT = "complement"
    """Completes an initial one."""
    COMPLETE = "complete"
    """Everything in one go."""
