"""Who comes from the provider of identities of the organisation, with which role, and when nobody is let in.

The words are those of OpenID Connect Core 1.0: an account is who an issuer says with a subject, and never an e-mail
address: addresses are given to somebody else, and a provider may let people type their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.access.acts import ALLOWED, PEOPLE, UserRole

HIGHEST_FIRST = (
    UserRole.ADMIN,
    UserRole.DECIDER,
    UserRole.DPO,
    UserRole.RESPONDER,
    UserRole.AUDITOR,
    UserRole.VIEWER,
    UserRole.INSPECTOR,
)
"""Who is in groups of several roles has the first of these."""


@dataclass(frozen=True)
class Identity:
    """A person as the provider vouches for them, once their token is verified."""

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool | None = None
    """None where the provider does not say: that is no promise."""
    name: str = ""
    groups: frozenset[str] = frozenset()
    session: str = ""
    """Of the provider (`sid`), by which it may end the session here; empty where it gives none."""


@dataclass(frozen=True)
class Account:
    """What of an account decides whether somebody from the provider may enter it."""

    id: int
    role: UserRole
    is_disabled: bool = False
    is_invited: bool = False
    """An administrator invited this address, and nobody took the account yet."""
    is_linked: bool = False
    """It belongs to a subject of a provider already."""


class Refusal(StrEnum):
    """Why somebody is not let in; the page has a sentence for each that says what to do."""

    NOT_BEGUN_HERE = "not_begun_here"
    """This browser asked for no sign-in, or asked too long ago, or came back a second time."""
    OTHER_STATE = "other_state"
    """The answer belongs to another question than the one that this browser asked."""
    OTHER_ISSUER = "other_issuer"
    """The answer says that it comes from another provider (RFC 9207)."""
    DECLINED = "declined"
    """The person, or a rule of the provider, said no."""
    PROVIDER_REFUSED = "provider_refused"
    """The provider takes this service, or its question, for wrong: its operator must look."""
    PROVIDER_DOWN = "provider_down"
    CODE_REFUSED = "code_refused"
    """The code was used before or is too old."""
    TOKEN_INVALID = "token_invalid"  # noqa: S105  # the name of a reason
    NO_ROLE = "no_role"
    """In no group that has a role here."""
    NO_ADDRESS = "no_address"
    """The provider tells no e-mail address, and an account is made of one."""
    ADDRESS_NOT_VERIFIED = "address_not_verified"
    ADDRESS_TAKEN = "address_taken"
    """There is an account of that address that was not linked with this person."""
    DISABLED = "disabled"
    BUSY = "busy"
    """Too many sign-ins were begun and not finished."""


class Entry(StrEnum):
    """How somebody from the provider enters."""

    KNOWN = "known"
    """Into the account of their issuer and subject."""
    INVITED = "invited"
    """Into the account that their verified address was invited to; from now on it is theirs."""
    NEW = "new"
    """Into an account that is made for them."""


@dataclass(frozen=True)
class Admission:
    """Somebody may come in, into which account and with which role."""

    entry: Entry
    role: UserRole
    account: int | None = None
    """None for a new one."""


def role_of(groups: Iterable[str], roles: Mapping[str, UserRole]) -> UserRole | None:
    """The highest role of these groups; None where none has any. Names are compared exactly."""
    held = {roles[one] for one in groups if one in roles}
    return next((one for one in HIGHEST_FIRST if one in held), None)


def is_lowered(before: UserRole, after: UserRole | None) -> bool:
    """True if some act was allowed before and is no more."""
    return any(before in holders and after not in holders for holders in ALLOWED.values())


def roles_of_groups(text: str) -> dict[str, UserRole]:
    """What `group=role; group=role` says; the last `=` counts, as a group may be a distinguished name (CN=…,OU=…).

    ValueError with a sentence where it says nothing, an unknown role, or two roles for one group.
    """
    found: dict[str, UserRole] = {}
    for pair in filter(None, (one.strip() for one in text.replace("\n", ";").split(";"))):
        group, _, role = (one.strip() for one in pair.rpartition("="))
        if not group or role not in PEOPLE:
            known = ", ".join(PEOPLE)
            raise ValueError(f"write `group=role; group=role`, each role one of {known}; this is not: {pair}")
        if found.setdefault(group, UserRole(role)) != role:
            raise ValueError(f"two roles for one group: {group}")
    return found


def admission_of(
    identity: Identity, roles: Mapping[str, UserRole], own: Account | None, namesake: Account | None
) -> Admission | Refusal:
    """Whether somebody may come in. `own` is the account of their issuer and subject, `namesake` that of their address.

    An account that stands for their address is theirs only if it was invited, nobody took it yet, and the provider
    vouches for the address; every other one is linked by an administrator or not at all.
    """
    if own is not None and own.is_disabled:
        return Refusal.DISABLED
    role = role_of(identity.groups, roles)
    if role is None:
        return Refusal.NO_ROLE
    if own is not None:
        return Admission(Entry.KNOWN, role, own.id)
    if not identity.email:
        return Refusal.NO_ADDRESS
    if namesake is None:
        is_doubted = identity.is_email_verified is False
        return Refusal.ADDRESS_NOT_VERIFIED if is_doubted else Admission(Entry.NEW, role)
    return _of_namesake(identity, role, namesake)


def _of_namesake(identity: Identity, role: UserRole, namesake: Account) -> Admission | Refusal:
    if not namesake.is_invited or namesake.is_linked or namesake.is_disabled:
        return Refusal.ADDRESS_TAKEN
    if not identity.is_email_verified:
        return Refusal.ADDRESS_NOT_VERIFIED
    return Admission(Entry.INVITED, role, namesake.id)
