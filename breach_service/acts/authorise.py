"""The one check that every act begins with."""

from breach_service.domain.access import ALLOWED, PERSONS_ONLY, Act, Actor, is_allowed
from breach_service.errors import N_, Code, NotAllowed


def authorise(actor: Actor, act: Act) -> None:
    """Raise NotAllowed, saying whether it is the role or the scope of the token that does not allow the act."""
    if not is_allowed(actor, act):
        if actor.scope is not None and act in PERSONS_ONLY:
            raise NotAllowed(N_("an API token does not do this (%(act)s): it is for a person, who signs in"), act=act)
        if actor.scope is not None and actor.role in ALLOWED[act]:
            raise NotAllowed(
                N_("this API token was made without leave for this act (%(act)s): make one whose scope holds it"),
                act=act,
            )
        raise NotAllowed(
            N_("the role %(role)s does not allow this act (%(act)s): ask a person who holds the role"),
            role=Code(actor.role),
            act=act,
        )
