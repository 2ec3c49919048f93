"""The time loop: process the inbox, raise reminders, deliver messages, seal."""

from breach_service.worker.loop import Worker as Worker
from breach_service.worker.waking import Wakers as Wakers
