"""What becomes of a report that waits, who sees it, and what whoever reported learns."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts import reporting
from breach_service.acts.reporting import Besides, Reported
from breach_service.acts.rows import visibility_of
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.incident import EntryKind, InstantKind
from breach_service.domain.reports import (
    Answers,
    ReportChannel,
    ReporterKind,
    report_of_answers,
    report_of_mail,
)
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.pipeline.tidying import Keep, tidy
from breach_service.store import incidents, timeline
from breach_service.store import reports as stored
from breach_service.store.access_tables import AuditEntryRow
from breach_service.store.sight import FULL
from breach_service.store.tables import UserRow
from tests.domain.reports.mails import plain, with_files
from tests.pipeline.incoming import Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
VIEWER = Actor("V", UserRole.VIEWER)
ADMIN = Actor("A", UserRole.ADMIN)
AUDITOR = Actor("Q", UserRole.AUDITOR)
HOUR = timedelta(hours=1)


def waiting_mail(incoming: Incoming, subject: str = "Absence", ago: timedelta = HOUR, **headers: str) -> Reported:
    """A mail that a machine wrote."""
    raw = plain(subject, **({"Auto_Submitted": "auto-replied"} | headers))
    return taken(incoming, raw, ago)


def taken(incoming: Incoming, raw: bytes, ago: timedelta = HOUR) -> Reported:
    service, now = incoming.service, incoming.now
    told = report_of_mail(raw, now, arrived_at=now - ago)
    return service.database.write(
        lambda session: reporting.report(session, None, told, raw, service.knowledge(), service.cipher, now)
    )


def handed_in(incoming: Incoming, actor: Actor = RESPONDER, besides: Besides | None = None, **said: Any) -> Reported:
    service, now = incoming.service, incoming.now
    answers = Answers(**{"what": "Un ordinateur a été volé.", **said})
    return service.database.write(
        lambda session: reporting.hand_in(
            session, actor, answers, ReportChannel.API, besides or Besides(), service.knowledge(), service.cipher, now
        )
    )


def added(incoming: Incoming, number: str, words: str = "Encore ceci.") -> Reported:
    """Whoever reported adds something under their own link."""
    service, now = incoming.service, incoming.now
    told, original = report_of_answers(Answers(words, key=words), ReportChannel.PAGE, now)
    told = replace(told, in_reply_to=(number,))
    return service.database.write(
        lambda session: reporting.report(session, None, told, original, service.knowledge(), service.cipher, now)
    )


def take_up(incoming: Incoming, number: str, actor: Actor = RESPONDER, **more: Any) -> str:
    service = incoming.service
    return service.database.write(
        lambda session: reporting.take_up(
            session, actor, number, service.cipher, service.knowledge(), incoming.now, **more
        )
    )


def join(incoming: Incoming, number: str, reference: str, actor: Actor = RESPONDER, **more: Any) -> str:
    service = incoming.service
    return service.database.write(
        lambda session: reporting.join(
            session, actor, number, reference, service.cipher, service.knowledge(), incoming.now, **more
        )
    )


def set_aside(incoming: Incoming, numbers: Any, reason: str = "Une absence", actor: Actor = RESPONDER) -> None:
    database = incoming.service.database
    database.write(lambda session: reporting.set_aside(session, actor, numbers, reason, incoming.now))


def seen(incoming: Incoming, actor: Actor = RESPONDER, *standings: str) -> list[str]:
    """The numbers of the reports that somebody sees, those that wait where nothing is said."""
    with incoming.service.database.reading() as session:
        visibility = visibility_of(actor, incoming.now)
        found = reporting.list_reports(session, actor, visibility, standings or ("waiting",))
        assert stored.count_waiting(session, visibility) == len(stored.listed(session, visibility))
    return sorted(one.report.number for one in found)


def kept(incoming: Incoming, number: str) -> stored.Listed:
    with incoming.service.database.reading() as session:
        found = stored.seen_by_number(session, number, FULL)
    assert found is not None
    return found


def told_at(incoming: Incoming, reference: str = "INC-2026-0001") -> Any:
    return [one.at for one in incoming.dossier(reference).instants if one.kind is InstantKind.TOLD_AT]


# ── One way in


def test_whoever_has_an_account_gets_a_number_too(incoming: Incoming) -> None:
    """What they declare is a report like any other: kept with its original, which the chronology names by digest."""
    done = handed_in(
        incoming, besides=Besides("Vol", ("application",), "Le service de nuit"), kind=ReporterKind.PROVIDER
    )
    assert (done.number, done.incident) == ("SIG-2026-0001", "INC-2026-0001")
    dossier, one = incoming.dossier(), kept(incoming, done.number)
    assert dossier.incident.title == "Vol"
    assert dossier.incident.systems == ("application",)
    assert (one.report.kind, one.report.channel, one.incident) == ("provider", "api", "INC-2026-0001")
    notes = [dict(entry.words or {}) for entry in dossier.timeline if entry.kind is EntryKind.NOTED]
    assert [(each["note"], each["report"], each["digest"]) for each in notes] == [
        ("reported", done.number, one.report.digest)
    ]


def test_two_that_say_the_same_are_two_and_one_that_is_sent_twice_is_one(sqlite_incoming: Incoming) -> None:
    """The key of what is sent makes the difference."""
    assert handed_in(sqlite_incoming).incident != handed_in(sqlite_incoming).incident
    first, again = (handed_in(sqlite_incoming, key="k") for _ in range(2))
    assert (again.incident, again.is_new) == (first.incident, False)
    assert handed_in(sqlite_incoming, key="other").incident != first.incident


def test_whoever_may_not_declare_hands_nothing_in(sqlite_incoming: Incoming) -> None:
    """Whatever the way."""
    with pytest.raises(NotAllowed):
        handed_in(sqlite_incoming, VIEWER)
    with pytest.raises(InvalidCommand, match="say what happened"):
        handed_in(sqlite_incoming, what=" ", where="Portable")
    assert sqlite_incoming.incidents() == []


# ── What becomes of it


def test_a_report_that_is_taken_up_says_who_it_was_after_all(incoming: Incoming) -> None:
    """An address proves nothing; a person knows. What points at staff is restricted from its first instant."""
    done = waiting_mail(incoming, "Alerte", 4 * HOUR)
    reference = take_up(incoming, done.number, kind=ReporterKind.PRESS, points_at_staff=True)
    one = kept(incoming, done.number)
    assert (one.report.kind, one.report.standing, one.incident) == ("press", "opened", reference)
    assert one.report.settled_by == RESPONDER.name
    assert told_at(incoming) == [incoming.now - 4 * HOUR]
    with incoming.service.database.reading() as session:
        assert incidents.row_of(session, reference).is_restricted


def test_a_report_that_told_us_earlier_moves_the_clocks_of_the_incident_that_it_is_about(incoming: Incoming) -> None:
    """They count from when we were told first; the chronology names the report with its digest."""
    early, late = waiting_mail(incoming, "Un", 5 * HOUR), waiting_mail(incoming, "Deux", timedelta())
    reference = handed_in(incoming).incident or ""
    before = incoming.owed_to("cnil").due_at
    assert before is not None
    join(incoming, late.number, reference.lower())
    assert incoming.owed_to("cnil").due_at == before
    join(incoming, early.number, reference)
    assert incoming.owed_to("cnil").due_at == before - 5 * HOUR
    notes = [dict(one.words or {}) for one in incoming.dossier().timeline if one.kind is EntryKind.NOTED]
    assert [one["report"] for one in notes if one["note"] == "report_joined"] == [late.number, early.number]
    assert kept(incoming, early.number).report.standing == "joined"


def test_a_report_is_joined_to_an_incident_that_is_open_and_seen(incoming: Incoming) -> None:
    """Neither to one that is over nor to one that the sorter does not see, which is as if there were none."""
    done = waiting_mail(incoming)
    hidden = handed_in(incoming, points_at_staff=True).incident or ""
    with pytest.raises(NotFound):
        join(incoming, done.number, hidden)
    with pytest.raises(InvalidCommand, match="which incident"):
        join(incoming, done.number, " ")
    assert kept(incoming, done.number).report.standing == "waiting"


def test_several_are_set_aside_with_one_reason_or_none_of_them(incoming: Incoming) -> None:
    """They stay with the reason and whose it is; one that waits no more holds all of them back."""
    numbers = [waiting_mail(incoming, str(each)).number for each in range(3)]
    set_aside(incoming, numbers[:1])
    with pytest.raises(InvalidCommand, match="waits no more"):
        set_aside(incoming, numbers)
    assert seen(incoming) == numbers[1:]
    for wrong, reason in (([], "x"), (numbers[1:], " ")):
        with pytest.raises(InvalidCommand):
            set_aside(incoming, wrong, reason)
    set_aside(incoming, numbers[1:], "Des absences")
    assert seen(incoming) == []
    assert kept(incoming, numbers[2]).report.settled_because == "Des absences"


@pytest.mark.parametrize("actor", [VIEWER, ADMIN, AUDITOR])
def test_only_those_who_work_on_incidents_sort_reports(sqlite_incoming: Incoming, actor: Actor) -> None:
    """An auditor reads them; whoever only operates the service, or only looks, does not."""
    number = waiting_mail(sqlite_incoming).number
    for act in (take_up, set_aside):
        with pytest.raises(NotAllowed):
            act(sqlite_incoming, number, actor=actor)
    with pytest.raises(NotAllowed):
        join(sqlite_incoming, number, "INC-2026-0001", actor)
    if actor is AUDITOR:
        assert seen(sqlite_incoming, actor) == [number]
    else:
        with pytest.raises(NotAllowed):
            seen(sqlite_incoming, actor)


def test_a_report_is_seen_by_whoever_sees_the_incident_behind_it(incoming: Incoming) -> None:
    """What is added to a report of a restricted incident, and what is added to that, are nothing to others."""
    first = handed_in(incoming, points_at_staff=True)
    second = added(incoming, first.number)
    third = added(incoming, second.number, "Et ceci.")
    assert seen(incoming) == []
    assert seen(incoming, RESPONDER, "opened") == []
    everything = seen(incoming, Actor("operator", UserRole.ADMIN, is_operator=True))
    assert everything == [second.number, third.number]
    with incoming.service.database.reading() as session:
        visibility = visibility_of(RESPONDER, incoming.now)
        for number in (first.number, second.number, third.number, "SIG-1999-0001"):
            with pytest.raises(NotFound, match=f"there is no report {number}"):
                reporting.open_report(session, RESPONDER, number, incoming.service.cipher, visibility)


def test_one_report_is_opened_with_all_that_came_with_it(incoming: Incoming) -> None:
    """Words, files and the original."""
    raw = with_files()
    done = taken(incoming, raw)
    with incoming.service.database.reading() as session:
        visibility = visibility_of(RESPONDER, incoming.now)
        one = reporting.open_report(session, RESPONDER, done.number.lower(), incoming.service.cipher, visibility)
    assert one.original == raw
    assert len(one.files) == one.listed.report.attachments > 0


# ── What whoever reported learns, and how long things are kept


def test_whoever_reported_learns_that_somebody_looks_and_nothing_else(incoming: Incoming) -> None:
    """Under a link of their own; what they add waits by their report, whose incident says so."""
    first = handed_in(incoming)
    more = added(incoming, first.number)
    assert (more.incident, more.waits_because) == (first.incident, "reply")
    with incoming.service.database.reading() as session:
        found, other = (reporting.followed(session, one.status_token) for one in (first, more))
        assert reporting.followed(session, "") is None
        assert reporting.followed(session, "x") is None
    assert found is not None
    assert other is not None
    assert (found.number, found.is_looked_at, other.is_looked_at) == (first.number, False, False)
    notes = [dict(one.words or {}).get("note") for one in incoming.dossier().timeline if one.kind is EntryKind.NOTED]
    assert notes == ["reported", "report_answered"]


def looked_at(incoming: Incoming, done: Reported) -> bool:
    with incoming.service.database.reading() as session:
        found = reporting.followed(session, done.status_token)
    assert found is not None
    return found.is_looked_at


def test_a_report_is_looked_at_from_the_first_thing_on_that_a_person_did(incoming: Incoming) -> None:
    """Not the second in which it was sent, whatever the service writes by itself: when somebody works on its incident,
    opens the report, or sorts it."""
    worked, read, sorted_one = handed_in(incoming), handed_in(incoming), handed_in(incoming)
    answer = added(incoming, sorted_one.number)
    assert [looked_at(incoming, one) for one in (worked, read, sorted_one, answer)] == [False] * 4
    service, now = incoming.service, incoming.now + timedelta(minutes=5)

    def work(session: Any) -> None:
        number = incidents.row_of(session, worked.incident or "").id
        timeline.write_entry(session, number, now, EntryKind.NOTED, RESPONDER.name, {"note": "x"})
        other = incidents.row_of(session, sorted_one.incident or "").id
        timeline.write_entry(session, other, now, EntryKind.REMINDED, "breach_service", {})
        person = session.exec(select(UserRow.id)).first()
        assert person is not None
        what = f"report:{read.number}"
        session.add(
            AuditEntryRow(at=now, actor=RESPONDER.name, user_id=person, kind="read_evidence", what=what, via="page")
        )

    service.database.write(work)
    assert [looked_at(incoming, one) for one in (worked, read, sorted_one, answer)] == [True, True, False, False]
    set_aside(incoming, answer.number)
    assert looked_at(incoming, answer)


def test_what_was_set_aside_is_let_go_of_and_its_line_stays(incoming: Incoming, clock: Any) -> None:
    """Words, files and original go; number, digest, instants and reason stay. What stands in an incident stays."""
    aside, waits, opened = waiting_mail(incoming, "Un"), waiting_mail(incoming, "Deux"), handed_in(incoming)
    set_aside(incoming, aside.number)
    service, keep = incoming.service, Keep(set_aside=timedelta(days=90))

    def words_of(number: str) -> str:
        with service.database.reading() as session:
            one = reporting.open_report(session, RESPONDER, number, service.cipher, visibility_of(RESPONDER, clock()))
        return one.words.words + one.original.decode(errors="replace")

    for days, is_there in ((89, True), (2, False)):
        clock.at += timedelta(days=days)
        service.database.write(lambda session: tidy(session, clock(), keep))
        assert bool(words_of(aside.number)) is is_there
    line = kept(incoming, aside.number).report
    assert (line.settled_because, bool(line.digest), line.let_go_at) == ("Une absence", True, clock())
    assert words_of(waits.number)
    assert words_of(opened.number)
