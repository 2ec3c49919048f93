"""The mailbox of reports at a real IMAP server: Dovecot, in TLS, with the service killed while it reads."""

import imaplib
import shutil
import signal
import ssl
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.notify.smtp import write_certificate
from tests.system.conftest import Process, Running, free_port, until

pytestmark = pytest.mark.needs("dovecot")

USER, PASSWORD = "signalement@us.example", "not-a-secret-4711"
YEAR = time.gmtime().tm_year
CONFIGURATION = """
base_dir = {directory}/run
state_dir = {directory}/run
log_path = {directory}/dovecot.log
protocols = imap
auth_mechanisms = plain
first_valid_uid = 1
first_valid_gid = 1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={directory}/mail/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  mailbox Taken {{
    auto = create
  }}
}}
"""


@dataclass
class Dovecot:
    """A running server with one mailbox."""

    port: int
    certificate: Path

    def session(self) -> imaplib.IMAP4_SSL:
        """Signed in as the owner of the mailbox."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        found = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context, timeout=20)
        found.login(USER, PASSWORD)
        return found

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the inbox, unseen."""
        with self.session() as one:
            for raw in mails:
                status, said = one.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw)
                assert status == "OK", said

    def count(self, folder: str) -> int:
        """Mails in a folder."""
        with self.session() as one:
            _, [number] = one.select(folder, readonly=True)
            assert isinstance(number, bytes)
            return int(number)

    def answers(self) -> bool:
        try:
            self.session().logout()
        except (OSError, imaplib.IMAP4.abort):
            return False
        return True


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    """On loopback, in TLS only. Its directory has a short name: a socket's path holds some hundred characters."""
    server = Dovecot(free_port(), write_certificate(tmp_path))
    with tempfile.TemporaryDirectory(prefix="dovecot-") as directory:
        Path(directory).chmod(0o755)  # its processes run as users of their own
        (Path(directory) / "run").mkdir()
        (Path(directory) / "mail").mkdir()
        shutil.chown(Path(directory) / "mail", "mail", "mail")
        configuration = Path(directory) / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                directory=directory, certificate=server.certificate, port=server.port, password=PASSWORD
            )
        )  # fmt: skip
        process = Process(["dovecot", "-F", "-c", str(configuration)], tmp_path / "dovecot.out")
        try:
            until(server.answers, f"Dovecot did not answer: {tmp_path}")
            yield server
        finally:
            process.send(signal.SIGTERM)


def mail(number: int) -> bytes:
    """Somebody tells us of something."""
    return (
        f"From: Zoé <zoe{number}@else.example>\r\nTo: {USER}\r\nSubject: Fuite {number}\r\n"
        f"Message-ID: <{number}@else.example>\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: 8bit\r\n\r\nUn fichier de clients est en ligne, no {number}.\r\n"
    ).encode()


def test_each_mail_becomes_one_report_although_the_service_is_killed(dovecot: Dovecot, tmp_path: Path) -> None:
    """Taken mails move to their folder; after SIGKILL what was not taken is taken, and nothing twice."""
    running = Running(
        tmp_path, mailbox_host="127.0.0.1", mailbox_port=str(dovecot.port), mailbox_security="tls",
        mailbox_user=USER, mailbox_password=PASSWORD, mailbox_ca=str(dovecot.certificate), mailbox_address=USER,
        mailbox_taken_folder="Taken", mailbox_seconds="1",
    )  # fmt: skip
    running.start()
    running.set_up()
    dovecot.deliver(*map(mail, range(3)))
    until(lambda: dovecot.count("Taken") >= 1, "no mail was taken")
    assert running.process is not None
    dovecot.deliver(*map(mail, range(3, 9)))
    running.process.send(signal.SIGKILL)
    running.start()
    until(lambda: (dovecot.count("INBOX"), dovecot.count("Taken")) == (0, 9), "not every mail was taken")
    incidents = running.api("/incidents")
    assert sorted(one["title"] for one in incidents) == [f"Signalement SIG-{YEAR}-{n:04}" for n in range(1, 10)]
    running.process.send(signal.SIGTERM)
