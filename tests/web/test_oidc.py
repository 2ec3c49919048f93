"""People who come from a provider of identities, and those who pretend to: a browser, our pages, a real HTTP server."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from breach_service.acts.people import accounts, links
from breach_service.acts.signing import federated, provider_links
from breach_service.app import OPERATOR
from breach_service.domain.access import Actor, UserRole
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.store import people
from breach_service.store.tables import UserRow
from tests.conftest import Clock
from tests.notify.hostile_provider import CLIENT, SECRET, HostileProvider, hostile_provider
from tests.web.edge import ORIGIN, PASSWORD, Edge, forms_in, shared_edge, text_in

GROUPS = "watch=viewer; respond=responder; CN=dpo,OU=law=dpo; decide=decider; run=admin"


@pytest.fixture
def theirs(clock: Clock) -> Iterator[HostileProvider]:
    with hostile_provider(clock) as one:
        one.claims["groups"] = ["CN=dpo,OU=law"]
        yield one


@pytest.fixture
def edge(theirs: HostileProvider, clock: Clock, tmp_path: Path) -> Iterator[Edge]:
    with shared_edge(tmp_path, **provided(theirs)) as one:
        one.service.now = clock
        object.__setattr__(one.app.state.context, "now", clock)
        yield one


def provided(theirs: HostileProvider, **changes: Any) -> dict[str, Any]:
    """The settings of a service with that provider."""
    return {
        "oidc_issuer": theirs.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_groups": GROUPS,
        "oidc_name": "Annuaire Mirabel", "public_url": ORIGIN, **changes,
    }  # fmt: skip


def begin(browser: TestClient, path: str = "/oidc/sign-in") -> str:
    """Where the service sends a browser that wants to sign in."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def sign_in(browser: TestClient, theirs: HostileProvider, path: str = "/oidc/sign-in") -> Any:
    """What the browser gets when it comes back from the provider."""
    return browser.get(theirs.visit(begin(browser, path)))


def account(edge: Edge, email: str) -> UserRow:
    with edge.service.database.reading() as session:
        row = people.user_by_email(session, email)
        assert row is not None, email
        return row


def counted(edge: Edge, table: str) -> int:
    with edge.service.database.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def is_in(browser: TestClient) -> bool:
    return bool(browser.get("/incidents").status_code == 200)


def noted(edge: Edge) -> list[str]:
    """What stands in the chronology about access, in order."""
    with edge.service.database.reading() as session:
        rows = session.execute(
            text("SELECT words FROM timeline_detail JOIN timeline_entry ON id = entry_id WHERE kind = 'access_changed' "
                 "ORDER BY entry_id")
        ).scalars()  # fmt: skip
        return [str(json.loads(one)["note"]) for one in rows]


def test_somebody_comes_in_with_the_role_of_their_groups(edge: Edge, theirs: HostileProvider) -> None:
    """From the button to the page that was asked for; the account is made, and belongs to issuer and subject."""
    browser = edge.browser()
    assert browser.get("/incidents").headers["location"].startswith("/sign-in?next=")
    page = browser.get("/sign-in?next=/register").text
    assert "Annuaire Mirabel" in page
    assert 'href="/oidc/sign-in?next=/register"' in page
    answer = sign_in(browser, theirs, "/oidc/sign-in?next=/register")
    assert (answer.status_code, answer.headers["location"]) == (303, "/register")
    assert browser.get("/register").status_code == 200
    row = account(edge, "noe@us.example")
    assert (row.role, row.oidc_issuer, row.oidc_subject) == ("dpo", theirs.issuer, "noe")
    assert row.password_hash is None
    assert noted(edge)[-1] == "account_added"


def test_no_password_opens_an_account_of_the_provider(edge: Edge, theirs: HostileProvider) -> None:
    """None was given, and none can be asked for."""
    sign_in(edge.browser(), theirs)
    stranger = edge.browser()
    answer = stranger.post("/sign-in", data={"email": "noe@us.example", "password": PASSWORD})
    assert answer.status_code in (401, 422)
    with edge.service.database.reading() as session:
        before = session.execute(text("SELECT count(*) FROM one_time_link")).scalar_one()
    edge.service.database.write(
        lambda session: links.ask_for_new_password(session, "noe@us.example", edge.now, edge.service.cipher)
    )
    assert counted(edge, "one_time_link") == before


def test_the_highest_role_of_several_groups_counts(edge: Edge, theirs: HostileProvider) -> None:
    """In the order that is declared."""
    theirs.claims["groups"] = ["watch", "decide", "respond", "unknown"]
    sign_in(edge.browser(), theirs)
    assert account(edge, "noe@us.example").role == "decider"


def test_who_is_in_no_known_group_leaves_no_trace(edge: Edge, theirs: HostileProvider) -> None:
    """Refused with whom to ask; no account, no session, no cookie. Names of groups are compared to the letter."""
    browser, before = edge.browser(), counted(edge, "user_account")
    for groups in ([], ["unknown"], None, ["CN=DPO,OU=law"], [" watch"], "watch respond"):
        theirs.claims["groups"] = groups
        answer = sign_in(browser, theirs)
        assert answer.status_code == 403
        assert "Annuaire Mirabel" in text_in(answer.text)
        assert "administrat" in text_in(answer.text)
        assert not is_in(browser)
    assert counted(edge, "user_account") == before
    assert counted(edge, "session") == 0


def test_the_role_is_read_again_at_every_sign_in(edge: Edge, theirs: HostileProvider) -> None:
    """A higher one leaves other sessions be; a lower one ends them, and the new one has it."""
    first, second, third = edge.browser(), edge.browser(), edge.browser()
    theirs.claims["groups"] = ["watch"]
    sign_in(first, theirs)
    theirs.claims["groups"] = ["respond"]
    sign_in(second, theirs)
    assert is_in(first)
    assert account(edge, "noe@us.example").role == "responder"
    theirs.claims["groups"] = ["watch"]
    sign_in(third, theirs)
    assert (is_in(first), is_in(second), is_in(third)) == (False, False, True)
    assert account(edge, "noe@us.example").role == "viewer"


def test_who_lost_their_last_group_loses_their_sessions(edge: Edge, theirs: HostileProvider) -> None:
    """When they sign in again, since that is when it is known."""
    browser = edge.browser()
    sign_in(browser, theirs)
    theirs.claims["groups"] = []
    assert sign_in(edge.browser(), theirs).status_code == 403
    assert not is_in(browser)


def test_a_disabled_account_stays_out(edge: Edge, theirs: HostileProvider) -> None:
    """Whatever the provider says; and an account of that address is not made anew."""
    browser = edge.browser()
    sign_in(browser, theirs)
    number = account(edge, "noe@us.example").id or 0
    edge.service.database.write(
        lambda session: accounts.disable(session, OPERATOR, number, edge.now, reason="left", for_security=True)
    )
    answer = sign_in(browser, theirs)
    assert answer.status_code == 403
    assert not is_in(browser)
    theirs.subject = "another"
    assert sign_in(edge.browser(), theirs).status_code == 403


def test_an_address_alone_gives_nobody_an_account(edge: Edge, theirs: HostileProvider) -> None:
    """Verified or not: a local account is linked by an administrator, or not at all."""
    email, browser = edge.account(UserRole.ADMIN), edge.browser()
    for verified in (True, False, None):
        theirs.claims |= {"email": email.upper(), "email_verified": verified}
        assert sign_in(browser, theirs).status_code == 403
        assert not is_in(browser)
    assert account(edge, email).oidc_subject is None


def code_in(answer: Any) -> str:
    return str(answer.text.partition("<code>")[2].partition("</code>")[0])


def test_an_administrator_links_who_reads_out_their_code(edge: Edge, theirs: HostileProvider) -> None:
    """Once; the password ends, its sessions too, and from then on they come in through the provider."""
    email = edge.account(UserRole.RESPONDER)
    theirs.claims["email"] = email
    code = code_in(sign_in(edge.browser(), theirs))
    theirs.subject = "somebody else of that address"
    other = code_in(sign_in(edge.browser(), theirs))
    assert other != code

    def link(code: str) -> None:
        edge.service.database.write(
            lambda session: provider_links.link_account(session, edge.service.cipher, OPERATOR, email, code, edge.now)
        )

    with pytest.raises(InvalidCommand):
        link("0000 0000 0000")
    link(code)
    with pytest.raises(InvalidCommand):
        link(code)
    row = account(edge, email)
    assert (row.oidc_subject, row.password_hash) == ("noe", None)
    assert sign_in(edge.browser(), theirs).status_code == 403, "the other subject stays out"
    theirs.subject = "noe"
    browser = edge.browser()
    assert sign_in(browser, theirs).status_code == 303
    assert is_in(browser)
    assert "provider_linked" in noted(edge)


def test_a_code_is_too_old_after_a_week(edge: Edge, theirs: HostileProvider, clock: Clock) -> None:
    """Then they come once more."""
    email = edge.account(UserRole.RESPONDER)
    theirs.claims["email"] = email
    code = code_in(sign_in(edge.browser(), theirs))
    clock.at += timedelta(days=7, seconds=1)
    with pytest.raises(InvalidCommand):
        edge.service.database.write(
            lambda session: provider_links.link_account(session, edge.service.cipher, OPERATOR, email, code, clock())
        )


@pytest.mark.parametrize(("verified", "status"), [(True, 303), (False, 403), (None, 403)])
def test_an_invited_address_is_taken_by_who_owns_it(
    edge: Edge, theirs: HostileProvider, verified: bool | None, status: int
) -> None:
    """Only where the provider vouches for it; the invitation ends then."""
    theirs.claims |= {"email": "new@us.example", "email_verified": verified}

    def invite(session: Any) -> str:
        number = accounts.add_user(session, OPERATOR, "new@us.example", UserRole.VIEWER, None, edge.now)
        return links.invite(session, OPERATOR, number, edge.now, None).path

    path = edge.service.database.write(invite)
    assert sign_in(edge.browser(), theirs).status_code == status
    with edge.service.database.reading() as session:
        is_open = links.look(session, path.partition("token=")[2], edge.now) is not None
    assert is_open == (status == 403)
    assert account(edge, "new@us.example").role == ("dpo" if status == 303 else "viewer")


def test_without_an_address_that_holds_no_account_is_made(edge: Edge, theirs: HostileProvider) -> None:
    """The page says what is missing."""
    before, known = counted(edge, "user_account"), theirs.claims
    for claims in (
        {"email": None},
        {"email": "no address"},
        {"email": "\ud800"},
        {"email": "new@us.example", "email_verified": False},
    ):
        theirs.claims = known | claims
        assert sign_in(edge.browser(), theirs).status_code == 403
    assert counted(edge, "user_account") == before


def test_nobody_is_called_as_a_program_is(edge: Edge, theirs: HostileProvider) -> None:
    """A name that the chronology keeps for programs is not taken over."""
    theirs.claims["name"] = "breach_service"
    sign_in(edge.browser(), theirs)
    assert account(edge, "noe@us.example").name == "noe"


# ── Forgeries


def test_a_forged_state_opens_nothing(edge: Edge, theirs: HostileProvider) -> None:
    """And the question is used up by it."""
    browser = edge.browser()
    back = theirs.visit(begin(browser))
    theirs.answer = {"state": "forged"}
    forged = theirs.visit(begin(browser))
    assert browser.get(forged).status_code == 400
    assert browser.get(back).status_code == 400
    assert not is_in(browser)
    assert "/token" not in theirs.asked


def test_the_answer_of_another_browser_opens_nothing(edge: Edge, theirs: HostileProvider) -> None:
    """Who is sent the link of somebody else does not become them, nor does the sender come in as their victim."""
    attacker, victim = edge.browser(), edge.browser()
    link = theirs.visit(begin(attacker))
    assert victim.get(link).status_code == 400, "a browser that asked nothing"
    begin(victim)
    assert victim.get(link).status_code == 400, "a browser that asked something else"
    assert not is_in(victim)
    assert "/token" not in theirs.asked


def test_an_answer_counts_once(edge: Edge, theirs: HostileProvider) -> None:
    """A second visit of the same address opens no second session, not in the same browser either."""
    browser = edge.browser()
    theirs.keeps_codes = True
    back = theirs.visit(begin(browser))
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    thief = edge.browser()
    for name, value in kept.items():
        thief.cookies.set(name, value)
    assert thief.get(back).status_code == 400
    assert not is_in(thief)
    assert browser.get(back).status_code == 400


def test_an_answer_that_takes_too_long_counts_no_more(edge: Edge, theirs: HostileProvider, clock: Clock) -> None:
    """Ten minutes; then the page says to begin again."""
    browser = edge.browser()
    back = theirs.visit(begin(browser))
    clock.at += federated.ANSWER_WITHIN + timedelta(seconds=1)
    answer = browser.get(back)
    assert answer.status_code == 400
    assert "/sign-in" in answer.text


def test_the_session_that_a_browser_brought_is_not_the_one_it_gets(edge: Edge, theirs: HostileProvider) -> None:
    """Session fixation: a token that somebody planted is worth nothing afterwards."""
    browser = edge.browser()
    browser.cookies.set("breach_session", "planted")
    sign_in(browser, theirs)
    held = {one.value for one in browser.cookies.jar if one.name == "breach_session"}
    planted = edge.browser()
    planted.cookies.set("breach_session", "planted")
    assert held != {"planted"}
    assert not is_in(planted)


def test_a_forged_token_is_answered_with_a_page(edge: Edge, theirs: HostileProvider) -> None:
    """400 and words; no session."""
    browser = edge.browser()
    for forger in (theirs.unsigned, theirs.signed_with_public_key, theirs.signed_by_another):
        theirs.forge = forger
        assert sign_in(browser, theirs).status_code == 400
    assert not is_in(browser)
    assert counted(edge, "session") == 0


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/%09/evil.example", "evil",
    "/%5Cevil.example", "javascript:alert(1)", "/%0A/evil.example",
)  # fmt: skip


def test_nobody_is_sent_elsewhere_afterwards(edge: Edge, theirs: HostileProvider) -> None:
    """`next` leads to a page of ours or to the first one."""
    for target in ELSEWHERE:
        location = sign_in(edge.browser(), theirs, f"/oidc/sign-in?next={target}").headers["location"]
        assert location.startswith("/"), target
        assert not location.startswith(("//", "/\\", "/\t")), target
        assert urlsplit(location).netloc == "", target


def test_a_refusal_of_the_provider_is_a_page(edge: Edge, theirs: HostileProvider) -> None:
    """Its description, which anybody may have written, is not shown."""
    theirs.answer = {"code": None, "error": "access_denied", "error_description": "<b>call 555</b>"}
    answer = sign_in(edge.browser(), theirs)
    assert answer.status_code == 403
    assert "555" not in answer.text


def test_a_provider_that_is_down_is_a_page(edge: Edge, theirs: HostileProvider) -> None:
    """Both on the way out and on the way back; a password still opens a local account."""
    browser = edge.browser()
    back = theirs.visit(begin(browser))
    theirs.close()
    answer = browser.get(back)
    assert answer.status_code == 503
    assert "Annuaire Mirabel" in text_in(answer.text)
    email = edge.account()
    answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD}, headers={"origin": ORIGIN})
    assert answer.status_code == 303


def remembering(forge: Callable[[dict[str, Any]], str], secrets: list[str]) -> Callable[[dict[str, Any]], str]:
    """Make tokens, and remember them and their nonces."""

    def made(claims: dict[str, Any]) -> str:
        token = forge(claims)
        secrets.extend([token, str(claims["nonce"])])
        return token

    return made


def test_no_secret_is_in_the_database_or_the_log(
    edge: Edge, theirs: HostileProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    """State, nonce, code, tokens and the secret of the client: nowhere in clear, in good and in bad sign-ins."""
    browser = edge.browser()
    secrets = [SECRET, "an access token"]
    for forge in (theirs.signed, theirs.signed_by_another):
        theirs.forge = remembering(forge, secrets)
        begun = begin(browser)
        back = theirs.visit(begun)
        secrets += [part.partition("=")[2] for part in back.partition("?")[2].split("&")]
        secrets += [one.value for one in browser.cookies.jar if one.value]
        answer = browser.get(back)
        assert not any(one in answer.text for one in secrets)
    written = "".join(capsys.readouterr())
    stored = b"".join(one.read_bytes() for one in edge.service.settings.data_dir.glob("breach.sqlite3*"))
    for one in secrets:
        assert one not in written
        assert one.encode() not in stored


# ── Ending


def test_who_signs_out_there_is_out_here(edge: Edge, theirs: HostileProvider) -> None:
    """By session where it is named, else every one of the person; each message counts once."""
    first, second = edge.browser(), edge.browser()
    theirs.claims["sid"] = "s-1"
    sign_in(first, theirs)
    theirs.claims["sid"] = "s-2"
    sign_in(second, theirs)
    token = theirs.logout_token(sid="s-1", sub=None)
    assert edge.client.post("/oidc/logout", data={"logout_token": token}).status_code == 200
    assert (is_in(first), is_in(second)) == (False, True)
    sign_in(first, theirs)
    answer = edge.client.post("/oidc/logout", data={"logout_token": theirs.logout_token()})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (is_in(first), is_in(second)) == (False, False)
    theirs.claims["sid"] = "s-1"
    sign_in(first, theirs)
    assert edge.client.post("/oidc/logout", data={"logout_token": token}).status_code == 400
    assert is_in(first)


def test_a_message_about_others_ends_nothing(edge: Edge, theirs: HostileProvider) -> None:
    """A session id with the subject of somebody else, a subject that nobody has, a forged message, and none."""
    browser = edge.browser()
    theirs.claims["sid"] = "s-1"
    sign_in(browser, theirs)
    for body, status in (
        ({"logout_token": theirs.logout_token(sub="other", sid="s-1")}, 200),
        ({"logout_token": theirs.logout_token(sub="other")}, 200),
        ({"logout_token": theirs.unsigned({"sub": "noe"})}, 400),
        ({}, 400),
    ):
        assert edge.client.post("/oidc/logout", data=body).status_code == status
    assert is_in(browser)


def test_leaving_ends_at_the_provider_too(edge: Edge, theirs: HostileProvider) -> None:
    """The link on the page after signing out."""
    answer = edge.browser().get("/oidc/leave")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{theirs.issuer}/end?client_id=breach&post_logout_redirect_uri=")


# ── Without local accounts


@pytest.fixture
def closed(theirs: HostileProvider, tmp_path: Path, clock: Clock) -> Iterator[Edge]:
    """A service where only the provider lets people in."""
    with shared_edge(tmp_path, **provided(theirs, local_sign_in=False)) as one:
        one.service.now = clock
        object.__setattr__(one.app.state.context, "now", clock)
        yield one


def test_without_local_sign_in_no_password_opens_anything(closed: Edge, theirs: HostileProvider) -> None:
    """The form is gone, and what is posted anyway is refused; the provider still lets in."""
    email, browser = closed.account(UserRole.ADMIN), closed.browser()
    assert "/sign-in" not in forms_in(browser.get("/sign-in").text)
    answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert not is_in(browser)
    assert sign_in(browser, theirs).status_code == 303


def test_an_administrator_is_let_in_once_by_the_command_line(
    closed: Edge, theirs: HostileProvider, clock: Clock
) -> None:
    """For an hour, told to the administrators and written down; looking at the link does not use it up."""
    email = closed.account(UserRole.ADMIN)
    theirs.close()
    path = closed.service.database.write(
        lambda session: provider_links.let_in(session, closed.service.cipher, OPERATOR, email, closed.now)
    )
    browser, late = closed.browser(), closed.browser()
    moved = browser.get(path)
    assert (moved.status_code, moved.headers["location"]) == (303, "/oidc/let-in"), "the token leaves the address"
    shown, token = browser.get("/oidc/let-in"), path.partition("token=")[2]
    assert token not in shown.text
    form = forms_in(shown.text)["/oidc/let-in"]
    assert browser.get(path, follow_redirects=True).status_code == 200
    assert late.get(path).status_code == 303
    browser.headers["origin"] = ORIGIN
    assert form.send(browser).status_code == 303
    assert is_in(browser)
    late.headers["origin"] = ORIGIN
    assert form.send(late).status_code == 410
    assert late.get(path, follow_redirects=True).status_code == 410
    clock.at += provider_links.LET_IN_LASTS
    assert not is_in(browser)
    assert noted(closed)[-2:] == ["let_in", "came_in"]


def test_only_the_operator_lets_in_and_only_administrators(closed: Edge) -> None:
    """No page and no other role."""
    email = closed.account(UserRole.DPO)
    actor = Actor("Ada", UserRole.ADMIN, person=1)
    for who, error in ((OPERATOR, InvalidCommand), (actor, NotAllowed)):
        with pytest.raises(error):
            closed.service.database.write(
                lambda session, who=who: provider_links.let_in(session, closed.service.cipher, who, email, closed.now)
            )


def test_an_account_that_is_unlinked_waits_for_a_new_way_in(edge: Edge, theirs: HostileProvider) -> None:
    """Its sessions end, and its person at the provider is a stranger of a taken address."""
    browser = edge.browser()
    sign_in(browser, theirs)
    edge.service.database.write(
        lambda session: provider_links.unlink_account(
            session, edge.service.cipher, OPERATOR, "noe@us.example", edge.now
        )
    )
    assert not is_in(browser)
    assert sign_in(browser, theirs).status_code == 403


def test_strangers_cannot_fill_the_database(
    edge: Edge, theirs: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Above a number of sign-ins under way the oldest go; who began a moment ago still comes in."""
    monkeypatch.setattr(federated, "MOST_WAITING", 5)
    for _ in range(12):
        begin(edge.browser())
    assert counted(edge, "challenge") <= 6
    assert sign_in(edge.browser(), theirs).status_code == 303


def test_without_a_provider_there_is_nothing_of_it(clock: Clock, tmp_path: Path) -> None:
    """No button, no routes."""
    with shared_edge(tmp_path) as plain:
        browser = plain.browser()
        assert "/oidc/" not in browser.get("/sign-in").text
        for path in ("/oidc/sign-in", "/oidc/callback", "/oidc/leave"):
            assert browser.get(path).status_code == 404
        assert browser.post("/oidc/logout", data={"logout_token": "x"}).status_code == 404
