"""Who may do what, see what, and decide on what ground."""

from breach_service.domain.access.actor import EVERYTHING as EVERYTHING
from breach_service.domain.access.actor import Actor as Actor
from breach_service.domain.access.actor import Seeing as Seeing
from breach_service.domain.access.actor import Sight as Sight
from breach_service.domain.access.actor import acts_allowed as acts_allowed
from breach_service.domain.access.actor import is_allowed as is_allowed
from breach_service.domain.access.actor import sight_of as sight_of
from breach_service.domain.access.acts import ALLOWED as ALLOWED
from breach_service.domain.access.acts import DECISIONS as DECISIONS
from breach_service.domain.access.acts import PEOPLE as PEOPLE
from breach_service.domain.access.acts import Act as Act
from breach_service.domain.access.acts import UserRole as UserRole
from breach_service.domain.access.mandates import GLASS_ACTS as GLASS_ACTS
from breach_service.domain.access.mandates import BrokenGlass as BrokenGlass
from breach_service.domain.access.mandates import Ground as Ground
from breach_service.domain.access.mandates import GroundKind as GroundKind
from breach_service.domain.access.mandates import Mandate as Mandate
from breach_service.domain.access.mandates import MandateKind as MandateKind
from breach_service.domain.access.mandates import ground_of as ground_of
