"""What cards and reminders say: closed words, references, dates and counts; never a sender's or a person's text."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from breach_service.domain.deadlines import OPEN_STATES, DutyKind, Obligation, state_of
from breach_service.domain.grouping import words_of
from breach_service.domain.incident import UNQUALIFIED_STATUSES, ClockState, Incident, IncidentStatus, title_from
from breach_service.notify.channel import Card
from breach_service.pipeline import Knowledge
from breach_service.rendering import Formats, Renderer
from breach_service.store.incidents import IncidentSummary

MOST_CLOCKS = 4

Translate = Callable[[str], str]


def card_for(
    summary: IncidentSummary, obligations: Iterable[Obligation], knowledge: Knowledge, renderer: Renderer,
    public_url: str, key: str, now: datetime,
) -> Card:  # fmt: skip
    """The card of one incident as it stands now."""
    _ = renderer.gettext(knowledge.language)
    formats = renderer.formats(knowledge.language, _zone(knowledge))
    incident = summary.incident
    return Card(
        reference=incident.reference,
        headline=headline_of(incident, knowledge, _),
        status=status_words(incident, _),
        pairs=(
            (_("Systems"), ", ".join(_system_names(incident, knowledge)) or _("not known yet")),
            (_("Personal data"), truth_words(summary.personal_data, _)),
            (_("Risk"), risk_words(summary.risk_least, summary.risk_most, _)),
            (_("Alerts"), str(incident.alerts)),
        ),
        clocks=tuple(_clock_lines(incident, obligations, formats, _, now)),
        link=f"{public_url.rstrip('/')}/incidents/{incident.reference}" if public_url else "",
        link_words=_("Open the incident"),
        key=key,
    )


def restricted_card(
    summary: IncidentSummary, obligations: Iterable[Obligation], knowledge: Knowledge, renderer: Renderer,
    public_url: str, key: str, now: datetime,
) -> Card:  # fmt: skip
    """The card of a restricted incident: its reference, and whether something is due; not what, whom or where."""
    _ = renderer.gettext(knowledge.language)
    incident = summary.incident
    is_due = incident.status in UNQUALIFIED_STATUSES or any(state_of(one, now) in OPEN_STATES for one in obligations)
    return Card(
        reference=incident.reference,
        headline=_("Restricted incident"),
        status=_("Only those who are named see it"),
        pairs=(),
        clocks=(_("Something is due."),) if is_due else (_("Nothing is due."),),
        link=f"{public_url.rstrip('/')}/incidents/{incident.reference}" if public_url else "",
        link_words=_("Open the incident"),
        key=key,
    )


def restricted_sentence(incident: Incident, knowledge: Knowledge, renderer: Renderer) -> str:
    """What a reminder of a restricted incident says where everybody reads it."""
    _ = renderer.gettext(knowledge.language)
    return _("%(reference)s: something is due.") % {"reference": incident.reference}


def headline_of(incident: Incident, knowledge: Knowledge, _: Translate) -> str:
    """A headline of closed words: what a person wrote stays inside the service."""
    if incident.opened_by.startswith("person:"):
        return _("Incident reported by a person")
    catalogue = knowledge.catalogue
    words = words_of(incident.signals, incident.patterns, catalogue.signals, catalogue.grouping, knowledge.language)
    return title_from(words, _system_names(incident, knowledge)) or _("Incident")


def _system_names(incident: Incident, knowledge: Knowledge) -> list[str]:
    found = filter(None, map(knowledge.inventory.system, incident.systems))
    return [one.name.in_language(knowledge.language) for one in found]


def status_words(incident: Incident, _: Translate) -> str:
    """The status in words."""
    return {
        IncidentStatus.SUSPECTED: _("Suspected"),
        IncidentStatus.ASSESSING: _("Being assessed"),
        IncidentStatus.CONFIRMED: _("Confirmed"),
        IncidentStatus.DISMISSED: _("Dismissed"),
        IncidentStatus.CLOSED: _("Closed"),
        IncidentStatus.MERGED: _("Merged"),
    }[incident.status]


def truth_words(word: str, _: Translate) -> str:
    """Yes, no, not known yet."""
    return {"yes": _("Yes"), "no": _("No")}.get(word, _("Not known yet"))


def risk_words(least: str, most: str, _: Translate) -> str:
    """One level, or from the least to the most that is still reachable."""
    words = {"unlikely": _("unlikely"), "risk": _("risk"), "high_risk": _("high risk")}
    if least == most:
        return words[least]
    return _("from “%(least)s” to “%(most)s”") % {"least": words[least], "most": words[most]}


def _clock_lines(
    incident: Incident, obligations: Iterable[Obligation], formats: Formats, _: Translate, now: datetime
) -> Iterable[str]:
    if incident.status in UNQUALIFIED_STATUSES:
        words = _("To be qualified by %(instant)s")
        yield words % {"instant": formats.instant(incident.qualify_by)}
    owed = sorted(
        (one for one in obligations if one.due_at and state_of(one, now) in OPEN_STATES),
        key=lambda one: (one.due_at, one.recipient),
    )
    for one in owed[:MOST_CLOCKS]:
        if one.due_at is not None:
            yield f"{recipient_words(one, _)} : {formats.instant(one.due_at)} ({_state_words(one, now, _)})"
    if len(owed) > MOST_CLOCKS:
        yield _("and %(count)s more") % {"count": len(owed) - MOST_CLOCKS}


def recipient_words(obligation: Obligation, _: Translate) -> str:
    """Who is owed, without any name: names of clients stay inside the service."""
    words = {
        DutyKind.AUTHORITY: "CNIL",
        DutyKind.PERSONS: _("The persons concerned"),
        DutyKind.REGISTER: _("The register"),
        DutyKind.CLIENT: _("A client"),
        DutyKind.POLICE: _("The police"),
        DutyKind.INSURER: _("The insurer"),
    }
    return words.get(obligation.duty) or obligation.terms.authority_name or obligation.recipient


def _state_words(obligation: Obligation, now: datetime, _: Translate) -> str:
    state = state_of(obligation, now)
    if obligation.is_provisional and state is not ClockState.OVERDUE:
        return _("provisional")
    return {ClockState.DUE_SOON: _("due soon"), ClockState.OVERDUE: _("overdue")}.get(state, _("running"))


def note_for(payload: Mapping[str, object], knowledge: Knowledge, renderer: Renderer, public_url: str) -> str:
    """What the team is told of a sender: that it is refused or silent, or what it would have opened while observed."""
    _ = renderer.gettext(knowledge.language)
    source, what = str(payload["source"]), str(payload["what"])
    if payload["about"] == "reports":
        return _of_reports(payload, knowledge, renderer, public_url)
    if payload["about"] in ("silent", "speaks"):
        at = renderer.formats(knowledge.language, _zone(knowledge)).instant(datetime.fromisoformat(str(payload["at"])))
        sentence = silence_words(payload["about"] == "silent", _) % {"source": source, "at": at}
    elif payload["about"] == "refused":
        at = renderer.formats(knowledge.language, _zone(knowledge)).instant(datetime.fromisoformat(str(payload["at"])))
        words = _("The sender %(source)s is refused since %(at)s: %(why)s. Its alerts may be lost. %(remedy)s")
        sentence = words % {"source": source, "at": at, "why": refusal_words(what, _), "remedy": remedy_words(what, _)}
    else:
        words = _(
            "The time of observation of the sender %(source)s is over: people are told of what it says from now on. "
            "Incidents that it opened meanwhile, of which nobody was told: %(count)s."
        )
        sentence = words % {"source": source, "count": what}
    return f"{sentence} {public_url.rstrip('/')}/sources/{source}" if public_url else sentence


def _of_reports(payload: Mapping[str, object], knowledge: Knowledge, renderer: Renderer, public_url: str) -> str:
    """How many reports wait and since when; what they say is read on their page alone."""
    _ = renderer.gettext(knowledge.language)
    at = renderer.formats(knowledge.language, _zone(knowledge)).instant(datetime.fromisoformat(str(payload["at"])))
    sentence = _("Reports that wait for somebody to look: %(count)s, the first one since %(at)s.")
    sentence %= {"count": payload["what"], "at": at}
    return f"{sentence} {public_url.rstrip('/')}/reports" if public_url else sentence


def silence_words(is_silent: bool, _: Translate) -> str:
    """That a sender fell silent, or that it speaks again."""
    if is_silent:
        return _(
            "The sender %(source)s is silent: what should be heard of it regularly was last heard on %(at)s. "
            "Its alerts may be lost: see whether it runs and reaches this service."
        )
    return _("The sender %(source)s, silent since %(at)s, is heard again.")


def refusal_words(code: str, _: Translate) -> str:
    """Why a sender is refused."""
    return {
        "missing_credential": _("the request carried no secret"),
        "wrong_credential": _("the secret is not one of this source: it may have been rotated"),
        "missing_signature": _("the request carried no signature"),
        "wrong_signature": _("the signature does not fit the body: another secret, or a relay rewrote it"),
        "stale_signature": _("the signed time of the request is too far from ours"),
        "too_large": _("the body was too large"),
        "not_allowed": _("the address may not send by syslog"),
        "bad_framing": _("the syslog connection sent broken frames"),
        "tls_on_plain_port": _("it speaks TLS to the port of plain syslog"),
    }.get(code, code)


def remedy_words(code: str, _: Translate) -> str:
    """What to do about it."""
    return {
        "missing_credential": _("Give the sender the secret of this source."),
        "wrong_credential": _("Give the sender the newest secret, or make a new one: source rotate."),
        "missing_signature": _("Give the sender the secret of this source, and let it sign."),
        "wrong_signature": _("Compare the secrets of both sides, and let no relay rewrite the body."),
        "stale_signature": _("Set the clocks of both machines by NTP."),
        "too_large": _("Send smaller batches, or raise BREACH_MAX_BODY_BYTES."),
        "not_allowed": _("Add its network to BREACH_SYSLOG_ALLOW."),
        "bad_framing": _("Choose octet counting or one message per line at the sender."),
        "tls_on_plain_port": _("Let it send to the port of BREACH_SYSLOG_TLS, or without TLS."),
    }.get(code, "")


def _zone(knowledge: Knowledge) -> str:
    return knowledge.inventory.organisations[0].zone
