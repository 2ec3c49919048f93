"""The copy of a regime's terms that an obligation keeps, with what the client's contract changes of them."""

from dataclasses import replace
from datetime import date

from breach_service.domain.deadlines.authority import Authority
from breach_service.domain.deadlines.obligation import Terms
from breach_service.domain.deadlines.regime import Regime, RegimeKind
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import Client, Concern, NoticeTerm


def terms_for(
    regime: Regime, client: Client | None, day: date | None = None, concern: Concern | None = None,
    authority: Authority | None = None, target: Regime | None = None,
) -> Terms:  # fmt: skip
    """A copy of the terms; a contract's shorter term replaces the regime's where the regime allows it.

    Of the contract the term counts that holds on `day`; without a day, what it always said. Where it counts from
    another instant than the regime, or in working hours, it cannot be told beforehand which ends first: the copy keeps
    both (`at_most`). The form that the contract asks for, and its mandate to notify, stand with the terms in any case.
    `concern` is what the organisation says of itself: its hours and its reference replace those of a regime that leaves
    them to it. `target` is a regime that stands within this one.
    """
    terms = _own(regime, authority, concern if regime.organisation_sets_term else None)
    if target is not None:
        terms = replace(terms, target=_own(target, None, None))
    if client is None or not regime.contract_may_shorten:
        return terms
    agreed = client.contract.notice_on(day) if day is not None else None
    return _with_form(_shorter(terms, client, agreed), client, agreed, day)


def _own(regime: Regime, authority: Authority | None, concern: Concern | None) -> Terms:
    terms = Terms(
        regime.id, regime.kind, regime.reference, regime.term.hours, regime.term.months, regime.counted_from,
        counting=regime.counting, reminders=regime.reminders, may_be_late_with=regime.may_be_late_with or "",
        authority=regime.authority or "", authority_name=authority.short_name if authority else "",
        follows=regime.follows or "", follows_phase=regime.follows_phase,
    )  # fmt: skip
    if concern is not None:
        terms = replace(terms, hours=concern.hours, reference=concern.clause or terms.reference)
    if regime.also_within is not None:
        within = regime.also_within
        return replace(terms, at_most=replace(terms, hours=within.hours, months=None, counted_from=within.counted_from))
    return terms


def _shorter(terms: Terms, client: Client, agreed: NoticeTerm | None) -> Terms:
    own = replace(
        terms, kind=RegimeKind.CONTRACT, reference=client.contract.clause or terms.reference,
        hours=client.contract.notice_hours, months=None,
    )  # fmt: skip
    if agreed is not None and (agreed.hours or agreed.working_hours):
        own = replace(
            own, reference=agreed.clause, hours=agreed.hours, working_hours=agreed.working_hours,
            counted_from=InstantKind(agreed.counted_from),
        )  # fmt: skip
    if own.hours is None and own.working_hours is None:
        return terms
    if own.counted_from is not terms.counted_from or own.working_hours is not None:
        return replace(own, at_most=replace(terms, target=None)) if terms.hours or terms.months else own
    longest = terms.hours if terms.months is None else terms.months * _HOURS_OF_SHORTEST_MONTH
    return own if longest is None or (own.hours or 0) < longest else terms


def _with_form(terms: Terms, client: Client, agreed: NoticeTerm | None, day: date | None) -> Terms:
    if agreed is not None:
        terms = replace(terms, form=agreed.form, sent_to=agreed.sent_to)
    held = [one for one in client.contract.mandates if day is not None and one.holds_between(day, day)]
    if not held:
        return terms
    notifies = tuple(dict.fromkeys(whom for one in held for whom in one.notifies))
    return replace(terms, notifies=notifies, mandate_clause=" ; ".join(dict.fromkeys(one.clause for one in held)))


_HOURS_OF_SHORTEST_MONTH = 28 * 24


def scaled(terms: Terms, scale: float) -> Terms:
    """The terms of an exercise: each length times `scale` (1: as they are), the clock untouched.

    Calendar months become hours, 30 days each, since a fraction of a month has no length of its own.
    """
    if scale == 1:
        return terms
    hours = terms.hours if terms.months is None else terms.months * 30 * 24.0
    return replace(
        terms, hours=None if hours is None else hours * scale, months=None,
        working_hours=None if terms.working_hours is None else terms.working_hours * scale,
        at_most=None if terms.at_most is None else scaled(terms.at_most, scale),
        target=None if terms.target is None else scaled(terms.target, scale),
    )  # fmt: skip
