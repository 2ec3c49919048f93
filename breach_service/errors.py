"""What can go wrong, said so that a person knows what to do next.

The docstring of each class is its default message; nobody parses messages: callers look at the class
and, where there is one, at `reason`.
"""


class BreachServiceError(Exception):
    """Something went wrong in breach_service."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class ContentError(BreachServiceError):
    """The files in playbooks/ or templates/ have faults: run `breach-service check` for the list."""


class UnreadablePayload(BreachServiceError):
    """The body is not an alert of this kind: it is kept in quarantine, `breach-service quarantine list` shows it."""


class WrongCredential(BreachServiceError):
    """The request carries no valid credential for this source."""

    def __init__(self, reason: str, message: str | None = None) -> None:
        self.reason = reason
        super().__init__(message)


class NotFound(BreachServiceError):
    """There is no such thing here."""


class NotAllowed(BreachServiceError):
    """Your role does not allow this act: ask an administrator, or a person who holds the role."""


class InvalidCommand(BreachServiceError):
    """The act cannot be done as asked."""


class BacklogFull(BreachServiceError):
    """More alerts are waiting than this service may hold: send again later."""


class ConfigurationError(BreachServiceError):
    """A setting is missing or wrong."""
