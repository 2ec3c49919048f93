"""Who is woken, and how soon: the urgency of an incident and the steps from one person to everybody."""

from breach_service.domain.waking.calls import Call as Call
from breach_service.domain.waking.calls import CallEnd as CallEnd
from breach_service.domain.waking.calls import CallState as CallState
from breach_service.domain.waking.calls import Escalation as Escalation
from breach_service.domain.waking.calls import Roster as Roster
from breach_service.domain.waking.calls import Stage as Stage
from breach_service.domain.waking.calls import WakeReason as WakeReason
from breach_service.domain.waking.calls import WakeStep as WakeStep
from breach_service.domain.waking.calls import next_step_at as next_step_at
from breach_service.domain.waking.calls import steps_due as steps_due
from breach_service.domain.waking.urgency import URGENCY_FACTS as URGENCY_FACTS
from breach_service.domain.waking.urgency import USUAL_URGENCIES as USUAL_URGENCIES
from breach_service.domain.waking.urgency import Urgencies as Urgencies
from breach_service.domain.waking.urgency import Urgency as Urgency
from breach_service.domain.waking.urgency import UrgencyRule as UrgencyRule
from breach_service.domain.waking.urgency import Verdict as Verdict
from breach_service.domain.waking.urgency import facts_of_urgency as facts_of_urgency
from breach_service.domain.waking.urgency import urgency_of as urgency_of
