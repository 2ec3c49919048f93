"""Invitations and new passwords by mail, from the form to the mailbox and back, through a real mail server."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from breach_service.acts.people import accounts, links
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.app import OPERATOR, mail_of
from breach_service.domain.access import Actor, UserRole
from breach_service.store import outbox
from breach_service.store.tables import OutboxRow
from tests.conftest import settings_for
from tests.notify.smtp import Mailbox, mail_server
from tests.web.edge import ORIGIN, PASSWORD, Edge, forms_in, shared_edge, text_in

PUBLIC = "https://breach.us.example"
ADMIN = Actor("Ada", UserRole.ADMIN, person=999)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as found:
        yield found


def posting(box: Mailbox) -> dict[str, Any]:
    """The settings that lead there."""
    return {
        "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none", "smtp_from": "breach@us.example",
        "public_url": PUBLIC,
    }  # fmt: skip


@pytest.fixture
def edge(tmp_path: Path, box: Mailbox) -> Iterator[Edge]:
    """An application with a mail server."""
    with shared_edge(tmp_path, **posting(box)) as found:
        yield found


def browser_of(edge: Edge) -> TestClient:
    """Somebody who comes by https, as the public address says; and whose pages come from there."""
    browser = edge.browser(base=PUBLIC)
    browser.headers["origin"] = PUBLIC
    return browser


def add(edge: Edge, email: str, language: str = "en", password: str | None = PASSWORD) -> int:
    return edge.service.database.write(
        lambda session: accounts.add_user(
            session, OPERATOR, email, UserRole.DPO, password, edge.now, name=email.partition("@")[0], language=language
        )
    )


def link_in(text: str) -> str:
    [url] = re.findall(rf"{re.escape(PUBLIC)}/sign-in/link\?token=\S+", text)
    return str(url).removeprefix(PUBLIC)


def settled(edge: Edge) -> None:
    """What was queued behind the answers is done: the writer takes one after the other."""
    edge.settle()
    edge.work()


def ask(edge: Edge, email: str, browser: TestClient | None = None) -> Any:
    browser = browser or browser_of(edge)
    form = forms_in(browser.get("/sign-in/forgotten").text)["/sign-in/forgotten"]
    return form.send(browser, email=email)


def choose(browser: TestClient, path: str, password: str) -> Any:
    answer = browser.get(path, follow_redirects=True)
    return forms_in(answer.text)["/sign-in/link"].send(browser, password=password, again=password)


def sign_in(browser: TestClient, email: str, password: str) -> int:
    return browser.post("/sign-in", data={"email": email, "password": password}).status_code


def test_an_invitation_goes_by_mail_in_the_language_of_its_person(edge: Edge, box: Mailbox) -> None:
    """And is shown to nobody else: whoever sees the link could take the account."""
    admin = edge.person(UserRole.ADMIN)
    admin.base_url = PUBLIC
    edge.service.database.write(
        lambda session: links.invite(
            session, ADMIN, add_in(session, edge, "noe@us.example", "fr"), edge.now, edge.service.cipher
        )
    )
    edge.work()
    [got] = box.mails
    assert (got["subject"], got["to"]) == ("Votre compte dans breach_service", "noe@us.example")
    assert "Bonjour noe," in got.get_content()
    assert "Ada vous a ouvert un compte" in got.get_content()
    browser = browser_of(edge)
    assert choose(browser, link_in(got.get_content()), "a password of my own").status_code == 303
    assert sign_in(browser, "noe@us.example", "a password of my own") == 303


def add_in(session: Any, edge: Edge, email: str, language: str) -> int:
    return accounts.add_user(session, OPERATOR, email, UserRole.DPO, None, edge.now, language=language)


def test_the_page_sends_the_invitation_and_shows_no_link(edge: Edge, box: Mailbox) -> None:
    """A banner says that it is on its way."""
    admin = browser_of(edge)
    add_admin(edge)
    sign_in(admin, "ada@us.example", PASSWORD)
    answer = forms_in(admin.get("/people").text)["/people"].send(
        admin, email="ines@us.example", role="viewer", language="en"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/people?done=invited")
    made = admin.post("/api/v1/people", json={"email": "ana@us.example", "role": "viewer"})
    assert (made.json()["is_mailed"], made.json()["link"]) == (True, None)
    edge.work()
    assert sorted(str(one["to"]) for one in box.mails) == ["ana@us.example", "ines@us.example"]


def add_admin(edge: Edge) -> None:
    edge.service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, "ada@us.example", UserRole.ADMIN, PASSWORD, edge.now)
    )


def test_a_new_password_ends_every_session_and_is_told(edge: Edge, box: Mailbox) -> None:
    """Asked for on the page, chosen behind the link of the mail; the thief of a session is out."""
    add(edge, "zoe@us.example")
    thief, owner = browser_of(edge), browser_of(edge)
    assert sign_in(thief, "zoe@us.example", PASSWORD) == 303
    assert ask(edge, "ZOE@us.example", owner).status_code == 200
    settled(edge)
    [got] = box.mails
    assert got["to"] == "zoe@us.example"
    assert thief.get("/register").status_code == 200, "asking alone ends nothing"
    assert choose(owner, link_in(got.get_content()), "a password of my own").status_code == 303
    assert thief.get("/register").status_code == 303
    assert sign_in(thief, "zoe@us.example", PASSWORD) == 401
    assert sign_in(owner, "zoe@us.example", "a password of my own") == 303
    edge.work()
    assert "Your password was changed." in box.texts()[-1]
    assert owner.get(link_in(got.get_content()), follow_redirects=True).status_code == 410


def test_the_answer_is_the_same_whoever_is_named(edge: Edge, box: Mailbox) -> None:
    """Byte for byte, but for the clock, which stands still here."""
    add(edge, "zoe@us.example")
    known, unknown, nonsense = (ask(edge, one) for one in ("zoe@us.example", "nobody@us.example", "'--"))
    assert known.text == unknown.text == nonsense.text
    assert (known.status_code, unknown.status_code, nonsense.status_code) == (200, 200, 200)
    assert dict(known.headers) == dict(unknown.headers)
    settled(edge)
    assert [str(one["to"]) for one in box.mails] == ["zoe@us.example"]


def test_whoever_asks_too_often_waits(edge: Edge, box: Mailbox) -> None:
    """From one address, whoever they name; after a while it goes on."""
    browser = browser_of(edge)
    answers = []
    for number in range(25):
        answers.append(browser.post("/sign-in/forgotten", data={"email": f"n{number}@us.example"}).status_code)
        settled(edge)
    assert answers[:20] == [200] * 20
    assert set(answers[20:]) == {429}
    edge.clock.at += timedelta(hours=1)
    assert browser.post("/sign-in/forgotten", data={"email": "n@us.example"}).status_code == 200
    edge.clock.at -= timedelta(hours=1)


def test_another_site_cannot_have_mails_sent(edge: Edge, box: Mailbox) -> None:
    """A form elsewhere that a visitor is made to send."""
    add(edge, "zoe@us.example")
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = edge.browser().post("/sign-in/forgotten", data={"email": "zoe@us.example"}, headers=elsewhere)
    assert answer.status_code == 403
    settled(edge)
    assert box.mails == []


def test_a_link_leads_to_the_address_of_the_settings(edge: Edge, box: Mailbox) -> None:
    """Never to the host that the request named: whoever asks could name their own."""
    add(edge, "zoe@us.example")
    edge.browser().post(
        "/sign-in/forgotten", data={"email": "zoe@us.example"},
        headers={"host": "evil.example", "x-forwarded-host": "evil.example", "origin": "http://evil.example"},
    )  # fmt: skip
    settled(edge)
    assert "evil.example" not in box.texts()[0]
    assert f"{PUBLIC}/sign-in/link" in box.texts()[0]


def test_mail_waits_for_a_server_and_goes_out_once_there_is_one(tmp_path: Path, box: Mailbox) -> None:
    """The page of people says so; no attempt is counted meanwhile, and nobody is sent a link that opens no more."""
    with shared_edge(tmp_path) as edge:
        number = add(edge, "zoe@us.example", password=None)
        late = add(edge, "late@us.example", password=None)
        told = Told(ToldKind.HANDED_OVER, {"from": "Noé"}, "/account/handover")
        cipher = edge.service.cipher
        edge.service.database.write(lambda session: tell_people(session, cipher, [number], told, "x", edge.now))
        edge.service.database.write(lambda session: links.invite(session, ADMIN, late, edge.now, cipher))
        for _ in range(3):
            edge.work()
        with edge.service.database.reading() as session:
            rows = session.exec(select(OutboxRow).where(OutboxRow.channel == "mail")).all()
            assert [(one.attempts, one.done_at, one.given_up_at) for one in rows] == [(0, None, None)] * 2
        assert "2 mails wait" in text_in(edge.person(UserRole.ADMIN).get("/people").text)
        forgotten = edge.browser()
        forgotten.cookies.set("breach_language", "en")
        assert "sends no mail" in forgotten.get("/sign-in/forgotten").text
        assert forgotten.post("/sign-in/forgotten", data={"email": "zoe@us.example"}).status_code == 200
        edge.clock.at += timedelta(hours=25)
        edge.service.mail = mail_of(settings_for(tmp_path, **posting(box)))
        worker = edge.service.worker()
        while worker.turn(edge.now):
            pass
        with edge.service.database.reading() as session:
            assert "mail" not in outbox.pending(session)
    assert [str(one["to"]) for one in box.mails] == ["zoe@us.example"]
    assert "The open work of Noé is to become yours" in box.texts()[0]


def test_a_mail_is_tried_again_until_the_server_takes_it(edge: Edge, box: Mailbox) -> None:
    """Later and later; given up where the address is refused for good."""
    number = add(edge, "zoe@us.example")
    cipher = edge.service.cipher
    box.answers["RCPT"] = "450 4.2.1 try later"
    told = Told(ToldKind.TEST, {"code": "123456"})
    edge.service.database.write(lambda session: tell_people(session, cipher, [number], told, "a", edge.now))
    edge.work()
    assert box.mails == []
    del box.answers["RCPT"]
    edge.clock.at += timedelta(minutes=1)
    edge.work()
    assert "Code to enter on your account page: 123456" in box.texts()[0]
    box.answers["RCPT"] = "550 5.1.1 unknown"
    edge.service.database.write(lambda session: tell_people(session, cipher, [number], told, "b", edge.now))
    edge.work()
    with edge.service.database.reading() as session:
        [row] = session.exec(select(OutboxRow).where(OutboxRow.given_up_at != None)).all()  # noqa: E711  # SQL
    assert row.error == "refused"


def test_nobody_who_left_is_told_anything(edge: Edge, box: Mailbox) -> None:
    """What was queued before is dropped."""
    number = add(edge, "zoe@us.example")
    told = Told(ToldKind.NAMED, {}, "/incidents/INC-2026-0001")

    def work(session: Any) -> None:
        tell_people(session, edge.service.cipher, [number], told, "x", edge.now)
        accounts.disable(session, OPERATOR, number, edge.now, reason="Left.", for_security=True)

    edge.service.database.write(work)
    edge.work()
    assert [str(one["to"]) for one in box.mails if one["to"] == "zoe@us.example"] == []


WORDS: dict[ToldKind, dict[str, str]] = {
    ToldKind.INVITATION: {"name": "Zoé", "by": "Ada", "until": "2026-11-24T08:00:00+00:00"},
    ToldKind.NEW_PASSWORD: {"name": "Zoé", "until": "2026-11-24T08:00:00+00:00"},
    ToldKind.SECURITY_CHANGED: {"what": "totp_added"},
    ToldKind.TEST: {},
    ToldKind.GLASS_BROKEN: {
        "incident": "INC-2026-0001", "person": "Yanis", "until": "2026-11-24T08:00:00+00:00", "days": "0",
    },
    ToldKind.NOBODY_DECIDES: {"organisation": "Atelier Mirabel", "days": "2026-11-30 2026-12-01"},
    ToldKind.HANDED_OVER: {},
    ToldKind.NAMED: {},
}  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_that_persons_are_told_has_words(edge: Edge, box: Mailbox, language: str) -> None:
    """In both languages, with the link under the public address."""
    number = add(edge, "zoe@us.example", language)
    assert set(WORDS) == set(ToldKind)

    def work(session: Any) -> None:
        for kind, words in WORDS.items():
            tell_people(session, edge.service.cipher, [number], Told(kind, words, "/there?x=1"), str(kind), edge.now)

    edge.service.database.write(work)
    edge.work()
    assert len(box.mails) == len(WORDS)
    for one in box.mails:
        text = one.get_content()
        assert one["subject"]
        assert text.startswith("Bonjour zoe," if language == "fr" else "Hello zoe,")
        assert f"\n{PUBLIC}/there?x=1\n" in text
    assert ORIGIN not in repr(box.texts())
