"""Who is on call: the rota as a document, who answers at an instant, and the gaps in it."""

from breach_service.domain.rota.document import LevelDocument as LevelDocument
from breach_service.domain.rota.document import RotaDocument as RotaDocument
from breach_service.domain.rota.document import as_document as as_document
from breach_service.domain.rota.document import rota_in as rota_in
from breach_service.domain.rota.hours import DayKind as DayKind
from breach_service.domain.rota.hours import holiday_on as holiday_on
from breach_service.domain.rota.hours import is_working_time as is_working_time
from breach_service.domain.rota.hours import kind_of_day as kind_of_day
from breach_service.domain.rota.presence import Absence as Absence
from breach_service.domain.rota.presence import OnCall as OnCall
from breach_service.domain.rota.presence import Override as Override
from breach_service.domain.rota.presence import on_call as on_call
from breach_service.domain.rota.shifts import LONGEST_LOOK as LONGEST_LOOK
from breach_service.domain.rota.shifts import Shift as Shift
from breach_service.domain.rota.shifts import gaps as gaps
from breach_service.domain.rota.shifts import next_shifts as next_shifts
from breach_service.domain.rota.shifts import shifts as shifts
from breach_service.domain.rota.turns import Level as Level
from breach_service.domain.rota.turns import Rota as Rota
from breach_service.domain.rota.turns import Turns as Turns
from breach_service.domain.rota.turns import WorkingHours as WorkingHours
