"""The pages of people: everybody, one person, API tokens, and the links that open once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.people.account_list import AccountSummary, OpenSession
from breach_service.acts.people.links import OpenLink
from breach_service.acts.people.tokens import TokenSummary
from breach_service.domain.access import PEOPLE, Act, UserRole, grantable

NEW_PERSON = ("email", "name", "role", "language")
"""Fields of the form for a new account."""
NEW_TOKEN = ("name", "role", "days", "owner")
"""Fields of the form for a new token, besides `scopes`, which comes once per ticked act."""
NEWCOMER = ("email", "name", "language")
"""Fields of the form behind a link, besides the password."""
ROLES = tuple(str(one) for one in PEOPLE)


@dataclass(frozen=True)
class PeoplePage:
    """The context variable `page` of `people.html`; its form posts the names of `NEW_PERSON` to `/people`."""

    rows: tuple[AccountSummary, ...]
    roles: tuple[str, ...]
    typed: Mapping[str, str]
    error: str
    has_mail: bool
    mails_waiting: int
    """Mails that nobody sends, since no mail server is set."""
    active: int


def people_page(
    rows: Iterable[AccountSummary], *, has_mail: bool, waiting: int, typed: Mapping[str, str] | None = None,
    error: str = "",
) -> PeoplePage:  # fmt: skip
    """Everybody, with the form as it was typed where it could not be taken."""
    found, said = tuple(rows), typed or {}
    return PeoplePage(
        rows=found,
        roles=ROLES,
        typed={name: said.get(name, "") for name in NEW_PERSON},
        error=error,
        has_mail=has_mail,
        mails_waiting=0 if has_mail else waiting,
        active=sum(one.disabled_at is None for one in found),
    )


@dataclass(frozen=True)
class PersonPage:
    """The context variable `page` of `person.html`; its forms post to paths below `/people/<number>`."""

    one: AccountSummary
    sessions: tuple[OpenSession, ...]
    tokens: tuple[TokenSummary, ...]
    roles: tuple[str, ...]
    is_self: bool
    has_mail: bool
    error: str


def person_page(
    one: AccountSummary, sessions: Iterable[OpenSession], tokens: Iterable[TokenSummary], *, is_self: bool,
    has_mail: bool, error: str = "",
) -> PersonPage:  # fmt: skip
    """One person, with the sentence of an act that could not be done."""
    return PersonPage(one, tuple(sessions), tuple(tokens), ROLES, is_self, has_mail, error)


@dataclass(frozen=True)
class ShownOnce:
    """The context variable `page` of `shown_once.html`: a link or a token that nobody will see again."""

    kind: str
    """`link`, `token`, `report_link`, or `mail_link`."""
    name: str
    value: str
    until: datetime | None
    back: str


@dataclass(frozen=True)
class ActChoice:
    """An act that a token may be made for."""

    act: str
    roles: tuple[str, ...]
    """Whose tokens can have it."""
    is_chosen: bool


@dataclass(frozen=True)
class TokensPage:
    """The context variable `page` of `tokens.html`; its form posts the names of `NEW_TOKEN` to `/tokens`."""

    rows: tuple[TokenSummary, ...]
    roles: tuple[str, ...]
    acts: tuple[ActChoice, ...]
    owners: tuple[tuple[int, str], ...]
    typed: Mapping[str, str]
    usual_days: str
    longest_days: str
    error: str


def tokens_page(
    rows: Iterable[TokenSummary], owners: Iterable[tuple[int, str]], days: tuple[float, float], *,
    typed: Mapping[str, str] | None = None, scopes: Iterable[str] = (), error: str = "",
) -> TokensPage:  # fmt: skip
    """Every token, and the form; `days` are how long one usually lasts, and at most."""
    said, chosen = typed or {}, set(scopes)
    by_role = {one: grantable(UserRole(one)) for one in ROLES}
    return TokensPage(
        rows=tuple(rows),
        roles=ROLES,
        acts=tuple(
            ActChoice(str(act), having, str(act) in chosen)
            for act in Act
            if (having := tuple(role for role, acts in by_role.items() if act in acts))
        ),
        owners=tuple(owners),
        typed={name: said.get(name, "") for name in NEW_TOKEN},
        usual_days=f"{days[0]:g}",
        longest_days=f"{days[1]:g}",
        error=error,
    )


@dataclass(frozen=True)
class LinkPage:
    """The context variable `page` of `link.html`; its form posts the password, and `NEWCOMER`, to `/sign-in/link`."""

    purpose: str
    """`first_administrator`, `invitation`, `new_password`; empty for a link that opens nothing."""
    email: str
    typed: Mapping[str, str]
    until: datetime | None
    shortest: int
    error: str


def link_page(
    found: OpenLink | None, shortest: int, language: str, typed: Mapping[str, str] | None = None, error: str = ""
) -> LinkPage:
    """What can be done with a link; `shortest` is the least length of a password."""
    said = {name: (typed or {}).get(name, "") for name in NEWCOMER}
    if found is None:
        return LinkPage("", "", said, None, shortest, error)
    said["name"] = said["name"] or found.name
    said["language"] = said["language"] or found.language or language
    return LinkPage(str(found.purpose), found.email, said, found.until, shortest, error)


@dataclass(frozen=True)
class ForgottenPage:
    """The context variable `page` of `forgotten.html`; its form posts `email` to `/sign-in/forgotten`."""

    state: str
    """`ask`; `asked`, whether or not there is such an account; `wait`, after too many; `no_mail`."""
