"""Accounts: who is shut out is out at once, somebody always administers, and every change stands in the chronology."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import col, select

from breach_service.acts.people import account_list, accounts, tokens
from breach_service.acts.signing import signing_in, throttling
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import LIMITS, PEOPLE, Act, Actor, How, Throttled, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import BreachServiceError, InvalidCommand, NotAllowed, NotFound
from breach_service.store import people as stored
from breach_service.store.tables import TimelineDetailRow, TimelineEntryRow

EMAIL, PASSWORD = "camille@example.org", "correct horse battery"
ADMIN = Actor("Ada", UserRole.ADMIN, person=999)
PROGRAM = Actor("token:robot", UserRole.ADMIN, scope=frozenset())


def add(
    service: Service, email: str = EMAIL, role: UserRole = UserRole.DPO, password: str | None = None, name: str = ""
) -> int:
    return service.database.write(
        lambda session: accounts.add_user(session, OPERATOR, email, role, password, service.now(), name=name)
    )


def do(service: Service, act: Callable[..., Any], *arguments: Any, actor: Actor = ADMIN, **named: Any) -> Any:
    return service.database.write(lambda session: act(session, actor, *arguments, service.now(), **named))


def disable(service: Service, number: int, *, actor: Actor = ADMIN, for_security: bool = True) -> None:
    do(service, accounts.disable, number, actor=actor, reason="Laptop stolen.", for_security=for_security)


def is_in(service: Service, token: str) -> bool:
    with service.database.reading() as session:
        return signing_in.signed_in(session, token, service.now()) is not None


def sign_in(service: Service, number: int) -> str:
    return service.database.write(
        lambda session: signing_in.open_session(session, number, How.PASSWORD, timedelta(hours=12), service.now())
    )


def own_token(service: Service, number: int) -> str:
    return service.database.write(
        lambda session: tokens.add_token(
            session, OPERATOR, f"of {number}", UserRole.VIEWER, service.now(), owner=number
        )
    )


def is_token_live(service: Service, token: str) -> bool:
    with service.database.reading() as session:
        try:
            tokens.bearer_of(session, token, service.now())
        except NotAllowed:
            return False
    return True


def chronology(service: Service) -> list[tuple[str, dict[str, str]]]:
    """Who changed what of access, oldest first."""
    with service.database.reading() as session:
        found = session.exec(
            select(TimelineEntryRow.actor, TimelineDetailRow.words)
            .join(TimelineDetailRow, col(TimelineDetailRow.entry_id) == TimelineEntryRow.id)
            .where(TimelineEntryRow.kind == EntryKind.ACCESS_CHANGED)
            .order_by(col(TimelineEntryRow.id))
        )
        return [(actor, dict(words or {})) for actor, words in found]


@pytest.mark.parametrize(
    ("email", "name", "sentence"),
    [
        ("camille", "", "is not an e-mail address"),
        ("a b@example.org", "", "is not an e-mail address"),
        ("a@example.org\nBcc: b@example.org", "", "is not an e-mail address"),
        ("a" * 250 + "@example.org", "", "is not an e-mail address"),
        (EMAIL.upper(), "", "there is an account"),
        ("other@example.org", "camille", "somebody called camille already"),
        ("other@example.org", "token:grafana", "nobody can be called"),
        ("other@example.org", "Operator", "nobody can be called"),
        ("other@example.org", "n" * 201, "1 to 200 characters"),
        ("other@example.org", "a\u202eb", "1 to 200 characters"),
    ],
)
def test_an_account_says_what_is_wrong_with_it(sqlite_service: Service, email: str, name: str, sentence: str) -> None:
    """Addresses are unique whatever their case; nobody can be taken for another person or for a program."""
    add(sqlite_service)
    with pytest.raises(InvalidCommand, match=sentence):
        add(sqlite_service, email, name=name)


def test_a_person_without_a_name_is_called_by_their_address(sqlite_service: Service) -> None:
    """By the whole of it, where its first part is somebody's name already."""
    add(sqlite_service)
    other = add(sqlite_service, "camille@example.com")
    with sqlite_service.database.reading() as session:
        one, _ = account_list.one_account(session, ADMIN, other, sqlite_service.now())
    assert one.name == "camille@example.com"


@pytest.mark.parametrize("for_security", [True, False])
def test_whoever_is_disabled_is_out_at_once(service: Service, for_security: bool) -> None:
    """Sessions, tokens and links end with the account, and no new session opens."""
    number = add(service)
    token, api = sign_in(service, number), own_token(service, number)
    disable(service, number, for_security=for_security)
    assert not is_in(service, token)
    assert not is_token_live(service, api)
    with pytest.raises(LookupError):
        sign_in(service, number)
    do(service, accounts.enable, number)
    assert not is_in(service, token), "what had ended stays ended"
    assert not is_token_live(service, api)
    assert is_in(service, sign_in(service, number))


def test_whoever_is_enabled_again_does_not_wait_for_what_somebody_guessed(sqlite_service: Service) -> None:
    """The counts of failed sign-ins of the account are forgotten, of the password and of the second factor."""
    number, now = add(sqlite_service), sqlite_service.now()
    counted = [throttling.account(EMAIL), (Throttled.SECOND_FACTOR, str(number))]
    disable(sqlite_service, number, for_security=True)
    for _ in range(max(LIMITS[what].failures for what, _ in counted)):
        sqlite_service.database.write(lambda session: throttling.failed(session, counted, now))
    with sqlite_service.database.reading() as session:
        assert throttling.wait_of(session, counted, now) is not None
    do(sqlite_service, accounts.enable, number)
    with sqlite_service.database.reading() as session:
        assert throttling.wait_of(session, counted, now) is None


def test_another_role_ends_sessions_and_tokens(service: Service) -> None:
    """What was opened with the former role does not go on with it, nor with the new one."""
    number = add(service)
    token, api = sign_in(service, number), own_token(service, number)
    do(service, accounts.change_role, number, UserRole.VIEWER)
    assert not is_in(service, token)
    assert not is_token_live(service, api)
    with service.database.reading() as session:
        signed_in = signing_in.signed_in
        assert signed_in(session, token, service.now()) is None
    fresh = sign_in(service, number)
    with service.database.reading() as session:
        found = signed_in(session, fresh, service.now())
    assert found is not None
    assert found.actor.role is UserRole.VIEWER


def test_others_stay_where_they_are(service: Service) -> None:
    """Shutting one person out touches nobody else, nor the tokens of programs."""
    number, other = add(service), add(service, "noe@example.org")
    kept, api = sign_in(service, other), own_token(service, other)
    program = service.database.write(
        lambda session: tokens.add_token(session, OPERATOR, "program", UserRole.VIEWER, service.now())
    )
    disable(service, number)
    assert is_in(service, kept)
    assert is_token_live(service, api)
    assert is_token_live(service, program)


def test_the_last_administrator_stays(service: Service) -> None:
    """Neither disabled, for whatever reason, nor lowered, not even by the operator; with a second one both work."""
    number = add(service, "ada@example.org", UserRole.ADMIN, PASSWORD)
    for actor in (ADMIN, OPERATOR):
        for is_security in (True, False):
            with pytest.raises(InvalidCommand, match="last administrator"):
                disable(service, number, actor=actor, for_security=is_security)
        with pytest.raises(InvalidCommand, match="last administrator"):
            do(service, accounts.change_role, number, UserRole.VIEWER, actor=actor)
    add(service, "noe@example.org", UserRole.ADMIN, PASSWORD)
    do(service, accounts.change_role, number, UserRole.VIEWER)


def test_an_administrator_who_never_came_does_not_count(service: Service) -> None:
    """Nor a disabled one: somebody must be able to sign in."""
    number = add(service, "ada@example.org", UserRole.ADMIN, PASSWORD)
    invited = add(service, "noe@example.org", UserRole.ADMIN, None)
    with pytest.raises(InvalidCommand, match="last administrator"):
        disable(service, number)
    disable(service, invited)
    with pytest.raises(InvalidCommand, match="last administrator"):
        disable(service, number)


def test_two_administrators_who_remove_each_other_leave_one(service: Service) -> None:
    """Whoever comes second is refused, also when both come at once."""
    numbers = [add(service, f"a{one}@example.org", UserRole.ADMIN, PASSWORD) for one in range(2)]
    start, failures = Barrier(2), []

    def lower(number: int) -> None:
        start.wait()
        try:
            do(service, accounts.change_role, number, UserRole.VIEWER)
        except InvalidCommand as error:
            failures.append(str(error))

    threads = [Thread(target=lower, args=(one,)) for one in numbers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(failures) == 1
    with service.database.reading() as session:
        assert len(stored.administrators(session)) == 1


@pytest.mark.parametrize("role", [one for one in PEOPLE if one is not UserRole.ADMIN])
def test_only_administrators_manage_people(sqlite_service: Service, role: UserRole) -> None:
    """Whatever else they may do."""
    number = add(sqlite_service)
    for act, arguments in _every_act(number):
        with pytest.raises(NotAllowed):
            do(sqlite_service, act, *arguments[0], actor=Actor("Zoé", role, person=5), **arguments[1])


def _every_act(number: int) -> list[tuple[Callable[..., Any], tuple[tuple[Any, ...], dict[str, Any]]]]:
    return [
        (accounts.rename, ((number, "Zoé"), {})),
        (accounts.change_role, ((number, UserRole.ADMIN), {})),
        (accounts.disable, ((number,), {"reason": "x", "for_security": True})),
        (accounts.enable, ((number,), {})),
        (accounts.end_all_sessions, ((number,), {})),
        (accounts.end_session, ((number, 1), {})),
    ]


def test_a_program_ends_access_and_never_gives_any(sqlite_service: Service) -> None:
    """A token with the scope of an administrator's program: it can take somebody out, and make nobody."""
    program = Actor("token:leavers", UserRole.ADMIN, scope=frozenset({Act.MANAGE_PEOPLE}))
    number = add(sqlite_service)
    for act, arguments in (
        (accounts.add_user, ("new@example.org", UserRole.VIEWER, None)),
        (accounts.change_role, (number, UserRole.ADMIN)),
        (accounts.rename, (number, "Zoé")),
        (tokens.add_token, ("more", UserRole.ADMIN)),
    ):
        with pytest.raises(NotAllowed, match="never give"):
            do(sqlite_service, act, *arguments, actor=program)
    disable(sqlite_service, number, actor=program)
    with pytest.raises(NotAllowed, match="never give"):
        do(sqlite_service, accounts.enable, number, actor=program)
    with pytest.raises(NotAllowed):
        do(sqlite_service, accounts.end_all_sessions, number, actor=PROGRAM)


def test_every_change_stands_in_the_chronology_by_number_and_name(sqlite_service: Service) -> None:
    """With who did it and why; no address, so that nothing needs erasing but the words."""
    number = add(sqlite_service, name="Camille Vauzelle")
    do(sqlite_service, accounts.rename, number, "Camille Vauzelle-Noé")
    do(sqlite_service, accounts.change_role, number, UserRole.RESPONDER)
    sign_in(sqlite_service, number)
    do(sqlite_service, accounts.end_all_sessions, number)
    disable(sqlite_service, number)
    do(sqlite_service, accounts.enable, number)
    lines = chronology(sqlite_service)
    assert [(actor, words["note"]) for actor, words in lines] == [
        ("operator", "account_added"), ("Ada", "account_renamed"), ("Ada", "role_changed"), ("Ada", "sessions_ended"),
        ("Ada", "account_disabled"), ("Ada", "account_enabled"),
    ]  # fmt: skip
    assert all(words["account"] == str(number) for _, words in lines)
    assert (lines[2][1]["from"], lines[2][1]["to"]) == ("dpo", "responder")
    assert (lines[4][1]["reason"], lines[4][1]["for"]) == ("Laptop stolen.", "security")
    assert EMAIL not in repr(lines)


def test_what_changes_nothing_is_said(sqlite_service: Service) -> None:
    """Instead of being written down twice."""
    number = add(sqlite_service)
    cases: list[tuple[Callable[[], object], type[BreachServiceError], str]] = [
        (lambda: do(sqlite_service, accounts.change_role, number, UserRole.DPO), InvalidCommand, "already"),
        (lambda: do(sqlite_service, accounts.enable, number), InvalidCommand, "is not disabled"),
        (lambda: do(sqlite_service, accounts.end_session, number, 77), NotFound, "ended already"),
        (lambda: do(sqlite_service, accounts.rename, 77, "Zoé"), NotFound, "no account number 77"),
        (
            lambda: do(sqlite_service, accounts.disable, number, reason=" ", for_security=True),
            InvalidCommand,
            "say why",
        ),
    ]
    for work, kind, sentence in cases:
        with pytest.raises(kind, match=sentence):
            work()
    disable(sqlite_service, number)
    with pytest.raises(InvalidCommand, match="disabled already"):
        disable(sqlite_service, number)


def test_sessions_of_anyone_are_listed_and_ended_one_by_one(service: Service, clock: Any) -> None:
    """By number, never by what opens them."""
    number = add(service)
    first, second = sign_in(service, number), sign_in(service, number)
    with service.database.reading() as session:
        one, held = account_list.one_account(session, ADMIN, number, service.now())
    assert (one.sessions, len(held)) == (2, 2)
    assert first not in repr(held)
    do(service, accounts.end_session, number, held[-1].number)
    assert [is_in(service, token) for token in (first, second)].count(True) == 1
    with pytest.raises(NotFound):
        do(service, accounts.end_session, number + 1, held[0].number)
    clock.at += timedelta(hours=12)
    with service.database.reading() as session:
        assert account_list.one_account(session, ADMIN, number, service.now())[1] == ()
