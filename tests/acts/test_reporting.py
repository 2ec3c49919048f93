"""The door for people: what opens an incident, what waits, what is kept, and what the reporter gets."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from breach_service.acts import reporting
from breach_service.acts.reporting import MOST_OPENED, Reported
from breach_service.acts.rows import visibility_of
from breach_service.app import OPERATOR
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.incident import EntryKind, InstantKind
from breach_service.domain.inventory import Contact, Provider
from breach_service.domain.reports import (
    Acquaintance,
    Report,
    ReportChannel,
    Reporter,
    ReporterKind,
    digest_of,
    report_of_mail,
)
from breach_service.domain.text import Text
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.store import incidents, outbox
from breach_service.store import reports as stored
from tests.domain.reports.mails import plain, with_files
from tests.pipeline.incoming import Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
HOUR = timedelta(hours=1)


HOSTER = Provider(
    id="hebergeur", name="Hébergeur", service=Text(fr="Hébergement"),
    contact=Contact(name="NOC", email="noc@hebergeur.example"),
)  # fmt: skip


def mailed(incoming: Incoming, raw: bytes, ago: timedelta = HOUR) -> Reported:
    service, now = incoming.service, incoming.now
    inventory = service.knowledge().inventory.model_copy(update={"providers": (HOSTER,)})
    known = Acquaintance(inventory, frozenset({"us.example"}))
    told = report_of_mail(raw, now, arrived_at=now - ago, known=known)
    return service.database.write(
        lambda session: reporting.report(session, None, told, raw, service.knowledge(), service.cipher, now)
    )


def on_page(incoming: Incoming, actor: Actor | None = None, **changes: Any) -> Reported:
    service, now = incoming.service, incoming.now
    original = repr(changes).encode()
    values = {"words": "J’ai perdu mon ordinateur dans le train.", **changes}
    reporter = Reporter(ReporterKind.EMPLOYEE, "Zoé")
    told = Report(reporter, ReportChannel.PAGE, now, now, digest_of(original), **values)
    return service.database.write(
        lambda session: reporting.report(session, actor, told, original, service.knowledge(), service.cipher, now)
    )


def kept(incoming: Incoming, number: str) -> stored.Kept:
    with incoming.service.database.reading() as session:
        found = stored.by_number(session, number)
    assert found is not None
    return found


def answers_waiting(incoming: Incoming) -> int:
    with incoming.service.database.reading() as session:
        return outbox.pending(session).get("mail", (0, None))[0]


def test_a_mail_opens_an_incident_told_when_it_reached_us(incoming: Incoming) -> None:
    """However long it lay there: the clocks count from then. Its digest stands in the chronology."""
    raw = plain("Dossiers", "Nos dossiers sont en ligne.")
    done = mailed(incoming, raw, 5 * HOUR)
    assert (done.number, done.incident, done.waits_because) == ("SIG-2026-0001", "INC-2026-0001", "")
    dossier = incoming.dossier()
    told_at = incoming.now - 5 * HOUR
    assert {one.kind: one.at for one in dossier.instants}[InstantKind.TOLD_AT] == told_at
    assert dossier.incident.detected_at == told_at
    assert dossier.incident.title == "Signalement SIG-2026-0001"
    assert incoming.owed_to("cnil").due_at == told_at + 72 * HOUR
    words = {one.kind: dict(one.words or {}) for one in dossier.timeline}
    assert "Nos dossiers sont en ligne." in words[EntryKind.DECLARED]["what_happened"]
    assert words[EntryKind.NOTED]["digest"] == digest_of(raw)


def test_the_original_and_its_files_are_kept_sealed(incoming: Incoming) -> None:
    """As they came; the database shows none of it."""
    raw = with_files()
    done = mailed(incoming, raw)
    service, one = incoming.service, kept(incoming, done.number)
    with service.database.reading() as session:
        assert stored.original_of(session, service.cipher, one.id) == raw
        files = stored.attachments_of(session, service.cipher, one.id)
        assert stored.words_of(session, service.cipher, one.id).contact == "dgs@vernolles.example"
    assert "extrait.csv" in [file.name for file in files]
    assert one.digest == digest_of(raw)


def test_the_same_original_is_one_report(incoming: Incoming) -> None:
    """A mail that is fetched again, a form that is sent twice."""
    first, again = mailed(incoming, plain()), mailed(incoming, plain())
    assert (again.number, again.incident, again.is_new) == (first.number, first.incident, False)
    assert len(incoming.incidents()) == 1
    assert answers_waiting(incoming) == 1


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (plain(Auto_Submitted="auto-replied"), "auto_reply"),
        (plain(From="news@shop.example", Precedence="bulk"), "mass"),
        (plain(In_Reply_To=f"<{'0a' * 20}@us.example>"), "reply"),
        (plain(From="a@us.example", X_Breach_Service="us.example"), "loop"),
    ],
)
def test_what_no_person_wrote_and_answers_to_us_wait(incoming: Incoming, raw: bytes, because: str) -> None:
    """They get a number, are kept, open nothing and stand where somebody looks."""
    done = mailed(incoming, raw)
    assert (done.incident, done.waits_because) == (None, because)
    assert incoming.incidents() == []
    with incoming.service.database.reading() as session:
        found = reporting.list_waiting(session, RESPONDER, visibility_of(RESPONDER, incoming.now))
    assert [one.report.number for one in found] == ["SIG-2026-0001"]


def test_an_answer_to_a_report_stands_by_its_incident(incoming: Incoming) -> None:
    """Whoever handles the incident sees in its chronology that there is more."""
    mailed(incoming, plain())
    done = mailed(incoming, plain("Re: SIG-2026-0001 : autre chose"))
    assert (done.number, done.incident, done.waits_because) == ("SIG-2026-0002", "INC-2026-0001", "reply")
    notes = [dict(one.words or {}) for one in incoming.dossier().timeline if one.kind is EntryKind.NOTED]
    assert notes[-1]["note"] == "report_answered"
    assert notes[-1]["report"] == "SIG-2026-0002"


def test_a_provider_that_tells_all_its_customers_at_once_opens_an_incident(incoming: Incoming) -> None:
    """Mass mail of somebody whom the inventory knows may be how they tell us."""
    done = mailed(incoming, plain("Security notice", From="status@hebergeur.example", Precedence="bulk"))
    assert done.incident == "INC-2026-0001"
    assert answers_waiting(incoming) == 0


def test_one_answer_goes_to_an_address_and_a_day(incoming: Incoming, clock: Any) -> None:
    """Two machines that answer each other end after one mail."""
    for number in range(3):
        mailed(incoming, plain(f"Fuite {number}", From="ada@somewhere.example"))
    assert answers_waiting(incoming) == 1
    clock.at += timedelta(days=1)
    mailed(incoming, plain("Fuite 4", From="ada@somewhere.example"))
    assert answers_waiting(incoming) == 2


def test_a_flood_of_strangers_waits_and_clients_do_not(sqlite_incoming: Incoming) -> None:
    """Beyond so many an hour mails of unknown people are kept and open nothing."""
    for number in range(MOST_OPENED):
        mailed(sqlite_incoming, plain(f"Fuite {number}", From=f"n{number}@spam.example"))
    assert mailed(sqlite_incoming, plain("Une de plus", From="x@spam.example")).waits_because == "flood"
    assert mailed(sqlite_incoming, plain("De chez vous", From="noc@hebergeur.example")).waits_because == ""


def test_a_report_on_the_page_answers_the_five_questions(incoming: Incoming) -> None:
    """When it happened is an instant, “yes” to persons is a fact, the rest are words."""
    occurred_at = incoming.now - 3 * HOUR
    answers = {"when": occurred_at.isoformat(), "persons": "yes", "where": "Portable", "done": "Mot de passe changé"}
    on_page(incoming, answers=answers)
    dossier = incoming.dossier()
    assert {one.kind: one.at for one in dossier.instants}[InstantKind.OCCURRED_AT] == occurred_at
    words = next(dict(one.words or {}) for one in dossier.timeline if one.kind is EntryKind.DECLARED)
    assert words["personal_data"] == "yes"
    assert "Portable" in words["what_happened"]


def test_a_report_that_points_at_staff_is_restricted_from_the_first_instant(incoming: Incoming) -> None:
    """As where somebody declares it who has an account."""
    on_page(incoming, points_at_staff=True)
    with incoming.service.database.reading() as session:
        assert incidents.row_of(session, "INC-2026-0001").is_restricted


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"words": "  "}, "say what happened"),
        ({"answers": {"when": "2026-11-24T10:00+01:00"}}, "after now"),
        ({"answers": {"when": "yesterday"}}, "no date|not a date"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(incoming: Incoming, changes: dict[str, Any], sentence: str) -> None:
    """The form comes back with what was typed."""
    with pytest.raises(InvalidCommand, match=sentence):
        on_page(incoming, **changes)
    with incoming.service.database.reading() as session:
        assert stored.by_number(session, "SIG-2026-0001") is None


def test_whoever_has_an_account_reports_in_their_own_name_and_by_right(incoming: Incoming) -> None:
    """A viewer declares nothing."""
    on_page(incoming, RESPONDER)
    assert incoming.dossier().incident.opened_by == "person:Yanis Ferrachat"
    with pytest.raises(NotAllowed):
        on_page(incoming, Actor("V", UserRole.VIEWER), words="autre")


def test_what_waits_is_taken_up_or_set_aside_once(incoming: Incoming) -> None:
    """Taken up it is told when it was told; set aside it is kept, with the reason."""
    first = mailed(incoming, plain(Auto_Submitted="auto-generated"), 4 * HOUR)
    second = mailed(incoming, plain("Absence", Auto_Submitted="auto-replied"))
    service = incoming.service

    def take_up(number: str) -> str:
        return service.database.write(
            lambda session: reporting.take_up(
                session, RESPONDER, number, service.cipher, service.knowledge(), incoming.now
            )
        )

    def set_aside(number: str, reason: str) -> None:
        service.database.write(lambda session: reporting.set_aside(session, RESPONDER, number, reason, incoming.now))

    assert take_up(first.number) == "INC-2026-0001"
    told = {one.kind: one.at for one in incoming.dossier().instants}[InstantKind.TOLD_AT]
    assert told == incoming.now - 4 * HOUR
    with pytest.raises(InvalidCommand):
        set_aside(second.number, " ")
    set_aside(second.number, "Une absence")
    assert kept(incoming, second.number).standing == "set_aside"
    with pytest.raises(InvalidCommand, match="waits no more"):
        take_up(second.number)


def test_a_new_link_ends_the_former_and_only_an_administrator_makes_one(incoming: Incoming) -> None:
    """The database holds its hash."""
    database = incoming.service.database

    def make(actor: Actor = OPERATOR) -> str:
        path = database.write(lambda session: reporting.make_link(session, actor, incoming.now))
        return path.removeprefix("/signaler/")

    first, second = make(), make()
    with database.reading() as session:
        assert [reporting.is_open(session, one) for one in (first, second, "", "x")] == [False, True, False, False]
    database.write(lambda session: reporting.end_link(session, OPERATOR, incoming.now))
    with database.reading() as session:
        assert not reporting.is_open(session, second)
    with pytest.raises(NotAllowed):
        make(RESPONDER)


@pytest.mark.parametrize("column", ["digest = 'x'", "told_at = received_at", "number = 'SIG-2026-9999'"])
def test_when_and_what_we_were_told_cannot_be_changed_afterwards(incoming: Incoming, column: str) -> None:
    """The database itself refuses."""
    mailed(incoming, plain())
    with (
        pytest.raises(DBAPIError, match=r"stays as it was|insert-only"),
        incoming.service.database.engine.begin() as one,
    ):
        one.execute(text(f"UPDATE report SET {column}"))
