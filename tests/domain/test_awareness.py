"""Since when we are aware: every recorded moment with why it counts, and the earliest that makes a breach certain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.awareness import CERTAIN, WHY_WORDS, Awareness, Source, Why, awareness_of
from breach_service.domain.conditions import Truth
from breach_service.domain.deciding import Position, PositionKind, aware_at_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.incident import EntryKind, Instant, InstantKind, TimelineEntry
from tests.dossier_builders import FIRST_ALERT, a_dossier, an_episode, an_instant

HOUR = timedelta(hours=1)
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def an_entry(kind: EntryKind, words: Mapping[str, str] | None, at: datetime = AT) -> TimelineEntry:
    return TimelineEntry(1, at, kind, "Maud Keller", words)


def declared(told_at: datetime, personal_data: str = "unknown", **more: str) -> TimelineEntry:
    return an_entry(EntryKind.DECLARED, {"told_at": told_at.isoformat(), "personal_data": personal_data, **more})


def a_quiet_dossier(*timeline: TimelineEntry, **changes: object) -> Dossier:
    """Without alerts, with the facts that are given."""
    return replace(a_dossier(episodes=()), facts=(), timeline=timeline, **changes)  # type: ignore[arg-type]


def a_loss(number: int, at: datetime, value: Truth = Truth.YES) -> Fact:
    return Fact("loss.confidentiality", value, WHOLE_INCIDENT, Provenance.PERSON, "Maud Keller", at, recorded=number)


def lost(facts: Sequence[Fact]) -> Truth:
    """A breach is established with the last word on the loss."""
    return Truth.YES if facts and facts[-1].value is Truth.YES else Truth.UNKNOWN


def found(dossier: Dossier) -> Awareness:
    return awareness_of(dossier, lost)


def test_an_alert_alone_begins_an_inquiry_and_is_not_awareness() -> None:
    """It is listed when it reached us, with the reason, and nothing is proposed."""
    aware = found(a_dossier(episodes=[an_episode()]))
    [alert] = [one for one in aware.candidates if one.source is Source.ALERT]
    assert (alert.at, alert.why, alert.is_certain) == (FIRST_ALERT, Why.ALERT_IS_A_SIGN, False)
    assert aware.proposed is None


def test_a_report_that_names_personal_data_counts_from_when_we_were_told() -> None:
    """Not from when somebody typed it in, whoever in the company was told."""
    aware = found(a_quiet_dossier(declared(AT - 5 * HOUR, "yes", told_by="a client, by mail")))
    assert aware.proposed is not None
    assert (aware.proposed.at, aware.proposed.by) == (AT - 5 * HOUR, "a client, by mail")


def test_a_report_that_is_not_sure_is_a_candidate_and_is_not_proposed() -> None:
    """It may have brought the proof: a person says."""
    aware = found(a_quiet_dossier(declared(AT)))
    assert [one.why for one in aware.candidates] == [Why.TOLD_WITHOUT_CERTAINTY]
    assert aware.proposed is None


def test_a_providers_notice_is_awareness_when_it_is_received() -> None:
    """EDPB 9/2022: in principle when the provider informs us, not when it noticed."""
    aware = found(a_quiet_dossier(declared(AT, provider="Hébergis")))
    assert aware.proposed is not None
    assert (aware.proposed.source, aware.proposed.at, aware.proposed.by) == (Source.PROVIDER, AT, "Hébergis")


def test_an_authority_that_tells_us_leaves_no_doubt() -> None:
    """The kind of the reporter stands in the note of the report."""
    words = {"note": "reported", "report": "SIG-2026-0001", "kind": "authority", "told_at": AT.isoformat()}
    aware = found(a_quiet_dossier(declared(AT), an_entry(EntryKind.NOTED, words)))
    assert aware.proposed is not None
    assert (aware.proposed.why, aware.proposed.about) == (Why.TOLD_BY_AUTHORITY, "SIG-2026-0001")


def test_the_first_fact_with_which_a_breach_was_established_is_proposed() -> None:
    """Later facts that say the same do not move it, and a confirmation only sets the latest moment."""
    confirmed = an_entry(EntryKind.STATUS_CHANGED, {"to": "confirmed"}, AT + 9 * HOUR)
    facts = (a_loss(1, AT, Truth.UNKNOWN), a_loss(2, AT + HOUR), a_loss(3, AT + 2 * HOUR))
    aware = found(replace(a_quiet_dossier(confirmed), facts=facts))
    assert aware.proposed is not None
    assert (aware.proposed.at, aware.proposed.source, aware.proposed.about) == (
        AT + HOUR, Source.FACT, "loss.confidentiality",
    )  # fmt: skip
    assert [one.why for one in aware.candidates] == [Why.BREACH_ESTABLISHED, Why.CONFIRMED_AT_THE_LATEST]


def test_knowing_of_the_attack_or_of_a_flaw_is_not_awareness_of_a_breach() -> None:
    """Both are other instants, with clocks of their own."""
    aware = found(
        replace(a_quiet_dossier(), instants=(an_instant("attack_known_at", AT), an_instant("flaw_discovered_at", AT)))
    )
    assert {one.why for one in aware.candidates} == {Why.ATTACK_IS_NOT_BREACH, Why.FLAW_IS_NOT_BREACH}
    assert aware.proposed is None


def test_the_opinion_of_the_dpo_is_a_candidate() -> None:
    """The last one; it advises, and makes nothing certain by itself."""
    said = [
        Position(number, PositionKind.OPINION, aware_at_of(), at.isoformat(), "Read.", "Camille", AT)
        for number, at in enumerate((AT - 2 * HOUR, AT - HOUR), start=1)
    ]
    aware = found(replace(a_quiet_dossier(), positions=tuple(said)))
    assert [(one.at, one.why) for one in aware.candidates] == [(AT - HOUR, Why.OPINION)]
    assert aware.proposed is None


def test_what_was_recorded_later_than_the_earliest_certainty_wants_its_reason() -> None:
    """The page says so; nothing is corrected by itself."""
    dossier = replace(a_quiet_dossier(declared(AT, "yes")), instants=(Instant(InstantKind.AWARE_AT, AT + HOUR),))
    assert found(dossier).is_later_than_proposed
    exact = replace(dossier, instants=(Instant(InstantKind.AWARE_AT, AT),))
    assert not found(exact).is_later_than_proposed


def test_words_that_were_erased_or_withheld_make_no_candidate() -> None:
    """The digest stays, the instant cannot be read any more."""
    withheld = an_entry(EntryKind.DECLARED, {"told_at": "[another incident]"})
    assert found(a_quiet_dossier(an_entry(EntryKind.DECLARED, None), withheld)).candidates == ()


def test_every_reason_has_its_words() -> None:
    """In both languages."""
    assert set(WHY_WORDS) == set(Why)
    assert all(text.fr and text.en for text in WHY_WORDS.values())
    assert set(Why) >= CERTAIN


@given(st.lists(st.tuples(st.integers(-500, 500), st.sampled_from(["yes", "no", "unknown"])), max_size=6))
def test_candidates_are_recorded_moments_in_order_and_the_proposal_is_the_first_certain_one(
    reports: list[tuple[int, str]],
) -> None:
    """No candidate is a moment that nobody recorded: the time of the click is never among them."""
    told = [declared(AT + hours * HOUR, data) for hours, data in reports]
    aware = found(a_quiet_dossier(*told))
    moments = [one.at for one in aware.candidates]
    assert moments == sorted(moments)
    assert set(moments) == {AT + hours * HOUR for hours, _ in reports}
    certain = [one.at for one in aware.candidates if one.is_certain]
    assert (aware.proposed.at if aware.proposed else None) == min(certain, default=None)
