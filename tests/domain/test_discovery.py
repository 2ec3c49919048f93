"""Who told us first, when and by which channel: kinds, no names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from breach_service.domain.alert import Signal
from breach_service.domain.discovery import SOURCES, Discovery, discovery_of
from breach_service.domain.incident import EntryKind, Incident, IncidentStatus, TimelineEntry
from breach_service.domain.reports import ReportChannel, ReporterKind

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_incident(*signals: Signal) -> Incident:
    """One that became known at `AT`."""
    return Incident(
        id=1, reference="INC-2026-0001", title="x", status=IncidentStatus.SUSPECTED, organisation="mirabel",
        opened_at=AT, detected_at=AT, qualify_by=AT + HOUR, group_key="x", last_alert_at=AT, signals=signals,
    )  # fmt: skip


def a_report(
    told_at: datetime, reporter: str = "client", channel: str = "mail", note: str = "reported"
) -> TimelineEntry:
    """What the chronology says of a report."""
    words = {
        "note": note, "report": "SIG-2026-0001", "digest": "0", "channel": channel, "reporter": reporter,
        "told_at": told_at.isoformat(),
    }  # fmt: skip
    return TimelineEntry(1, told_at, EntryKind.NOTED, "SIG-2026-0001", words)


def test_a_report_says_who_told_us_when_and_how() -> None:
    """As it was told, not as it was recorded."""
    found = discovery_of(an_incident(Signal.DECLARED), [a_report(AT - HOUR)])
    assert found == Discovery(AT - HOUR, "client", "mail")


@pytest.mark.parametrize("kind", list(ReporterKind))
def test_every_kind_of_reporter_has_a_word_of_the_fact(kind: ReporterKind) -> None:
    """Whoever is not known has none: a gap stays in the letter."""
    found = discovery_of(an_incident(), [a_report(AT, str(kind))])
    assert found is not None
    assert found.source == SOURCES.get(kind, "")
    assert (found.source == "") is (kind is ReporterKind.UNKNOWN)


def test_the_first_that_told_us_counts() -> None:
    """A report after the alert does not make us discover it later; one before it does so earlier."""
    attack = an_incident(Signal.WEB_SHELL)
    assert discovery_of(attack, [a_report(AT + HOUR)]) == Discovery(AT, "monitoring", "alert")
    assert discovery_of(attack, [a_report(AT - HOUR, "press")]) == Discovery(AT - HOUR, "press", "mail")
    joined = [a_report(AT, "employee", "page"), a_report(AT - HOUR, "client", "mail", "report_joined")]
    assert discovery_of(an_incident(Signal.DECLARED), joined) == Discovery(AT - HOUR, "client", "mail")


def test_nothing_is_said_where_nothing_says_it() -> None:
    """No report, erased words, an answer to a report, words of another release."""
    erased = TimelineEntry(1, AT, EntryKind.NOTED, "x", None)
    answer, strange = a_report(AT, note="report_answered"), a_report(AT, reporter="somebody")
    assert discovery_of(an_incident(Signal.DECLARED), [erased, answer, strange]) is None


def test_every_channel_has_words_in_the_letters() -> None:
    """In both languages, for the authority and for clients."""
    letters = Path(__file__).parents[2] / "templates" / "letters"
    for slug in ("cnil", "client"):
        for language in ("fr", "en"):
            text = (letters / slug / language / "letter.yaml").read_text()
            words = text.partition("\n  channel:\n")[2].partition("\n  exfiltration:")[0]
            for channel in (*ReportChannel, "alert"):
                assert f"    {channel}: " in f"{words}\n", (slug, language, channel)
