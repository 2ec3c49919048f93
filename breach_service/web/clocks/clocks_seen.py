"""What pages show of moved clocks to one reader."""

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import acts_allowed
from breach_service.domain.dossier import Dossier
from breach_service.web.context import Context
from breach_service.web.views.moved_clocks import MovedView, moved_view


def person_of(who: SignedIn) -> int | None:
    """The account of the reader; None for an API token, which is nobody."""
    return who.actor.person if who.actor.scope is None else None


def moved_of(here: Context, who: SignedIn, dossier: Dossier) -> MovedView:
    """What the page of an incident says of proposals and delays."""
    may = frozenset(map(str, acts_allowed(who.actor)))
    return moved_view(dossier, here.now(), may, person_of(who))
