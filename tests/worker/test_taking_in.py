"""From the mailbox to the incident and back to the reporter, over a real IMAP and a real SMTP server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from breach_service.app import Service, mail_of
from breach_service.domain.incident import InstantKind
from breach_service.notify.mail import MailSecurity
from breach_service.notify.mailbox import Mailbox, MailboxFailed, MailboxServer
from breach_service.pipeline.dossiers import dossier_of
from breach_service.settings import Settings
from breach_service.store import incidents
from breach_service.store import reports as stored
from breach_service.store.sight import FULL
from breach_service.worker.taking_in import TakingIn
from tests.conftest import settings_for
from tests.domain.reports.mails import DELIVERY_STATUS, HOSTILE, plain
from tests.notify.imap import PASSWORD, USER, ImapServer, imap_server
from tests.notify.smtp import Mailbox as Post
from tests.notify.smtp import mail_server

OWN = frozenset({"signalement@us.example", "breach@us.example", "us.example"})


@pytest.fixture
def server() -> Iterator[ImapServer]:
    """Empty."""
    with imap_server() as found:
        yield found


@pytest.fixture
def post() -> Iterator[Post]:
    """Where answers go."""
    with mail_server() as found:
        yield found


@pytest.fixture
def posting_service(tmp_path: Path, post: Post, make_service: Callable[[Settings], Service]) -> Service:
    """A service with a mail server."""
    settings = settings_for(
        tmp_path, smtp_host="127.0.0.1", smtp_port=post.port, smtp_security="none", smtp_from="breach@us.example",
        public_url="https://breach.us.example",
    )  # fmt: skip
    service = make_service(settings)
    service.mail = mail_of(settings)
    return service


def taking_in(service: Service, server: ImapServer) -> TakingIn:
    mailbox = Mailbox(MailboxServer("127.0.0.1", server.port, MailSecurity.NONE, USER, PASSWORD))
    return TakingIn(mailbox, service.database, service.cipher, service.knowledge, OWN, 30)


def references(service: Service) -> list[str]:
    with service.database.reading() as session:
        return sorted(one.incident.reference for one in incidents.summaries(session))


def test_a_mail_becomes_an_incident_and_its_sender_gets_the_number(
    posting_service: Service, server: ImapServer, post: Post
) -> None:
    """Told when the mail server got it. The answer goes to the sender, holds nothing of the mail, and asks for no
    answer of a machine."""
    server.put(plain("Dossiers en ligne", "Le dossier de Mme Untel est en ligne.", Message_ID="<m1@vernolles.example>"))
    service = posting_service
    assert taking_in(service, server).look(service.now()) == 1
    worker = service.worker()
    while worker.turn(service.now()):
        pass
    with service.database.reading() as session:
        dossier = dossier_of(session, "INC-2026-0001", service.knowledge())
    told_at = {one.kind: one.at for one in dossier.instants}[InstantKind.TOLD_AT]
    assert told_at == datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    [answer] = post.mails
    assert answer["To"] == "dgs@vernolles.example"
    assert "SIG-2026-0001" in answer["Subject"]
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["In-Reply-To"] == "<m1@vernolles.example>"
    text = answer.get_content()
    assert "SIG-2026-0001" in text
    assert "Untel" not in text
    assert ("Bonjour" in text, "Hello" in text) == (True, True)


def test_our_own_answer_that_comes_back_opens_nothing(posting_service: Service, server: ImapServer, post: Post) -> None:
    """As it is, or in a bounce: no mail of ours is answered by us."""
    service = posting_service
    server.put(plain())
    taking_in(service, server).look(service.now())
    worker = service.worker()
    while worker.turn(service.now()):
        pass
    server.put(post.mails[0].as_bytes(), DELIVERY_STATUS)
    assert taking_in(service, server).look(service.now()) == 0  # another one holds the lease
    again = taking_in(service, server)
    service_now = service.now()
    for fetched in again_fetched(server):
        assert again.take(fetched, service_now)
    while worker.turn(service_now):
        pass
    assert references(service) == ["INC-2026-0001"]
    assert len(post.mails) == 1
    with service.database.reading() as session:
        assert {one.report.waits_because for one in stored.listed(session, FULL)} == {"loop", "delivery_status"}


def again_fetched(server: ImapServer) -> list[Any]:
    found: list[Any] = []
    mailbox = Mailbox(MailboxServer("127.0.0.1", server.port, MailSecurity.NONE, USER, PASSWORD))

    def take(one: Any) -> bool:
        found.append(one)
        return True

    mailbox.visit(take)
    return found


@pytest.mark.parametrize("command", ["STORE", "FETCH"])
def test_a_crash_between_the_database_and_the_mailbox_loses_and_doubles_nothing(
    sqlite_service: Service, server: ImapServer, command: str
) -> None:
    """The mail comes again and is known by its digest."""
    server.put(plain("Une"), plain("Deux"))
    server.drops_before.add(command)
    taking = taking_in(sqlite_service, server)
    with pytest.raises(MailboxFailed):
        taking.look(sqlite_service.now())
    taking.look(sqlite_service.now())
    assert references(sqlite_service) == ["INC-2026-0001", "INC-2026-0002"]
    assert server.unseen() == []


def test_every_hostile_mail_is_taken_in(sqlite_service: Service, server: ImapServer) -> None:
    """Each is kept with its original; none keeps back the ones behind it."""
    raws = [one for name, one in HOSTILE.items() if one and len(one) < 100_000]
    server.put(*raws)
    assert taking_in(sqlite_service, server).look(sqlite_service.now()) == len(raws)
    assert server.unseen() == []


def test_a_mail_that_is_too_large_opens_an_incident_too(sqlite_service: Service, server: ImapServer) -> None:
    """By its head; what it holds stands in the mailbox."""
    server.put(plain("Tout est dans la pièce jointe"))
    server.said_sizes[1] = 60 * 1024 * 1024
    taking_in(sqlite_service, server).look(sqlite_service.now())
    assert references(sqlite_service) == ["INC-2026-0001"]
    with sqlite_service.database.reading() as session:
        [one] = stored.of_incident(session, 1)
        assert "too_large" in stored.words_of(session, sqlite_service.cipher, one.id).flaws


def test_the_mailbox_is_read_beside_the_loop_until_it_is_stopped(sqlite_service: Service, server: ImapServer) -> None:
    """What is wrong with a look is said, and the next one is made."""
    server.put(plain())
    server.drops_before.add("SEARCH")
    mailbox = Mailbox(MailboxServer("127.0.0.1", server.port, MailSecurity.NONE, USER, PASSWORD))
    taking = TakingIn(
        mailbox, sqlite_service.database, sqlite_service.cipher, sqlite_service.knowledge, OWN, 0.01
    )  # fmt: skip
    taking.start(sqlite_service.now)
    while server.unseen():
        server.waits.wait(0.01)
    taking.stop()
    assert references(sqlite_service) == ["INC-2026-0001"]
