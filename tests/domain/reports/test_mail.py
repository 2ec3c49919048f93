"""A mail becomes a report whatever it holds: its words, its files, who it is from, and whether a person wrote it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.inventory import Inventory
from breach_service.domain.reports import (
    LOOP_HEADER,
    Acquaintance,
    Automatic,
    Flaw,
    Report,
    ReporterKind,
    digest_of,
    report_of_mail,
)
from tests.domain.reports.mails import (
    DELIVERY_STATUS,
    HEAD,
    HOSTILE,
    HTML_ONLY,
    WINMAIL,
    plain,
    with_files,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
INVENTORY = Inventory.model_validate(
    {
        "organisations": [
            {"id": "us", "name": "Nous", "dpo": {"name": "Noé Varenne", "email": "dpo@us.example"}},
        ],
        "clients": [
            {"id": "vernolles", "name": "Commune de Vernolles",
             "contacts": [{"name": "Maud Sabran", "email": "dgs@vernolles.example"}]},
            {"id": "petit", "name": "Petit client", "contacts": [{"name": "Ada", "email": "ada.petit@gmail.com"}]},
        ],
        "providers": [
            {"id": "hebergeur", "name": "Hébergeur", "service": {"fr": "Hébergement"},
             "contact": {"name": "NOC", "email": "noc@hebergeur.example"}},
        ],
    }
)  # fmt: skip
KNOWN = Acquaintance(INVENTORY, frozenset({"signalement@us.example", "breach@us.example", "us.example"}))


def read(raw: bytes) -> Report:
    return report_of_mail(raw, NOW, known=KNOWN)


# What it says ---------------------------------------------------------------------------------------------------------


def test_a_plain_mail_is_read_with_who_when_and_what() -> None:
    """Its instant is when it reached us, not what it says of itself; that is kept beside it."""
    raw = plain("Dossiers de l’aide sociale")
    arrived_at = NOW - timedelta(hours=2)
    found = report_of_mail(raw, NOW, arrived_at=arrived_at, known=KNOWN)
    assert (found.subject, found.words) == ("Dossiers de l’aide sociale", "Nos dossiers sont en ligne.")
    assert (found.reporter.kind, found.reporter.party) == (ReporterKind.CLIENT, "vernolles")
    assert (found.reporter.name, found.reporter.contact) == ("Maud Sabran", "dgs@vernolles.example")
    assert (found.told_at, found.received_at) == (arrived_at, NOW)
    assert found.written_at == datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert found.digest == digest_of(raw)
    assert (found.automatic, found.answer_to, found.flaws) == (None, "dgs@vernolles.example", frozenset())


def test_nobody_told_us_later_than_now() -> None:
    """A mail server whose clock is wrong moves no clock of ours ahead."""
    assert report_of_mail(plain(), NOW, arrived_at=NOW + timedelta(days=3)).told_at == NOW


def test_files_and_forwarded_mails_are_attachments_and_their_words_are_read() -> None:
    """A name has no directories; what says the same twice is read once."""
    found = read(with_files())
    assert "Nous avons reçu ceci." in found.words
    assert found.words.count("reçu") == 1
    assert "Voici un extrait." in found.words
    assert "From: pirate@evil.example" in found.words
    names = {one.name: one for one in found.attachments}
    assert set(names) == {"image.png", "capture d’écran.pdf", "Vos données.eml", "extrait.csv"}
    assert names["image.png"].is_inline
    assert names["extrait.csv"].content.startswith(b"nom;iban")
    assert names["extrait.csv"].digest == digest_of(names["extrait.csv"].content)


def test_a_mail_of_html_alone_becomes_words_without_style_and_script() -> None:
    """In the character set that it names."""
    found = read(HTML_ONLY)
    assert found.words == "L'été & l'hiver\n\na b"
    assert Flaw.HTML_ONLY in found.flaws


def test_a_container_of_outlook_is_kept_and_named() -> None:
    """Nobody pretends to have read it."""
    found = read(WINMAIL)
    assert [one.name for one in found.attachments] == ["winmail.dat"]
    assert Flaw.WINMAIL in found.flaws


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (HEAD + b"\r\nl'\xc3\xa9t\xc3\xa9", "l'été"),
        (HEAD + b"\r\nl'\xe9t\xe9", "l'été"),
        (HEAD + b"Content-Type: text/plain; charset=us-ascii\r\n\r\nl'\xc3\xa9t\xc3\xa9", "l'été"),
        (HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\x80 5", "€ 5"),
        (HEAD + b"Content-Type: text/plain; charset=nope\r\n\r\nl'\xe9t\xe9", "l'été"),
    ],
)
def test_a_wrong_character_set_costs_no_word(raw: bytes, words: str) -> None:
    """What is not what it says is read as what it most likely is."""
    assert read(raw).words == words


def test_encoded_words_of_a_subject_are_read() -> None:
    """In several pieces and sets, as mail programs write them."""
    raw = b"Subject: =?utf-8?Q?Fuite_de_donn=C3=A9es?= =?iso-8859-1?Q?_=E0_signaler?=\r\n\r\nx"
    assert read(raw).subject == "Fuite de données à signaler"


def test_a_mail_that_is_too_large_is_read_by_its_head() -> None:
    """Who and when are known, and that the rest stands in the mailbox."""
    found = report_of_mail(HEAD + b"\r\n", NOW, known=KNOWN, is_whole=False)
    assert (found.reporter.party, found.subject, found.flaws) == ("vernolles", "Fuite", frozenset({Flaw.TOO_LARGE}))


# Who it is from -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "kind", "party"),
    [
        ("dgs@vernolles.example", ReporterKind.CLIENT, "vernolles"),
        ("etat-civil@mairie.vernolles.example", ReporterKind.CLIENT, "vernolles"),
        ("NOC@Hebergeur.Example", ReporterKind.PROVIDER, "hebergeur"),
        ("ada.petit@gmail.com", ReporterKind.CLIENT, "petit"),
        ("somebody@gmail.com", ReporterKind.UNKNOWN, ""),
        ("evil@notvernolles.example", ReporterKind.UNKNOWN, ""),
        ("noe@us.example", ReporterKind.EMPLOYEE, ""),
        ("violations@cnil.fr", ReporterKind.AUTHORITY, ""),
        ("x@cnil.fr.evil.example", ReporterKind.UNKNOWN, ""),
    ],
)
def test_the_inventory_says_who_an_address_belongs_to(sender: str, kind: ReporterKind, party: str) -> None:
    """By the address or its domain; at a mail provider only by the very address."""
    found = read(plain(From=sender)).reporter
    assert (found.kind, found.party) == (kind, party)


# Automatic or not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (plain(Auto_Submitted="auto-replied"), Automatic.AUTO_REPLY),
        (plain(Auto_Submitted="auto-replied (vacation)", Return_Path="<>"), Automatic.AUTO_REPLY),
        (plain(Auto_Submitted="auto-generated"), Automatic.AUTO_GENERATED),
        (plain(Auto_Submitted="no"), None),
        (plain(X_Autoreply="yes"), Automatic.AUTO_REPLY),
        (plain(X_Autorespond="no"), None),
        (plain(Precedence="bulk"), Automatic.MASS),
        (plain(Precedence="auto_reply"), Automatic.AUTO_REPLY),
        (plain(List_Id="<news.example>"), Automatic.MASS),
        (plain(List_Unsubscribe="<https://x.example>"), Automatic.MASS),
        (plain(Return_Path="<>"), Automatic.DELIVERY_STATUS),
        (plain(From="MAILER-DAEMON@mx.example"), Automatic.DELIVERY_STATUS),
        (plain("Undeliverable: Fuite", From="postmaster@mx.example"), Automatic.DELIVERY_STATUS),
        (plain("Une fuite chez vous", From="postmaster@mx.example"), None),
        (plain("Réponse automatique : Fuite"), Automatic.AUTO_REPLY),
        (plain("Out of Office: Fuite"), Automatic.AUTO_REPLY),
        (plain("Votre réponse automatique contient des données"), None),
        (plain(X_Spam_Flag="YES"), Automatic.SPAM),
        (plain(X_Auto_Response_Suppress="DR, NDR"), None),
        (plain(**{LOOP_HEADER: "us.example"}), Automatic.LOOP),
        (plain(**{LOOP_HEADER: "another.example"}), None),
        (plain(From="breach@us.example"), Automatic.LOOP),
        (DELIVERY_STATUS, Automatic.DELIVERY_STATUS),
    ],
)
def test_what_no_person_wrote_is_recognised_with_the_reason(raw: bytes, reason: Automatic | None) -> None:
    """RFC 3834, lists, bounces, absences and our own; what only looks a little like them is a person's."""
    found = read(raw)
    assert found.automatic is reason
    assert (found.answer_to == "") is (reason is not None)


def test_whoever_asks_for_no_automatic_answer_gets_none() -> None:
    """And is a person all the same."""
    found = read(plain(X_Auto_Response_Suppress="OOF, AutoReply"))
    assert (found.automatic, found.answer_to) == (None, "")


def test_an_answer_to_a_mail_of_ours_is_known_by_its_references() -> None:
    """By a Message-ID as we make them, or by a number in the subject; a mail of a colleague is none of ours."""
    ours = f"<{'0a' * 20}@us.example>"
    found = read(plain("Re: sig-2026-0007 : suite", In_Reply_To="<x@us.example>", References=f"<y@z.example> {ours}"))
    assert found.in_reply_to == (ours, "SIG-2026-0007")
    assert read(plain(In_Reply_To="<x@us.example>")).in_reply_to == ()
    assert read(plain(In_Reply_To=f"<{'0a' * 20}@elsewhere.example>")).in_reply_to == ()


# Whatever comes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_a_report_too(name: str) -> None:
    """It is read as far as it goes, quickly, and its original is known by its digest; every text can be stored."""
    check(HOSTILE[name], read(HOSTILE[name]))


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_report(raw: bytes) -> None:
    """Reading never fails."""
    check(raw, read(raw))


PIECES = [b"From: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=b", b"message/rfc822", b"text/html",
          b"Content-Transfer-Encoding: base64", b"; charset=", b"utf-7", b"iso-2022-jp", b"; name*0*=", b"=?utf-8?q?",
          b"=?utf-8?b?", b"?=", b"--b", b"--b--", b"\r\n", b"\r\n\r\n", b"\n ", b"<", b"@", b"(", b'"', b"\\", b"\xff",
          b"\0", b"Date: ", b"References: <", b"=E9", b"AAAA", b"\x1b$B",
          b"Content-Disposition: attachment"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_pieces_of_mails_are_a_report(pieces: list[bytes]) -> None:
    """Also where they look a little like a mail."""
    raw = b"".join(pieces)
    check(raw, read(raw))


def check(raw: bytes, found: Report) -> None:
    assert found.digest == digest_of(raw)
    assert found.told_at == NOW
    texts = [
        found.words, found.subject, found.reporter.name, found.reporter.contact, found.message_id, found.answer_to,
        *found.in_reply_to, *(one.name for one in found.attachments), *(one.media_type for one in found.attachments),
    ]  # fmt: skip
    for one in texts:
        assert "\0" not in one
        one.encode("utf-8")
    assert len(found.words) <= 100_000
    assert len(found.subject) <= 500
    assert "\n" not in found.answer_to
