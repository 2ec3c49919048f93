"""Recommendations of Defender for Cloud, as its workflow automation and its continuous export send them.

learn.microsoft.com/azure/defender-for-cloud/continuous-export-view-data and
learn.microsoft.com/rest/api/defenderforcloud/assessments. One resource fails, or passes again, one check.
"""

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.sources.parts.entities import gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.senders.microsoft.defender import entities_of_accounts
from breach_service.sources.senders.microsoft.entities import entities_of_resource, lowered

_TYPE = "microsoft.security/assessments"
_PASSED = frozenset({"healthy", "notapplicable"})


def is_assessment(record: Record) -> bool:
    """True for the state of one check of one resource, or of one part of it."""
    plain: Record = lowered(record, 2)
    held = record_at(plain, "properties")
    return text_at(plain, "type").lower().startswith(_TYPE) and "status" in held and "displayName" in held


def alert_of_assessment(source_name: str, original: Record) -> Alert:
    """The alert of one check; resolved where the resource passes it."""
    record: Record = lowered(original)
    held = record_at(record, "properties")
    resource = text_at(held, "resourceDetails", "id")
    word = first_text(held, ("metadata", "severity"), ("status", "severity"))
    state, name = text_at(held, "status", "code"), text_at(held, "displayName")
    link = first_text(held, ("links", "azurePortal"), ("links", "azurePortalUri"))
    return Alert(
        source=source_name,
        title=plain_line(name) or "Defender for Cloud recommendation",
        signal=Signal.VULNERABILITY,
        fingerprint=fingerprint_of("microsoft-assessment", (text_at(record, "id") or f"{name} {resource}").lower()),
        severity=severity_of_word(word),
        vendor_severity=plain_line(word),
        status=AlertStatus.RESOLVED if state.lower() in _PASSED else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(held, "status", "statusChangeDate"))
        or instant_in(value_at(held, "timeGenerated")),
        entities=gathered(entities_of_resource(resource), entities_of_accounts(text_at(record, "tenantId"))),
        labels=labels_from((("state", state), ("category", text_at(held, "category")))),
        summary=plain_text(first_text(held, ("metadata", "description"), ("description",))),
        vendor_reference=plain_line(text_at(record, "name")),
        link=link_of(link if "://" in link else f"https://{link}" if link else ""),
    )
