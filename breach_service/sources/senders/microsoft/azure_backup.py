"""What Azure Backup adds to an alert of Azure Monitor: which machine of the vault, and who meddled with it.

https://learn.microsoft.com/azure/backup/move-to-azure-monitor-alerts: the security alerts (backups deleted, purged, or
kept for a shorter time) are what ransomware goes for first; the others are of jobs that failed.
"""

import re

from breach_service.domain.alert import Signal
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import text_at

BACKUP = "backup"
_WEAKENED = re.compile(r"delet|purge|soft.?delete|shorter|stop.?protection|passphrase|\bPIN\b|disabled", re.IGNORECASE)


def signal_of_backup(context: Record, rule: str, description: str) -> Signal:
    """By the category of the alert; by its words where it has none."""
    category = text_at(context, "category").lower()
    told = " ".join((rule, description, text_at(context, "Code")))[:1000]
    is_meddled = category == "security" if category else _WEAKENED.search(told) is not None
    return Signal.INTEGRITY_CHANGE if is_meddled else Signal.BACKUP_FAILED


def title_of_backup(context: Record, service: str, rule: str) -> str:
    """The rule, and the machine that it is about: one vault holds the backups of many; empty for all other alerts."""
    machine = text_at(context, "linkedResourceName")
    return f"{rule}: {machine}" if BACKUP in service and rule and machine else ""
