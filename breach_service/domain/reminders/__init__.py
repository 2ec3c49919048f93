"""What to say to the team now, and why: per incident, never per recipient, each thing once.

A ladder says before or after a date when it is spoken of. What was spoken of is kept as marks (a rung of a date), so
that it is never said twice and nothing that passed while the service was down is forgotten.
"""

from breach_service.domain.reminders.climbing import Passing as Passing
from breach_service.domain.reminders.climbing import next_after as next_after
from breach_service.domain.reminders.climbing import passed_by as passed_by
from breach_service.domain.reminders.ladder import GENTLE as GENTLE
from breach_service.domain.reminders.ladder import SHIPPED_LADDERS as SHIPPED_LADDERS
from breach_service.domain.reminders.ladder import STANDARD as STANDARD
from breach_service.domain.reminders.ladder import TRIAGE as TRIAGE
from breach_service.domain.reminders.ladder import Ladder as Ladder
from breach_service.domain.reminders.ladder import Rung as Rung
from breach_service.domain.reminders.mute import LONGEST_MUTE as LONGEST_MUTE
from breach_service.domain.reminders.mute import Mute as Mute
from breach_service.domain.reminders.speaking import Owed as Owed
from breach_service.domain.reminders.speaking import Reminder as Reminder
from breach_service.domain.reminders.speaking import ReminderReason as ReminderReason
from breach_service.domain.reminders.speaking import Rhythm as Rhythm
from breach_service.domain.reminders.speaking import Speaking as Speaking
from breach_service.domain.reminders.speaking import look_again_at as look_again_at
from breach_service.domain.reminders.speaking import owed_of as owed_of
from breach_service.domain.reminders.speaking import reminder_of as reminder_of
from breach_service.domain.reminders.speaking import reminders_due as reminders_due
