"""`user link`, `user unlink` and `user let-in`, as an operator types them."""

from datetime import timedelta

from breach_service.acts.signing import federated
from breach_service.acts.signing.federated import Rules
from breach_service.acts.signing.signing_in import Browser
from breach_service.domain.access import Identity, UserRole
from tests.cli.conftest import CommandLine
from tests.web.edge import Edge

NOE = Identity("https://login.example", "noe", "noe@us.example", True, "Noé Varenne", frozenset({"law"}))
RULES = Rules({"law": UserRole.DPO}, timedelta(hours=12))


def comes(cli: CommandLine) -> federated.Entered:
    """What becomes of somebody who comes from the provider."""
    service = cli.service()
    try:
        return service.database.write(
            lambda session: federated.enter(session, service.cipher, NOE, RULES, Browser(), service.now())
        )
    finally:
        service.close()


def test_an_account_is_linked_by_the_code_of_its_person(cli: CommandLine) -> None:
    """With the spaces as the page shows them; a wrong code links nothing."""
    cli.says("user", "add", NOE.email, "--role", "viewer", "--password", "correct horse battery")
    code = comes(cli).code
    assert "nobody waits under this code" in cli.fails("user", "link", NOE.email, "--code", "000000000000")
    shown = f"{code[:4]} {code[4:8]} {code[8:]}"
    assert cli.json("user", "link", NOE.email, "--code", shown) == {"email": NOE.email, "is_linked": True}
    assert comes(cli).token
    assert "no more" in cli.says("user", "unlink", NOE.email)
    assert not comes(cli).token
    assert "belongs to nobody" in cli.fails("user", "unlink", NOE.email)


def test_an_administrator_is_let_in_by_a_link(cli: CommandLine) -> None:
    """It opens once; another role and a stranger get none."""
    cli.says("user", "add", "ada@us.example", "--role", "admin", "--password", "correct horse battery")
    cli.says("user", "add", "zoe@us.example", "--role", "dpo", "--password", "correct horse battery")
    url = cli.json("user", "let-in", "ada@us.example")["url"]
    path = f"/oidc/let-in?token={url.partition('token=')[2]}"
    service = cli.service()
    try:
        with Edge(service) as edge:
            browsers = edge.browser(), edge.browser()
            assert [one.get(path).status_code for one in browsers] == [303, 303], "the token leaves the address"
            tried = [one.post("/oidc/let-in").status_code for one in browsers]
    finally:
        service.close()
    assert tried == [303, 410]
    assert "not that of an administrator" in cli.fails("user", "let-in", "zoe@us.example")
    assert "no account" in cli.fails("user", "let-in", "nobody@us.example")
