"""The mailbox is read over IMAP so that no mail is lost: it is marked only once it was taken."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from breach_service.app import mailbox_of
from breach_service.errors import ConfigurationError
from breach_service.notify.mail import MailSecurity
from breach_service.notify.mailbox import Fetched, Mailbox, MailboxFailed, MailboxServer
from tests.conftest import settings_for
from tests.notify.imap import PASSWORD, USER, ImapServer, imap_server
from tests.notify.smtp import write_certificate

FIRST = b"From: a@b.example\r\nSubject: one\r\n\r\none\r\n)\r\n* 2 EXISTS\r\n"
SECOND = b"From: a@b.example\r\nSubject: two\r\n\r\n" + bytes(range(1, 256))


@pytest.fixture
def server() -> Iterator[ImapServer]:
    """With two mails that nobody has seen."""
    with imap_server() as found:
        found.put(FIRST, SECOND)
        yield found


def mailbox(server: ImapServer, **changes: Any) -> Mailbox:
    values = {"security": MailSecurity.NONE, "user": USER, "password": PASSWORD, **changes}
    return Mailbox(MailboxServer("127.0.0.1", server.port, **values))


class Taking:
    """Remembers what it was handed; says no, or fails, at what it is told to."""

    def __init__(self) -> None:
        self.found: list[Fetched] = []
        self.refuses: list[bytes] = []
        self.failures: list[Exception] = []

    def __call__(self, fetched: Fetched) -> bool:
        if self.failures:
            raise self.failures.pop(0)
        if fetched.raw in self.refuses:
            return False
        self.found.append(fetched)
        return True

    @property
    def raws(self) -> list[bytes]:
        return [one.raw for one in self.found]


def test_every_unseen_mail_is_taken_once_with_the_instant_of_its_arrival(server: ImapServer) -> None:
    """Byte for byte, whatever it holds; fetching alone marks nothing."""
    taking = Taking()
    assert mailbox(server).visit(taking) == 2
    assert taking.raws == [FIRST, SECOND]
    assert {one.arrived_at for one in taking.found} == {datetime(2026, 11, 21, 9, 5, tzinfo=UTC)}
    assert server.unseen() == []
    assert not any("BODY[" in one for one in server.said)
    assert mailbox(server).visit(taking) == 0


def test_mails_that_were_taken_move_to_their_folder(server: ImapServer) -> None:
    """Where one is set."""
    mailbox(server, taken_folder="Taken").visit(Taking())
    assert server.folders["INBOX"] == []
    assert [one.raw for one in server.folders["Taken"]] == [FIRST, SECOND]


def test_without_move_they_stay_as_seen(server: ImapServer) -> None:
    """Nothing is deleted."""
    server.can_move = False
    mailbox(server, taken_folder="Taken").visit(Taking())
    assert (len(server.folders["INBOX"]), server.unseen()) == (2, [])


def test_a_failure_in_taking_leaves_the_mail_unseen(server: ImapServer) -> None:
    """It is handed over again at the next visit, with those behind it."""
    taking = Taking()
    taking.failures.append(OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        mailbox(server).visit(taking)
    assert server.unseen() == [1, 2]
    mailbox(server).visit(taking)
    assert taking.raws == [FIRST, SECOND]


def test_a_mail_that_cannot_be_taken_does_not_keep_back_the_others(server: ImapServer) -> None:
    """It stays unseen."""
    taking = Taking()
    taking.refuses.append(FIRST)
    assert mailbox(server).visit(taking) == 1
    assert server.unseen() == [1]


@pytest.mark.parametrize("command", ["FETCH", "STORE", "MOVE", "SEARCH"])
def test_a_connection_that_ends_loses_nothing(server: ImapServer, command: str) -> None:
    """What was taken and not marked comes a second time; whoever takes knows it by its digest."""
    server.drops_before.add(command)
    taking, box = Taking(), mailbox(server, taken_folder="Taken")
    with pytest.raises(MailboxFailed):
        box.visit(taking)
    box.visit(taking)
    assert {FIRST, SECOND} <= {*taking.raws}
    assert server.unseen() == []


def test_of_a_mail_that_is_too_large_the_head_is_read(server: ImapServer) -> None:
    """The rest stays in the mailbox."""
    server.said_sizes[1] = 51 * 1024 * 1024
    taking = Taking()
    mailbox(server).visit(taking)
    assert (taking.found[0].is_whole, taking.found[0].size) == (False, 51 * 1024 * 1024)
    assert taking.raws[0] == b"From: a@b.example\r\nSubject: one\r\n\r\n"


def test_a_visit_ends_after_some(server: ImapServer) -> None:
    """The next one goes on."""
    taking = Taking()
    assert mailbox(server).visit(taking, most=1) == 1
    assert server.unseen() == [2]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"password": "wrong"}, "refused"), ({"folder": "Nowhere"}, "cannot open the folder Nowhere")],
)
def test_what_the_server_refuses_is_said_with_the_remedy(
    server: ImapServer, changes: dict[str, Any], sentence: str
) -> None:
    """Without the password."""
    with pytest.raises(MailboxFailed, match=sentence) as caught:
        mailbox(server, **changes).visit(Taking())
    assert PASSWORD not in str(caught.value)


def test_a_server_that_is_not_there_is_said() -> None:
    """With the setting to check."""
    with imap_server() as gone:
        pass
    with pytest.raises(MailboxFailed, match="BREACH_MAILBOX_HOST"):
        mailbox(gone).check()


def test_the_mailbox_is_read_in_tls_and_only_from_a_server_that_is_trusted(tmp_path: Path) -> None:
    """With the authority that was set."""
    certificate = write_certificate(tmp_path)
    with imap_server(certificate) as server:
        server.put(FIRST)
        with pytest.raises(MailboxFailed, match="BREACH_MAILBOX_CA"):
            mailbox(server, security=MailSecurity.TLS).visit(Taking())
        taking = Taking()
        mailbox(server, security=MailSecurity.TLS, authority=certificate).visit(taking)
    assert taking.raws == [FIRST]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mailbox_user": "", "mailbox_password": "x"}, "BREACH_MAILBOX_USER"),
        ({"mailbox_user": "u", "mailbox_password": "x", "mailbox_security": "none"}, "in clear"),
        ({"mailbox_user": "u", "mailbox_password": "x", "mailbox_ca": "/nowhere/ca.pem"}, "is no file"),
        ({"mailbox_user": "u", "mailbox_password": "x", "mailbox_folder": "a\r\nb"}, "no name of a folder"),
    ],
)
def test_settings_that_cannot_work_are_said_before_anything_is_asked(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    """Mails and password never cross a network in clear."""
    with pytest.raises(ConfigurationError, match=sentence):
        mailbox_of(settings_for(tmp_path, mailbox_host="mail.us.example", **changes))


def test_without_a_host_no_mailbox_is_read(tmp_path: Path) -> None:
    """As it comes."""
    assert mailbox_of(settings_for(tmp_path)) is None
