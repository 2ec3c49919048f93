"""The page of one's own ways to be reached: added, proven by the code that really came, ordered, removed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import PEOPLE, UserRole
from tests.notify.gateway import Gateway, listening
from tests.notify.smtp import mail_server
from tests.web.edge import Edge, forms_in, shared_edge, text_in

PATH = "/account/channels"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with listening() as one:
        yield one


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[Edge]:
    """An operator who runs an ntfy of their own."""
    directory = tmp_path_factory.mktemp("channels")
    with shared_edge(directory, way_hosts=f"127.0.0.1:{gateway.port}") as one:
        yield one


@pytest.fixture
def address(gateway: Gateway) -> str:
    gateway.bodies.clear()
    gateway.status = 200
    return f"ntfy://127.0.0.1:{gateway.port}/maud-7h3k"


def add(browser: TestClient, address: str, kind: str = "ntfy", **more: Any) -> Any:
    return forms_in(browser.get(PATH).text)[PATH].send(browser, kind=kind, address=address, **more)


def code_in(gateway: Gateway) -> str:
    found = re.search(r"code (\w{4}-\w{4})", gateway.bodies[-1]["title"])
    assert found is not None
    return found.group(1)


def proof_form(browser: TestClient) -> Any:
    shown = forms_in(browser.get(PATH).text)
    return next(one for path, one in shown.items() if path.endswith("/proof"))


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_sets_their_own_ways_and_proves_them(
    edge: Edge, gateway: Gateway, address: str, role: UserRole
) -> None:
    """Added, a code goes out; given back, the way is proven. An unproven way is said to be unused."""
    browser = edge.person(role)
    assert "No way is proven: on call, nothing would reach you." in text_in(browser.get(PATH).text)
    answer = add(browser, address)
    assert answer.status_code == 303
    assert "not proven: not used" in text_in(browser.get(PATH).text)
    assert gateway.bodies[-1]["message"].endswith("/account/channels")
    assert proof_form(browser).send(browser, code=code_in(gateway)).headers["location"] == f"{PATH}?done=recorded"
    said = text_in(browser.get(PATH).text)
    assert "One way is proven." in said
    assert "ntfy://127.0.0.1" in said
    assert "maud-7h3k" not in said


def test_a_wrong_code_is_told_and_the_right_one_still_works(edge: Edge, gateway: Gateway, address: str) -> None:
    browser = edge.person(UserRole.RESPONDER)
    add(browser, address)
    wrong = proof_form(browser).send(browser, code="AAAA-AAAA")
    assert wrong.status_code == 422
    assert "this is not the code that was sent last" in text_in(wrong.text)
    assert proof_form(browser).send(browser, code=code_in(gateway)).status_code == 303


def test_a_way_that_cannot_be_reached_is_told_and_stays_to_be_tried_again(
    edge: Edge, gateway: Gateway, address: str
) -> None:
    """The sentence does not hold the address."""
    browser = edge.person(UserRole.RESPONDER)
    gateway.status = 500
    answer = add(browser, address)
    assert answer.status_code == 422
    said = text_in(answer.text)
    assert "the code could not be sent: the message did not get through" in said
    assert "maud-7h3k" not in answer.text
    assert "not proven: not used" in said


@pytest.mark.parametrize(
    ("kind", "where", "sentence"),
    [
        ("ntfy", "ntfy://169.254.169.254/x", "may not be reached from here"),
        ("ntfy", "ntfys://ntfy.sh/x?attach=file:///etc/passwd", "options are not taken"),
        ("webhook", "file:///etc/passwd", "begins with jsons://"),
        ("telephone", "call me", "not a telephone number"),
    ],
)
def test_an_address_that_may_not_be_is_refused_and_kept_in_the_form(
    edge: Edge, kind: str, where: str, sentence: str
) -> None:
    browser = edge.person(UserRole.RESPONDER)
    answer = add(browser, where, kind, quiet_since="22:00", quiet_until="07:00")
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    form = forms_in(answer.text)[PATH]
    assert (form.fields["address"], form.fields["kind"], form.fields["quiet_since"]) == ([where], [kind], ["22:00"])
    assert edge.person(UserRole.RESPONDER).post(PATH, data={"kind": "pigeon", "address": "x"}).status_code == 422


def test_what_the_operator_has_not_set_up_is_not_offered(edge: Edge) -> None:
    """Without a mail server and without Slack neither can be chosen."""
    form = forms_in(edge.person(UserRole.RESPONDER).get(PATH).text)[PATH]
    assert form.choices["kind"] == ["sms", "ntfy", "signal", "webhook", "telephone"]


def test_order_quiet_hours_and_removal(edge: Edge, gateway: Gateway, address: str) -> None:
    browser = edge.person(UserRole.RESPONDER)
    add(browser, address)
    assert add(browser, "06 12 34 56 78", "telephone").headers["location"] == f"{PATH}?done=recorded"
    shown = browser.get(PATH).text
    assert text_in(shown).index("ntfy:") < text_in(shown).index("Telephone, for colleagues:")
    moves = [one for path, one in forms_in(shown).items() if path.endswith("/move")]
    browser.post(moves[-1].action, data={"direction": "up"})
    shown = browser.get(PATH).text
    assert text_in(shown).index("ntfy:") > text_in(shown).index("Telephone, for colleagues:")
    quiet = next(one for path, one in forms_in(shown).items() if path.endswith("/quiet"))
    assert quiet.send(browser, quiet_since="22:00").status_code == 422
    assert quiet.send(browser, quiet_since="22:00", quiet_until="07:00", wakeable="1").status_code == 303
    assert "quiet from 22:00 to 07:00, but may wake" in text_in(browser.get(PATH).text)
    for path in [one for one in forms_in(browser.get(PATH).text) if one.endswith("/remove")]:
        assert browser.post(path).status_code == 303
    assert "In this order" not in text_in(browser.get(PATH).text)


def test_the_ways_of_others_are_not_there(edge: Edge, gateway: Gateway, address: str) -> None:
    mine, other = edge.person(UserRole.RESPONDER), edge.person(UserRole.ADMIN)
    add(mine, address)
    number = re.search(r'id="way-(\d+)"', mine.get(PATH).text)
    assert number is not None
    for act in ("code", "proof", "quiet", "move", "remove"):
        answer = other.post(f"{PATH}/{number.group(1)}/{act}", data={"code": "x"})
        assert answer.status_code == 404, act
    assert edge.client.get(PATH).status_code == 303, "sign in first"
    assert edge.client.get(PATH, headers=edge.token()).status_code in (303, 403), "a program has no ways"


def test_a_form_of_another_site_changes_nothing(edge: Edge, gateway: Gateway, address: str) -> None:
    browser = edge.person(UserRole.RESPONDER)
    browser.headers["origin"] = "https://evil.example"
    assert browser.post(PATH, data={"kind": "ntfy", "address": address}).status_code == 403
    assert gateway.bodies == []


def test_a_private_mailbox_is_proven_by_mail(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In the language of the person."""
    with mail_server() as box:
        settings = {
            "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none", "smtp_from": "breach@us.example",
            "public_url": "http://breach.us.example",
        }  # fmt: skip
        with shared_edge(tmp_path_factory.mktemp("mail"), **settings) as edge:
            browser = edge.person(UserRole.RESPONDER)
            browser.get("/language/fr")
            assert add(browser, "maud@private.example", "mail").status_code == 303
            (mail,) = box.mails
            assert box.envelopes[0][1] == ["maud@private.example"]
            found = re.search(r"code (\w{4}-\w{4})", str(mail["subject"]))
            assert found is not None
            assert "http://breach.us.example/account/channels" in box.texts()[0]
            assert "Ce code prouve que les messages vous parviennent ici." in box.texts()[0]
            assert proof_form(browser).send(browser, code=found.group(1)).status_code == 303
            assert "Un moyen est vérifié." in text_in(browser.get(PATH).text)
