"""The one check that every act begins with."""

from breach_service.domain.access import Act, Actor, is_allowed
from breach_service.errors import NotAllowed


def authorise(actor: Actor, act: Act) -> None:
    """Raise NotAllowed where the role of the actor does not allow the act."""
    if not is_allowed(actor, act):
        raise NotAllowed(f"the role {actor.role} does not allow this act ({act}): ask a person who holds the role")
