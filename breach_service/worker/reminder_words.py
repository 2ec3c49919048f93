"""What a reminder says: closed words, the reference, dates with their zone, counts and the link; never a name."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from breach_service.domain.deadlines import DutyKind, Obligation
from breach_service.domain.incident import UNQUALIFIED_STATUSES, Incident
from breach_service.domain.reminders import ReminderReason
from breach_service.pipeline import Knowledge
from breach_service.rendering import Formats, Renderer
from breach_service.worker.messages import Translate, recipient_words


def sentence_for(
    payload: Mapping[str, object], incident: Incident, knowledge: Knowledge, renderer: Renderer,
    obligations: Iterable[Obligation] = (), public_url: str = "",
) -> str:  # fmt: skip
    """What a reminder says, with its absolute date; `obligations` are those of the incident."""
    _ = renderer.gettext(knowledge.language)
    formats = renderer.formats(knowledge.language, str(knowledge.zone))
    reason = ReminderReason(str(payload["about"]))
    due = _instant(datetime.fromisoformat(str(payload["due_at"])), formats)
    sentence = _main(reason, _) % {"reference": incident.reference, "due": due}
    parts = [sentence]
    others = int(str(payload.get("others", 0)))
    if others:
        more = _("And %(count)s more.")
        parts.append(more % {"count": others})
    parts += _whom(payload.get("duties"), reason, tuple(obligations), _)
    if reason in (ReminderReason.DUE_SOON, ReminderReason.OVERDUE) and incident.status in UNQUALIFIED_STATUSES:
        words = _("The incident itself must be qualified by %(due)s.")
        parts.append(words % {"due": _instant(incident.qualify_by, formats)})
    if public_url:
        parts.append(f"{public_url.rstrip('/')}/incidents/{incident.reference}")
    return " ".join(parts)


def _main(reason: ReminderReason, _: Translate) -> str:
    return {
        ReminderReason.QUALIFY_SOON: _("%(reference)s must be qualified by %(due)s."),
        ReminderReason.QUALIFICATION_OVERDUE: _("%(reference)s should have been qualified by %(due)s."),
        ReminderReason.DUE_SOON: _("%(reference)s: a notice falls due on %(due)s."),
        ReminderReason.OVERDUE: _("%(reference)s: a notice is overdue since %(due)s."),
        ReminderReason.PROVIDER_SILENT: _("%(reference)s: a provider has owed an answer since %(due)s."),
    }[reason]


def _instant(at: datetime, formats: Formats) -> str:
    return f"{formats.instant(at)} ({formats.offset(at)})"


def _whom(duties: object, reason: ReminderReason, obligations: tuple[Obligation, ...], _: Translate) -> Iterable[str]:
    """To whom the notices are owed: kinds and numbers."""
    if not isinstance(duties, dict) or not duties:
        return
    kinds = []
    for word, number in duties.items():
        one = next((each for each in obligations if str(each.duty) == word), None)
        if one is None:
            continue
        if one.duty is DutyKind.CLIENT and number > 1:
            words = _("%(count)s clients")
            kinds.append(words % {"count": number})
        else:
            kinds.append(recipient_words(one, _))
    if not kinds:
        return
    is_triage = reason in (ReminderReason.QUALIFY_SOON, ReminderReason.QUALIFICATION_OVERDUE)
    words = _("Notices that wait for it: %(kinds)s.") if is_triage else _("To be told: %(kinds)s.")
    yield words % {"kinds": ", ".join(kinds)}
