"""Who must be told, and by when: regimes make obligations, obligations have states.

A regime is a law, a contract or a target written in `playbooks/regimes/`; each obligation keeps a copy of its terms,
so that a changed regime never rewrites the past.
"""

from breach_service.domain.deadlines.authority import Authority as Authority
from breach_service.domain.deadlines.authority import AuthorityRole as AuthorityRole
from breach_service.domain.deadlines.authority import NotificationForm as NotificationForm
from breach_service.domain.deadlines.authority import authority_of_client as authority_of_client
from breach_service.domain.deadlines.clock import Clock as Clock
from breach_service.domain.deadlines.clock import clock_for as clock_for
from breach_service.domain.deadlines.clock import due_after as due_after
from breach_service.domain.deadlines.clock import trigger_for as trigger_for
from breach_service.domain.deadlines.obligation import OPEN_STATES as OPEN_STATES
from breach_service.domain.deadlines.obligation import Obligation as Obligation
from breach_service.domain.deadlines.obligation import Terms as Terms
from breach_service.domain.deadlines.obligation import state_of as state_of
from breach_service.domain.deadlines.obliging import OF_THE_COMPANY as OF_THE_COMPANY
from breach_service.domain.deadlines.obliging import Filed as Filed
from breach_service.domain.deadlines.obliging import Obliging as Obliging
from breach_service.domain.deadlines.obliging import company_obligations_for as company_obligations_for
from breach_service.domain.deadlines.obliging import duty_under as duty_under
from breach_service.domain.deadlines.obliging import instants_counted as instants_counted
from breach_service.domain.deadlines.obliging import known_of as known_of
from breach_service.domain.deadlines.obliging import obligations_for as obligations_for
from breach_service.domain.deadlines.obliging import recipient_of as recipient_of
from breach_service.domain.deadlines.obliging import recounted as recounted
from breach_service.domain.deadlines.phases import FilingPhase as FilingPhase
from breach_service.domain.deadlines.regime import DutyKind as DutyKind
from breach_service.domain.deadlines.regime import InForce as InForce
from breach_service.domain.deadlines.regime import Regime as Regime
from breach_service.domain.deadlines.regime import RegimeKind as RegimeKind
from breach_service.domain.deadlines.regime import Term as Term
from breach_service.domain.deadlines.regime import Verified as Verified
from breach_service.domain.deadlines.terms import scaled as scaled
from breach_service.domain.deadlines.terms import terms_for as terms_for
