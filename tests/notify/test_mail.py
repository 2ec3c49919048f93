"""Mail by SMTP, spoken with a real server: encrypted, signed in, written so that nobody is misled or told on."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breach_service.app import mail_of
from breach_service.errors import ConfigurationError
from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.notify.mail import Mail, MailChannel, MailSecurity, MailServer
from tests.conftest import settings_for
from tests.notify.smtp import PASSWORD, USER, Mailbox, mail_server, write_certificate

FROM = "Service des incidents <breach@us.example>"
TO = "zoe.éclair@us.example"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server in clear, as a relay on the same machine is."""
    with mail_server() as found:
        yield found


def channel(box: Mailbox, security: MailSecurity = MailSecurity.NONE, **more: object) -> MailChannel:
    return MailChannel(MailServer("127.0.0.1", box.port, security, FROM, **more))  # type: ignore[arg-type]


def mail(to: str = "zoe@us.example", subject: str = "Accès", text: str = "Bonjour Zoé,\n\nÀ bientôt.\n") -> Mail:
    return Mail(to, subject, text, "person:5:abc", AT)


def test_a_mail_arrives_as_it_was_written(box: Mailbox) -> None:
    """French letters, one recipient, its date, and a mark that no machine answers."""
    channel(box).send(mail())
    [got] = box.mails
    assert (got["subject"], got["to"], got["from"]) == ("Accès", "zoe@us.example", FROM)
    assert got.get_content() == "Bonjour Zoé,\n\nÀ bientôt.\n"
    assert got["date"].datetime == AT
    assert got["auto-submitted"] == "auto-generated"
    assert box.envelopes == [("breach@us.example", ["zoe@us.example"])]


def test_the_same_mail_sent_twice_is_recognised(box: Mailbox) -> None:
    """By its Message-ID, which says nothing of the key or the person."""
    for _ in range(2):
        channel(box).send(mail())
    first, second = box.mails
    assert first["message-id"] == second["message-id"]
    assert "abc" not in first["message-id"]
    assert first["message-id"].endswith("@us.example>")


def test_an_address_in_other_letters_is_written_to(box: Mailbox) -> None:
    """RFC 6531, where the server can."""
    channel(box).send(mail(TO))
    assert box.envelopes[0][1] == [TO]


def test_a_long_link_arrives_whole(box: Mailbox) -> None:
    """Lines are wrapped on the way and put together again."""
    link = "https://breach.us.example/sign-in/link?token=" + "x" * 400
    channel(box).send(mail(text=f"Open:\n\n{link}\n"))
    assert link in box.texts()[0].splitlines()


@pytest.mark.parametrize(
    "header", ["a@us.example\nBcc: b@us.example", "a@us.example\r\n\r\nAnother mail", "", "no address"]
)
def test_no_address_writes_a_header(box: Mailbox, header: str) -> None:
    """A line break in an address or a subject adds no recipient; the error does not repeat it."""
    with pytest.raises(DeliveryFailed) as failed:
        channel(box).send(mail(header))
    assert "us.example" not in str(failed.value)
    assert box.mails == []


def test_a_subject_writes_no_header(box: Mailbox) -> None:
    """Whatever stands in it."""
    with pytest.raises(DeliveryFailed):
        channel(box).send(mail(subject="Hello\nBcc: b@us.example"))
    assert box.mails == []


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_server_of_a_known_authority_is_spoken_to_in_secret(tmp_path: Path, security: MailSecurity) -> None:
    """Signed in after the encryption began, never before."""
    certificate = write_certificate(tmp_path)
    with mail_server(security, certificate, with_login=True) as box:
        channel(box, security, user=USER, password=PASSWORD, authority=certificate).send(mail())
        channel(box, security, user=USER, password=PASSWORD, authority=certificate).check()
    assert box.was_encrypted == [True]
    assert box.signed_in_as == [USER, USER]
    assert len(box.mails) == 1


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
@pytest.mark.parametrize("name", ["127.0.0.1", "other.us.example"])
def test_a_server_that_cannot_be_trusted_hears_nothing(tmp_path: Path, security: MailSecurity, name: str) -> None:
    """Of an authority that nobody knows, or with the certificate of another name."""
    certificate = write_certificate(tmp_path, name)
    authority = certificate if name != "127.0.0.1" else None
    with (
        mail_server(security, certificate, with_login=True) as box,
        pytest.raises(DeliveryFailed, match="cannot be trusted") as failed,
    ):
        channel(box, security, user=USER, password=PASSWORD, authority=authority).send(mail())
    assert not failed.value.is_permanent
    assert (box.mails, box.signed_in_as) == ([], [])


def test_a_server_without_starttls_is_refused(box: Mailbox) -> None:
    """Nobody in between can talk us out of the encryption."""
    with pytest.raises(DeliveryFailed, match="offers no STARTTLS") as failed:
        channel(box, MailSecurity.STARTTLS).send(mail())
    assert failed.value.reason is DeliveryFault.REFUSED
    assert box.mails == []


def test_a_wrong_password_is_said_without_saying_it(tmp_path: Path) -> None:
    """And is tried again later: an operator corrects it, the message is not lost."""
    certificate = write_certificate(tmp_path)
    with mail_server("starttls", certificate, with_login=True) as box:
        wrong = channel(box, MailSecurity.STARTTLS, user=USER, password="a wrong secret", authority=certificate)
        with pytest.raises(DeliveryFailed, match="BREACH_SMTP_PASSWORD") as failed:
            wrong.send(mail())
    assert not failed.value.is_permanent
    assert "a wrong secret" not in f"{failed.value!s} {failed.value!r} {wrong.__dict__}"


@pytest.mark.parametrize(
    ("command", "answer", "is_permanent", "reason"),
    [
        ("RCPT", "550 5.1.1 zoe@us.example is unknown here", True, DeliveryFault.REFUSED),
        ("RCPT", "450 4.2.1 zoe@us.example: try later", False, DeliveryFault.RATE_LIMITED),
        ("MAIL", "553 5.7.1 not your address", False, DeliveryFault.REFUSED),
        ("DATA", "554 5.6.0 zoe@us.example: refused", True, DeliveryFault.REFUSED),
        ("DATA", "451 4.3.0 try later", False, DeliveryFault.RATE_LIMITED),
    ],
)
def test_what_a_server_answers_is_understood(
    box: Mailbox, command: str, answer: str, is_permanent: bool, reason: DeliveryFault
) -> None:
    """Given up where the address or the mail is refused for good; an address is never repeated."""
    box.answers[command] = answer
    with pytest.raises(DeliveryFailed) as failed:
        channel(box).send(mail())
    assert (failed.value.is_permanent, failed.value.reason) == (is_permanent, reason)
    assert "zoe" not in str(failed.value)


def test_a_server_that_is_away_is_tried_again() -> None:
    """The port of nobody."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DeliveryFailed, match="cannot be reached") as failed:
        channel(Mailbox(port)).send(mail())
    assert (failed.value.reason, failed.value.is_permanent) == (DeliveryFault.UNREACHABLE, False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"public_url": ""}, "BREACH_PUBLIC_URL is not"),
        ({"smtp_from": ""}, "BREACH_SMTP_FROM"),
        ({"smtp_from": "a@us.example\nBcc: b@us.example"}, "BREACH_SMTP_FROM"),
        ({"smtp_user": "breach"}, "belong together"),
        ({"smtp_user": "breach", "smtp_password": "secret", "smtp_security": "none"}, "in clear"),
        ({"smtp_ca": Path("/nowhere/ca.pem")}, "is no file"),
    ],
)
def test_settings_that_cannot_work_end_the_start(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    """With what to do, and without the password."""
    given = {"smtp_host": "mail.us.example", "smtp_from": FROM, "public_url": "https://breach.us.example", **changes}
    with pytest.raises(ConfigurationError, match=sentence) as failed:
        mail_of(settings_for(tmp_path, **given))
    assert "secret" not in str(failed.value).replace("BREACH_SMTP_SECURITY", "")


def test_without_a_server_there_is_no_channel(tmp_path: Path) -> None:
    """Messages to persons wait then."""
    assert mail_of(settings_for(tmp_path)) is None
